import type { Company } from './company.ts';
import type { Person } from './model.ts';

interface Old {
  readonly person: Readonly<Person>;
  /** When the change was made that this copy does not know yet. */
  readonly changedAt: number;
}

/** What a lagging search index sees: the company as it was some milliseconds ago. */
export class Past {
  readonly #company: Company;
  readonly #lagMs: () => number;
  readonly #older = new Map<number, Old[]>();
  readonly stop: () => void;

  constructor(company: Company, lagMs: () => number) {
    this.#company = company;
    this.#lagMs = lagMs;
    this.stop = company.watch((person, changedAt) => {
      if (lagMs() === 0) return;
      const known = this.#older.get(person.n) ?? [];
      known.push({ person, changedAt });
      this.#older.set(person.n, known);
    });
  }

  people(): Person[] {
    const seenUntil = this.#company.clock.now() - this.#lagMs();
    for (const [n, copies] of this.#older) {
      const useful = copies.filter((copy) => copy.changedAt > seenUntil);
      if (useful.length === 0) this.#older.delete(n);
      else this.#older.set(n, useful);
    }
    if (this.#older.size === 0) return [...this.#company.people];
    // The first change that the index has not seen yet was made to exactly what the index holds.
    return this.#company.people.map((person) => this.#older.get(person.n)?.[0]?.person ?? person);
  }
}
