import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CsvHead, CsvOptions, CsvReading, RawRow } from './csv.types.js';
import { decodeFile } from './encodings.js';
import { readHeader } from './header.js';
import { RowParser } from './rows.js';
import { readStart } from './start.js';

const PAGE = 1_000;

/**
 * Reads a file of people as it comes, with no more of it in memory than a page of rows, and gives others their turn after
 * every slice of 64 KiB. What stands before the rows is read at once, the rows as they are asked for. Whatever is not
 * clear is a `FileFault`, of both when it is in the header; `signal` ends the rows with its reason.
 */
export function readCsv(bytes: AsyncIterable<Uint8Array>, options: CsvOptions): CsvReading {
  const opened = open(bytes, options);
  const head = opened.then((file) => file.head);
  // Who asks for the rows alone meets the same fault there.
  void Promise.allSettled([head]);
  return { head, rows: rowsOf(opened, options) };
}

interface OpenedFile {
  head: CsvHead;
  /** Lines before `rest`. */
  lines: number;
  /** Read already, and of the rows. */
  rest: Buffer;
  slices: AsyncGenerator<Buffer>;
}

async function open(bytes: AsyncIterable<Uint8Array>, options: CsvOptions): Promise<OpenedFile> {
  const { encoding, slices } = await decodeFile(bytes, options.encoding ?? null);
  try {
    const { header, line, delimiter, rest, lines } = await readStart(slices);
    const head = readHeader(header, line, options.delimiter ?? delimiter, options.limits);
    return { head: { encoding, ...head }, lines, rest, slices };
  } catch (error) {
    await slices.return(undefined);
    throw error;
  }
}

async function* rowsOf(opened: Promise<OpenedFile>, { limits, signal }: CsvOptions): AsyncGenerator<RawRow[]> {
  const { head, lines, rest, slices } = await opened;
  const parser = new RowParser(head, lines, limits);
  let page: RawRow[] = [];
  try {
    for await (const slice of following(rest, slices)) {
      signal.throwIfAborted();
      await parser.feed(slice);
      page = page.concat(parser.taken());
      while (page.length >= PAGE) yield page.splice(0, PAGE);
      await nextTurn();
    }
    await parser.end();
    page = page.concat(parser.taken());
    if (page.length > 0) yield page;
  } finally {
    parser.close();
    await slices.return(undefined);
  }
}

async function* following(rest: Buffer, slices: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield rest;
  yield* slices;
}
