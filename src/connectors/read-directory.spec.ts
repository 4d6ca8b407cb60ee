import { describe, expect, it } from '@jest/globals';
import type { DirectoryRecord } from '../sync/model.js';
import type { Cursor, Page } from './connector.js';
import { ConnectorError } from './errors.js';
import { readDirectory, type ReadEvent } from './read-directory.js';

const signal = new AbortController().signal;
const observedAt = new Date('2026-03-01T12:00:00Z');
const someone = (externalId: string): DirectoryRecord => ({
  externalId,
  email: null,
  firstName: null,
  lastName: null,
  department: null,
  title: null,
  manager: null,
  employeeNumber: null,
  extras: {},
  status: 'employed',
  scope: { in: true },
  lastSignInAt: null,
});

/** A directory whose page `n` leads to whatever `next` says. */
function directory(next: (cursor: Cursor | null, call: number) => Cursor | null | Error) {
  const asked: (Cursor | null)[] = [];
  const fetchPage = (cursor: Cursor | null): Promise<Page> => {
    asked.push(cursor);
    const nextCursor = next(cursor, asked.length);
    if (nextCursor instanceof Error) return Promise.reject(nextCursor);
    return Promise.resolve({ records: [someone(cursor ?? 'first')], observedAt, nextCursor });
  };
  return { asked, fetchPage };
}

const upTo = (last: number) => (cursor: Cursor | null) => {
  const page = Number(cursor ?? 1);
  return page >= last ? null : String(page + 1);
};

async function all(events: AsyncIterable<ReadEvent>): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of events) seen.push(event.kind === 'page' ? `page ${event.number}` : event.kind);
  return seen;
}

describe('readDirectory', () => {
  it('is complete at the end marker, and only then', async () => {
    const read = readDirectory(directory(upTo(3)), { signal });
    const coverages: string[] = [];
    for await (const event of read) if (event.kind === 'page') coverages.push(read.coverage);
    expect(coverages).toEqual(['partial', 'partial', 'complete']);
    expect(read).toMatchObject({ pages: 3, records: 3 });
  });

  it('fetches the next page while the current one is being stored, and no further', async () => {
    const source = directory(upTo(5));
    for await (const event of readDirectory(source, { signal })) {
      if (event.kind === 'page') expect(source.asked.length).toBe(Math.min(5, event.number + 1));
    }
  });

  it('stores a page before it meets the failure of the next one', async () => {
    const source = directory((cursor) => (cursor === null ? '2' : new ConnectorError('unavailable', 'Down.')));
    const read = readDirectory(source, { signal });
    const seen: string[] = [];
    await expect(
      (async () => {
        for await (const event of read) seen.push(event.kind);
      })(),
    ).rejects.toMatchObject({ failure: 'unavailable' });
    expect(seen).toEqual(['page']);
    expect(read.coverage).toBe('partial');
  });

  it('F-22 finds pages that go in a circle', async () => {
    const source = directory((cursor) => (cursor === '3' ? '2' : String(Number(cursor ?? 1) + 1)));
    await expect(all(readDirectory(source, { signal }))).rejects.toMatchObject({ failure: 'bad_response' });
    expect(source.asked.length).toBeLessThan(7);
  });

  it('F-23 ends at the cap of pages', async () => {
    const source = directory((_cursor, call) => String(call));
    await expect(all(readDirectory(source, { signal }))).rejects.toMatchObject({ failure: 'bad_response' });
    expect(source.asked.length).toBeLessThanOrEqual(10_001);
  });

  it('ends at the cap of records, and a read of exactly so many passes', async () => {
    await expect(all(readDirectory(directory(upTo(5)), { signal, limits: { records: 4 } }))).rejects.toMatchObject({
      failure: 'bad_response',
    });
    expect((await all(readDirectory(directory(upTo(5)), { signal, limits: { records: 5, pages: 5 } }))).length).toBe(5);
  });

  it('F-11 begins anew when the cursor expired, twice at most', async () => {
    const expired = new ConnectorError('cursor_expired', 'Gone.');
    let left = 2;
    const twice = directory((cursor) => (cursor === '2' && left-- > 0 ? expired : upTo(3)(cursor)));
    expect(await all(readDirectory(twice, { signal }))).toEqual([
      ...['page 1', 'restarted', 'page 1', 'restarted'],
      ...['page 1', 'page 2', 'page 3'],
    ]);
    const always = directory((cursor) => (cursor === '2' ? expired : '2'));
    await expect(all(readDirectory(always, { signal }))).rejects.toMatchObject({ failure: 'cursor_expired' });
  });

  it('goes on from a stored cursor, counting on', async () => {
    const source = directory(upTo(4));
    const read = readDirectory(source, { signal, resume: { cursor: '3', pages: 2, records: 2 } });
    expect(await all(read)).toEqual(['page 3', 'page 4']);
    expect(source.asked).toEqual(['3', '4']);
    expect(read).toMatchObject({ pages: 4, records: 4, coverage: 'complete' });
  });

  it('stops the request under way when the loop is left', async () => {
    let stopped: unknown = null;
    const fetchPage = (cursor: Cursor | null, inner: AbortSignal): Promise<Page> =>
      cursor === null
        ? Promise.resolve({ records: [], observedAt, nextCursor: '2' })
        : new Promise(() => {
            inner.addEventListener('abort', () => {
              stopped = inner.reason;
            });
          });
    for await (const event of readDirectory({ fetchPage }, { signal })) if (event.kind === 'page') break;
    expect(stopped).toBeInstanceOf(Error);
  });

  it('gives up with the reason when told to stop, although the connector hangs', async () => {
    const stop = new AbortController();
    const outcome = all(
      readDirectory({ fetchPage: () => new Promise<Page>(() => undefined) }, { signal: stop.signal }),
    );
    const reason = new Error('told to stop');
    stop.abort(reason);
    await expect(outcome).rejects.toBe(reason);
  });
});
