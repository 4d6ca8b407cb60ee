import { stringify } from 'csv-stringify/sync';
import type { FileField } from './csv.types.js';
import { neutral } from './formulas.js';
import { COLUMN_NAMES, FILE_FIELDS } from './header.js';

export type Cell = string | number | null;

/**
 * RFC 4180. Quoted are also a line end of either kind alone, which the library takes for text, and what some programs take
 * for a separator wherever it stands.
 */
const LOOK = { record_delimiter: '\r\n', quoted_match: /[\r\n;\t]/ };

/**
 * A file that spreadsheet programs open as it is meant: UTF-8 with its mark, CRLF, and no cell that any of them takes for a
 * formula. `readCsv` reads back what was written.
 */
export async function* writeCsv(
  header: readonly string[],
  pages: Iterable<readonly (readonly Cell[])[]> | AsyncIterable<readonly (readonly Cell[])[]>,
): AsyncGenerator<string> {
  yield `\ufeff${linesOf([header])}`;
  for await (const page of pages) if (page.length > 0) yield linesOf(page);
}

/** People as a file that can be imported: all eight columns. A field that is not there is an empty cell. */
export async function* writePeople(
  pages: Iterable<readonly PersonCells[]> | AsyncIterable<readonly PersonCells[]>,
): AsyncGenerator<string> {
  yield* writeCsv(
    FILE_FIELDS.map((field) => COLUMN_NAMES[field]),
    cellsOf(pages),
  );
}

export type PersonCells = { readonly [Field in FileField]?: string | null };

async function* cellsOf(
  pages: Iterable<readonly PersonCells[]> | AsyncIterable<readonly PersonCells[]>,
): AsyncGenerator<Cell[][]> {
  for await (const page of pages) yield page.map((person) => FILE_FIELDS.map((field) => person[field] ?? null));
}

function linesOf(rows: readonly (readonly Cell[])[]): string {
  return stringify(
    rows.map((row) => row.map((cell) => (typeof cell === 'string' ? neutral(cell) : cell))),
    LOOK,
  );
}
