import type { Clock } from '../../common/clock.js';
import { abortable, ignoreLate } from '../retry.js';

/**
 * Something that direct reads in a row share and that is taken for true for a while. It is loaded once for all who
 * wait; a failure, or the abort of whoever loads it, is kept for nobody: the next one tries anew.
 */
export class Fresh<T> {
  private kept: { value: T; at: number } | null = null;
  private loading: Promise<void> | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly milliseconds: number,
  ) {}

  async get(load: () => Promise<T>, signal: AbortSignal): Promise<T> {
    while (this.loading !== null) await abortable(this.loading, signal);
    const now = this.clock.now().getTime();
    if (this.kept !== null && now - this.kept.at <= this.milliseconds) return this.kept.value;
    const loaded = load();
    this.loading = loaded.then(ignoreLate, ignoreLate).finally(() => {
      this.loading = null;
    });
    return this.keep(await loaded, new Date(now));
  }

  /** @param at When its loading began. */
  keep(value: T, at: Date): T {
    this.kept = { value, at: at.getTime() };
    return value;
  }
}
