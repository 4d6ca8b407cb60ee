import { FileFault } from '../../src/connectors/csv/errors.js';
import type { CsvHead, CsvLimits, CsvOptions, RawRow } from '../../src/connectors/csv/csv.types.js';
import { readCsv } from '../../src/connectors/csv/read-csv.js';

/** As the fixed numbers of the requirements have them. */
export const LIMITS: CsvLimits = { rows: 250_000, columns: 64, fieldBytes: 64 * 1024 };

export interface ReadFile {
  head: CsvHead;
  rows: RawRow[];
}

export async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

export async function allOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Reads a whole file, in pieces of so many bytes. */
export async function readWhole(
  bytes: Uint8Array,
  options: Partial<CsvOptions> & { chunk?: number } = {},
): Promise<ReadFile> {
  const { chunk = 1 << 20, ...others } = options;
  const { head, rows } = readCsv(chunksOf(bytes, chunk), {
    limits: LIMITS,
    signal: new AbortController().signal,
    ...others,
  });
  return { rows: (await allOf(rows)).flat(), head: await head };
}

/** What is wrong with a file; null when nothing is. Anything but a `FileFault` is thrown on. */
export async function faultOf(
  bytes: Uint8Array,
  options: Partial<CsvOptions> & { chunk?: number } = {},
): Promise<FileFault | null> {
  try {
    await readWhole(bytes, options);
    return null;
  } catch (error) {
    if (error instanceof FileFault) return error;
    throw error;
  }
}
