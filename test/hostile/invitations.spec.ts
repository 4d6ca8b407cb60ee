import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import tls from 'node:tls';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { Dispatch } from '../../src/invitations/dispatch.service.js';
import { InvitationsDoor } from '../../src/invitations/door.service.js';
import { Jar } from '../support/jar.js';
import { DEAD, DAY, InvitationWorld } from '../support/invitation-world.js';
import type { Answer, TestOrganisation } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let world: InvitationWorld;
let of: TestOrganisation;
beforeAll(async () => {
  world = await InvitationWorld.start(clock, { perHour: 1_000, perDay: 10_000 });
  of = await world.service.newOrganisation();
});
afterAll(async () => {
  await world.close();
  tls.setDefaultCACertificates(trustedBefore);
});

const statuses = (answers: readonly Answer<unknown>[]): number[] => answers.map(({ status }) => status).sort();

describe('at once', () => {
  it('of many who accept one invitation one gets in, and there is one session', async () => {
    for (let round = 0; round < 5; round++) {
      const { token, personId } = await world.linked(of);
      const answers = await Promise.all(Array.from({ length: 8 }, () => world.accept(token)));
      expect(statuses(answers)).toEqual([200, 403, 403, 403, 403, 403, 403, 403]);
      expect(answers.filter(({ status }) => status === 403)[0]).toMatchObject(DEAD);
      expect(await world.rows(of.id, 'SELECT id FROM session WHERE person_id = $1', [personId])).toHaveLength(1);
      expect(
        await world.rows(of.id, `SELECT id FROM event WHERE person_id = $1 AND type = 'person.updated'`, [personId]),
      ).toHaveLength(1);
    }
  });

  it('an invitation that is accepted and revoked ends in one of both, never in both', async () => {
    for (let round = 0; round < 12; round++) {
      const { token, invitationId, personId } = await world.linked(of);
      const [accepted, revoked] = await Promise.all([
        world.accept(token),
        of.api('POST', `/api/v1/invitations/${invitationId}/revoke`),
      ]);
      const { state } = await world.shown(of, invitationId);
      const won = accepted.status === 200;
      expect([accepted.status, revoked.status, state, await world.state(of.id, personId)]).toEqual(
        won ? [200, 409, 'accepted', 'active'] : [403, 200, 'closed', 'pending'],
      );
    }
  });

  it('I-05 one that gets a new link while it is being accepted is not accepted by the older one', async () => {
    const { email, invitationId, personId } = await world.linked(of);
    const door = world.service.app.get(InvitationsDoor, { strict: false });
    const visitor = { requestId: newId(), address: '10.9.9.7', userAgent: 'a browser' };
    const accepted = await world.service.database.asOrganisation(of.id, async (tx) => {
      const link = { id: invitationId, version: 1 };
      const open = await door.open(tx, { link, candidateId: null, address: email });
      expect(open).toMatchObject({ ...link, personId, byLink: true });
      await world.link(of, invitationId);
      return open !== null && door.accept(tx, open, 'provider', visitor);
    });
    expect(accepted).toBe(false);
    expect([await world.state(of.id, personId), (await world.shown(of, invitationId)).state]).toEqual([
      'pending',
      'sent',
    ]);
  });

  it('an invitation that is accepted while its person is archived leaves nobody in', async () => {
    for (let round = 0; round < 12; round++) {
      const { token, personId } = await world.linked(of);
      const [accepted, archived] = await Promise.all([
        world.accept(token),
        of.api('POST', `/api/v1/people/${personId}/archive`),
      ]);
      expect([200, 403]).toContain(accepted.status);
      expect(archived.status).toBe(200);
      expect(await world.state(of.id, personId)).toBe('archived');
      expect(
        await world.rows(of.id, 'SELECT id FROM session WHERE person_id = $1 AND ended_at IS NULL', [personId]),
      ).toEqual([]);
    }
  });

  it('an invitation that is sent while its person is archived goes out no more', async () => {
    for (let round = 0; round < 12; round++) {
      const { personId, invitationId } = await world.invite(of);
      await Promise.all([
        world.service.app.get(Dispatch, { strict: false }).sendDue(),
        of.api('POST', `/api/v1/people/${personId}/archive`),
      ]);
      expect(await world.shown(of, invitationId)).toMatchObject({ state: 'closed', because: 'archived' });
      expect(
        await world.rows(of.id, `SELECT state FROM mail WHERE person_id = $1 AND state = 'waiting'`, [personId]),
      ).toEqual([]);
    }
    expect((await world.post()).size).toBe(0);
  });

  it('I-20 several who send make one mail of each invitation', async () => {
    const items = Array.from({ length: 30 }, () => ({ email: world.address() }));
    expect((await of.api('POST', '/api/v1/invitations', { items, send: true })).status).toBe(200);
    const dispatch = world.service.app.get(Dispatch, { strict: false });
    const sent = await Promise.all(Array.from({ length: 6 }, () => dispatch.sendDue()));
    expect(sent.reduce((sum, one) => sum + one, 0)).toBe(30);
    const twice = await world.rows(
      of.id,
      `SELECT split_part(cause, ':', 2) FROM mail WHERE template = 'invitation' AND state = 'waiting' GROUP BY recipient, cause HAVING count(*) > 1`,
    );
    expect(twice).toEqual([]);
    expect((await world.post()).size).toBe(30);
  });

  it('two who invite the same address make one person with one invitation', async () => {
    const email = world.address();
    const order = { items: [{ email }], send: false };
    const answers = await Promise.all(Array.from({ length: 5 }, () => of.api('POST', '/api/v1/invitations', order)));
    expect(statuses(answers)).toEqual([200, 200, 200, 200, 200]);
    const counts = await world.rows(
      of.id,
      `SELECT (SELECT count(*)::int FROM person WHERE email_canonical = $1) AS people,
              (SELECT count(*)::int FROM invitation WHERE email_canonical = $1) AS invitations`,
      [email],
    );
    expect(counts).toEqual([{ people: 1, invitations: 1 }]);
  });
});

describe('I-16 a stranger', () => {
  /** Everything but the id of the request. */
  const said = ({ status, body, headers }: Answer<Record<string, unknown>>): unknown => {
    const { requestId, ...rest } = body;
    return [status, typeof requestId, rest, headers.get('content-type'), headers.getSetCookie()];
  };

  it('is told the same of every link that does not work, whatever is wrong with it', async () => {
    const used = await world.linked(of);
    expect((await world.accept(used.token)).status).toBe(200);
    const revoked = await world.linked(of);
    await of.api('POST', `/api/v1/invitations/${revoked.invitationId}/revoke`);
    const archived = await world.linked(of);
    await of.api('POST', `/api/v1/people/${archived.personId}/archive`);
    const replaced = await world.linked(of);
    const good = await world.link(of, replaced.invitationId);
    const old = await world.linked(of);
    const [organisation = '', secret = ''] = good.split('.');
    const nobodys = Buffer.alloc(16, 7).toString('base64url');
    const tokens = [used, revoked, archived, replaced].map(({ token }) => token);
    tokens.push(`${organisation}.${secret.split('').reverse().join('')}`, `${nobodys}.${secret}`, 'x', `${good} `);
    const ask = (path: string, token: string): Promise<Answer<Record<string, unknown>>> =>
      world.jar().api('POST', `/api/v1/invitation/${path}`, {
        token,
        ...(path === 'accept' ? { by: 'link', replacing: null } : {}),
      });
    for (const path of ['look', 'accept', 'decline']) {
      const answers = await Promise.all(tokens.map(async (token) => said(await ask(path, token))));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
      expect(answers[0]).toEqual(expect.arrayContaining([403, expect.objectContaining({ code: 'invitation.dead' })]));
    }
    clock.advance(8 * DAY);
    expect(said(await ask('look', old.token))).toEqual(said(await ask('look', 'x')));
  });

  it('X-11 waits longer with each that they try', async () => {
    const jar = new Jar(world.service, '10.200.0.1');
    const answers: Answer<unknown>[] = [];
    for (let at = 0; at < 8; at++) answers.push(await world.look(`wrong${at}`, jar));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 429, 429, 429]);
    const { token } = await world.linked(of);
    expect((await world.look(token, jar)).status).toBe(429);
    expect((await world.look(token)).status).toBe(200);
  });

  it('X-02 I-22 has no page of theirs that accepts for somebody who is signed in', async () => {
    const { token } = await world.linked(of);
    for (const headers of [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { origin: 'null' },
    ]) {
      for (const path of ['look', 'accept', 'decline']) {
        const body = { token, ...(path === 'accept' ? { by: 'link', replacing: null } : {}) };
        const answer = await world.jar().api('POST', `/api/v1/invitation/${path}`, body, headers);
        expect(answer).toMatchObject({ status: 403, body: { code: 'request.cross_site' } });
      }
    }
    expect((await world.accept(token)).status).toBe(200);
  });

  it('I-15 I-17 changes nothing of a link by Host, and an admin learns of no other organisation', async () => {
    const other = await world.service.newOrganisation();
    const { email } = await world.person(other.id);
    const { body } = await of.api<{ items: unknown[] }>('POST', '/api/v1/invitations/check', { items: [{ email }] });
    expect(body.items).toMatchObject([{ standing: 'new', personId: null }]);
    const { invitationId } = await world.invite(of, { email });
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
    const link = await of.api<{ url: string }>('POST', `/api/v1/invitations/${invitationId}/link`, undefined, {
      headers,
    });
    expect(link.body.url.startsWith(`${publicSiteOf(world.service.config.server).origin}/invitation#`)).toBe(true);
  });

  it('O-10 gets a new session, never the one that the browser came with', async () => {
    const { token } = await world.linked(of);
    const name = cookieName('session', publicSiteOf(world.service.config.server));
    const jar = world.jar();
    jar.cookies.set(name, `${'A'.repeat(22)}.${'A'.repeat(43)}`);
    expect((await world.accept(token, jar)).status).toBe(200);
    expect(jar.cookies.get(name)).not.toContain('AAAAAAAA');
  });
});
