/** Where time comes from. A parameter everywhere, so that tests decide what time it is. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A clock that stands until it is told to move. */
export class ManualClock implements Clock {
  private at: number;

  constructor(start: Date | string) {
    this.at = new Date(start).getTime();
  }

  now(): Date {
    return new Date(this.at);
  }

  advance(milliseconds: number): void {
    this.at += milliseconds;
  }

  set(to: Date | string): void {
    this.at = new Date(to).getTime();
  }
}

/** Nest's token for the clock. */
export const CLOCK = Symbol('clock');
