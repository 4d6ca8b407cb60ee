import { type Clock, systemClock } from '../common/clock.js';

/** Two clocks that are apart by no more, beyond the time of asking, are taken for one. */
const TOLERATED_MS = 250;

/**
 * The time of the database, which all instances share: what is due, and which of two readings is the newer, must not hang
 * on the machine that asks. Told by the clock of this machine and what that is off by, so that asking costs nothing.
 */
export class DatabaseClock implements Clock {
  private off = 0;

  constructor(
    private readonly database: { now(): Promise<Date> },
    private readonly own: Clock = systemClock,
  ) {}

  /** By how many milliseconds the clock of this machine is corrected. */
  get offMs(): number {
    return this.off;
  }

  now(): Date {
    return new Date(this.own.now().getTime() + this.off);
  }

  /** Looks again at how far apart the two are. */
  async follow(): Promise<void> {
    const before = this.own.now().getTime();
    const theirs = (await this.database.now()).getTime();
    const halfway = (this.own.now().getTime() - before) / 2;
    const tolerated = TOLERATED_MS + Math.abs(halfway);
    const off = Math.round(theirs - before - halfway);
    if (Math.abs(off) <= tolerated) this.off = 0;
    else if (Math.abs(off - this.off) > tolerated) this.off = off;
  }
}
