import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import tls from 'node:tls';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { PeopleWriter } from '../../src/people/people-writer.service.js';
import type { Change, Origin } from '../../src/sync/model.js';
import { DAY, DEAD, HOUR, InvitationWorld, MINUTE } from '../support/invitation-world.js';
import type { TestOrganisation } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let world: InvitationWorld;
let of: TestOrganisation;
beforeAll(async () => {
  world = await InvitationWorld.start(clock);
});
afterAll(async () => {
  await world.close();
  tls.setDefaultCACertificates(trustedBefore);
});
beforeEach(async () => {
  clock.advance(DAY);
  of = await world.service.newOrganisation();
});

const audited = (id: string) =>
  world.rows<{ action: string; because: string | null; kind: string }>(
    of.id,
    `SELECT action, detail->>'because' AS because, actor->>'kind' AS kind FROM audit_entry WHERE subject_id = $1 ORDER BY seq`,
    [id],
  );
const change = async (order: Partial<Change> & Pick<Change, 'kind' | 'personId'>, origin: Origin): Promise<unknown> => {
  const whole: Change = {
    ...{ id: newId(), reason: { code: 'x', text: 'x' }, before: null, after: {}, expectedVersion: null },
    ...order,
  };
  const results = await world.service.database.asOrganisation(of.id, (tx) =>
    world.service.app.get(PeopleWriter, { strict: false }).apply(tx, [whole], { origin, actor: { kind: 'system' } }),
  );
  return results.get(whole.id);
};

describe('an invitation', () => {
  it('is told of in a mail, shows what it is to, and makes somebody active who was pending', async () => {
    const { email, personId, invitationId } = await world.invite(of, { firstName: 'Ann' }, { message: 'Hello\nAnn' });
    expect(await world.state(of.id, personId)).toBe('pending');
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'waiting' });
    const token = (await world.post()).get(email) ?? '';
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'delivered', email });
    const jar = world.jar();
    expect(await world.look(token, jar)).toMatchObject({
      status: 200,
      body: {
        organisation: of.slug,
        email,
        firstName: 'Ann',
        message: 'Hello\nAnn',
        ways: { link: true, providers: [] },
      },
    });
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'opened' });
    expect(await world.accept(token, jar)).toMatchObject({ status: 200, body: { returnTo: '/' } });
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({ signedIn: true, person: { id: personId } });
    expect(await world.state(of.id, personId)).toBe('active');
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'accepted', acceptedBy: 'link' });
    expect((await audited(invitationId)).map(({ action, kind }) => [action, kind])).toEqual([
      ['invitation.created', 'key'],
      ['invitation.sent', 'system'],
      ['invitation.opened', 'stranger'],
      ['invitation.accepted', 'stranger'],
    ]);
    expect(await world.accept(token)).toMatchObject(DEAD);
  });

  it('I-01 is judged when it is used: alive in its last moment, dead from then on, with nothing cleaning up', async () => {
    const [one, two] = [await world.linked(of), await world.linked(of)];
    clock.advance(7 * DAY - 1);
    expect((await world.accept(one.token)).status).toBe(200);
    clock.advance(1);
    expect(await world.accept(two.token)).toMatchObject(DEAD);
    expect(await world.look(two.token)).toMatchObject(DEAD);
    expect(await world.shown(of, two.invitationId)).toMatchObject({ state: 'expired' });
    clock.advance(1_000);
    expect(await world.accept(two.token)).toMatchObject(DEAD);
  });

  it('I-01 has 256 random bits, of which nothing but a digest is kept', async () => {
    const { token, invitationId } = await world.linked(of);
    const [, secret = ''] = token.split('.');
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const kept = await world.rows(of.id, 'SELECT i::text AS whole FROM invitation i WHERE id = $1', [invitationId]);
    expect(JSON.stringify(kept)).not.toContain(secret);
  });

  it('I-02 is to the organisation, address and role of its row, whatever a request says', async () => {
    const { token, personId, email } = await world.linked(of);
    const more = [{ organisationId: world.service.organisation.id }, { email: 'm@evil.example' }, { admin: true }];
    for (const one of more) expect((await world.accept(token, world.jar(), one)).status).toBe(400);
    const elsewhere = (await world.linked(await world.service.newOrganisation())).token.split('.')[0];
    expect(await world.accept(`${elsewhere}.${token.split('.')[1]}`)).toMatchObject(DEAD);
    const jar = world.jar();
    expect((await world.accept(token, jar)).status).toBe(200);
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({
      person: { id: personId, email, isAdmin: false },
    });
  });

  it('I-02 is dead once the person is more than what was given then', async () => {
    const { token, personId } = await world.linked(of);
    const { api } = await world.service.session({ organisationId: of.id });
    expect((await api('PUT', `/api/v1/people/${personId}/admin`, { on: true })).status).toBe(200);
    expect(await world.accept(token)).toMatchObject(DEAD);
  });

  it('I-04 is looked at without being used up', async () => {
    const { token } = await world.linked(of);
    for (let i = 0; i < 10; i++) expect((await world.look(token)).status).toBe(200);
    expect((await world.accept(token)).status).toBe(200);
  });

  describe('I-05 is dead at once', () => {
    it('when it is revoked, and the mail that waits does not go out', async () => {
      const { invitationId, email, personId } = await world.invite(of);
      const token = await world.link(of, invitationId);
      expect(await of.api('POST', `/api/v1/invitations/${invitationId}/revoke`)).toMatchObject({
        status: 200,
        body: { state: 'closed', because: 'revoked' },
      });
      expect(await world.accept(token)).toMatchObject(DEAD);
      expect([...(await world.post()).keys()]).not.toContain(email);
      expect(await world.state(of.id, personId)).toBe('pending');
    });

    it('when a newer one was sent or shown', async () => {
      const { invitationId, email } = await world.invite(of);
      const first = (await world.post()).get(email) ?? '';
      clock.advance(10 * MINUTE);
      expect((await of.api('POST', `/api/v1/invitations/${invitationId}/resend`)).status).toBe(200);
      expect(await world.accept(first)).toMatchObject(DEAD);
      const second = (await world.post()).get(email) ?? '';
      const third = await world.link(of, invitationId);
      expect(await world.accept(second)).toMatchObject(DEAD);
      expect((await world.accept(third)).status).toBe(200);
    });

    it('when whoever invited is no admin any more, is archived, or their key is revoked', async () => {
      const demoted = await world.service.session({ organisationId: of.id });
      const archived = await world.service.session({ organisationId: of.id });
      const invited = [await world.linked(demoted), await world.linked(archived), await world.linked(of)];
      expect((await of.api('PUT', `/api/v1/people/${demoted.personId}/admin`, { on: false })).status).toBe(200);
      await world.person(of.id, { admin: true });
      expect((await of.api('POST', `/api/v1/people/${archived.personId}/archive`)).status).toBe(200);
      await world.rows(of.id, 'UPDATE api_key SET revoked_at = now()');
      for (const { token } of invited) expect(await world.accept(token)).toMatchObject(DEAD);
      const states = await world.rows(of.id, 'SELECT closed_because FROM invitation ORDER BY created_at, id');
      expect(states).toEqual([{ closedBecause: 'inviter' }, { closedBecause: 'inviter' }, { closedBecause: null }]);
    });

    it('when the key that made it is revoked, and not when its own time is over', async () => {
      const scopes = ['invitations:read', 'invitations:write'];
      const made = async (): Promise<{ id: string; by: Pick<TestOrganisation, 'api'> }> => {
        const { body } = await of.api<{ apiKey: { id: string }; key: string }>('POST', '/api/v1/api-keys', {
          ...{ name: 'inviting', scopes, expiresInDays: 1 },
        });
        const api: TestOrganisation['api'] = (method, path, order) => of.api(method, path, order, { key: body.key });
        return { id: body.apiKey.id, by: { api } };
      };
      const [expiring, revoked] = [await made(), await made()];
      const links = [await world.linked(expiring.by), await world.linked(expiring.by), await world.linked(revoked.by)];
      const waiting = [await world.invite(expiring.by), await world.invite(revoked.by)];
      expect((await of.api('DELETE', `/api/v1/api-keys/${revoked.id}`)).status).toBe(200);
      clock.advance(2 * DAY);
      expect((await expiring.by.api('GET', '/api/v1/invitations')).status).toBe(401);
      const mailed = await world.post();
      expect(waiting.map(({ email }) => mailed.has(email))).toEqual([true, false]);
      const looks = await Promise.all(links.map(({ token }) => world.look(token)));
      expect(looks.map(({ status }) => status)).toEqual([200, 200, 403]);
      expect((await world.accept(links[0]?.token ?? '')).status).toBe(200);
      // Whoever is distrusted afterwards is distrusted all the same.
      expect((await of.api('DELETE', `/api/v1/api-keys/${expiring.id}`)).status).toBe(200);
      expect(await world.accept(links[1]?.token ?? '')).toMatchObject(DEAD);
      expect(await world.accept(mailed.get(waiting[0]?.email ?? '') ?? '')).toMatchObject(DEAD);
    });

    it('when the person is archived, has another address, or the organisation is being deleted', async () => {
      const [one, two, three] = [await world.linked(of), await world.linked(of), await world.linked(of)];
      expect((await of.api('POST', `/api/v1/people/${one.personId}/archive`)).status).toBe(200);
      expect((await of.api('PATCH', `/api/v1/people/${two.personId}`, { email: world.address() })).status).toBe(200);
      await world.rows(of.id, `UPDATE organisation SET delete_after = now() + interval '7 days'`);
      for (const { token } of [one, two, three]) expect(await world.accept(token)).toMatchObject(DEAD);
    });
  });

  it('I-06 to be an admin is given by who may give it, freshly shown, and is worth no more than they are', async () => {
    const weak = await world.service.newKey(of.id, { scopes: ['invitations:write', 'invitations:read'] });
    const asked = { items: [{ email: world.address(), admin: true }], send: false };
    expect(await of.api('POST', '/api/v1/invitations', asked, { key: weak })).toMatchObject({
      status: 403,
      body: { code: 'request.forbidden' },
    });
    const stale = await world.service.session({
      organisationId: of.id,
      authenticatedAt: new Date(clock.now().getTime() - 11 * MINUTE),
    });
    expect((await stale.api('POST', '/api/v1/invitations', asked)).body).toMatchObject({
      code: 'session.reauthentication_needed',
    });
    const admin = await world.service.session({ organisationId: of.id });
    const { token, invitationId } = await world.linked(admin, { admin: true });
    expect(await of.api('POST', `/api/v1/invitations/${invitationId}/link`, undefined, { key: weak })).toMatchObject({
      status: 403,
    });
    const member = await world.service.session({ organisationId: of.id, admin: false });
    expect(
      (await member.api('POST', '/api/v1/invitations', { ...asked, items: [{ email: 'a@b.example' }] })).status,
    ).toBe(403);
    const jar = world.jar();
    expect((await world.accept(token, jar)).status).toBe(200);
    // by the link alone an admin does nothing yet.
    expect((await jar.api('GET', '/api/v1/people')).body).toMatchObject({ code: 'session.passkey_needed' });
    const second = await world.linked(admin, { admin: true });
    await world.person(of.id, { admin: true });
    expect((await of.api('PUT', `/api/v1/people/${admin.personId}/admin`, { on: false })).status).toBe(200);
    expect(await world.accept(second.token)).toMatchObject(DEAD);
  });

  it('I-21 leads nobody around a company’s own sign-in', async () => {
    const { token, personId } = await world.linked(of);
    await world.rows(of.id, 'UPDATE organisation SET sso = true, sso_enforced = true');
    expect(await world.accept(token)).toMatchObject({ status: 409, body: { code: 'invitation.provider_needed' } });
    expect((await world.look(token)).body).toMatchObject({ ways: { link: false } });
    expect(await world.state(of.id, personId)).toBe('pending');
  });

  it('I-22 takes the place of no session of somebody else unless they say so', async () => {
    const { token } = await world.linked(of);
    const jar = world.jar();
    const first = await world.linked(of);
    expect((await world.accept(first.token, jar)).status).toBe(200);
    expect((await world.look(token, jar)).body).toMatchObject({
      signedIn: { personId: first.personId, email: first.email, organisation: of.slug },
    });
    const before = jar.cookie('session') ?? '';
    expect(await world.accept(token, jar)).toMatchObject({
      status: 409,
      body: { code: 'invitation.signed_in_elsewhere' },
    });
    expect((await world.accept(token, jar, { replacing: newId() })).status).toBe(409);
    expect((await world.accept(token, jar, { replacing: first.personId })).status).toBe(200);
    expect((await world.service.browser(before)('GET', '/api/v1/people')).status).toBe(401);
  });

  it('ends with a decline, after which a list does not ask again by itself', async () => {
    const { token, email, personId, invitationId } = await world.linked(of);
    expect((await world.jar().api('POST', '/api/v1/invitation/decline', { token })).status).toBe(204);
    expect(await world.accept(token)).toMatchObject(DEAD);
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'closed', because: 'declined' });
    expect(await world.state(of.id, personId)).toBe('pending');
    expect(await world.invite(of, { email })).toMatchObject({ result: 'declined', invitationId: null });
    expect(await world.invite(of, { email, again: true })).toMatchObject({ result: 'invited' });
  });
});

describe('inviting', () => {
  it('says of each address what would be done, and writes nothing', async () => {
    const here = await world.person(of.id);
    const gone = await world.person(of.id, { state: 'archived' });
    const elsewhere = await world.person(world.service.organisation.id);
    const invited = await world.invite(of);
    const left = await world.person(of.id, { state: 'pending' });
    const text = `"Doe, Ann" <ann@acme.example>; ANN@acme.example\n${here.email} ${gone.email}, nobody; ${elsewhere.email}, ${invited.email}, ${left.email}`;
    const before = await world.rows(
      of.id,
      'SELECT (SELECT count(*) FROM person) AS p, (SELECT count(*) FROM invitation) AS i',
    );
    const { body, status } = await of.api<{ items: { standing: string; sentence: string; firstName: string }[] }>(
      ...['POST', '/api/v1/invitations/check', { text }] as const, // prettier-ignore
    );
    expect([status, body.items.map(({ standing }) => standing)]).toEqual([
      200,
      ['new', 'twice', 'here', 'archived', 'invalid', 'new', 'invited', 'pending'],
    ]);
    expect(body.items[0]).toMatchObject({ firstName: 'Ann', lastName: 'Doe', personId: null });
    const odd = await of.api<{ items: unknown[] }>('POST', '/api/v1/invitations/check', {
      text: `\u202eEvil ${'x'.repeat(300)} <odd@acme.example>`,
    });
    expect(odd.body.items).toMatchObject([{ email: 'odd@acme.example', firstName: null, lastName: null }]);
    expect(
      await world.rows(of.id, 'SELECT (SELECT count(*) FROM person) AS p, (SELECT count(*) FROM invitation) AS i'),
    ).toEqual(before);
  });

  it('does what it can, each by itself, and brings back who is archived only when told', async () => {
    const here = await world.person(of.id);
    const gone = await world.person(of.id, { state: 'archived' });
    const invite = (items: unknown[]) =>
      of.api<{ items: { result: string; personId: string | null }[] }>('POST', '/api/v1/invitations', {
        items,
        send: false,
      });
    const { body } = await invite([
      { email: 'new@acme.example' },
      { email: 'a@x.example, m@evil.example' },
      { email: here.email },
      { email: gone.email },
      { email: 'placed@acme.example', teamId: newId() },
    ]);
    expect(body.items.map(({ result }) => result)).toEqual(['invited', 'invalid', 'here', 'archived', 'invalid']);
    expect((await invite([{ email: gone.email, restore: true }])).body.items).toMatchObject([{ result: 'restored' }]);
    expect(await world.state(of.id, gone.id)).toBe('active');
    expect((await invite([{ email: 'new@acme.example' }])).body.items).toMatchObject([{ result: 'invited_before' }]);
  });

  it('leaves people pending and sends later, in bulk', async () => {
    const [one, two] = [await world.invite(of, {}, { send: false }), await world.invite(of, {}, { send: false })];
    const early = await world.post();
    expect([early.has(one.email), early.has(two.email)]).toEqual([false, false]);
    const ids = [one.invitationId, two.invitationId, newId()];
    const { body } = await of.api('POST', '/api/v1/invitations/send', { ids });
    expect(body).toEqual({ items: ids.map((id, at) => ({ id, result: at === 2 ? 'not_found' : 'waiting' })) });
    const mailed = await world.post();
    expect([mailed.has(one.email), mailed.has(two.email)]).toEqual([true, true]);
  });

  it('I-06 an organisation that is being deleted asks nobody in: anew, later, again, or by a link', async () => {
    const [later, sent] = [await world.invite(of, {}, { send: false }), await world.invite(of)];
    await world.post();
    clock.advance(HOUR);
    await world.rows(of.id, `UPDATE organisation SET delete_after = now() + interval '7 days'`);
    const all = 'SELECT id, version, queued_at, sent_at FROM invitation ORDER BY id';
    const before = await world.rows(of.id, all);
    const asked: [string, unknown?][] = [
      ['', { items: [{ email: world.address() }], send: false }],
      ['/send', { ids: [later.invitationId] }],
      [`/${later.invitationId}/resend`],
      [`/${sent.invitationId}/resend`],
      [`/${sent.invitationId}/link`],
    ];
    for (const [path, body] of asked)
      expect(await of.api('POST', `/api/v1/invitations${path}`, body)).toMatchObject({
        status: 409,
        body: { code: 'organisation.deleting' },
      });
    expect(await world.rows(of.id, all)).toEqual(before);
    expect((await of.api('POST', `/api/v1/invitations/${sent.invitationId}/revoke`)).status).toBe(200);
    await world.rows(of.id, 'UPDATE organisation SET delete_after = NULL');
    expect((await of.api('POST', '/api/v1/invitations/send', { ids: [later.invitationId] })).body).toMatchObject({
      items: [{ result: 'waiting' }],
    });
  });

  it('shows the mail before it is sent, in the language asked for', async () => {
    const order = { message: '<b>Bonjour</b>', language: 'fr' };
    const { body, status } = await of.api<Record<string, string>>('POST', '/api/v1/invitations/preview', order);
    expect(status).toBe(200);
    expect(body['html']).toContain('&lt;b&gt;Bonjour');
    expect(body['html']).toContain('lang="fr"');
    expect(body['text']).toContain('https://rollcall.acme.example/invitation#');
  });
});

describe('silence', () => {
  it('I-05 a pending invitation of somebody who arrives by the directory is closed without a word', async () => {
    const { invitationId, email, personId } = await world.invite(of);
    await world.post();
    clock.advance(HOUR);
    expect((await of.api('POST', `/api/v1/invitations/${invitationId}/resend`)).status).toBe(200);
    expect(await change({ kind: 'link', personId, after: { state: 'active' } }, 'directory')).toBe('applied');
    expect(await world.shown(of, invitationId)).toMatchObject({ state: 'closed', because: 'directory' });
    expect((await world.post()).has(email)).toBe(false);
    expect(
      await world.rows(of.id, `SELECT state, problem, body FROM mail WHERE recipient = $1 AND state <> 'sent'`, [
        email,
      ]),
    ).toEqual([{ state: 'failed', problem: 'withdrawn', body: null }]);
    expect((await audited(invitationId)).at(-1)).toMatchObject({ action: 'invitation.closed', because: 'directory' });
  });

  it('what a directory changes of somebody besides leaves their invitation alone', async () => {
    const { personId, token } = await world.linked(of);
    expect(await change({ kind: 'update', personId, after: { firstName: 'Ann' } }, 'directory')).toBe('applied');
    expect((await world.accept(token)).status).toBe(200);
  });
});
