import { beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Authenticator, type KeyKind, type Twist } from '../../test/support/authenticator.js';
import { newId } from '../common/ids.js';
import {
  challengeOf,
  checkNew,
  checkUse,
  creationOptions,
  isFault,
  requestOptions,
  type CheckedPasskey,
} from './passkeys-check.js';
import type { AddPasskey, PasskeyUsed } from './passkeys.dto.js';
import { readUserHandle, userHandle } from './passkeys-handle.js';

const SITE = { origin: 'https://rollcall.acme.example', secure: true };
const HANDLE = userHandle(newId(), newId());
const CHALLENGE = randomBytes(32);

async function made(authenticator: Authenticator, twist: Twist = {}) {
  const user = { handle: HANDLE, name: 'ada@acme.example', displayName: 'Ada Lovelace' };
  const options = await creationOptions(SITE, { challenge: CHALLENGE, user, known: [] });
  return checkNew(SITE, authenticator.create(options, twist) as AddPasskey['response'], CHALLENGE);
}

async function known(authenticator: Authenticator): Promise<CheckedPasskey> {
  const result = await made(authenticator);
  if (isFault(result)) throw new Error(result.error);
  return result;
}

async function used(authenticator: Authenticator, passkey: CheckedPasskey, twist: Twist = {}, challenge = CHALLENGE) {
  const options = await requestOptions(SITE, CHALLENGE, [passkey]);
  return checkUse(SITE, authenticator.get(options, twist) as PasskeyUsed, challenge, passkey);
}

describe.each<KeyKind>(['ES256', 'RS256', 'EdDSA'])('a passkey of %s', (kind) => {
  it('is made and used', async () => {
    const authenticator = new Authenticator(SITE.origin, kind);
    const passkey = await known(authenticator);
    expect(passkey).toMatchObject({ counter: 1, backedUp: false, transports: ['internal', 'hybrid'] });
    expect(await used(authenticator, passkey)).toEqual({ counter: 2, backedUp: false });
  });
});

describe('what is asked of browsers', () => {
  it('a passkey that is kept by the device, for a name, made by somebody whom it verified', async () => {
    const user = { handle: HANDLE, name: 'ada@acme.example', displayName: 'Ada' };
    expect(await creationOptions(SITE, { challenge: CHALLENGE, user, known: [] })).toMatchObject({
      rp: { id: 'rollcall.acme.example', name: 'Rollcall' },
      user: { id: HANDLE.toString('base64url') },
      challenge: CHALLENGE.toString('base64url'),
      attestation: 'none',
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      pubKeyCredParams: [{ alg: -7 }, { alg: -8 }, { alg: -257 }],
    });
  });

  it('at sign-in nobody’s passkeys are named', async () => {
    expect(await requestOptions(SITE, CHALLENGE, [])).toMatchObject({
      allowCredentials: [],
      userVerification: 'required',
    });
  });
});

describe('a passkey that is made', () => {
  it.each<[string, Twist]>([
    ['on another site', { origin: 'https://evil.example' }],
    ['on the same host without TLS', { origin: 'http://rollcall.acme.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['for another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['by somebody who was not verified', { verified: false }],
    ['with nobody there', { present: false }],
    ['as if it were used', { type: 'webauthn.get' }],
  ])('%s is refused', async (_what, twist) => {
    expect(await made(new Authenticator(SITE.origin), twist)).toMatchObject({ because: 'check' });
  });
});

describe('a passkey that is used', () => {
  let authenticator: Authenticator;
  let passkey: CheckedPasskey;

  beforeAll(async () => {
    authenticator = new Authenticator(SITE.origin);
    passkey = await known(authenticator);
  });

  it.each<[string, Twist]>([
    ['on another site', { origin: 'https://evil.example' }],
    ['on a site below', { origin: 'https://x.rollcall.acme.example' }],
    ['for another host', { rpId: 'evil.example' }],
    ['for another challenge', { challenge: randomBytes(32).toString('base64url') }],
    ['by somebody who was not verified', { verified: false }],
    ['with nobody there', { present: false }],
    ['as if it were made', { type: 'webauthn.create' }],
  ])('%s is refused', async (_what, twist) => {
    expect(await used(authenticator, passkey, twist)).toMatchObject({ because: 'check' });
  });

  it('without its key is refused', async () => {
    expect(await used(authenticator, passkey, { otherKey: true })).toMatchObject({ because: 'signature' });
  });

  it('with an answer to an older challenge is refused', async () => {
    expect(await used(authenticator, passkey, {}, randomBytes(32))).toMatchObject({ because: 'check' });
  });

  it.each([
    [5, 5, 'counter'],
    [5, 4, 'counter'],
    [5, 0, 'counter'],
    [5, 6, null],
    [0, 0, null],
    [0, 7, null],
  ])('after a count of %i with a count of %i: %s', async (before, now, because) => {
    const result = await used(authenticator, { ...passkey, counter: before }, { counter: now });
    expect(isFault(result) ? result.because : null).toBe(because);
  });

  it('says that it has copies elsewhere, and then does not count', async () => {
    const synced = new Authenticator(SITE.origin, 'ES256', false);
    const key = await known(synced);
    expect(key).toMatchObject({ counter: 0, backedUp: true });
    expect(await used(synced, key)).toEqual({ counter: 0, backedUp: true });
    expect(await used(synced, key)).toEqual({ counter: 0, backedUp: true });
  });
});

describe('the challenge of an answer', () => {
  const said = (data: unknown): string => Buffer.from(JSON.stringify(data)).toString('base64url');

  it('is read', () => {
    expect(challengeOf(said({ challenge: CHALLENGE.toString('base64url') }))).toEqual(CHALLENGE);
  });

  it.each([
    ['given in a frame of another site', said({ challenge: 'AAAA', crossOrigin: true })],
    ['a number', said({ challenge: 7 })],
    ['missing', said({})],
    ['of an array', said([])],
    ['of nothing', said(null)],
    ['of no JSON', Buffer.from('{').toString('base64url')],
    ['empty', ''],
  ])('%s is none', (_what, text) => {
    expect(challengeOf(text)).toBeNull();
  });
});

describe('the handle of an owner', () => {
  it('names organisation and person in 32 bytes', () => {
    const [organisationId, personId] = [newId(), newId()];
    const handle = userHandle(organisationId, personId);
    expect(handle).toHaveLength(32);
    expect(readUserHandle(handle.toString('base64url'))).toEqual({ organisationId, personId });
  });

  it.each([
    null,
    undefined,
    '',
    'AAAA',
    HANDLE.subarray(1).toString('base64url'),
    HANDLE.toString('base64'),
    `${HANDLE.toString('base64url')}A`,
  ])('is none: %s', (text) => {
    expect(readUserHandle(text)).toBeNull();
  });
});

it('one copy of the ASN.1 library is in the lock: two do not know each other’s schemas, and ES256 fails', () => {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, unknown> };
  expect(Object.keys(lock.packages).filter((path) => path.endsWith('node_modules/@peculiar/asn1-schema'))).toHaveLength(
    1,
  );
});
