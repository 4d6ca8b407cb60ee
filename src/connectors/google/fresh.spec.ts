import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../common/clock.js';
import { Fresh } from './fresh.js';

const never = new AbortController().signal;

describe('something that is taken for true for a while', () => {
  it('is loaded once for all who wait, and again when it is too old', async () => {
    const clock = new ManualClock('2026-03-02T09:00:00.000Z');
    const fresh = new Fresh<number>(clock, 1_000);
    let loads = 0;
    const load = async (): Promise<number> => {
      await Promise.resolve();
      return ++loads;
    };
    expect(await Promise.all([fresh.get(load, never), fresh.get(load, never), fresh.get(load, never)])).toEqual([
      1, 1, 1,
    ]);
    clock.advance(1_000);
    expect(await fresh.get(load, never)).toBe(1);
    clock.advance(1);
    expect(await fresh.get(load, never)).toBe(2);
  });

  it('a failure is kept for nobody', async () => {
    const fresh = new Fresh<string>(new ManualClock('2026-03-02T09:00:00.000Z'), 1_000);
    const first = fresh.get(() => Promise.reject(new Error('no')), never);
    const second = fresh.get(() => Promise.resolve('yes'), never);
    await expect(first).rejects.toThrow('no');
    expect(await second).toBe('yes');
  });

  it('who waits no longer leaves at once', async () => {
    const fresh = new Fresh<string>(new ManualClock('2026-03-02T09:00:00.000Z'), 1_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    const first = fresh.get(() => promise, never);
    const stop = new AbortController();
    const second = fresh.get(() => promise, stop.signal);
    stop.abort(new Error('stopped'));
    await expect(second).rejects.toThrow('stopped');
    resolve('late');
    expect(await first).toBe('late');
  });
});
