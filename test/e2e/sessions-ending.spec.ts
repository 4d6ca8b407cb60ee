import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startApplication, type Application } from '../../src/application.js';
import { newId } from '../../src/common/ids.js';
import { systemClock } from '../../src/common/clock.js';
import { apiOf, startService, type Api, type TestService } from '../support/service.js';
import type { TestSession } from '../support/signed-in.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const SOMEWHERE = '/api/v1/me/sessions';

let service: TestService;
let second: Application;
beforeAll(async () => {
  service = await startService();
  const { database, secrets, config } = service;
  const elsewhere = { ...config, server: { ...config.server, port: 0 } };
  second = await startApplication({ config: elsewhere, store: { database, secrets, clock: systemClock } });
});
afterAll(async () => {
  await second.stop();
  await service.close();
});

/** The same session, at another instance. */
function atSecond({ cookie }: TestSession): Api {
  const api = apiOf(second.url, '');
  return (method, path) =>
    api(method, path, undefined, { key: null, headers: { cookie: `rollcall-session=${cookie}` } });
}

/** At both instances. */
async function statusOf(session: TestSession): Promise<number[]> {
  return [(await session.api('GET', SOMEWHERE)).status, (await atSecond(session)('GET', SOMEWHERE)).status];
}

async function endOf({ id }: TestSession): Promise<string | null> {
  return service.database.asOrganisation(service.organisation.id, async (tx) => {
    const row = await tx.one<{ because: string | null }>('SELECT ended_because AS because FROM session WHERE id = $1', [
      id,
    ]);
    return row.because;
  });
}

async function auditOf(action: string): Promise<object[]> {
  const { body } = await service.api<{ items: object[] }>('GET', `/api/v1/audit?action=${action}`);
  return body.items;
}

describe('X-09 sessions are listed and ended', () => {
  it('with device, address, time, and which one asks', async () => {
    const userAgent = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const first = await service.session({ userAgent });
    const other = await service.session({ personId: first.personId, strength: 'provider' });
    const { body } = await first.api<{ items: Record<string, unknown>[] }>('GET', '/api/v1/me/sessions');
    expect(body.items).toMatchObject([
      { id: other.id, device: 'Unknown device', strength: 'provider', current: false },
      { id: first.id, device: 'Firefox on Windows', address: '127.0.0.1', strength: 'passkey', current: true },
    ]);
    const admin = await service.session();
    const seen = await admin.api<{ items: object[] }>('GET', `/api/v1/people/${first.personId}/sessions`);
    expect(seen.body.items).toEqual(
      body.items.map((item) => ({ ...item, current: false, lastUsedAt: expect.anything() })),
    );
  });

  it('one, all others, all by an admin; at once, on all instances, and told in the log', async () => {
    const [a, b, c] = [await service.session(), null, null];
    const others = [b, c].map(() => service.session({ personId: a.personId }));
    const [one, two] = [await others[0], await others[1]] as [TestSession, TestSession];
    expect((await a.api('DELETE', `/api/v1/me/sessions/${one.id}`)).status).toBe(204);
    expect([await statusOf(a), await statusOf(one), await statusOf(two)]).toEqual([
      [200, 200],
      [401, 401],
      [200, 200],
    ]);
    expect((await a.api('DELETE', `/api/v1/me/sessions/${one.id}`)).body).toMatchObject({ code: 'session.not_found' });
    expect((await a.api('POST', '/api/v1/me/sessions/end-others')).body).toEqual({ ended: 1 });
    expect([await statusOf(a), await statusOf(two)]).toEqual([
      [200, 200],
      [401, 401],
    ]);
    const admin = await service.session();
    expect((await admin.api('POST', `/api/v1/people/${a.personId}/sessions/end`)).body).toEqual({ ended: 1 });
    expect([await statusOf(a), await statusOf(admin)]).toEqual([
      [401, 401],
      [200, 200],
    ]);
    expect([await endOf(one), await endOf(two), await endOf(a)]).toEqual([
      'ended_by_person',
      'ended_by_person',
      'ended_by_admin',
    ]);
    expect(await auditOf('session.ended')).toMatchObject([
      { subject: { kind: 'person', id: a.personId }, detail: { because: 'ended_by_admin', ended: 1 } },
      { subject: { kind: 'person', id: a.personId }, detail: { because: 'ended_by_person', ended: 1 } },
      { subject: { kind: 'session', id: one.id }, detail: { because: 'ended_by_person' } },
    ]);
  });

  it('nobody ends one of another person by its id', async () => {
    const mine = await service.session();
    const theirs = await service.session();
    expect((await mine.api('DELETE', `/api/v1/me/sessions/${theirs.id}`)).body).toMatchObject({
      code: 'session.not_found',
    });
    expect(await statusOf(theirs)).toEqual([200, 200]);
  });

  it('O-10 signing out ends the session and takes the cookie away', async () => {
    const session = await service.session();
    const answer = await session.api('DELETE', '/api/v1/session');
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([
      204,
      ['rollcall-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; SameSite=Lax'],
    ]);
    expect(await statusOf(session)).toEqual([401, 401]);
    expect(await auditOf('session.signed_out')).toMatchObject([
      { subject: { kind: 'session', id: session.id }, outcome: 'done' },
    ]);
  });
});

describe('A-04 O-46 a session is never more than its person is now', () => {
  it('ends with the person’s access, in the same transaction, with what was begun in it and links made', async () => {
    const session = await service.session();
    await service.session();
    const ids = { provider: newId(), attempt: newId(), token: newId(), link: newId() };
    await service.database.asOrganisation(service.organisation.id, async (tx) => {
      await tx.execute(
        `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, settings)
         VALUES ($1, $2, 'generic', 'P', 'https://p.example', 'c', '{}')`,
        [service.organisation.id, ids.provider],
      );
      await tx.execute(
        `INSERT INTO sign_in_attempt (organisation_id, id, identity_provider_id, purpose, state_digest, browser_digest, nonce, verifier,
           issuer, client_id, redirect_uri, return_to, session_id, expires_at)
         VALUES ($1, $2, $3, 'step_up', $4, $4, 'n', 'v', 'https://p.example', 'c', 'https://r.example', '/', $5, now() + interval '10 minutes')`,
        [service.organisation.id, ids.attempt, ids.provider, Buffer.alloc(32, 1), session.id],
      );
      await tx.execute(
        `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, made_by, expires_at)
         VALUES ($1, $2, $3, 'break_glass', $4, '{"kind":"system"}', now() + interval '10 minutes')`,
        [service.organisation.id, ids.token, session.personId, Buffer.alloc(32, 2)],
      );
      await tx.execute(
        `INSERT INTO set_up_link (organisation_id, id, digest, kinds, note, made_by, expires_at)
         VALUES ($1, $2, $3, '{sso}', '', $4::jsonb, now() + interval '1 day')`,
        [
          ...[service.organisation.id, ids.link, Buffer.alloc(32, 3)],
          JSON.stringify({ kind: 'person', id: session.personId, sessionId: session.id }),
        ],
      );
    });
    expect((await service.api('POST', `/api/v1/people/${session.personId}/archive`)).status).toBe(200);
    expect([await statusOf(session), await endOf(session)]).toEqual([[401, 401], 'archived']);
    const ended = await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.one(
        `SELECT (SELECT used_at FROM sign_in_attempt WHERE id = $1) IS NOT NULL AS attempt,
                (SELECT ended_at FROM sign_in_token WHERE id = $2) IS NOT NULL AS token,
                (SELECT revoked_at FROM set_up_link WHERE id = $3) IS NOT NULL AS link`,
        [ids.attempt, ids.token, ids.link],
      ),
    );
    expect(ended).toEqual({ attempt: true, token: true, link: true });
  });

  it('I-05 ends with the right of whoever made its set-up link', async () => {
    const admin = await service.session();
    await service.session();
    const setUp = await service.setUp(['directory']);
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute('UPDATE set_up_link SET made_by = $2::jsonb WHERE id = $1', [
        setUp.linkId,
        JSON.stringify({ kind: 'person', id: admin.personId, sessionId: admin.id }),
      ]),
    );
    expect((await setUp.api('GET', '/api/v1/connection-kinds')).status).toBe(200);
    expect((await service.api('PUT', `/api/v1/people/${admin.personId}/admin`, { on: false })).status).toBe(200);
    expect((await setUp.api('GET', '/api/v1/connection-kinds')).status).toBe(401);
  });

  it('ends when the person is no admin any more, and when they become one', async () => {
    const session = await service.session();
    await service.session();
    const switchAdmin = (on: boolean): Promise<{ status: number }> =>
      service.api('PUT', `/api/v1/people/${session.personId}/admin`, { on });
    expect((await switchAdmin(false)).status).toBe(200);
    expect([await statusOf(session), await endOf(session)]).toEqual([[401, 401], 'role_lost']);
    const member = await service.session({ personId: session.personId });
    expect((await member.api('GET', '/api/v1/organisation')).status).toBe(403);
    expect((await switchAdmin(true)).status).toBe(200);
    expect([await statusOf(member), await endOf(member)]).toEqual([[401, 401], 'role_gained']);
    const admin = await service.session({ personId: session.personId });
    expect((await admin.api('GET', '/api/v1/organisation')).status).toBe(200);
  });

  it('is nothing for who is not active, even if nobody has ended it', async () => {
    const session = await service.session();
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(`UPDATE person SET state = 'pending' WHERE id = $1`, [session.personId]),
    );
    expect(await statusOf(session)).toEqual([401, 401]);
  });

  it('rests while the organisation is about to be deleted', async () => {
    const organisation = await service.newOrganisation();
    const session = await service.session({ organisationId: organisation.id });
    const set = (sql: string): Promise<unknown> =>
      service.database.asOrganisation(organisation.id, (tx) =>
        tx.execute(`UPDATE organisation SET delete_after = ${sql}`),
      );
    await set(`now() + interval '7 days'`);
    expect(await statusOf(session)).toEqual([401, 401]);
    await set('NULL');
    expect(await statusOf(session)).toEqual([200, 200]);
  });
});

describe('K-05 K-07 what is stored', () => {
  it('is a digest of the cookie, and the cookie is no part of any row', async () => {
    const { cookie, organisationId } = await service.session();
    const secret = cookie.split('.')[1] ?? '';
    expect(secret).toHaveLength(43);
    const text = await service.database.asOrganisation(organisationId, (tx) =>
      tx.query(`SELECT s::text AS row FROM session s`),
    );
    expect(JSON.stringify(text)).not.toContain(secret);
    expect(JSON.stringify(text)).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
  });

  it('the organisation in the cookie is part of the secret: another in front of it finds nothing', async () => {
    const mine = await service.session();
    const theirs = await service.session({ organisationId: (await service.newOrganisation()).id });
    const mixed = `${theirs.cookie.split('.')[0]}.${mine.cookie.split('.')[1]}`;
    expect((await service.browser(mixed)('GET', SOMEWHERE)).status).toBe(401);
  });
});
