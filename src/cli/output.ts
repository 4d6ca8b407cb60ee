import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { styleText } from 'node:util';
import Table from 'cli-table3';
import stringWidth from 'string-width';
import { folded, plain } from './text.js';

type Cell = string | number | boolean | null | undefined;

/** Where a command writes: results to `out`, everything else (progress, notes, errors) to `err`, so that pipes stay clean. */
export interface Streams {
  out: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  err: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

/** Prints results as people read them, or with `--json` as one JSON document. */
export class Output {
  constructor(
    private readonly streams: Streams,
    readonly json: boolean,
  ) {}

  get live(): boolean {
    return !this.json && this.streams.err.isTTY === true;
  }

  /** Columns to write in; a pipe is taken for a wide terminal unless COLUMNS says otherwise. */
  get width(): number {
    return Math.max(60, this.streams.out.columns ?? (Number(process.env['COLUMNS']) || 120));
  }

  get progressStream(): NodeJS.WritableStream {
    return this.streams.err;
  }

  /** The result of a command: `show` prints it for people. */
  result(value: unknown, show: () => void): void {
    if (this.json) this.streams.out.write(`${JSON.stringify(value, null, 2)}\n`);
    else show();
  }

  line(text = ''): void {
    this.streams.out.write(`${text}\n`);
  }

  /** A whole file as the result, no faster than it is read; a reader that has seen enough ends it. */
  async pour(file: Readable): Promise<void> {
    try {
      await pipeline(file, this.streams.out, { end: false });
    } catch (error) {
      if (!ENOUGH.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }

  /** A remark that is no result. */
  note(text: string): void {
    this.streams.err.write(`${text}\n`);
  }

  table(headings: readonly string[], rows: readonly (readonly Cell[])[], empty: string): void {
    if (rows.length === 0) {
      this.line(empty);
      return;
    }
    const table = new Table({
      head: headings.map((heading) => this.bold(heading)),
      style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': GAP },
      chars: NO_BORDERS,
    });
    const texts = rows.map((row) => row.map((cell) => plain(cell === null || cell === undefined ? '–' : String(cell))));
    const room = this.roomOfLast(headings, texts);
    for (const row of texts) table.push([...row.slice(0, -1), folded(row.at(-1) ?? '', room).join('\n')]);
    this.line(table.toString().replace(/ +$/gmu, ''));
  }

  /** The last column is folded into what the others leave; where they leave too little, the terminal may wrap it. */
  private roomOfLast(headings: readonly string[], rows: readonly (readonly string[])[]): number {
    const others = headings
      .slice(0, -1)
      .map((heading, at) => Math.max(heading.length, ...rows.map((row) => stringWidth(row[at] ?? ''))) + GAP);
    const room = this.width - others.reduce((sum, width) => sum + width, 0);
    return room < LEAST_LAST ? Infinity : room;
  }

  facts(facts: Readonly<Record<string, Cell>>): void {
    const width = Math.max(...Object.keys(facts).map((name) => name.length));
    const room = Math.max(LEAST_LAST, this.width - width - GAP);
    for (const [name, value] of Object.entries(facts)) {
      const rows = folded(plain(value === null || value === undefined ? '–' : String(value)), room);
      rows.forEach((row, at) => this.line(`${this.dim((at === 0 ? name : '').padEnd(width))}  ${row}`));
    }
  }

  bold(text: string): string {
    return styleText('bold', text, { stream: this.streams.out });
  }

  dim(text: string): string {
    return styleText('dim', text, { stream: this.streams.out });
  }

  good(text: string): string {
    return styleText('green', text, { stream: this.streams.out });
  }

  bad(text: string): string {
    return styleText('red', text, { stream: this.streams.out });
  }

  warn(text: string): string {
    return styleText('yellow', text, { stream: this.streams.out });
  }
}

/** What writing to somebody who stopped reading ends with. */
const ENOUGH = ['EPIPE', 'ERR_STREAM_PREMATURE_CLOSE'];

const GAP = 2;
/** Columns that the last column of a table has at least. */
const LEAST_LAST = 16;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
