import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../common/clock.js';
import { DatabaseClock } from './database-clock.js';

const NOON = '2026-03-01T12:00:00.000Z';
const HOUR = 3_600_000;

/** A machine and a database whose clocks are apart by so much, and an answer that takes so long. */
function apart(milliseconds: number, answerMs = 0): { own: ManualClock; theirs: ManualClock; clock: DatabaseClock } {
  const own = new ManualClock(NOON);
  const theirs = new ManualClock(new Date(own.now().getTime() - milliseconds));
  const pass = (time: number): void => [own, theirs].forEach((one) => one.advance(time));
  const now = (): Promise<Date> => {
    pass(answerMs / 2);
    const at = theirs.now();
    pass(answerMs / 2);
    return Promise.resolve(at);
  };
  return { own, theirs, clock: new DatabaseClock({ now }, own) };
}

describe('the clock of the database', () => {
  it.each([HOUR, -HOUR, 400, -400])('is told by a machine that is ahead by %d ms', async (ahead) => {
    const { theirs, clock } = apart(ahead);
    await clock.follow();
    expect(clock.offMs).toBe(-ahead);
    expect(clock.now()).toEqual(theirs.now());
  });

  it.each([0, 200, -200])('is the machine’s own when they are apart by %d ms', async (ahead) => {
    const { own, clock } = apart(ahead);
    await clock.follow();
    expect(clock.now()).toEqual(own.now());
  });

  it('does not hang on how long the answer takes', async () => {
    const quick = apart(0, 8_000);
    await quick.clock.follow();
    expect(quick.clock.offMs).toBe(0);
    const ahead = apart(HOUR, 8_000);
    await ahead.clock.follow();
    expect(ahead.clock.now()).toEqual(ahead.theirs.now());
  });

  it('goes on with time, and is looked at anew when the machine is set right', async () => {
    const { own, theirs, clock } = apart(HOUR);
    await clock.follow();
    own.advance(1_000);
    theirs.advance(1_000);
    expect(clock.now()).toEqual(theirs.now());
    own.advance(-HOUR);
    await clock.follow();
    expect(clock.offMs).toBe(0);
    expect(clock.now()).toEqual(own.now());
  });

  it('is not moved by every little while that an answer takes', async () => {
    const { own, clock } = apart(HOUR);
    await clock.follow();
    own.advance(100);
    await clock.follow();
    expect(clock.offMs).toBe(-HOUR);
  });

  it('stays as it was while the database does not answer', async () => {
    const own = new ManualClock(NOON);
    const clock = new DatabaseClock({ now: () => Promise.reject(new Error('away')) }, own);
    await expect(clock.follow()).rejects.toThrow('away');
    expect(clock.now()).toEqual(own.now());
  });
});
