import { describe, expect, it } from '@jest/globals';
import { backOffMs, nextRunAt } from './backing-off.js';

const MINUTE = 60_000;

describe('backOffMs', () => {
  it.each([
    ['the first failure', 1, null, 0, MINUTE / 2],
    ['the first failure, most jitter', 1, null, 1, MINUTE],
    ['the third', 3, null, 1, 4 * MINUTE],
    ['never more than four hours', 40, null, 1, 240 * MINUTE],
    ['never less than the directory asked for', 1, 15 * MINUTE, 0.5, 15 * MINUTE],
  ])('%s', (_name, failures, retryAfter, random, expected) => {
    expect(backOffMs(failures, retryAfter, random)).toBe(expected);
  });
});

describe('nextRunAt', () => {
  it('is an interval later, a tenth earlier or later at most', () => {
    const now = new Date('2026-03-29T00:30:00Z');
    expect(nextRunAt(now, 60 * MINUTE, 0).toISOString()).toBe('2026-03-29T01:24:00.000Z');
    expect(nextRunAt(now, 60 * MINUTE, 0.5).toISOString()).toBe('2026-03-29T01:30:00.000Z');
    expect(nextRunAt(now, 60 * MINUTE, 1).toISOString()).toBe('2026-03-29T01:36:00.000Z');
  });

  it.each(['2026-03-29T00:30:00Z', '2026-10-25T00:30:00Z', '2026-10-03T15:30:00Z'])(
    'F-67: a day later is 24 hours later on %s, whatever clocks on walls do',
    (at) => {
      const day = 24 * 60 * MINUTE;
      expect(nextRunAt(new Date(at), day, 0.5).getTime() - new Date(at).getTime()).toBe(day);
    },
  );
});
