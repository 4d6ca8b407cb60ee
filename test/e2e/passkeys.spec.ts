import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { PasskeyUse } from '../../src/sign-in/passkeys-use.service.js';
import { PasskeyChallenges } from '../../src/sign-in/passkeys-challenges.js';
import {
  Authenticator,
  type CreationOptions,
  type KeyKind,
  type RequestOptions,
  type Twist,
} from '../support/authenticator.js';
import { Jar } from '../support/jar.js';
import { startService, type Answer, type TestService } from '../support/service.js';
import type { SessionOptions } from '../support/signed-in.js';

const ORIGIN = 'https://rollcall.acme.example';
const MINUTE = 60_000;

const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let service: TestService;
let network = 0;

beforeAll(async () => {
  service = await startService({ clock, config: { server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] } } });
});
afterAll(() => service.close());
beforeEach(() => {
  clock.advance(MINUTE);
});

/** A browser that is signed in as somebody. */
interface Signed {
  jar: Jar;
  personId: string;
  sessionId: string;
}

const newJar = (): Jar => new Jar(service, `198.51.${(network += 1) >> 8}.${network & 255}`);

async function signed(options: SessionOptions = {}): Promise<Signed> {
  const session = await service.session(options);
  const jar = newJar();
  jar.cookies.set(cookieName('session', publicSiteOf(service.config.server)), session.cookie);
  return { jar, personId: session.personId, sessionId: session.id };
}

async function enrol(jar: Jar, device: Authenticator, twist: Twist = {}, name = 'MacBook'): Promise<Answer> {
  const options = await jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
  if (options.status !== 200) return options;
  return jar.api('POST', '/api/v1/me/passkeys', { name, response: device.create(options.body, twist) });
}

async function signIn(
  jar: Jar,
  device: Authenticator,
  twist: Twist = {},
  returnTo?: string,
): Promise<Answer<Record<string, unknown>>> {
  const { body } = await jar.api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
  const response = device.get(body, twist);
  return jar.api('POST', '/api/v1/sign-in/passkey', { response, ...(returnTo === undefined ? {} : { returnTo }) });
}

const who = async (jar: Jar) => (await jar.api('GET', '/api/v1/session')).body;

/** Somebody with a passkey, and the device that has it. */
async function withPasskey(
  options: SessionOptions = {},
  kind: KeyKind = 'ES256',
): Promise<Signed & { device: Authenticator }> {
  const somebody = await signed(options);
  const device = new Authenticator(ORIGIN, kind);
  expect(await enrol(somebody.jar, device)).toMatchObject({ status: 201 });
  return { ...somebody, device };
}

async function mailsTo(personId: string): Promise<string[]> {
  return service.database.asOrganisation(service.organisation.id, async (tx) => {
    const rows = await tx.query<{ template: string }>('SELECT template FROM mail WHERE person_id = $1 ORDER BY id', [
      personId,
    ]);
    return rows.map(({ template }) => template);
  });
}

async function entriesOf(personId: string): Promise<{ action: string; detail: unknown }[]> {
  return service.database.asOrganisation(service.organisation.id, (tx) =>
    tx.query('SELECT action, detail FROM audit_entry WHERE subject_id = $1 ORDER BY seq', [personId]),
  );
}

describe.each<KeyKind>(['ES256', 'RS256', 'EdDSA'])('a passkey of %s', (kind) => {
  it('is added, and signs in where nobody is signed in', async () => {
    const { device, personId } = await withPasskey({ admin: true }, kind);
    const jar = newJar();
    expect(await signIn(jar, device, {}, '/account#x')).toMatchObject({
      status: 200,
      body: { returnTo: '/account#x' },
    });
    expect(await who(jar)).toMatchObject({
      signedIn: true,
      strength: 'passkey',
      person: { id: personId },
      needs: null,
    });
    expect((await jar.api('GET', '/api/v1/people')).status).toBe(200);
  });
});

describe('X-15 the first passkey of somebody who came by a link', () => {
  it('makes an admin of a session that could do nothing, under a new id', async () => {
    const { jar, personId } = await signed({ admin: true, strength: 'link' });
    const before = jar.cookie('session');
    expect((await jar.api('GET', '/api/v1/people')).status).toBe(403);
    clock.advance(20 * MINUTE);
    expect((await enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
    expect(jar.cookie('session')).not.toBe(before);
    expect((await jar.api('GET', '/api/v1/people')).status).toBe(200);
    expect(await who(jar)).toMatchObject({ strength: 'passkey', needs: null, person: { id: personId } });
    const old = newJar();
    old.cookies.set(cookieName('session', publicSiteOf(service.config.server)), before ?? '');
    expect((await old.api('GET', '/api/v1/me/sessions')).status).toBe(401);
  });

  it('is the only one: who has a passkey adds another one after signing in with it', async () => {
    const { personId } = await withPasskey();
    const { jar } = await signed({ personId, strength: 'link' });
    expect(await enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
      status: 403,
      body: { code: 'session.passkey_needed' },
    });
  });

  it('by the operator’s own link, also when a device was lost', async () => {
    const { personId } = await withPasskey();
    const { jar } = await signed({ personId, strength: 'break_glass' });
    expect((await enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
  });
});

describe('adding a passkey', () => {
  it('X-07 wants somebody who has just shown who they are', async () => {
    const { jar } = await signed();
    clock.advance(11 * MINUTE);
    expect(await enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
      status: 403,
      body: { code: 'session.reauthentication_needed' },
    });
  });

  it('X-09 ends the other sessions, tells the person by mail, and stands in the log', async () => {
    const { personId, jar } = await signed();
    const other = await signed({ personId });
    expect((await enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
    expect(await who(other.jar)).toEqual({ signedIn: false });
    expect(await who(jar)).toMatchObject({ signedIn: true });
    expect(await mailsTo(personId)).toEqual(['factor_changed']);
    expect((await entriesOf(personId)).map(({ action }) => action)).toEqual(['passkey.added']);
  });

  it.each<[string, Twist]>([
    ['on another site', { origin: 'https://evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['for another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['by somebody whom the device has not verified', { verified: false }],
  ])('%s is refused', async (_what, twist) => {
    const { jar, personId } = await signed();
    expect(await enrol(jar, new Authenticator(ORIGIN), twist)).toMatchObject({
      status: 401,
      body: { code: 'passkey.refused' },
    });
    expect((await jar.api('GET', '/api/v1/me/passkeys')).body).toEqual({ items: [] });
    expect(await mailsTo(personId)).toEqual([]);
  });

  it('answers a challenge once, within five minutes, of its own session', async () => {
    const one = await signed();
    const other = await signed();
    const { body: options } = await one.jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    const device = new Authenticator(ORIGIN);
    const body = { name: 'x', response: device.create(options) };
    expect((await other.jar.api('POST', '/api/v1/me/passkeys', body)).status).toBe(401);
    expect((await one.jar.api('POST', '/api/v1/me/passkeys', body)).status).toBe(201);
    expect((await one.jar.api('POST', '/api/v1/me/passkeys', body)).status).toBe(401);
    const { body: late } = await one.jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    clock.advance(5 * MINUTE);
    const answer = await one.jar.api('POST', '/api/v1/me/passkeys', {
      name: 'y',
      response: new Authenticator(ORIGIN).create(late),
    });
    expect(answer.status).toBe(401);
  });

  it('a challenge for one thing answers no other', async () => {
    const { jar, device } = await withPasskey();
    const { body: options } = await jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    const fresh = newJar();
    await fresh.api('POST', '/api/v1/sign-in/passkey/options');
    const response = device.get({ rpId: options.rp.id, challenge: options.challenge });
    expect((await fresh.api('POST', '/api/v1/sign-in/passkey', { response })).status).toBe(401);
    expect((await jar.api('POST', '/api/v1/session/passkey', { response })).status).toBe(401);
  });

  it('is not for API keys', async () => {
    expect((await service.api('POST', '/api/v1/me/passkeys/options')).status).toBe(403);
    expect((await service.api('GET', '/api/v1/me/passkeys')).status).toBe(403);
  });

  it('the twenty-first is one too many', async () => {
    const { jar, personId } = await signed();
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(
        `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
         SELECT $1, gen_random_uuid(), $2, n::text, '\\x00', 0, '{}', 'x', false FROM generate_series(1, 20) n`,
        [service.organisation.id, personId],
      ),
    );
    expect(await enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
      status: 409,
      body: { code: 'passkey.too_many' },
    });
  });
});

describe('signing in by passkey', () => {
  it.each<[string, Twist, string | null]>([
    ['on another site', { origin: 'https://evil.example' }, 'check'],
    ['by somebody whom the device has not verified', { verified: false }, 'check'],
    ['without its key', { otherKey: true }, 'signature'],
    ['with a count that went back: a copy', { counter: 1 }, 'counter'],
    ['in a frame of another site', { crossOrigin: true }, null],
    ['for another challenge', { challenge: randomBytes(32).toString('base64url') }, null],
    ['without saying whose it is', { userHandle: null }, null],
    ['as somebody who is nobody', { userHandle: randomBytes(32).toString('base64url') }, null],
  ])('%s is refused', async (_what, twist, because) => {
    const { device, personId } = await withPasskey();
    const jar = newJar();
    expect(await signIn(jar, device, twist)).toMatchObject({ status: 401, body: { code: 'passkey.refused' } });
    expect(await who(jar)).toEqual({ signedIn: false });
    const noted = (await entriesOf(personId)).filter(({ action }) => action === 'passkey.refused');
    expect(noted.map(({ detail }) => detail)).toEqual(because === null ? [] : [{ because }]);
  });

  it('as somebody else than whose it is, is refused: the key is not theirs', async () => {
    const { device } = await withPasskey();
    const { personId } = await withPasskey();
    const handle = Buffer.from(`${service.organisation.id}${personId}`.replaceAll('-', ''), 'hex').toString(
      'base64url',
    );
    expect((await signIn(newJar(), device, { userHandle: handle })).status).toBe(401);
  });

  it('the same answer works once, and only in the browser that asked', async () => {
    const { device } = await withPasskey();
    const jar = newJar();
    const other = newJar();
    const { body } = await jar.api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
    await other.api('POST', '/api/v1/sign-in/passkey/options');
    const response = device.get(body);
    expect((await other.api('POST', '/api/v1/sign-in/passkey', { response })).status).toBe(401);
    expect((await newJar().api('POST', '/api/v1/sign-in/passkey', { response })).status).toBe(401);
    const all = await Promise.all([1, 2, 3].map(() => jar.api('POST', '/api/v1/sign-in/passkey', { response })));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('I-16 begins alike for everybody: it names no passkey', async () => {
    await withPasskey();
    const { body } = await newJar().api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
    expect(body.allowCredentials).toEqual([]);
  });

  it('O-46 of somebody archived lets nobody in', async () => {
    const { device, personId } = await withPasskey({ admin: false });
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(
        `UPDATE person SET state = 'archived', archive_reasons = '{admin}', archived_at = now() WHERE id = $1`,
        [personId],
      ),
    );
    expect(await signIn(newJar(), device)).toMatchObject({
      status: 403,
      body: { code: 'sign_in.refused', reason: 'archived' },
    });
  });

  it('O-77 is no way around an enforced single sign-on, but for the break-glass list', async () => {
    const { id: organisationId } = await service.newOrganisation();
    const { device, personId, jar } = await withPasskey({ organisationId });
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute('UPDATE organisation SET sso = true, sso_enforced = true WHERE id = $1', [organisationId]),
    );
    const refused = { status: 403, body: { code: 'sign_in.refused', reason: 'sso_enforced' } };
    expect(await signIn(newJar(), device)).toMatchObject(refused);
    expect(await enrol(jar, new Authenticator(ORIGIN))).toMatchObject(refused);
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute(
        `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"operator"}')`,
        [organisationId, personId],
      ),
    );
    expect((await signIn(newJar(), device)).status).toBe(200);
  });

  it('X-11 after five wrong ones the network waits, and the person gets in from another', async () => {
    const { device } = await withPasskey();
    const guesser = newJar();
    const statuses: number[] = [];
    for (let guess = 0; guess < 30; guess++) statuses.push((await signIn(guesser, device, { otherKey: true })).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.slice(5).every((status) => status === 429)).toBe(true);
    expect((await signIn(newJar(), device)).status).toBe(200);
  });

  it('ends the session that the browser had', async () => {
    const { device } = await withPasskey();
    const { jar, sessionId } = await signed();
    expect((await signIn(jar, device)).status).toBe(200);
    const [row] = await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.query<{ endedBecause: string }>('SELECT ended_because FROM session WHERE id = $1', [sessionId]),
    );
    expect(row).toEqual({ endedBecause: 'replaced' });
  });
});

describe('O-73 showing again who one is', () => {
  async function stepUp(
    { jar, sessionId, personId }: Signed,
    device: Authenticator,
    twist: Twist = {},
  ): Promise<Answer> {
    const use = service.app.get(PasskeyUse, { strict: false });
    const options = await use.stepUpRequest({
      ...({
        kind: 'session',
        organisationId: service.organisation.id,
        credentialId: sessionId,
        personId,
        operator: null,
      } as Parameters<PasskeyUse['stepUpRequest']>[0]),
    });
    return jar.api('POST', '/api/v1/session/passkey', { response: device.get(options as RequestOptions, twist) });
  }

  it('makes a session fresh again, under a new id', async () => {
    const somebody = await withPasskey({ admin: true });
    clock.advance(11 * MINUTE);
    const before = somebody.jar.cookie('session');
    const body = { name: 'spare', scopes: ['people:read'] };
    expect(await somebody.jar.api('POST', '/api/v1/api-keys', body)).toMatchObject({
      status: 403,
      body: { code: 'session.reauthentication_needed' },
    });
    expect((await stepUp(somebody, somebody.device)).status).toBe(204);
    expect(somebody.jar.cookie('session')).not.toBe(before);
    expect((await somebody.jar.api('POST', '/api/v1/api-keys', body)).status).toBe(201);
  });

  it('is not done by the passkey of somebody else, nor without the key', async () => {
    const somebody = await withPasskey();
    const other = await withPasskey();
    clock.advance(11 * MINUTE);
    const options = { rpId: 'rollcall.acme.example', challenge: randomBytes(32).toString('base64url') };
    const challenge = await service.app
      .get(PasskeyChallenges, { strict: false })
      .make('step_up', { sessionId: somebody.sessionId });
    const response = other.device.get({ ...options, challenge: challenge.toString('base64url') });
    expect((await somebody.jar.api('POST', '/api/v1/session/passkey', { response })).status).toBe(401);
    expect((await stepUp(somebody, somebody.device, { otherKey: true })).status).toBe(401);
    expect((await somebody.jar.api('POST', '/api/v1/api-keys', { name: 'x', scopes: ['people:read'] })).status).toBe(
      403,
    );
  });
});

describe('renaming a passkey', () => {
  const named = async ({ jar }: Signed): Promise<{ id: string; name: string }[]> =>
    (await jar.api<{ items: { id: string; name: string }[] }>('GET', '/api/v1/me/passkeys')).body.items;

  it('changes its name alone, ends no session, and stands in the log', async () => {
    const somebody = await withPasskey();
    const elsewhere = await signed({ personId: somebody.personId });
    const [before] = await named(somebody);
    const answer = await somebody.jar.api('PATCH', `/api/v1/me/passkeys/${before?.id}`, { name: 'Old laptop' });
    expect(answer).toMatchObject({ status: 200, body: { ...before, name: 'Old laptop' } });
    expect(await named(somebody)).toEqual([{ ...before, name: 'Old laptop' }]);
    expect(await who(elsewhere.jar)).toMatchObject({ signedIn: true });
    expect((await entriesOf(somebody.personId)).map(({ action }) => action)).toContain('passkey.renamed');
  });

  it('is for oneself: the others’ are not there', async () => {
    const [one, two] = [await withPasskey(), await withPasskey()];
    const [passkey] = await named(one);
    const path = `/api/v1/me/passkeys/${passkey?.id}`;
    expect((await two.jar.api('PATCH', path, { name: 'Mine' })).status).toBe(404);
    expect((await one.jar.api('PATCH', path, { name: ' ' })).status).toBe(400);
    expect((await named(one))[0]?.name).toBe('MacBook');
  });
});

describe('removing a passkey', () => {
  const remove = async ({ jar }: Signed): Promise<Answer> => {
    const { body } = await jar.api<{ items: { id: string }[] }>('GET', '/api/v1/me/passkeys');
    return jar.api('DELETE', `/api/v1/me/passkeys/${body.items[0]?.id}`);
  };

  it('is for oneself: the others’ are not there', async () => {
    const one = await withPasskey();
    const other = await withPasskey();
    const { body } = await one.jar.api<{ items: { id: string }[] }>('GET', '/api/v1/me/passkeys');
    expect(await other.jar.api('DELETE', `/api/v1/me/passkeys/${body.items[0]?.id}`)).toMatchObject({
      status: 404,
      body: { code: 'passkey.not_found' },
    });
    expect((await other.jar.api('DELETE', `/api/v1/me/passkeys/${newId()}`)).status).toBe(404);
  });

  it('leaves an admin without single sign-on the last one', async () => {
    const somebody = await withPasskey({ admin: true });
    expect(await remove(somebody)).toMatchObject({ status: 409, body: { code: 'passkey.last' } });
    expect((await enrol(somebody.jar, new Authenticator(ORIGIN), {}, 'spare')).status).toBe(201);
    expect((await remove(somebody)).status).toBe(204);
    expect((await signIn(newJar(), somebody.device)).status).toBe(401);
    expect(await mailsTo(somebody.personId)).toEqual(['factor_changed', 'factor_changed', 'factor_changed']);
  });

  it('a member may remove all of them, and the other sessions end', async () => {
    const somebody = await withPasskey({ admin: false });
    const other = await signed({ personId: somebody.personId });
    expect((await remove(somebody)).status).toBe(204);
    expect(await who(other.jar)).toEqual({ signedIn: false });
    expect((await entriesOf(somebody.personId)).map(({ action }) => action)).toContain('passkey.removed');
  });

  it('X-07 wants somebody who has just shown who they are', async () => {
    const somebody = await withPasskey({ admin: false });
    clock.advance(11 * MINUTE);
    expect(await remove(somebody)).toMatchObject({ status: 403, body: { code: 'session.reauthentication_needed' } });
  });
});

it('K-05 of a passkey only the public half is kept, and of a challenge nothing after its hour', async () => {
  const { jar } = await withPasskey();
  const { text } = await jar.api('GET', '/api/v1/me/passkeys');
  expect(text).not.toMatch(/public|credential|counter/iu);
  const challenges = service.app.get(PasskeyChallenges, { strict: false });
  await challenges.forgetOld(new Date(clock.now().getTime() + 66 * MINUTE));
  expect(await service.database.asWorker((tx) => tx.query<object>('SELECT id FROM passkey_challenge'))).toEqual([]);
});
