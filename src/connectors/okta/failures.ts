import { ConnectorError } from '../errors.js';
import type { Incoming } from '../exchange.js';
import { isObject } from '../json.js';
import { httpDate, retryAfterMs } from '../retry.js';

/** An answer of 4xx that its caller may know what to make of. Never leaves this folder. */
export class OktaRefusal extends Error {
  override readonly name = 'OktaRefusal';

  constructor(
    readonly status: number,
    /** Okta's stable error code; null where the body had none. */
    readonly code: string | null,
    readonly requestId: string | null,
  ) {
    super(`Okta answered ${status}${code === null ? '' : ` (${code})`}`);
  }

  /** As a connector's error, for callers to whom it means nothing better. */
  toConnectorError(what: string): ConnectorError {
    const reference = [this.code, this.requestId].filter((part) => part !== null).join(' ');
    const options = reference === '' ? {} : { reference };
    if (this.status === 403) {
      const mend =
        'give the app (or the admin who made the token) an admin role that may, such as Read-only Administrator';
      return new ConnectorError('unauthorized', `Okta does not let us read ${what}: ${mend}.`, options);
    }
    return new ConnectorError(
      'bad_response',
      `Okta refused to give ${what} (${this.status}${this.code === null ? '' : ` ${this.code}`}).`,
      options,
    );
  }
}

/** What the rate-limit headers say; null where they are missing or doubled. */
export interface RateLimit {
  limit: number;
  remaining: number;
  /** By Okta's own clock, so that ours may be wrong. */
  resetsInMs: number;
}

export function rateLimitOf(answer: Incoming, now: Date): RateLimit | null {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) => {
    const text = answer.header(`x-rate-limit-${name}`)?.trim() ?? '';
    return /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  }) as [number, number, number];
  if (Number.isNaN(limit) || Number.isNaN(remaining) || Number.isNaN(reset)) return null;
  const theirs = httpDate(answer.header('date') ?? '');
  return { limit, remaining, resetsInMs: reset * 1_000 - (Number.isNaN(theirs) ? now.getTime() : theirs) };
}

/**
 * The failure that an answer is, whatever was asked; null for an answer that its caller has to look at (2xx, and the
 * 401 that the library meets with a new token).
 */
export function failureOf(answer: Incoming, now: Date, random: () => number): Error | null {
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  const requestId = answer.header('x-okta-request-id');
  const reference = `${status}${requestId === null ? '' : ` ${requestId}`}`;
  if (status === 429) {
    const wait = throttledFor(answer, now, random);
    return new ConnectorError('throttled', 'Okta is busy or its quota is used up; the sync goes on by itself later.', {
      reference,
      ...(wait === null ? {} : { retryAfterMs: wait }),
    });
  }
  if (status === 408 || status >= 500) {
    return new ConnectorError('unavailable', `Okta cannot answer at the moment (${status}).`, { reference });
  }
  if (status === 401) return null;
  return new OktaRefusal(status, errorCodeOf(answer.body), requestId);
}

/**
 * How long a 429 asks us to wait: `Retry-After`, else until the window begins anew and a jittered second. A limit of 0
 * is the one on concurrency, whose reset is a mere suggestion: back-off then decides, as for headers that are missing.
 */
function throttledFor(answer: Incoming, now: Date, random: () => number): number | null {
  const asked = retryAfterMs(answer.header('retry-after'), now);
  if (asked !== null) return asked;
  const rate = rateLimitOf(answer, now);
  if (rate === null || rate.limit === 0 || rate.resetsInMs <= 0) return null;
  return rate.resetsInMs + Math.floor(random() * 1_000);
}

export function errorCodeOf(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const code = isObject(parsed) ? parsed['errorCode'] : null;
    return typeof code === 'string' && /^E\d{7}$/.test(code) ? code : null;
  } catch {
    // An error page of a gateway: its status says all.
    return null;
  }
}
