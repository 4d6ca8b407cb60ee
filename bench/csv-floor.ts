import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Parser } from 'csv-parse';

const FIRST = ['Ana', 'Ivo', 'Zoë', 'José', 'Nguyễn', 'Olga', 'Max', "D'Arcy"];
const LAST = ['Müller', 'Meier, Dr.', 'van der Berg', 'O’Neil', 'Silva "Júnior"', 'Kowalska'];
const HEADER = 'email,first_name,last_name,account_active,position,team,manager_email,admin\r\n';

export interface PeopleFile {
  rows: number;
  /** Bytes of notes in a column that nobody reads, for files as large as may be. */
  padding?: number;
  encoding?: BufferEncoding;
}

/** Writes the same people every time: names of several scripts, some of them quoted, a manager for nearly everybody. */
export async function writePeopleFile(
  path: string,
  { rows, padding = 0, encoding = 'utf8' }: PeopleFile,
): Promise<void> {
  const out = createWriteStream(path);
  const notes = padding > 0 ? `,${'x'.repeat(padding)}` : '';
  if (encoding === 'utf16le') out.write(Buffer.from('\ufeff', encoding));
  out.write(Buffer.from(padding > 0 ? HEADER.replace('\r', ',Notes\r') : HEADER, encoding));
  for (let at = 0; at < rows; at++) {
    const last = LAST[at % LAST.length] ?? '';
    const cell = /[",]/.test(last) ? `"${last.replaceAll('"', '""')}"` : last;
    const manager = at === 0 ? '' : `p${Math.floor(at / 8)}@example.com`;
    const line = `p${at}@example.com,${FIRST[at % FIRST.length]},${cell},Active,Engineer ${at % 5},Team ${at % 40},${manager},no${notes}\r\n`;
    if (!out.write(Buffer.from(line, encoding))) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

/** As the file is kept, and so given to the reader. */
export function bytesOf(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 1024 * 1024 });
}

/**
 * The floor that reading is held against: csv-parse alone on the same bytes, in the slices and with the turns for others
 * that the service gives. No encodings, no checks, no fields.
 *
 * @returns Milliseconds.
 */
export async function csvFloor(path: string): Promise<number> {
  const started = performance.now();
  let rows = 0;
  const parser = new Parser({
    on_record: () => {
      rows += 1;
      return null;
    },
  });
  parser.resume();
  for await (const chunk of bytesOf(path)) {
    for (let at = 0; at < chunk.length; at += 64 * 1024) {
      parser.write(chunk.subarray(at, at + 64 * 1024));
      await nextTurn();
    }
  }
  parser.end();
  await once(parser, 'end');
  if (rows === 0) throw new Error('the floor read nothing');
  return performance.now() - started;
}
