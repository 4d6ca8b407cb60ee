import { createHash } from 'node:crypto';
import type { Connector, Cursor, Page } from './connector.js';
import { ConnectorError } from './errors.js';
import { abortable, ignoreLate } from './retry.js';

/** Bounds of one read, so that a directory that never ends cannot keep us for ever. */
export const READ_LIMITS = { pages: 10_000, records: 2_000_000, restarts: 2 } as const;

export interface ReadOptions {
  signal: AbortSignal;
  /** Where an earlier read stopped: the `nextCursor` of the last page that was stored; null begins anew. */
  resume?: { cursor: Cursor; pages: number; records: number } | null;
  limits?: Partial<Record<keyof typeof READ_LIMITS, number>>;
}

export type ReadEvent =
  /** `number` counts from 1 and goes on where a resumed read stopped. */
  | { kind: 'page'; number: number; page: Page }
  /** The directory forgot the cursor: forget the pages so far, the read begins anew. */
  | { kind: 'restarted' };

export interface DirectoryRead extends AsyncIterable<ReadEvent> {
  /** `complete` once the directory's own end marker was reached, and only then. */
  readonly coverage: 'partial' | 'complete';
  readonly pages: number;
  readonly records: number;
}

/**
 * A full read of a directory, page after page. The next page is fetched while the consumer stores the current one, and
 * a connector may ask for the one behind it, so at most three pages are in memory. Leaving the loop early stops the request under way.
 *
 * @throws {ConnectorError} of the connector; `bad_response` for a loop of pages or a read beyond the limits;
 *   `cursor_expired` when that happened for the third time.
 */
export function readDirectory(connector: Pick<Connector, 'fetchPage'>, options: ReadOptions): DirectoryRead {
  return new Read(connector, options);
}

class Read implements DirectoryRead {
  coverage: 'partial' | 'complete' = 'partial';
  pages: number;
  records: number;
  private restarts = 0;
  private readonly seen = new Set<string>();
  private readonly limits: Record<keyof typeof READ_LIMITS, number>;

  constructor(
    private readonly connector: Pick<Connector, 'fetchPage'>,
    private readonly options: ReadOptions,
  ) {
    this.pages = options.resume?.pages ?? 0;
    this.records = options.resume?.records ?? 0;
    this.limits = { ...READ_LIMITS, ...options.limits };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReadEvent, void, void> {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.options.signal]);
    const fetch = (cursor: Cursor | null): Promise<Page> => {
      const page = abortable(this.connector.fetchPage(cursor, signal), signal);
      // The failure of a page fetched ahead is met when its turn comes; until then it is not unhandled.
      page.catch(ignoreLate);
      return page;
    };
    try {
      let next: Promise<Page> | null = fetch(this.options.resume?.cursor ?? null);
      while (next !== null) {
        const page: Page | null = await this.orNullWhenExpired(next);
        if (page === null) {
          yield { kind: 'restarted' };
          next = fetch(null);
          continue;
        }
        this.count(page);
        next = page.nextCursor === null ? null : fetch(page.nextCursor);
        if (next === null) this.coverage = 'complete';
        yield { kind: 'page', number: this.pages, page };
      }
    } finally {
      stop.abort(new Error('the read was left'));
    }
  }

  private async orNullWhenExpired(next: Promise<Page>): Promise<Page | null> {
    try {
      return await next;
    } catch (error) {
      const expired = error instanceof ConnectorError && error.failure === 'cursor_expired';
      if (!expired || this.restarts >= this.limits.restarts) throw error;
      this.restarts += 1;
      this.pages = 0;
      this.records = 0;
      this.seen.clear();
      return null;
    }
  }

  private count(page: Page): void {
    this.pages += 1;
    this.records += page.records.length;
    if (this.records > this.limits.records || (this.pages >= this.limits.pages && page.nextCursor !== null)) {
      throw new ConnectorError(
        'bad_response',
        `The directory did not end after ${this.pages} pages with ${this.records} records, which is more than a read may have.`,
      );
    }
    if (page.nextCursor === null) return;
    // A digest, because markers may be long and 10,000 of them are kept.
    const marker = createHash('sha256').update(page.nextCursor).digest('base64url').slice(0, 22);
    if (this.seen.has(marker)) {
      throw new ConnectorError(
        'bad_response',
        `The directory's pages go in a circle: page ${this.pages} leads back to an earlier one.`,
      );
    }
    this.seen.add(marker);
  }
}
