import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../common/clock.js';
import { inTurns, QuotaShare, StatedQuota } from './quota.js';
import type { Patience } from './retry.js';

const signal = new AbortController().signal;

function world() {
  const clock = new ManualClock('2026-03-01T12:00:00Z');
  const waited: number[] = [];
  const patience: Patience = {
    clock,
    random: () => 0,
    wait: (milliseconds) => {
      waited.push(milliseconds);
      clock.advance(milliseconds);
      return Promise.resolve();
    },
  };
  return { clock, waited, patience };
}

describe('QuotaShare', () => {
  it('leaves half of a window to the others and waits for the next one', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(50, patience);
    quota.report('users', { limit: 100, remaining: 52, resetsInMs: 30_000 });
    await quota.enter('users', signal);
    await quota.enter('users', signal);
    expect(waited).toEqual([]);
    await quota.enter('users', signal);
    expect(waited).toEqual([30_000]);
  });

  it('counts requests that are still under way', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(50, patience);
    quota.report('users', { limit: 10, remaining: 7, resetsInMs: 30_000 });
    await Promise.all([1, 2, 3].map(() => quota.enter('users', signal)));
    expect(waited.length).toBe(1);
  });

  it('keeps the buckets apart', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(50, patience);
    quota.report('users', { limit: 10, remaining: 0, resetsInMs: 30_000 });
    await quota.enter('logs', signal);
    expect(waited).toEqual([]);
  });

  it('uses one request of a window even where the share is less than one', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(1, patience);
    quota.report('users', { limit: 10, remaining: 10, resetsInMs: 30_000 });
    await quota.enter('users', signal);
    expect(waited).toEqual([]);
    await quota.enter('users', signal);
    expect(waited).toEqual([30_000]);
  });

  it('takes no report from headers that make no sense', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(50, patience);
    for (const report of [
      { limit: 0, remaining: 0, resetsInMs: 30_000 },
      { limit: 10, remaining: 0, resetsInMs: -1 },
      { limit: Number.NaN, remaining: 0, resetsInMs: 1 },
      { limit: 10, remaining: 11, resetsInMs: 1 },
    ]) {
      quota.report('users', report);
    }
    await quota.enter('users', signal);
    expect(waited).toEqual([]);
  });

  it('never waits for more than 15 minutes', async () => {
    const { patience, waited } = world();
    const quota = new QuotaShare(50, patience);
    quota.report('users', { limit: 10, remaining: 0, resetsInMs: 10 * 365 * 86_400_000 });
    await quota.enter('users', signal);
    expect(waited).toEqual([900_000]);
  });

  it('is 1 to 90 percent', () => {
    expect(() => new QuotaShare(0, world().patience)).toThrow(RangeError);
    expect(() => new QuotaShare(91, world().patience)).toThrow(RangeError);
  });
});

describe('StatedQuota', () => {
  it('waits for the next minute once our share is used', async () => {
    const { patience, waited, clock } = world();
    const quota = new StatedQuota(4, 50, patience);
    await quota.enter(signal);
    clock.advance(10_000);
    await quota.enter(signal);
    expect(waited).toEqual([]);
    await quota.enter(signal);
    expect(waited).toEqual([50_000]);
  });
});

describe('inTurns', () => {
  it('has at most four under way', async () => {
    const take = inTurns();
    let open = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 20 }, () =>
        take(async () => {
          open += 1;
          most = Math.max(most, open);
          await Promise.resolve();
          open -= 1;
        }, signal),
      ),
    );
    expect(most).toBe(4);
  });

  it('lets who waits for a turn leave', async () => {
    const take = inTurns(1);
    const stop = new AbortController();
    let free: () => void = () => undefined;
    const first = take(() => new Promise<void>((resolve) => (free = resolve)), signal);
    let begun = false;
    const second = take(() => {
      begun = true;
      return Promise.resolve();
    }, stop.signal);
    const reason = new Error('told to stop');
    stop.abort(reason);
    await expect(second).rejects.toBe(reason);
    free();
    await first;
    expect(begun).toBe(false);
  });
});
