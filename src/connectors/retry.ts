import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, systemClock } from '../common/clock.js';
import { ConnectorError } from './errors.js';

/** RETRY of the fixed numbers: five tries in all, full jitter, and a directory's own wish up to 15 minutes. */
export const RETRY = {
  attempts: 5,
  baseMs: 1_000,
  factor: 2,
  capMs: 60_000,
  retryAfterCapMs: 15 * 60_000,
} as const;

/** Waits; rejects with the signal's reason as soon as it is aborted. */
export type Wait = (milliseconds: number, signal: AbortSignal) => Promise<void>;

export const waitByTimer: Wait = async (milliseconds, signal) => {
  signal.throwIfAborted();
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    // The timer's own AbortError says nothing; whoever stopped us gave a reason.
    signal.throwIfAborted();
    throw error;
  }
};

/** What patience needs from outside, so that tests need no waiting. */
export interface Patience {
  clock: Clock;
  /** 0 up to 1. */
  random: () => number;
  wait: Wait;
}

export const ordinaryPatience: Patience = { clock: systemClock, random: Math.random, wait: waitByTimer };

/**
 * How long a `Retry-After` header asks us to wait.
 *
 * @param header As received: whole seconds or an HTTP date; null when absent.
 * @returns Milliseconds from `now`, above 0 and at most 900 000 (15 min). Null for a header that is absent, that we
 *   cannot read, or that asks for no wait at all: the caller then falls back to exponential back-off, since a typo
 *   upstream must turn neither retries off nor us into a busy loop.
 * @see RFC 9110 §10.2.3
 */
export function retryAfterMs(header: string | null | undefined, now: Date): number | null {
  if (header === null || header === undefined) return null;
  const text = header.trim();
  const asked = /^\d+$/.test(text) ? Number(text) * 1_000 : httpDate(text) - now.getTime();
  if (Number.isNaN(asked) || asked <= 0) return null;
  return Math.min(asked, RETRY.retryAfterCapMs);
}

/** The time of an HTTP date (the one form in use, `Sun, 06 Nov 1994 08:49:37 GMT`); NaN for anything else. */
export function httpDate(text: string): number {
  return /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}

/**
 * Exponential back-off with full jitter.
 *
 * @param attempt 1 for the first retry.
 * @param random 0 up to 1.
 * @returns Milliseconds, 0 to 60 000.
 * @throws {RangeError} when `attempt` is below 1: our bug, never the directory's.
 */
export function backOffMs(attempt: number, random: number): number {
  if (attempt < 1) throw new RangeError(`there is no retry number ${attempt}`);
  return Math.floor(random * Math.min(RETRY.capMs, RETRY.baseMs * RETRY.factor ** (attempt - 1)));
}

/**
 * Tries until it succeeds, fails for good (an error that is not `passing`), or was tried five times; the last error is
 * then thrown. Waits as the directory asked, else by back-off.
 *
 * @throws the signal's reason as soon as it is aborted.
 */
export async function retrying<T>(
  work: (attempt: number) => Promise<T>,
  patience: Patience,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectorError) || !error.passing || attempt >= RETRY.attempts) throw error;
      const asked = error.retryAfterMs === null ? null : Math.min(error.retryAfterMs, RETRY.retryAfterCapMs);
      await patience.wait(asked ?? backOffMs(attempt, patience.random()), signal);
    }
  }
}

/** The promise, or the signal's reason as soon as it is aborted. The work itself goes on unless it heeds the signal. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(ignoreLate);
    throw signal.reason;
  }
  let stop = ignoreLate;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** For work whose result nobody waits for any more. */
export function ignoreLate(): void {
  return undefined;
}
