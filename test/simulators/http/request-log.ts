import type { Route } from './answer.ts';

export interface LoggedRequest {
  readonly route: Route;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly status: number;
  /** Of a list, 1 for the first; null elsewhere. */
  readonly page: number | null;
  /** `SSWS`, `Bearer`, `DPoP` or null; never the secret. */
  readonly scheme: string | null;
  /** Names of the faults that were in play. */
  readonly faults: readonly string[];
  readonly at: number;
}

/** What was asked, for tests and benchmarks that count. Counters are exact; entries end at 20,000. */
export class RequestLog {
  readonly entries: LoggedRequest[] = [];
  /** The most requests that were ever under way together since the last reset. */
  maxInFlight = 0;
  inFlight = 0;
  readonly #counts = new Map<Route, number>();

  add(entry: LoggedRequest): void {
    this.#counts.set(entry.route, (this.#counts.get(entry.route) ?? 0) + 1);
    if (this.entries.length < 20_000) this.entries.push(entry);
  }

  /** How many of the routes; of all without any. */
  count(...routes: readonly Route[]): number {
    let sum = 0;
    for (const [route, n] of this.#counts) if (routes.length === 0 || routes.includes(route)) sum += n;
    return sum;
  }

  byRoute(): Partial<Record<Route, number>> {
    return Object.fromEntries(this.#counts);
  }

  reset(): void {
    this.#counts.clear();
    this.entries.length = 0;
    this.maxInFlight = this.inFlight;
  }
}
