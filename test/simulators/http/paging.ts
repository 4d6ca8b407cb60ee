import type { Company } from '../company/company.ts';
import type { Item } from './answer.ts';

/** Where something stands in a sorted list: a sort value, and a number that breaks ties. */
export type Position = readonly [sort: number | string, n: number];

export interface Cursor {
  /** The last one that was listed; null begins at the beginning. */
  readonly after: Position | null;
  /** When the first page was asked for, and this cursor given out. */
  readonly begun: number;
  readonly issued: number;
  /** What was asked for besides the page, so that a cursor fits its own list only. */
  readonly about: string;
}

let nonce = 0;

/** Opaque, and awkward on purpose: `+`, `/`, `=` and `&` have to be encoded by whoever puts it into a URL. */
export function writeCursor(cursor: Cursor, tenant: number): string {
  const text = JSON.stringify([cursor.after, cursor.begun, cursor.issued, cursor.about, tenant, nonce++]);
  return `~+&${Buffer.from(text).toString('base64')}`;
}

/** Null for anything that was not written for this tenant by `writeCursor`. */
export function readCursor(text: string, tenant: number): Cursor | null {
  if (!text.startsWith('~+&')) return null;
  const plain = Buffer.from(text.slice(3), 'base64').toString();
  if (!plain.startsWith('[')) return null;
  const parts = JSON.parse(plain) as [Position | null, number, number, string, number, number];
  if (parts[4] !== tenant) return null;
  return { after: parts[0], begun: parts[1], issued: parts[2], about: parts[3] };
}

function isAfter(position: Position, after: Position): boolean {
  return position[0] > after[0] || (position[0] === after[0] && position[1] > after[1]);
}

export interface Slice<T> {
  readonly items: readonly T[];
  readonly page: number;
  readonly pages: number;
  /** Null when nothing follows. */
  readonly last: Position | null;
}

/** One page of a list that is sorted by `position`. What moved ahead of the cursor meanwhile is missed, as in life. */
export function slice<T>(
  all: readonly T[],
  position: (item: T) => Position,
  after: Position | null,
  limit: number,
): Slice<T> {
  let low = 0;
  let high = after === null ? 0 : all.length;
  while (after !== null && low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(position(all[middle] as T), after)) high = middle;
    else low = middle + 1;
  }
  const items = all.slice(low, low + limit);
  const final = items.at(-1);
  const more = low + limit < all.length;
  return {
    items,
    page: Math.ceil(low / limit) + 1,
    pages: Math.max(1, Math.ceil(all.length / limit)),
    last: more && final !== undefined ? position(final) : null,
  };
}

/** Remembers what a question selected until the company changes, so that paging does not search each time. */
export class Selections<T> {
  readonly #company: Company;
  readonly #kept = new Map<string, readonly T[]>();
  #revision = -1;

  constructor(company: Company) {
    this.#company = company;
  }

  get(question: string, select: () => readonly T[]): readonly T[] {
    if (this.#revision !== this.#company.revision || this.#kept.size > 200) {
      this.#kept.clear();
      this.#revision = this.#company.revision;
    }
    const kept = this.#kept.get(question);
    if (kept) return kept;
    const selected = select();
    this.#kept.set(question, selected);
    return selected;
  }
}

/** People as listed items, made once for each version of each of them. */
export class Rendered<T extends { readonly n: number; readonly version: number }> {
  readonly #items: (Item | undefined)[] = [];
  readonly #versions: number[] = [];
  readonly #id: (item: T) => string;
  readonly #render: (item: T) => string;

  constructor(id: (item: T) => string, render: (item: T) => string) {
    this.#id = id;
    this.#render = render;
  }

  get(item: T): Item {
    const kept = this.#items[item.n];
    if (kept && this.#versions[item.n] === item.version) return kept;
    const made = { id: this.#id(item), json: Buffer.from(this.#render(item)) };
    this.#items[item.n] = made;
    this.#versions[item.n] = item.version;
    return made;
  }
}
