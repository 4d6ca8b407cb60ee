import type { Delimiter } from './csv.types.js';
import { FileFault } from './errors.js';
import { linesIn } from './lines.js';

const LF = 10;
const QUOTE = 34;

/** Within so many bytes there is a header, or none is looked for. */
const LONGEST_START = 64 * 1024;

/** A first line by which some spreadsheet programs say what separates the columns. */
const SEPARATOR_LINE = /^"?sep=(.)"?$/i;

/** What stands before the rows. */
export interface Start {
  header: string;
  line: number;
  /** By a first line `sep=;`. */
  delimiter: Delimiter | null;
  /** What was read of the rows. */
  rest: Buffer;
  /** Lines of the file before `rest`. */
  lines: number;
}

/** @throws {FileFault} when there is no header. */
export async function readStart(slices: AsyncIterator<Buffer>): Promise<Start> {
  let read = Buffer.alloc(0);
  for (;;) {
    const next = await slices.next();
    if (next.done !== true) read = Buffer.concat([read, next.value]);
    const found = startIn(read, next.done === true);
    if (found !== null) return found;
    if (next.done === true) throw new FileFault('empty', 'Line 1: the file is empty.', 1);
    if (read.length > LONGEST_START) {
      const message = 'Line 1: no header ends in the first 64 KiB of the file; probably a quote is not closed.';
      throw new FileFault('no_header', message, 1);
    }
  }
}

function startIn(bytes: Buffer, whole: boolean): Start | null {
  let line = 1;
  let delimiter: Delimiter | null = null;
  for (let from = 0; from < bytes.length;) {
    let end = endOfRow(bytes, from);
    if (end === -1) {
      if (!whole) return null;
      end = bytes.length;
    }
    const text = bytes.toString('utf8', from, end);
    const lines = linesIn(bytes.subarray(from, end)) + 1;
    const separator = line === 1 ? SEPARATOR_LINE.exec(text)?.[1] : undefined;
    if (separator !== undefined) delimiter = delimiterNamed(separator);
    else if (text.trim() !== '') {
      return { header: text, line, delimiter, rest: bytes.subarray(end + 1), lines: line + lines - 1 };
    }
    line += lines;
    from = end + 1;
  }
  return null;
}

/** Where the first line end outside of quotes is; -1 when there is none yet. */
function endOfRow(bytes: Buffer, from: number): number {
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (byte === LF && !quoted) return at;
  }
  return -1;
}

function delimiterNamed(separator: string): Delimiter {
  if (separator === ',' || separator === ';' || separator === '\t') return separator;
  throw new FileFault('header', 'Line 1: "sep=" names a separator that is none of comma, semicolon and tab.', 1);
}
