import { styleText } from 'node:util';
import Table from 'cli-table3';

type Cell = string | number | boolean | null | undefined;

/** Where a command writes: results to `out`, everything else (progress, notes, errors) to `err`, so that pipes stay clean. */
export interface Streams {
  out: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  err: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
}

// A directory can put anything into a name; a terminal must not act on it.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Text of others, made harmless for a terminal. */
export function plain(text: string): string {
  return text.replace(CONTROL, '�');
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
      style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
      chars: NO_BORDERS,
    });
    for (const row of rows)
      table.push(row.map((cell) => plain(cell === null || cell === undefined ? '–' : String(cell))));
    this.line(table.toString().replace(/ +$/gmu, ''));
  }

  facts(facts: Readonly<Record<string, Cell>>): void {
    const width = Math.max(...Object.keys(facts).map((name) => name.length));
    for (const [name, value] of Object.entries(facts)) {
      this.line(
        `${this.dim(name.padEnd(width))}  ${plain(value === null || value === undefined ? '–' : String(value))}`,
      );
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
