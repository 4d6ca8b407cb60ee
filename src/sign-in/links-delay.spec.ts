import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../common/clock.js';
import { GrowingDelay } from './links-delay.js';

const START = '2026-11-22T12:00:00.000Z';
let clock: ManualClock;
let delay: GrowingDelay;

beforeEach(() => {
  clock = new ManualClock(START);
  delay = new GrowingDelay(clock);
});

function waits(address: string): number {
  try {
    delay.assertMay(address);
    return 0;
  } catch (error) {
    return (error as { details: { retryAfterSeconds: number } }).details.retryAfterSeconds;
  }
}

describe('X-11 a growing delay', () => {
  it('begins with the fifth wrong guess, doubles, and ends at a quarter of an hour', () => {
    const waited: number[] = [];
    for (let guess = 0; guess < 17; guess++) {
      delay.wrong('203.0.113.7');
      waited.push(waits('203.0.113.7'));
      clock.advance(waited[guess]! * 1000);
    }
    expect(waited).toEqual([0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
  });

  it('of ten thousand guesses one after the other in an hour, about a dozen are looked at', () => {
    let looked = 0;
    for (let guess = 0; guess < 10_000; guess++) {
      if (waits('203.0.113.7') === 0) {
        looked += 1;
        delay.wrong('203.0.113.7');
      }
      clock.advance(360);
    }
    expect(looked).toBeLessThanOrEqual(18);
  });

  it('somebody elsewhere does not wait meanwhile', () => {
    for (let guess = 0; guess < 50; guess++) delay.wrong('203.0.113.7');
    expect(waits('203.0.113.7')).toBe(900);
    expect(waits('198.51.100.1')).toBe(0);
  });

  it('a whole IPv6 network waits together', () => {
    for (let guess = 0; guess < 6; guess++) delay.wrong(`2001:db8:1:2::${guess}`);
    expect(waits('2001:db8:1:2::ffff')).toBeGreaterThan(0);
    expect(waits('2001:db8:1:3::1')).toBe(0);
  });

  it('is forgotten an hour after the last wrong guess', () => {
    for (let guess = 0; guess < 50; guess++) delay.wrong('203.0.113.7');
    clock.advance(3_600_000);
    delay.wrong('203.0.113.7');
    expect(waits('203.0.113.7')).toBe(0);
  });

  it('remembers ten thousand networks and no more, the latest', () => {
    for (let at = 0; at < 10_001; at++)
      for (let guess = 0; guess < 5; guess++) delay.wrong(`10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`);
    expect(waits('10.0.0.0')).toBe(0);
    expect(waits('10.0.0.1')).toBe(1);
  });
});
