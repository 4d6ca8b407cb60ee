/** So many at once, and one more after each while. The time is given to it. */
export class TokenBucket {
  private points: number;
  private since: number | null = null;

  constructor(
    private readonly most: number,
    private readonly everyMs: number,
  ) {
    this.points = most;
  }

  /** Takes one if there is one. A clock that goes back gives none. */
  take(nowMs: number): boolean {
    this.fill(nowMs);
    if (this.points < 1) return false;
    this.points -= 1;
    return true;
  }

  private fill(nowMs: number): void {
    if (this.since === null || this.points >= this.most || nowMs < this.since) {
      this.since = nowMs;
      return;
    }
    const more = Math.floor((nowMs - this.since) / this.everyMs);
    this.points = Math.min(this.most, this.points + more);
    this.since += more * this.everyMs;
  }
}
