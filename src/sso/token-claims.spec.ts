import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { SignInFault } from './sign-in-fault.js';
import { type Claims, type Expectations, isVerified, judgeIdToken } from './token-claims.js';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const T = NOW.getTime() / 1000;

const expected: Expectations = {
  issuer: 'https://idp.example',
  alias: null,
  clientId: 'us',
  trustedAudiences: [],
  skewSeconds: 60,
  nonce: 'n-1',
  maxTokenAgeSeconds: 600,
  authenticatedSince: null,
  accessToken: 'access-1',
  algorithm: 'RS256',
};

const good = { iss: 'https://idp.example', sub: 's-1', aud: 'us', exp: T + 300, iat: T, nonce: 'n-1' };

/** Why a token is refused; null: it is not. */
function refusal(claims: Claims, change: Partial<Expectations> = {}, header: Claims = {}): string | null {
  try {
    judgeIdToken(header, claims, { ...expected, ...change }, NOW);
    return null;
  } catch (error) {
    if (error instanceof SignInFault) return error.because;
    throw error;
  }
}

const without = (name: string): Claims => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

describe('an ID token', () => {
  it('that is as it must be is taken', () => {
    expect(refusal(good)).toBeNull();
    expect(refusal({ ...good, amr: ['pwd', 'otp'], acr: 'high', auth_time: T - 5, sid: 'x', azp: 'us' })).toBeNull();
  });

  it.each(['iss', 'sub', 'aud', 'exp', 'iat'])('O-23: without %s is refused', (name) => {
    expect(refusal(without(name))).toBe(`claims_${name}`);
  });

  it('O-05: without a nonce, with another, or with a list of them, is refused', () => {
    expect(refusal(without('nonce'))).toBe('nonce');
    expect(refusal({ ...good, nonce: 'n-2' })).toBe('nonce');
    expect(refusal({ ...good, nonce: ['n-1'] })).toBe('nonce');
    expect(refusal({ ...good, nonce: 'n-1 ' })).toBe('nonce');
  });

  const confusions: unknown[] = [
    {},
    [],
    null,
    true,
    false,
    '',
    'never',
    'NaN',
    0,
    -1,
    1e300,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    [T],
    { valueOf: T },
    String(T),
  ];
  const named = [
    'iss',
    'sub',
    'aud',
    'exp',
    'iat',
    'nonce',
    'nbf',
    'auth_time',
    'email',
    'acr',
    'amr',
    'sid',
    'hd',
    'tid',
  ];
  /** Of the right type, as text or a list; the rest of the rules judges them. */
  const fine: Record<string, (value: unknown) => boolean> = {
    sub: (value) => typeof value === 'string' && value !== '',
    email: (value) => typeof value === 'string',
    acr: (value) => typeof value === 'string',
    sid: (value) => typeof value === 'string',
    hd: (value) => typeof value === 'string',
    tid: (value) => typeof value === 'string',
    amr: (value) => Array.isArray(value) && value.length === 0,
  };

  it.each(named)('O-23: with another type of %s is refused', (name) => {
    for (const value of confusions) {
      const taken = fine[name]?.(value) ?? false;
      expect([name, value, refusal({ ...good, [name]: value }) === null]).toEqual([name, value, taken]);
    }
  });

  it.each(['email', 'given_name', 'acr', 'sid', 'hd', 'tid'])('P4: a %s that no database holds is refused', (name) => {
    expect(refusal({ ...good, [name]: 'a\0b' })).toBe(`claims_${name}`);
    expect(refusal({ ...good, amr: ['pwd', 'a\0b'] })).toBe('claims_amr');
  });

  it('O-23: whatever it holds, is judged and never throws anything else', () => {
    const claims = fc.record(
      Object.fromEntries(named.map((name) => [name, fc.oneof(fc.jsonValue(), fc.constant(good[name as 'iss']))])),
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(claims, (given) => {
        const because = refusal(given);
        const whole = ['iss', 'sub', 'aud', 'exp', 'iat', 'nonce'].every((name) => Object.hasOwn(given, name));
        expect(because !== null || whole).toBe(true);
      }),
    );
  });

  it.each([
    ['of 255 characters', 'x'.repeat(255), true],
    ['of 256 characters', 'x'.repeat(256), false],
    ['with a NUL', 'a\u0000b', false],
    ['with a line break', 'a\nb', false],
    ['with half a character', 'a\ud800', false],
    ['with letters of any script', 'ü-日本', true],
  ])('O-23: with a subject %s', (_name, sub, taken) => {
    expect(refusal({ ...good, sub }) === null).toBe(taken);
  });

  it.each([
    ['expires in a second', { exp: T + 1 }, null],
    ['expired 59 s ago', { exp: T - 59 }, null],
    ['expired 60 s ago', { exp: T - 60 }, 'time'],
    ['expired 61 s ago', { exp: T - 61 }, 'time'],
    ['is from in 60 s', { iat: T + 60 }, null],
    ['is from in 61 s', { iat: T + 61 }, 'time'],
    ['is 10 min and 60 s old', { iat: T - 660 }, null],
    ['is 10 min and 61 s old', { iat: T - 661 }, 'time'],
    ['is a week old', { iat: T - 604_800 }, 'time'],
    ['is valid from in 60 s', { nbf: T + 60 }, null],
    ['is valid from in 61 s', { nbf: T + 61 }, 'time'],
    ['expires after 2100', { exp: 4_102_444_801 }, 'claims_exp'],
    ['is from before 2000', { iat: 946_684_799 }, 'claims_iat'],
  ])('O-24: that %s', (_name, change, because) => {
    expect(refusal({ ...good, ...change })).toBe(because);
  });

  it.each([
    ['us', {}, null],
    ['us alone in a list', { aud: ['us'] }, null],
    ['somebody else', { aud: 'them' }, 'audience'],
    ['us and somebody else', { aud: ['us', 'them'] }, 'audience'],
    ['us and somebody else, with us as the authorised party', { aud: ['us', 'them'], azp: 'us' }, 'audience'],
    ['us and somebody who is trusted', { aud: ['us', 'friend'], azp: 'us' }, null],
    ['somebody who is trusted alone', { aud: ['friend'] }, 'audience'],
    ['us, authorised for somebody else', { azp: 'them' }, 'claims_azp'],
    ['us, authorised for a list', { azp: ['us'] }, 'claims_azp'],
    ['nobody', { aud: [] }, 'claims_aud'],
    ['us and a number', { aud: ['us', 1] }, 'claims_aud'],
  ])('O-25: for %s', (_name, change, because) => {
    expect(refusal({ ...good, ...change }, { trustedAudiences: ['friend'] })).toBe(because);
  });

  it.each([
    [undefined, null],
    ['JWT', null],
    ['jwt', null],
    ['id_token+jwt', null],
    ['at+jwt', 'claims_typ'],
    ['logout+jwt', 'claims_typ'],
    ['application/jwt', 'claims_typ'],
    ['', 'claims_typ'],
    [null, 'claims_typ'],
    [['JWT'], 'claims_typ'],
  ])('O-26: that calls itself %j', (typ, because) => {
    expect(refusal(good, {}, typ === undefined ? {} : { typ })).toBe(because);
  });

  it('O-26: is no logout token', () => {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
    expect(refusal({ ...good, events })).toBe('claims_events');
  });

  it.each([
    ['RS256', 'sha256'],
    ['ES384', 'sha384'],
    ['EdDSA', 'sha512'],
  ] as const)('O-27: under %s, its at_hash is that of the access token', (algorithm, hash) => {
    const whole = createHash(hash).update('access-1').digest();
    const half = whole.subarray(0, whole.length / 2).toString('base64url');
    expect(refusal({ ...good, at_hash: half }, { algorithm })).toBeNull();
    expect(refusal({ ...good, at_hash: half }, { algorithm, accessToken: 'access-2' })).toBe('claims_at_hash');
    expect(refusal({ ...good, at_hash: whole.toString('base64url') }, { algorithm })).toBe('claims_at_hash');
    expect(refusal({ ...good, at_hash: [half] }, { algorithm })).toBe('claims_at_hash');
  });

  it.each([
    [true, false, true],
    ['true', false, false],
    ['true', true, true],
    ['True', true, false],
    ['TRUE', true, false],
    ['1', true, false],
    [1, true, false],
    [false, true, false],
    ['false', true, false],
    [[], true, false],
    [{}, true, false],
    [[true], true, false],
    [null, true, false],
    [undefined, true, false],
  ])('O-30: email_verified %j, with text taken: %s', (value, asText, verified) => {
    expect(isVerified(value, asText)).toBe(verified);
  });

  it.each([
    'https://idp.example/',
    'https://IDP.example',
    'https://idp.example:443',
    'http://idp.example',
    'https://idp.example.evil',
    'https://idpXexample',
    'idp.example',
    ' https://idp.example',
  ])('O-37: of the issuer %j is refused, however near', (iss) => {
    expect(refusal({ ...good, iss })).toBe('claims_iss');
  });

  it('O-37: may name its issuer in a second form only where there is one', () => {
    expect(refusal({ ...good, iss: 'idp.example' }, { alias: 'idp.example' })).toBeNull();
    expect(refusal({ ...good, iss: 'idp.example/' }, { alias: 'idp.example' })).toBe('claims_iss');
  });

  it.each([
    ['just now', T - 1, null],
    ['as long ago as asked for, and skew', T - 30 - 60, null],
    ['longer ago', T - 30 - 61, 'time'],
    ['in the future', T + 61, 'time'],
    ['at no known time', undefined, 'no_auth_time'],
    ['at a time in words', String(T), 'claims_auth_time'],
    ['at a part of a second', T - 0.5, 'claims_auth_time'],
  ])('O-73: of somebody who signed in %s, when it must be after a moment', (_name, at, because) => {
    expect(refusal(at === undefined ? good : { ...good, auth_time: at }, { authenticatedSince: T - 30 })).toBe(because);
  });
});
