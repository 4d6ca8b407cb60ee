import { CsvError, Parser } from 'csv-parse';
import { cellText, controlIn, controlName, isLonger } from './cells.js';
import type { CsvHead, CsvLimits, RawRow } from './csv.types.js';
import { FileFault, type FileFaultCode } from './errors.js';
import { atColumn } from './header.js';
import { lineEndsIn } from './lines.js';

/**
 * Makes rows of the bytes after the header. They are collected while the parser is at work, so no more than what one
 * slice holds is ever waiting.
 */
export class RowParser {
  private readonly parser: Parser;
  private rows: RawRow[] = [];
  private count = 0;
  /** Bytes given since a row or a blank line ended. */
  private open = 0;
  /** Blank lines before the end of the last row. */
  private blankLines = 0;
  private failed: Error | null = null;
  /** Where the last row ended, in lines of the file. */
  private lastLine: number;

  /** @param linesBefore Lines of the file that the bytes do not have any more. */
  constructor(
    private readonly head: CsvHead,
    private readonly linesBefore: number,
    private readonly limits: CsvLimits,
  ) {
    this.lastLine = linesBefore;
    this.parser = new Parser({
      delimiter: head.delimiter,
      record_delimiter: '\n',
      skip_empty_lines: true,
      // How many there may be is ours to say, for a row of nothing but blanks is none.
      relax_column_count: true,
      on_record: (cells: string[], { lines, empty_lines }) => {
        this.take(cells, linesBefore + lines);
        this.open = 0;
        this.blankLines = empty_lines;
        return null;
      },
    });
    // Every error also reaches who wrote what led to it; without a listener it would end the process.
    this.parser.on('error', (error) => (this.failed = error));
    this.parser.resume();
  }

  /** @throws {FileFault} */
  async feed(bytes: Buffer): Promise<void> {
    const { empty_lines: blankBefore } = this.parser.info;
    this.open += bytes.length;
    await this.until((done) => this.parser.write(bytes, done));
    if (this.parser.info.empty_lines !== blankBefore) this.open = 0;
    if (valuesSoFar(this.parser) > this.head.columns.length) throw this.tooWide();
    // Every quote of a value may be written twice, and what ends the row may be in the next slice.
    const longest = (this.head.columns.length + 1) * 2 * this.limits.fieldBytes;
    if (this.open <= longest) return;
    const line = this.nextLine();
    const message = `Line ${line}: a row begins here that has no end for ${longest >> 10} KiB; probably a quote is not closed.`;
    throw new FileFault('row_too_long', message, line);
  }

  /** @throws {FileFault} */
  async end(): Promise<void> {
    await this.until((done) => this.parser.end(done));
  }

  /** The rows since the last time. */
  taken(): RawRow[] {
    const rows = this.rows;
    this.rows = [];
    return rows;
  }

  close(): void {
    this.parser.destroy();
  }

  private async until(act: (done: (error?: Error | null) => void) => void): Promise<void> {
    const error = await new Promise<Error | null | undefined>((resolve) => act(resolve));
    const failed = this.failed ?? error ?? null;
    if (failed !== null) throw failed instanceof CsvError ? this.faultOf(failed) : failed;
  }

  private take(cells: string[], lastLine: number): void {
    const { columns } = this.head;
    let inside = 0;
    for (const cell of cells) if (cell.includes('\n')) inside += lineEndsIn(cell);
    let line = lastLine - inside;
    this.lastLine = lastLine;
    if (cells.length !== columns.length) {
      if (cells.every(isBlank)) return;
      throw raggedAt(line, cells.length, columns.length);
    }
    const row: RawRow = { line, cells: {} };
    let blank = true;
    for (const [index, { name, field }] of columns.entries()) {
      const cell = cells[index] ?? '';
      const fault = this.faultIn(cell, line, index);
      if (fault !== null) throw fault;
      if (cell.includes('\n')) line += lineEndsIn(cell);
      if (blank && !isBlank(cell)) blank = false;
      if (field !== null) row.cells[field] = cellText(cell);
      else if (name === '' && !isBlank(cell)) throw namelessAt(line, index);
    }
    if (blank) return;
    this.count += 1;
    if (this.count > this.limits.rows) throw tooManyAt(row.line, this.limits.rows);
    this.rows.push(row);
  }

  /** @param line Where the cell begins. */
  private faultIn(cell: string, line: number, index: number): FileFault | null {
    if (isLonger(cell, this.limits.fieldBytes)) {
      return this.at(line, index, 'value_too_long', `the value is longer than ${this.limits.fieldBytes >> 10} KiB.`);
    }
    const control = controlIn(cell);
    if (control === null) return null;
    const hint = this.head.encoding === 'iso-8859-1' && control >= '\x80' ? '; the file is probably Windows-1252' : '';
    const where = line + lineEndsIn(cell.slice(0, cell.indexOf(control)));
    return this.at(where, index, 'control', `there is ${controlName(control)}${hint}.`);
  }

  private faultOf(error: CsvError): FileFault {
    const column: unknown = error['column'];
    const index = typeof column === 'number' ? column : -1;
    const line = this.linesBefore + this.parser.info.lines;
    const begins = this.nextLine();
    const since = begins < line ? ` The row begins in line ${begins}.` : '';
    switch (error.code) {
      case 'INVALID_OPENING_QUOTE':
        return this.at(line, index, 'quote', `a quote stands within a value that does not begin with one.${since}`);
      case 'CSV_INVALID_CLOSING_QUOTE':
        return this.at(
          line,
          index,
          'quote',
          `text follows the closing quote of a value; a quote within a value is written twice.${since}`,
        );
      case 'CSV_QUOTE_NOT_CLOSED':
        return this.at(begins, index, 'quote', 'a quote opens the value and is never closed.');
      default:
        throw error;
    }
  }

  private at(line: number, index: number, code: FileFaultCode, sentence: string): FileFault {
    const name = this.head.columns[index]?.name ?? '';
    if (name !== '') return atColumn(line, name, code, sentence);
    return new FileFault(code, `Line ${line}, value ${index + 1}: ${sentence}`, line);
  }

  private tooWide(): FileFault {
    const line = this.nextLine();
    const message = `Line ${line}: there are more values than the header has columns, which is ${this.head.columns.length}.`;
    return new FileFault('ragged', message, line);
  }

  /** Where the row that is being read begins. */
  private nextLine(): number {
    return this.lastLine + 1 + this.parser.info.empty_lines - this.blankLines;
  }
}

/** How many values the row has that is being read; the parser would go on until the memory is full. */
function valuesSoFar(parser: Parser & { state?: { record?: unknown[] } }): number {
  return parser.state?.record?.length ?? 0;
}

function isBlank(cell: string): boolean {
  return cell === '' || cell.trim() === '';
}

function raggedAt(line: number, found: number, expected: number): FileFault {
  const values = found === 1 ? 'there is 1 value' : `there are ${found} values`;
  const columns = expected === 1 ? '1 column' : `${expected} columns`;
  return new FileFault('ragged', `Line ${line}: ${values}, and the header has ${columns}.`, line);
}

function namelessAt(line: number, index: number): FileFault {
  const message = `Line ${line}: there is a value in column ${index + 1}, which has no name in the header.`;
  return new FileFault('nameless', message, line);
}

function tooManyAt(line: number, most: number): FileFault {
  return new FileFault('rows', `Line ${line}: this is one row more than the ${most} that a file may have.`, line);
}
