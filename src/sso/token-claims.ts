import { createHash, timingSafeEqual } from 'node:crypto';
import type { Algorithm } from '../connectors/sign-in-preset.js';
import { SignInFault, type FaultCause } from './sign-in-fault.js';

/** What was said by a provider, nothing of it believed yet. */
export type Claims = Readonly<Record<string, unknown>>;

export interface Issuer {
  issuer: string;
  /** A second form in which it names itself in tokens; only a preset gives one (O-37). */
  alias: string | null;
  clientId: string;
  /** Audiences beside us that a token may be for. */
  trustedAudiences: readonly string[];
  skewSeconds: number;
}

/** What must be true of an ID token. */
export interface Expectations extends Issuer {
  nonce: string;
  maxTokenAgeSeconds: number;
  /** When somebody must have shown who they are at the earliest, seconds since 1970; null: nobody asked. */
  authenticatedSince: number | null;
  accessToken: string;
  algorithm: Algorithm;
}

/** The years in which any time of a token lies. */
const YEAR_2000 = 946_684_800;
const YEAR_2100 = 4_102_444_800;
const LONGEST_TEXT = 2_000;
const LONGEST_LIST = 100;

/** Types that an ID token may call itself; an access token or a logout token calls itself something else (O-26). */
const ID_TOKEN_TYPES = ['jwt', 'id_token+jwt'];

/** Optional claims that are read: each has this type or the token is refused (P4). */
const TEXTS = ['sid', 'acr', 'email', 'given_name', 'family_name', 'hd', 'tid', 'oid'] as const;

/**
 * Judges an ID token whose signature is verified: every claim by its exact type and value.
 *
 * @throws {SignInFault} naming the first claim that is not as it must be.
 */
export function judgeIdToken(header: Claims, payload: Claims, expected: Expectations, now: Date): Claims {
  const seconds = now.getTime() / 1000;
  judgeType(header, ID_TOKEN_TYPES);
  judgeIssuer(payload, expected);
  subjectOf(payload);
  judgeAudience(payload, expected);
  const expires = timeOf(payload, 'exp');
  const issued = timeOf(payload, 'iat');
  const notBefore = payload['nbf'] === undefined ? null : timeOf(payload, 'nbf');
  const { skewSeconds: skew } = expected;
  if (!(expires > seconds - skew)) throw refused('time', 'The ID token has expired.');
  if (issued > seconds + skew) throw refused('time', 'The ID token is from the future.');
  if (seconds - issued > expected.maxTokenAgeSeconds + skew) throw refused('time', 'The ID token is too old.');
  if (notBefore !== null && notBefore > seconds + skew) throw refused('time', 'The ID token is not valid yet.');
  if (typeof payload['nonce'] !== 'string' || !same(payload['nonce'], expected.nonce))
    throw refused('nonce', 'The ID token is not for this attempt.');
  if (payload['events'] !== undefined) throw wrong('events');
  for (const name of TEXTS) optionalText(payload, name);
  judgeMethods(payload);
  judgeAuthentication(payload, expected, seconds);
  judgeAccessTokenHash(payload, expected);
  return payload;
}

/** @param allowed In lower case. A token may also leave it out. */
export function judgeType(header: Claims, allowed: readonly string[]): void {
  const type = header['typ'];
  if (type === undefined) return;
  if (typeof type !== 'string' || !allowed.includes(type.toLowerCase())) throw wrong('typ');
}

export function judgeIssuer(payload: Claims, { issuer, alias }: Pick<Issuer, 'issuer' | 'alias'>): void {
  const said = payload['iss'];
  if (typeof said !== 'string' || (said !== issuer && (alias === null || said !== alias))) throw wrong('iss');
}

/** @throws {SignInFault} unless it is text of 1 to 255 characters that a database can hold as it is. */
export function subjectOf(payload: Claims, name: 'sub' | 'oid' = 'sub'): string {
  const subject = payload[name];
  if (typeof subject !== 'string' || subject.length < 1 || subject.length > 255 || /[\p{Cc}\p{Cs}]/u.test(subject))
    throw wrong(name);
  return subject;
}

export function judgeAudience(payload: Claims, { clientId, trustedAudiences }: Issuer): void {
  const said = payload['aud'];
  const audiences: unknown = typeof said === 'string' ? [said] : said;
  if (!Array.isArray(audiences) || audiences.length === 0 || audiences.length > LONGEST_LIST) throw wrong('aud');
  if (!audiences.every((one) => typeof one === 'string')) throw wrong('aud');
  const strangers = audiences.some((one) => one !== clientId && !trustedAudiences.includes(one));
  if (!audiences.includes(clientId) || strangers) throw refused('audience', 'The token is for somebody else, too.');
  if (payload['azp'] !== undefined && payload['azp'] !== clientId) throw wrong('azp');
}

export function timeOf(payload: Claims, name: 'exp' | 'iat' | 'nbf' | 'auth_time'): number {
  const value = payload[name];
  if (typeof value !== 'number' || !(value >= YEAR_2000 && value <= YEAR_2100)) throw wrong(name);
  return value;
}

/** Null: it is not there. */
export function optionalText(payload: Claims, name: string): string | null {
  const value = payload[name];
  if (value === undefined) return null;
  if (!isText(value)) throw wrong(name);
  return value;
}

/** Of a length that is one, and without the one character that no database holds. */
function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= LONGEST_TEXT && !value.includes('\0');
}

/** O-30: true itself; the text only where the preset says so. */
export function isVerified(emailVerified: unknown, asText: boolean): boolean {
  return emailVerified === true || (asText && emailVerified === 'true');
}

function judgeMethods(payload: Claims): void {
  const methods = payload['amr'];
  if (methods === undefined) return;
  if (!Array.isArray(methods) || methods.length > LONGEST_LIST) throw wrong('amr');
  if (!methods.every(isText)) throw wrong('amr');
}

/** O-73: by our clock, and never taken on trust. */
function judgeAuthentication(payload: Claims, expected: Expectations, seconds: number): void {
  const { authenticatedSince: since, skewSeconds: skew } = expected;
  if (payload['auth_time'] === undefined) {
    if (since === null) return;
    throw refused('no_auth_time', 'The provider does not tell when the sign-in was.');
  }
  const at = timeOf(payload, 'auth_time');
  if (!Number.isInteger(at)) throw wrong('auth_time');
  if (at > seconds + skew) throw refused('time', 'The sign-in at the provider lies in the future.');
  if (since !== null && at < since - skew) throw refused('time', 'The sign-in at the provider is too long ago.');
}

const HASHES: Record<Algorithm, string> = {
  RS256: 'sha256',
  PS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  EdDSA: 'sha512',
};

/** O-27: left half of the hash that the signature's algorithm uses. */
function judgeAccessTokenHash(payload: Claims, { accessToken, algorithm }: Expectations): void {
  const said = payload['at_hash'];
  if (said === undefined) return;
  const whole = createHash(HASHES[algorithm]).update(accessToken, 'ascii').digest();
  const half = whole.subarray(0, whole.length / 2).toString('base64url');
  if (typeof said !== 'string' || !same(said, half)) throw wrong('at_hash');
}

function same(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function wrong(name: string): SignInFault {
  return refused(`claims_${name}`, `The token has no fit ${name}.`);
}

function refused(because: FaultCause, message: string): SignInFault {
  return new SignInFault(because, message);
}
