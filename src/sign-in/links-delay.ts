import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { neighbourhoodOf } from '../auth/networks.js';

/** So many wrong ones wait for nothing. */
const FREE = 5;
const FIRST_MS = 1_000;
const LONGEST_MS = 15 * 60_000;
/** After so long without a wrong one a network is as good as new. */
const FORGOTTEN_MS = 60 * 60_000;
/** More networks than guess at once; the one that was wrong longest ago is forgotten first. */
const MOST = 10_000;

interface Guesser {
  wrong: number;
  lastAt: number;
}

/**
 * each wrong guess makes the network that it came from wait twice as long, up to a quarter of an hour. Counted by
 * network alone: however hard somebody guesses at a person, that person gets in from elsewhere. A right one forgives nothing.
 */
@Injectable()
export class GrowingDelay {
  private readonly guessers = new Map<string, Guesser>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** @throws {RollcallError} `request.throttled` while the network has to wait; nothing is looked at then. */
  assertMay(address: string): void {
    const guesser = this.guessers.get(neighbourhoodOf(address));
    if (!guesser) return;
    const waitMs = guesser.lastAt + delayOf(guesser.wrong) - this.clock.now().getTime();
    if (waitMs <= 0) return;
    const retryAfterSeconds = Math.ceil(waitMs / 1000);
    throw new RollcallError('request.throttled', `Too many tries: try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  wrong(address: string): void {
    const network = neighbourhoodOf(address);
    const now = this.clock.now().getTime();
    const before = this.guessers.get(network);
    const wrong = before !== undefined && now - before.lastAt < FORGOTTEN_MS ? before.wrong + 1 : 1;
    // Put in anew, so that the map stays in the order of the last wrong guess.
    this.guessers.delete(network);
    this.guessers.set(network, { wrong, lastAt: now });
    const oldest = this.guessers.size > MOST ? this.guessers.keys().next() : null;
    if (oldest !== null && oldest.done !== true) this.guessers.delete(oldest.value);
  }
}

function delayOf(wrong: number): number {
  return wrong < FREE ? 0 : Math.min(FIRST_MS * 2 ** Math.min(wrong - FREE, 30), LONGEST_MS);
}
