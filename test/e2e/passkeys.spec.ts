import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
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
import { PasskeyPeople, type Signed } from '../support/passkey-people.js';
import { startService, type Answer, type TestService } from '../support/service.js';

const ORIGIN = 'https://rollcall.acme.example';
const MINUTE = 60_000;

const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let service: TestService;
let people: PasskeyPeople;

beforeAll(async () => {
  service = await startService({ clock, config: { server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] } } });
  people = new PasskeyPeople(service, ORIGIN);
});
afterAll(() => service.close());
beforeEach(() => {
  clock.advance(MINUTE);
});

describe.each<KeyKind>(['ES256', 'RS256', 'EdDSA'])('a passkey of %s', (kind) => {
  it('is added, and signs in where nobody is signed in', async () => {
    const { device, personId } = await people.withPasskey({ admin: true }, kind);
    const jar = people.newJar();
    expect(await people.signIn(jar, device, {}, '/account#x')).toMatchObject({
      status: 200,
      body: { returnTo: '/account#x' },
    });
    expect(await people.who(jar)).toMatchObject({
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
    const { jar, personId } = await people.signed({ admin: true, strength: 'link' });
    const before = jar.cookie('session');
    expect((await jar.api('GET', '/api/v1/people')).status).toBe(403);
    clock.advance(20 * MINUTE);
    expect((await people.enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
    expect(jar.cookie('session')).not.toBe(before);
    expect((await jar.api('GET', '/api/v1/people')).status).toBe(200);
    expect(await people.who(jar)).toMatchObject({ strength: 'passkey', needs: null, person: { id: personId } });
    const old = people.newJar();
    old.cookies.set(cookieName('session', publicSiteOf(service.config.server)), before ?? '');
    expect((await old.api('GET', '/api/v1/me/sessions')).status).toBe(401);
  });

  it('is the only one: who has a passkey adds another one after signing in with it', async () => {
    const { personId } = await people.withPasskey();
    const { jar } = await people.signed({ personId, strength: 'link' });
    expect(await people.enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
      status: 403,
      body: { code: 'session.passkey_needed' },
    });
  });

  it('by the operator’s own link, also when a device was lost', async () => {
    const { personId } = await people.withPasskey();
    const { jar } = await people.signed({ personId, strength: 'break_glass' });
    expect((await people.enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
  });
});

describe('adding a passkey', () => {
  it('X-07 wants somebody who has just shown who they are', async () => {
    const { jar } = await people.signed();
    clock.advance(11 * MINUTE);
    expect(await people.enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
      status: 403,
      body: { code: 'session.reauthentication_needed' },
    });
  });

  it('X-09 ends the other sessions, tells the person by mail, and stands in the log', async () => {
    const { personId, jar } = await people.signed();
    const other = await people.signed({ personId });
    expect((await people.enrol(jar, new Authenticator(ORIGIN))).status).toBe(201);
    expect(await people.who(other.jar)).toEqual({ signedIn: false });
    expect(await people.who(jar)).toMatchObject({ signedIn: true });
    expect(await people.mailsTo(personId)).toEqual(['factor_changed']);
    expect((await people.entriesOf(personId)).map(({ action }) => action)).toEqual(['passkey.added']);
  });

  it.each<[string, Twist]>([
    ['on another site', { origin: 'https://evil.example' }],
    ['in a frame of another site', { crossOrigin: true }],
    ['for another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['by somebody whom the device has not verified', { verified: false }],
  ])('%s is refused', async (_what, twist) => {
    const { jar, personId } = await people.signed();
    expect(await people.enrol(jar, new Authenticator(ORIGIN), twist)).toMatchObject({
      status: 401,
      body: { code: 'passkey.refused' },
    });
    expect((await jar.api('GET', '/api/v1/me/passkeys')).body).toEqual({ items: [] });
    expect(await people.mailsTo(personId)).toEqual([]);
  });

  it('answers a challenge once, within five minutes, of its own session', async () => {
    const one = await people.signed();
    const other = await people.signed();
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
    const { jar, device } = await people.withPasskey();
    const { body: options } = await jar.api<CreationOptions>('POST', '/api/v1/me/passkeys/options');
    const fresh = people.newJar();
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
    const { jar, personId } = await people.signed();
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(
        `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
         SELECT $1, gen_random_uuid(), $2, n::text, '\\x00', 0, '{}', 'x', false FROM generate_series(1, 20) n`,
        [service.organisation.id, personId],
      ),
    );
    expect(await people.enrol(jar, new Authenticator(ORIGIN))).toMatchObject({
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
    const { device, personId } = await people.withPasskey();
    const jar = people.newJar();
    expect(await people.signIn(jar, device, twist)).toMatchObject({ status: 401, body: { code: 'passkey.refused' } });
    expect(await people.who(jar)).toEqual({ signedIn: false });
    const noted = (await people.entriesOf(personId)).filter(({ action }) => action === 'passkey.refused');
    expect(noted.map(({ detail }) => detail)).toEqual(because === null ? [] : [{ because }]);
  });

  it('as somebody else than whose it is, is refused: the key is not theirs', async () => {
    const { device } = await people.withPasskey();
    const { personId } = await people.withPasskey();
    const handle = Buffer.from(`${service.organisation.id}${personId}`.replaceAll('-', ''), 'hex').toString(
      'base64url',
    );
    expect((await people.signIn(people.newJar(), device, { userHandle: handle })).status).toBe(401);
  });

  it('the same answer works once, and only in the browser that asked', async () => {
    const { device } = await people.withPasskey();
    const jar = people.newJar();
    const other = people.newJar();
    const { body } = await jar.api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
    await other.api('POST', '/api/v1/sign-in/passkey/options');
    const response = device.get(body);
    expect((await other.api('POST', '/api/v1/sign-in/passkey', { response })).status).toBe(401);
    expect((await people.newJar().api('POST', '/api/v1/sign-in/passkey', { response })).status).toBe(401);
    const all = await Promise.all([1, 2, 3].map(() => jar.api('POST', '/api/v1/sign-in/passkey', { response })));
    expect(all.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  });

  it('I-16 begins alike for everybody: it names no passkey', async () => {
    await people.withPasskey();
    const { body } = await people.newJar().api<RequestOptions>('POST', '/api/v1/sign-in/passkey/options');
    expect(body.allowCredentials).toEqual([]);
  });

  it('O-46 of somebody archived lets nobody in', async () => {
    const { device, personId } = await people.withPasskey({ admin: false });
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(
        `UPDATE person SET state = 'archived', archive_reasons = '{admin}', archived_at = now() WHERE id = $1`,
        [personId],
      ),
    );
    expect(await people.signIn(people.newJar(), device)).toMatchObject({
      status: 403,
      body: { code: 'sign_in.refused', reason: 'archived' },
    });
  });

  it('O-77 is no way around an enforced single sign-on, but for the break-glass list', async () => {
    const { id: organisationId } = await service.newOrganisation();
    const { device, personId, jar } = await people.withPasskey({ organisationId });
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute('UPDATE organisation SET sso = true, sso_enforced = true WHERE id = $1', [organisationId]),
    );
    const refused = { status: 403, body: { code: 'sign_in.refused', reason: 'sso_enforced' } };
    expect(await people.signIn(people.newJar(), device)).toMatchObject(refused);
    expect(await people.enrol(jar, new Authenticator(ORIGIN))).toMatchObject(refused);
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.execute(
        `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"operator"}')`,
        [organisationId, personId],
      ),
    );
    expect((await people.signIn(people.newJar(), device)).status).toBe(200);
  });

  it('X-11 after five wrong ones the network waits, and the person gets in from another', async () => {
    const { device } = await people.withPasskey();
    const guesser = people.newJar();
    const statuses: number[] = [];
    for (let guess = 0; guess < 30; guess++)
      statuses.push((await people.signIn(guesser, device, { otherKey: true })).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.slice(5).every((status) => status === 429)).toBe(true);
    expect((await people.signIn(people.newJar(), device)).status).toBe(200);
  });

  it('ends the session that the browser had', async () => {
    const { device } = await people.withPasskey();
    const { jar, sessionId } = await people.signed();
    expect((await people.signIn(jar, device)).status).toBe(200);
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
    const somebody = await people.withPasskey({ admin: true });
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
    const somebody = await people.withPasskey();
    const other = await people.withPasskey();
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

it('K-05 of a passkey only the public half is kept, and of a challenge nothing after its hour', async () => {
  const { jar } = await people.withPasskey();
  const { text } = await jar.api('GET', '/api/v1/me/passkeys');
  expect(text).not.toMatch(/public|credential|counter/iu);
  const challenges = service.app.get(PasskeyChallenges, { strict: false });
  await challenges.forgetOld(new Date(clock.now().getTime() + 66 * MINUTE));
  expect(await service.database.asWorker((tx) => tx.query<object>('SELECT id FROM passkey_challenge'))).toEqual([]);
});
