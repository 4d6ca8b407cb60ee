import type { Answer, Item, Listing } from '../http/answer.ts';
import type { Fault } from './model.ts';

interface Armed {
  readonly fault: Fault;
  letThrough: number;
  left: number;
}

/** The faults that a server has been told to commit, in order. All that match a request act on it, first one first. */
export class FaultScript {
  #armed: Armed[] = [];
  /** By route, what the page before began with: something to be listed twice. */
  readonly #listedBefore = new Map<string, Item>();

  /** Arms a fault; the returned function takes it back. */
  add(...faults: readonly Fault[]): () => void {
    const armed = faults.map((fault) => ({
      fault,
      letThrough: fault.after ?? 0,
      left: fault.times === 'forever' ? Infinity : (fault.times ?? 1),
    }));
    this.#armed.push(...armed);
    return () => {
      this.#armed = this.#armed.filter((one) => !armed.includes(one));
    };
  }

  clear(): void {
    this.#armed = [];
    this.#listedBefore.clear();
  }

  /** How many are still to come; those that act for ever count too. */
  get pending(): number {
    return this.#armed.length;
  }

  /** Takes what applies to this answer, and counts it as done. */
  take(answer: Answer): Fault[] {
    if (this.#armed.length === 0) return [];
    const taken: Fault[] = [];
    for (const armed of this.#armed) {
      if (!matches(armed.fault, answer)) continue;
      if (armed.letThrough > 0) {
        armed.letThrough--;
        continue;
      }
      armed.left--;
      taken.push(armed.fault);
    }
    this.#armed = this.#armed.filter((armed) => armed.left > 0);
    return taken;
  }

  /** What the last list of this route began with; remembered for `repeat`. */
  listedBefore(answer: Answer): Item | null {
    const key = `${answer.route} ${answer.subject ?? ''}`;
    const before = this.#listedBefore.get(key) ?? null;
    const first = answer.listing?.items[0];
    if (first) this.#listedBefore.set(key, first);
    return before ?? first ?? null;
  }
}

function matches(fault: Fault, answer: Answer): boolean {
  const routes = fault.route === undefined ? null : [fault.route].flat();
  if (routes && !routes.includes(answer.route)) return false;
  if (fault.subject !== undefined && fault.subject !== answer.subject) return false;
  return fault.page === undefined || (answer.listing !== null && isPage(fault.page, answer.listing));
}

function isPage(wanted: Exclude<Fault['page'], undefined>, listing: Listing): boolean {
  if (wanted === 'first') return listing.page === 1;
  if (wanted === 'last') return listing.next === null;
  if (wanted === 'middle') return listing.page === Math.floor(listing.pages / 2) + 1;
  return listing.page === wanted;
}
