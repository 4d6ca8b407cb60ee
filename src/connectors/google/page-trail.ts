import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';

/** Pages that a listing other than that of users may have: a group of 2,000,000 members. */
const MOST_PAGES = 10_000;

/**
 * Watches over a listing that is followed to its end: page tokens that come again, pages that come again under new
 * tokens, and no end at all.
 */
export class PageTrail {
  private readonly tokens = new Set<string>();
  private readonly beginnings = new Set<string>();

  /** @param what "the members of a group", for the sentence. */
  constructor(private readonly what: string) {}

  /** To be called with each page. @throws {ConnectorError} `bad_response` */
  follow(items: readonly unknown[], next: string | null): void {
    const beginning = idOf(items[0]);
    const circle =
      (next !== null && this.tokens.has(next)) ||
      (beginning !== null && this.beginnings.has(beginning)) ||
      this.tokens.size >= MOST_PAGES;
    if (circle)
      throw new ConnectorError('bad_response', `Google's pages of ${this.what} go in a circle or do not end.`);
    if (next !== null) this.tokens.add(next);
    if (beginning !== null) this.beginnings.add(beginning);
  }
}

function idOf(item: unknown): string | null {
  return isObject(item) && typeof item['id'] === 'string' ? item['id'] : null;
}
