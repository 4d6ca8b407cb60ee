import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { makeSecret } from '../../src/auth/secret-text.js';
import { newId } from '../../src/common/ids.js';
import { Entering } from '../../src/sign-in/entering.service.js';
import { Facts } from '../../src/sign-in/facts.service.js';
import { ADA, comeBack, DOMAIN, type Landed, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';
import type { Jar } from '../support/jar.js';

jest.setTimeout(120_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
beforeEach(async () => {
  for (const table of ['identity_link', 'session', 'notice', 'mail', 'sign_in_token', 'former_address'])
    await world.rows(`DELETE FROM ${table}`);
  await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
  await world.rows('UPDATE organisation SET sso = true, sso_enforced = false');
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const isIn = async (jar: Jar): Promise<boolean> =>
  (await jar.api<{ signedIn: boolean }>('GET', '/api/v1/session')).body.signedIn;

const logOut = async (claims: Record<string, unknown>, token?: string): Promise<number> => {
  const path = `/sign-in/back-channel-logout/${world.organisation.id}/${world.providerId}`;
  const body = `logout_token=${token ?? (await world.issuer.logoutToken(claims))}`;
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return (await fetch(new URL(path, world.service.url), { method: 'POST', headers, body })).status;
};

/** In a browser of their own, as whatever way of signing in leaves it. */
async function browserOf(personId: string, strength: 'link' | 'passkey'): Promise<Jar> {
  const { cookie } = await world.service.session({ personId, strength });
  const jar = world.jar();
  jar.cookies.set('rollcall-session', cookie);
  return jar;
}

async function stepUp(jar: Jar, who: Record<string, unknown>): Promise<Landed> {
  const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/reauthenticate', { with: 'provider' });
  return comeBack(jar, world.issuer, body.url, { ...who, auth_time: Math.floor(Date.now() / 1000) });
}

/** Until somebody waits for a lock that this test holds. */
async function untilSomebodyWaits(): Promise<void> {
  for (let waiting = 0; waiting === 0;) {
    waiting = await world.service.database.asMigrate(async (tx) => {
      const { n } = await tx.one<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
          WHERE NOT l.granted AND a.datname = current_database()`,
      );
      return n;
    });
  }
}

/** Somebody arrives while changes are not committed yet: they wait for them, or are past them. */
async function whileItChanges<T>(changes: string, arrive: () => Promise<T>): Promise<T> {
  const { landing } = await world.service.database.asOrganisation(world.organisation.id, async (tx) => {
    for (const change of changes.split('; ')) await tx.query(change);
    const landing = arrive();
    // Whoever is refused before the changes are committed is looked at below.
    await Promise.race([landing.catch(() => null), untilSomebodyWaits()]);
    return { landing };
  });
  return landing;
}

describe('O-47, O-70: a session that was made stronger at a provider is that provider’s', () => {
  async function strengthened(claims: Record<string, unknown> = ADA): Promise<Jar> {
    const ada = await world.person();
    expect(await world.signIn(claims)).toMatchObject({ status: 303, personId: ada });
    const jar = await browserOf(ada, 'link');
    expect(await stepUp(jar, claims)).toMatchObject({ status: 303, personId: ada });
    return jar;
  }

  it('it ends with the account there', async () => {
    const jar = await strengthened();
    expect(await logOut({ sub: ADA.sub })).toBe(200);
    expect(await isIn(jar)).toBe(false);
  });

  it('it ends with the session there that the step-up was made in', async () => {
    const jar = await strengthened({ ...ADA, sid: 'there-2' });
    expect(await logOut({ sid: 'there-2' })).toBe(200);
    expect(await isIn(jar)).toBe(false);
  });

  it('it ends when the provider is disabled', async () => {
    const jar = await strengthened();
    const { status } = await world.organisation.api('POST', `/api/v1/identity-providers/${world.providerId}/disable`);
    await world.rows(`UPDATE identity_provider SET state = 'active'`);
    expect([status, await isIn(jar)]).toEqual([200, false]);
  });

  it('it lasts no longer than the provider’s own limit', async () => {
    await world.settings({ maxSessionHours: 1 });
    try {
      const jar = await strengthened();
      const { body } = await jar.api<{ endsAt: string }>('GET', '/api/v1/session');
      expect(Date.parse(body.endsAt) - Date.now()).toBeLessThanOrEqual(3_600_000);
    } finally {
      await world.settings({ maxSessionHours: null });
    }
  });

  it('its sign-out leads there', async () => {
    const jar = await strengthened();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    const url = new URL(body.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.issuer.issuer}/end`);
    expect(url.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
  });
});

describe('O-70: back-channel logout', () => {
  it('a token whose sessions could not be ended is good for another try, and then never again', async () => {
    await world.person();
    const { jar } = await world.signIn(ADA);
    const token = await world.issuer.logoutToken({ sub: ADA.sub });
    const owner = world.service.database;
    await owner.asMigrate((tx) =>
      tx.execute(
        `ALTER TABLE session ADD CONSTRAINT nobody_leaves CHECK (ended_because <> 'provider_logout') NOT VALID`,
      ),
    );
    try {
      expect(await logOut({}, token)).toBe(500);
      expect(await isIn(jar)).toBe(true);
    } finally {
      await owner.asMigrate((tx) => tx.execute('ALTER TABLE session DROP CONSTRAINT nobody_leaves'));
    }
    expect(await logOut({}, token)).toBe(200);
    expect(await isIn(jar)).toBe(false);
    expect(await logOut({}, token)).toBe(400);
  });

  it('every id of a token is its own, whatever characters it has', async () => {
    await world.person();
    for (const jti of ['A', '\\x41', 'a\\b', '\\']) {
      const { jar } = await world.signIn(ADA);
      const token = await world.issuer.logoutToken({ sub: ADA.sub, jti });
      expect([jti, await logOut({}, token), await isIn(jar)]).toEqual([jti, 200, false]);
      expect([jti, await logOut({}, token)]).toEqual([jti, 400]);
    }
  });

  it('a session of which the provider never named its own ends with the account, whatever session is named', async () => {
    await world.person();
    const { jar } = await world.signIn(ADA);
    const other = await world.signIn({ ...ADA, sid: 'another' });
    expect(await logOut({ sub: ADA.sub, sid: 'there-1' })).toBe(200);
    expect([await isIn(jar), await isIn(other.jar)]).toEqual([false, true]);
  });
});

describe('A-16: what is taken away while somebody signs in', () => {
  it('O-40 an account that is untied at that moment lets nobody in as before', async () => {
    const ada = await world.person();
    expect(await world.signIn(ADA)).toMatchObject({ personId: ada });
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [ada]);
    const landed = await whileItChanges('DELETE FROM identity_link', () => world.signIn(ADA));
    // The tie is gone, and an admin is not tied by an address.
    expect(landed).toMatchObject({ status: 403, personId: null, code: 'link_from_session' });
  });

  it('O-47 single sign-on that is switched off at that moment lets nobody in', async () => {
    const ada = await world.person();
    expect(await world.signIn(ADA)).toMatchObject({ personId: ada });
    const landed = await whileItChanges('UPDATE organisation SET sso = false', () => world.signIn(ADA));
    expect(landed).toMatchObject({ status: 403, personId: null, code: 'closed' });
  });
});

it('O-38 a record that is somebody else’s since the directory was asked lets in as neither', async () => {
  const [before, after] = [await world.person(), await world.person({ email: `bea@${DOMAIN}` })];
  const connection = newId();
  await world.rows(
    `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings)
     VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'okta', 'C', 1, 'active', '{}')`,
    [connection],
  );
  await world.rows(
    `INSERT INTO directory_record (organisation_id, connection_id, external_id, person_id, observed_hash, observed_at, employed, in_scope)
     VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, 'h', now(), true, true)`,
    [connection, ADA.sub, before],
  );
  await world.rows('UPDATE identity_provider SET connection_id = $1', [connection]);
  try {
    const record = { personId: before, held: false, keptIn: false, keptOut: false, conflict: false };
    const heard = { says: 'employed', because: null, connection: { confirmed: true, ready: true }, record } as const;
    const identity = {
      ...{ organisationId: world.organisation.id, providerId: world.providerId, subject: ADA.sub, sid: null },
      ...{ authTime: null, acr: null, amr: [], email: null, emailVerified: false, hostedDomain: null, tenant: null },
      ...{ firstName: null, lastName: null, idToken: '', claims: {} },
    };
    const of = { identity, purpose: 'sign_in', heard, link: null, waited: false, invitedBefore: null } as const;
    const gather = () =>
      world.service.database.asOrganisation(world.organisation.id, (tx) =>
        world.service.app.get(Facts, { strict: false }).ofStranger(tx, of),
      );
    expect((await gather()).facts.record?.person?.id).toBe(before);
    await world.rows('UPDATE directory_record SET person_id = $1', [after]);
    await expect(gather()).rejects.toMatchObject({ code: 'sign_in.refused', details: { reason: 'not_yet' } });
  } finally {
    await world.rows('UPDATE identity_provider SET connection_id = NULL');
    await world.rows('DELETE FROM directory_record');
  }
});

it('O-77 who is no exception any more at that moment does not get in beside single sign-on', async () => {
  const ada = await world.person();
  await world.rows(
    `INSERT INTO break_glass (organisation_id, person_id, made_by) SELECT organisation_id, id, '{}' FROM person WHERE id = $1`,
    [ada],
  );
  await world.rows('UPDATE organisation SET sso_enforced = true');
  const how = { strength: 'passkey', amr: [], acr: null, authenticatedAt: new Date(), provider: null } as const;
  const visitor = { address: '192.0.2.1', requestId: 'r', userAgent: '' };
  const enter = () =>
    world.service.database.asOrganisation(world.organisation.id, (tx) =>
      world.service.app.get(Entering, { strict: false }).enter(tx, ada, how, visitor),
    );
  expect((await enter()).id).toEqual(expect.any(String));
  const changes = 'SELECT 1 AS locked FROM organisation FOR UPDATE; DELETE FROM break_glass';
  await expect(whileItChanges(changes, enter)).rejects.toMatchObject({ details: { reason: 'sso_enforced' } });
});

it('a session that nobody used for too long ties nothing, and is not renewed', async () => {
  const ada = await world.person();
  await world.signIn(ADA);
  const jar = await browserOf(ada, 'passkey');
  const begin = async (path: string, body: object): Promise<string> =>
    (await jar.api<{ url: string }>('POST', path, body)).body.url;
  const other = await world.provider(world.organisation);
  const tie = await begin('/api/v1/me/identities', { providerId: other });
  const again = await begin('/api/v1/session/reauthenticate', { with: 'provider' });
  await world.rows(`UPDATE session SET last_used_at = now() - interval '31 minutes'`);
  const claims = { ...ADA, auth_time: Math.floor(Date.now() / 1000) };
  for (const url of [tie, again])
    expect((await jar.go(world.issuer.authorize(url, undefined, claims))).status).toBe(403);
  expect(await world.rows('SELECT 1 FROM identity_link WHERE identity_provider_id = $1', [other])).toEqual([]);
  expect(await isIn(jar)).toBe(false);
});

it('O-69 signing out works although what the provider gave cannot be read any more', async () => {
  await world.person();
  const { jar } = await world.signIn(ADA);
  await world.rows(`UPDATE session SET id_token = sha256('another')`);
  const { status, body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
  expect([status, await isIn(jar)]).toEqual([200, false]);
  const asked = new URL(body.url).searchParams;
  expect([asked.get('id_token_hint'), asked.get('client_id')]).toEqual([null, world.issuer.clientId]);
});

describe('O-47 a step-up while the provider is disabled', () => {
  it('makes no session stronger', async () => {
    const ada = await world.person();
    await world.signIn(ADA);
    const jar = await browserOf(ada, 'link');
    try {
      const landed = await whileItChanges(`UPDATE identity_provider SET state = 'disabled'`, () => stepUp(jar, ADA));
      expect(landed).toMatchObject({ status: 403, code: 'closed' });
    } finally {
      await world.rows(`UPDATE identity_provider SET state = 'active'`);
    }
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({ strength: 'link' });
  });
});

describe('O-42, X-15: who reads an admin’s mail', () => {
  it('gets no passkey by it while the admin has an account at the company', async () => {
    const ada = await world.person();
    await world.signIn(ADA);
    const add = async (): Promise<unknown> =>
      (await (await browserOf(ada, 'link')).api('POST', '/api/v1/me/passkeys/options')).body['code'];
    expect(await add()).toBeUndefined();
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [ada]);
    expect(await add()).toBe('session.passkey_needed');
    // Where that account leads nowhere, the link is what there is.
    await world.rows('UPDATE organisation SET sso = false');
    expect(await add()).toBeUndefined();
  });

  it('gets nothing more by a link once the address is another one', async () => {
    const ada = await world.person({ email: `old@${DOMAIN}` });
    await world.rows(
      `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, browser_digest, made_by, created_at, expires_at)
       SELECT organisation_id, gen_random_uuid(), id, kind, sha256(kind::bytea), CASE kind WHEN 'link' THEN sha256('b') END, '{}', now(), now() + interval '9 minutes'
         FROM person, unnest(ARRAY['link', 'break_glass']) AS kind WHERE id = $1`,
      [ada],
    );
    const answer = await world.organisation.api<{ version: number }>('GET', `/api/v1/people/${ada}`);
    const changed = await world.organisation.api('PATCH', `/api/v1/people/${ada}`, {
      version: answer.body.version,
      email: `new@${DOMAIN}`,
    });
    expect(changed.status).toBe(200);
    expect(await world.rows('SELECT kind FROM sign_in_token WHERE ended_at IS NULL AND person_id = $1', [ada])).toEqual(
      [{ kind: 'break_glass' }],
    );
  });
});

it('X-11: who comes with a link that was good once does not guess: an office shares the address', async () => {
  const person = await world.person();
  const { text, digest } = makeSecret(world.organisation.id, randomBytes);
  await world.rows(
    `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, browser_digest, made_by, created_at, expires_at)
     SELECT organisation_id, gen_random_uuid(), id, 'link', $2, sha256('b'), '{}', now(), now() FROM person WHERE id = $1`,
    [person, digest],
  );
  const use = (token: string) => world.jar().api('POST', '/api/v1/sign-in/link/use', { token });
  for (let again = 0; again < 20; again++)
    expect(await use(text)).toMatchObject({ status: 403, body: { code: 'sign_in.link_dead', reason: 'dead' } });
  const guesses = Array.from({ length: 6 }, () => makeSecret(world.organisation.id, randomBytes).text);
  const statuses: number[] = [];
  for (const guess of guesses) statuses.push((await use(guess)).status);
  expect(statuses).toEqual([403, 403, 403, 403, 403, 429]);
});
