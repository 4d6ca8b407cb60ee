/**
 * Hands items on in the order in which they came, as many at a time as have gathered: one while the other side is
 * faster, several when it is slower. Whoever adds waits while too much has gathered.
 */
export class Backlog<T> {
  private waiting: T[] = [];
  private weight = 0;
  private underway: Promise<void> | null = null;
  /** Resolves when what waits now is being taken. */
  private turn = Promise.withResolvers<void>();
  private failure: { error: unknown } | null = null;

  constructor(
    private readonly limit: number,
    private readonly weigh: (item: T) => number,
    private readonly take: (items: T[]) => Promise<void>,
  ) {}

  /** @throws whatever taking an earlier item threw. */
  async add(item: T): Promise<void> {
    this.rethrow();
    this.waiting.push(item);
    this.weight += this.weigh(item);
    this.underway ??= this.work();
    while (this.weight >= this.limit && this.underway !== null) await this.turn.promise;
    this.rethrow();
  }

  /** Until everything that was added is taken. @throws whatever taking an item threw. */
  async empty(): Promise<void> {
    await this.underway;
    this.rethrow();
  }

  private async work(): Promise<void> {
    // Those who add in the same turn go along.
    await Promise.resolve();
    try {
      while (this.waiting.length > 0) {
        const items = this.waiting;
        this.waiting = [];
        this.weight = 0;
        this.nextTurn();
        await this.take(items);
      }
    } catch (error) {
      this.failure = { error };
    } finally {
      this.underway = null;
      this.nextTurn();
    }
  }

  private nextTurn(): void {
    this.turn.resolve();
    this.turn = Promise.withResolvers<void>();
  }

  private rethrow(): void {
    if (this.failure !== null) throw this.failure.error;
  }
}
