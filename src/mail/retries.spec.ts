import { describe, expect, it } from '@jest/globals';
import { nextTry } from './retries.js';

const NOW = new Date('2026-11-22T12:00:00.000Z');

describe('when a mail is tried again', () => {
  it.each([
    [1, 1],
    [2, 5],
    [3, 15],
    [4, 60],
    [5, 360],
    [8, 360],
  ])('after attempt %i it waits %i minutes', (attempts, minutes) => {
    expect(nextTry(attempts, NOW)).toEqual(new Date(NOW.getTime() + minutes * 60_000));
  });

  it('after the ninth it is given up', () => {
    expect(nextTry(9, NOW)).toBeNull();
    expect(nextTry(10, NOW)).toBeNull();
  });
});
