import pLimit from 'p-limit';
import { abortable, type Patience, RETRY } from './retry.js';

/** Direct reads of single people that may be under way at once. */
export const SINGLE_READS = 4;

/** What a directory says of one of its quotas. */
export interface QuotaReport {
  /** Requests in the window; 0 when the window says nothing (a limit on concurrency). */
  limit: number;
  remaining: number;
  /** Until the window begins anew, milliseconds, by the directory's own clock. */
  resetsInMs: number;
}

interface Bucket {
  /** Requests that must be left for the customer's other programs. */
  floor: number;
  remaining: number;
  resetsAt: number;
}

/**
 * Keeps to a share of the customer's quota, as the directory's own headers give it. A bucket that is down to the part
 * that is not ours is left alone until its window begins anew.
 */
export class QuotaShare {
  private readonly buckets = new Map<string, Bucket>();

  /** @param share Percent that we may use, 1 to 90. */
  constructor(
    private readonly share: number,
    private readonly patience: Patience,
  ) {
    if (!(share >= 1 && share <= 90)) throw new RangeError('a quota share is 1 to 90 percent');
  }

  /** To be called before each request: waits until the bucket has room for it. */
  async enter(bucket: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (let known = this.buckets.get(bucket); known !== undefined; known = this.buckets.get(bucket)) {
      const left = known.resetsAt - this.patience.clock.now().getTime();
      if (left <= 0) {
        this.buckets.delete(bucket);
        return;
      }
      if (known.remaining > known.floor) {
        // Counted here, so that requests sent at once do not all rest on one report.
        known.remaining -= 1;
        return;
      }
      // One second more, jittered: many programs wake at the reset.
      await this.patience.wait(left + Math.floor(this.patience.random() * 1_000), signal);
      if (this.buckets.get(bucket) === known) this.buckets.delete(bucket);
    }
  }

  /** To be called with the headers of each answer. A report that makes no sense is no report. */
  report(bucket: string, report: QuotaReport): void {
    const { limit, remaining, resetsInMs } = report;
    if (!(limit > 0) || !(remaining >= 0) || !(resetsInMs > 0) || remaining > limit) return;
    const wait = Math.min(resetsInMs, RETRY.retryAfterCapMs);
    // At least one request of each window is ours, else a small quota would stop us for ever.
    const floor = Math.min(limit - 1, Math.ceil((limit * (100 - this.share)) / 100));
    const resetsAt = this.patience.clock.now().getTime() + wait;
    const known = this.buckets.get(bucket);
    const sameWindow = known !== undefined && Math.abs(known.resetsAt - resetsAt) < 2_000;
    this.buckets.set(bucket, {
      floor,
      remaining: sameWindow ? Math.min(known.remaining, remaining) : remaining,
      resetsAt,
    });
  }
}

/** Counts our own requests, minute by minute, for a directory that publishes its quota but sends no headers. */
export class StatedQuota {
  private windowStartedAt = Number.NEGATIVE_INFINITY;
  private used = 0;
  private readonly ours: number;

  /** @param perMinute The directory's published limit. @param share Percent of it that we may use, 1 to 90. */
  constructor(
    perMinute: number,
    share: number,
    private readonly patience: Patience,
  ) {
    this.ours = Math.max(1, Math.floor((perMinute * share) / 100));
  }

  /** To be called before each request: waits for the next minute once our share of this one is used. */
  async enter(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const now = this.patience.clock.now().getTime();
      if (now - this.windowStartedAt >= 60_000 || now < this.windowStartedAt) {
        this.windowStartedAt = now;
        this.used = 0;
      }
      if (this.used < this.ours) {
        this.used += 1;
        return;
      }
      await this.patience.wait(this.windowStartedAt + 60_000 - now, signal);
      this.windowStartedAt = Number.NEGATIVE_INFINITY;
    }
  }
}

/** Runs at most so many at once; who waits for a turn leaves the queue when the signal is aborted. */
export function inTurns(most: number = SINGLE_READS): <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T> {
  const turn = pLimit(most);
  return (work, signal) =>
    abortable(
      turn(async () => {
        signal.throwIfAborted();
        return await work();
      }),
      signal,
    );
}
