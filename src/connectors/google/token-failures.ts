import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import { retryAfterMs } from '../retry.js';
import { shortName, type OAuthScope } from './oauth-scopes.js';

/** Why the token endpoint refused, sorted by the mend. */
export type TokenRefusal =
  | 'not_delegated'
  | 'delegation_refused'
  | 'subject_unknown'
  | 'key_unknown'
  | 'clock_off'
  | 'account_unknown'
  | 'other';

/** Google gives no token, and asking again gives none either. */
export class TokenRefused extends ConnectorError {
  constructor(
    readonly refusal: TokenRefusal,
    message: string,
    reference: string,
  ) {
    super('unauthorized', message, { reference });
  }
}

export interface Identity {
  /** Numeric client id of the service account, which the customer delegates to. */
  clientId: string;
  /** Whose service account it is: who has to mend a lost key. */
  installation: boolean;
}

/** The token endpoint names its errors by a string, unlike the API. */
function wordsOf(body: unknown): { error: string; description: string } {
  if (!isObject(body)) return { error: '', description: '' };
  const { error, error_description: description } = body;
  return {
    error: typeof error === 'string' && /^[a-z_]{1,40}$/u.test(error) ? error : '',
    description: typeof description === 'string' ? description.slice(0, 500) : '',
  };
}

export function tokenRefusalOf(body: unknown): TokenRefusal {
  const { error, description } = wordsOf(body);
  if (error === 'unauthorized_client') return 'not_delegated';
  if (error === 'access_denied') return 'delegation_refused';
  if (error === 'invalid_client' || error === 'disabled_client' || error === 'deleted_client') return 'account_unknown';
  if (error !== 'invalid_grant') return 'other';
  if (/account not found|not a valid email/iu.test(description)) return 'account_unknown';
  if (/invalid email|user id/iu.test(description)) return 'subject_unknown';
  if (/\biat\b|\bexp\b|short-lived|timeframe|too early|expired|in the future/iu.test(description)) return 'clock_off';
  if (/signature|\bkey\b|\bkid\b/iu.test(description)) return 'key_unknown';
  return 'other';
}

/** One sentence for whoever has to act. Google's own description is not repeated: it may hold what we sent. */
export function tokenFailure(
  answer: { status: number; body: unknown; retryAfter: string | null },
  identity: Identity,
  scopes: readonly OAuthScope[],
  now: Date,
): ConnectorError {
  const { status, body } = answer;
  const reference = `token ${status} ${wordsOf(body).error}`.trimEnd();
  const wait = retryAfterMs(answer.retryAfter, now);
  const retry = wait === null ? {} : { retryAfterMs: wait };
  if (status === 429)
    return new ConnectorError('throttled', "Google's token service is busy.", { reference, ...retry });
  if (status === 408 || status >= 500) {
    return new ConnectorError('unavailable', `Google's token service failed (${status}).`, { reference, ...retry });
  }
  if (status < 400)
    return new ConnectorError('bad_response', `Google's token service answered ${status}, which it has no reason to.`, {
      reference,
    });
  const refusal = tokenRefusalOf(body);
  return new TokenRefused(refusal, sentence(refusal, identity, scopes), reference);
}

function sentence(refusal: TokenRefusal, identity: Identity, scopes: readonly OAuthScope[]): string {
  const names = scopes.map(shortName).join(', ');
  const keeper = identity.installation ? 'the operator of this installation' : 'an admin';
  switch (refusal) {
    case 'not_delegated':
      return (
        `Client id ${identity.clientId} is not delegated the scope ${names}: a super admin adds it under Security > Access and data control > ` +
        'API controls > Domain-wide delegation; a change there can take up to a day, so if that was just done, try again later.'
      );
    case 'delegation_refused':
      return `Google refuses the delegation to client id ${identity.clientId}: a policy or the app access control of the customer blocks it; allow it under Security > API controls.`;
    case 'subject_unknown':
      return 'The subject is no active account: it does not exist, is suspended, or is only an alias; name the primary address of an admin who is active.';
    case 'key_unknown':
      return `Google does not know the key of the service account: it was deleted or disabled, or is of another account; ${keeper} makes a new one.`;
    case 'clock_off':
      return 'Google finds our assertion too early or too late: set the clock of this machine right.';
    case 'account_unknown':
      return `The service account was deleted or disabled; ${keeper} has to give another one.`;
    case 'other':
      return `Google refuses a token for ${names}; check the service account, its key and the subject.`;
  }
}
