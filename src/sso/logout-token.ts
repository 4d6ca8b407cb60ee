import { sessionOf } from './proven-identity.js';
import { SignInFault } from './sign-in-fault.js';
import { type Claims, type Issuer, judgeAudience, judgeIssuer, judgeType, subjectOf, timeOf } from './token-claims.js';

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const LONGEST_ID = 255;
const MOST_AGE_SECONDS = 600;

/** Whose sessions end at the provider's word; one of both at least. */
export interface LoggedOut {
  sid: string | null;
  subject: string | null;
  /** The token's own id, by which a second use is noticed. */
  jti: string;
  issuedAt: number;
}

/**
 * Judges a logout token whose signature is verified (OpenID Connect Back-Channel Logout 1.0 §2.6).
 *
 * @param subjectClaim The claim that people of this provider are known by.
 * @throws {SignInFault}
 */
export function judgeLogoutToken(
  header: Claims,
  payload: Claims,
  expected: Issuer,
  subjectClaim: 'sub' | 'oid',
  now: Date,
): LoggedOut {
  const seconds = now.getTime() / 1000;
  judgeType(header, ['logout+jwt']);
  judgeIssuer(payload, expected);
  judgeAudience(payload, expected);
  const issuedAt = timeOf(payload, 'iat');
  if (issuedAt > seconds + expected.skewSeconds || seconds - issuedAt > MOST_AGE_SECONDS + expected.skewSeconds)
    throw new SignInFault('time', 'The logout token is not of now.');
  if (payload['exp'] !== undefined && !(timeOf(payload, 'exp') > seconds - expected.skewSeconds))
    throw new SignInFault('time', 'The logout token has expired.');
  // An ID token is none, and a logout token is no ID token.
  if (payload['nonce'] !== undefined) throw new SignInFault('claims_nonce', 'The logout token has a nonce.');
  judgeEvent(payload['events']);
  const { jti } = payload;
  if (typeof jti !== 'string' || jti.length < 1 || jti.length > LONGEST_ID || /[\p{Cc}\p{Cs}]/u.test(jti))
    throw new SignInFault('claims_jti', 'The logout token has no fit id.');
  const sid = sessionOf(payload);
  if (payload['sub'] !== undefined) subjectOf(payload);
  const subject = payload[subjectClaim] === undefined ? null : subjectOf(payload, subjectClaim);
  if (sid === null && subject === null) throw new SignInFault('claims_sub', 'The logout token is about nobody.');
  return { sid, subject, jti, issuedAt };
}

function judgeEvent(events: unknown): void {
  const event: unknown =
    typeof events === 'object' && events !== null && !Array.isArray(events) && Object.hasOwn(events, EVENT)
      ? (events as Claims)[EVENT]
      : undefined;
  if (typeof event !== 'object' || event === null || Array.isArray(event))
    throw new SignInFault('claims_events', 'The token is no logout token.');
}
