import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import { retryAfterMs } from '../retry.js';

/** An answer of the Directory API that is no success. */
export interface Refusal {
  status: number;
  /** `error.errors[0].reason`, which alone tells one 403 from another; `unknown` when there is none. */
  reason: string;
  /** Google's words; they may name people or addresses and are shown to nobody. */
  message: string;
  retryAfter: string | null;
}

/** What was asked, for sentences and for what a refusal means there. */
export interface Asked {
  /** "the list of users" */
  what: string;
  /** The admin privilege that the subject needs for it. */
  privilege: string;
  /** The request named a page token. */
  paged: boolean;
}

const WORD = /^[A-Za-z_]{1,64}$/;

function word(value: unknown): string | null {
  return typeof value === 'string' && WORD.test(value) ? value : null;
}

/** Reads Google's error body: `{ error: { code, message, errors: [{ reason }], status, details: [{ reason }] } }`. */
export function refusalOf(status: number, body: unknown, retryAfter: string | null): Refusal {
  const error = isObject(body) && isObject(body['error']) ? body['error'] : {};
  const first = (list: unknown): unknown =>
    Array.isArray(list)
      ? list.map((entry: unknown) => (isObject(entry) ? entry['reason'] : undefined)).find((reason) => word(reason))
      : undefined;
  const reason = word(first(error['errors'])) ?? word(first(error['details'])) ?? word(error['status']) ?? 'unknown';
  const message = typeof error['message'] === 'string' ? error['message'].slice(0, 500) : '';
  return { status, reason, message, retryAfter };
}

/** Quotas that are filled anew by the minute. */
const QUOTA = new Set([
  'userRateLimitExceeded',
  'rateLimitExceeded',
  'quotaExceeded',
  'RESOURCE_EXHAUSTED',
  'RATE_LIMIT_EXCEEDED',
]);
const API_OFF = new Set(['accessNotConfigured', 'SERVICE_DISABLED']);
const TOKEN_LACKS_SCOPE = new Set(['insufficientPermissions', 'insufficientScopes', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT']);

/** Is it "User is deleted"? Google says so with 412, and has been seen to with 410. */
export function saysDeleted(refusal: Refusal): boolean {
  if (refusal.status === 410) return true;
  return (
    refusal.status === 412 &&
    (refusal.reason === 'conditionNotMet' || refusal.reason === 'FAILED_PRECONDITION') &&
    /deleted/iu.test(refusal.message)
  );
}

/** What a refusal means for the run, and the mend in one sentence. Decided by reason first, then by status. */
export function failureOf(refusal: Refusal, asked: Asked, now: Date): ConnectorError {
  const { status, reason } = refusal;
  const reference = `${status} ${reason}`;
  if (status === 403) return forbidden(reason, asked, reference, retryAfterMs(refusal.retryAfter, now));
  if (status === 429)
    return throttled(
      refusal,
      now,
      'The Google Workspace account is over its rate limit; other programs of the customer may be the cause.',
    );
  if (status === 401) {
    return new ConnectorError(
      'unauthorized',
      `Google no longer accepts our access to ${asked.what}, not even with a new token; check the service account and its delegation.`,
      { reference },
    );
  }
  if (status === 400 && asked.paged) {
    return new ConnectorError(
      'cursor_expired',
      `Google forgot where the reading of ${asked.what} had stopped; it is read anew.`,
      { reference },
    );
  }
  if (status === 408 || status >= 500) {
    const wait = retryAfterMs(refusal.retryAfter, now);
    return new ConnectorError('unavailable', `Google could not give ${asked.what} at the moment (${status}).`, {
      reference,
      ...(wait === null ? {} : { retryAfterMs: wait }),
    });
  }
  if (status === 400 || status === 404) {
    return new ConnectorError(
      'bad_response',
      `Google does not know what we asked for as ${asked.what} (${status} ${reason}).`,
      { reference },
    );
  }
  return new ConnectorError(
    'bad_response',
    `Google answered ${status} to the request for ${asked.what}, which it has no reason to.`,
    { reference },
  );
}

function forbidden(reason: string, asked: Asked, reference: string, wait: number | null): ConnectorError {
  if (QUOTA.has(reason)) {
    return new ConnectorError('throttled', 'The quota of the Directory API is used up for the moment.', {
      reference,
      ...(wait === null ? {} : { retryAfterMs: wait }),
    });
  }
  if (reason === 'dailyLimitExceeded') {
    return new ConnectorError(
      'throttled',
      "Today's quota of the Directory API is used up; raise it in the Google Cloud project of the service account.",
      {
        reference,
        passing: false,
      },
    );
  }
  if (API_OFF.has(reason)) {
    return new ConnectorError(
      'unauthorized',
      'The Admin SDK API is not enabled in the Google Cloud project of the service account; enable it there, wait a few minutes and try again.',
      { reference },
    );
  }
  if (reason === 'domainCannotUseApis') {
    return new ConnectorError(
      'unauthorized',
      'API access is switched off for this Google Workspace account; a super admin switches it on under Security > Access and data control > API controls.',
      { reference },
    );
  }
  if (TOKEN_LACKS_SCOPE.has(reason)) {
    return new ConnectorError(
      'unauthorized',
      `The token does not cover ${asked.what}; delegate the scopes of the set-up steps to the client id of the service account.`,
      { reference },
    );
  }
  return new ConnectorError(
    'unauthorized',
    `Google refuses ${asked.what}: the subject is not an admin of this account or lacks the privilege "${asked.privilege}"; give it an admin role that has it.`,
    { reference },
  );
}

function throttled(refusal: Refusal, now: Date, message: string): ConnectorError {
  const wait = retryAfterMs(refusal.retryAfter, now);
  return new ConnectorError('throttled', message, {
    reference: `${refusal.status} ${refusal.reason}`,
    ...(wait === null ? {} : { retryAfterMs: wait }),
  });
}
