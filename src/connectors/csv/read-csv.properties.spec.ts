import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import iconv from 'iconv-lite';
import { faultOf, readWhole } from '../../../test/support/csv.js';
import { cellText } from './cells.js';
import type { Delimiter, Encoding, FileField } from './csv.types.js';
import { COLUMN_NAMES, FILE_FIELDS } from './header.js';

/** `CSV_MANGLED=100000` tries that many mangled files. */
const MANGLED = Number(process.env['CSV_MANGLED'] ?? 5_000);
const TABLES = 10_000;

interface Dialect {
  encoding: Encoding;
  mark: boolean;
  delimiter: Delimiter;
  lineEnd: '\n' | '\r\n' | '\r';
  quoteAll: boolean;
  separatorLine: boolean;
  lastLineEnd: boolean;
  blankLines: number;
  /** Bytes that come at once. */
  chunk: number;
}

const dialect: fc.Arbitrary<Dialect> = fc.record({
  encoding: fc.constantFrom<Encoding[]>('utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1'),
  mark: fc.boolean(),
  delimiter: fc.constantFrom<Delimiter[]>(',', ';', '\t'),
  lineEnd: fc.constantFrom('\n' as const, '\r\n' as const, '\r' as const),
  quoteAll: fc.boolean(),
  separatorLine: fc.boolean(),
  lastLineEnd: fc.boolean(),
  blankLines: fc.nat(2),
  chunk: fc.constantFrom(1, 3, 17, 1 << 20),
});

interface Table {
  columns: FileField[];
  rows: string[][];
}

const SPECIAL = ['"', ',', ';', '\t', '\n', '\r', '\r\n', "'", '=', ' ', 'a', 'b', 'é', '""'];

/** Tables whose every row says something, in letters that the encoding has. */
function tableIn(encoding: Encoding): fc.Arbitrary<Table> {
  const unit: fc.Arbitrary<string> =
    encoding === 'iso-8859-1' || encoding === 'windows-1252'
      ? fc.integer({ min: 0xa1, max: 0xff }).map((code) => String.fromCharCode(code))
      : fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });
  const cell = fc
    .array(fc.oneof(fc.constantFrom(...SPECIAL), unit), { maxLength: 6 })
    .map((parts) => parts.join('').replaceAll(/[\p{Cs}\ufeff]/gu, ''));
  return fc.tuple(fc.shuffledSubarray(FILE_FIELDS.slice(1)), fc.nat(7)).chain(([others, at]) => {
    const columns = others.toSpliced(Math.min(at, others.length), 0, 'email');
    const row = fc.tuple(...columns.map((field) => (field === 'email' ? cell.map((text) => `x${text}`) : cell)));
    return fc.array(row, { maxLength: 5 }).map((rows) => ({ columns, rows }));
  });
}

/** Written by hand, since what is tested is the reading. */
function write({ columns, rows }: Table, look: Dialect): Buffer {
  const quoted = (cell: string): string =>
    look.quoteAll || /[",;\t\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = [columns.map((field) => COLUMN_NAMES[field]), ...rows].map((row) =>
    row.map(quoted).join(look.delimiter),
  );
  const text =
    (look.separatorLine ? `sep=${look.delimiter}${look.lineEnd}` : '') +
    lines.join(look.lineEnd.repeat(look.blankLines + 1)) +
    (look.lastLineEnd ? look.lineEnd : '');
  const mark = look.encoding.startsWith('utf-16') || (look.encoding === 'utf-8' && look.mark) ? '\ufeff' : '';
  return iconv.encode(mark + text, look.encoding, { addBOM: false });
}

function optionsOf({ encoding, chunk }: Dialect): { chunk: number; encoding?: Encoding } {
  return encoding === 'windows-1252' || encoding === 'iso-8859-1' ? { chunk, encoding } : { chunk };
}

const written = dialect.chain((look) => tableIn(look.encoding).map((table) => ({ look, table })));

describe('V-06: any table in any dialect', () => {
  it(`is read as it was written, ${TABLES} of them`, async () => {
    await fc.assert(
      fc.asyncProperty(written, async ({ look, table }) => {
        const { head, rows } = await readWhole(write(table, look), optionsOf(look));
        expect(head).toMatchObject({ encoding: look.encoding });
        expect(head.columns.map(({ field }) => field)).toEqual(table.columns);
        expect(rows.map(({ cells }) => table.columns.map((field) => cells[field]))).toEqual(
          table.rows.map((row) => row.map(cellText)),
        );
      }),
      { numRuns: TABLES },
    );
  });

  it('and every row is where it says', async () => {
    await fc.assert(
      fc.asyncProperty(written, async ({ look, table }) => {
        const numbered = {
          ...table,
          rows: table.rows.map((row, at) =>
            row.map((cell, i) => (table.columns[i] === 'email' ? `row${at}${cell}` : cell)),
          ),
        };
        const bytes = write(numbered, look);
        const { rows } = await readWhole(bytes, optionsOf(look));
        // Line ends of the text as it is, up to where the row begins.
        const text = iconv.decode(bytes, look.encoding, { stripBOM: true });
        const ends = [...text.matchAll(/\r\n|\r|\n/gu)].map(({ index, 0: end }) => index + end.length);
        for (const [at, { line }] of rows.entries()) {
          const from = line === 1 ? 0 : (ends[line - 2] ?? 0);
          const nextFrom = rows[at + 1] === undefined ? text.length : (ends[(rows[at + 1]?.line ?? 0) - 2] ?? 0);
          expect(text.slice(from, nextFrom)).toContain(`row${at}x`);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What bytes can suffer on their way. */
const mangling = fc.array(
  fc.record({
    how: fc.constantFrom('flip', 'cut', 'insert', 'repeat', 'drop'),
    where: fc.double({ min: 0, max: 1, noNaN: true }),
    byte: fc.oneof(
      fc.integer({ min: 0, max: 255 }),
      fc.constantFrom(0, 9, 10, 13, 34, 39, 44, 59, 0xc3, 0xe2, 0xef, 0xff),
    ),
    many: fc.integer({ min: 1, max: 8 }),
  }),
  { minLength: 1, maxLength: 3 },
);

function mangled(bytes: Buffer, harm: readonly { how: string; where: number; byte: number; many: number }[]): Buffer {
  return harm.reduce((before, { how, where, byte, many }) => {
    const at = Math.min(Math.floor(where * before.length), Math.max(before.length - 1, 0));
    const [head, tail] = [before.subarray(0, at), before.subarray(at)];
    switch (how) {
      case 'flip':
        return Buffer.concat([head, Buffer.from([byte]), tail.subarray(1)]);
      case 'cut':
        return head;
      case 'insert':
        return Buffer.concat([head, Buffer.alloc(many, byte), tail]);
      case 'repeat':
        return Buffer.concat([head, ...Array.from({ length: many }, () => tail)]);
      default:
        return Buffer.concat([head, tail.subarray(many)]);
    }
  }, bytes);
}

describe('V-07: mangled bytes', () => {
  it(`are read or refused, and nothing else, ${MANGLED} of them; however they come`, async () => {
    const encoding = fc.constantFrom<(Encoding | undefined)[]>(
      undefined,
      'utf-8',
      'utf-16le',
      'windows-1252',
      'iso-8859-1',
    );
    const harmed = fc.tuple(written, mangling).map(([{ look, table }, harm]) => {
      const { encoding: chosen } = optionsOf(look);
      return [mangled(write(table, look), harm), chosen] as const;
    });
    const random = fc.tuple(
      fc.uint8Array({ maxLength: 200 }).map((some) => Buffer.from(some)),
      encoding,
    );
    const otherwise = fc.tuple(
      written.map(({ look, table }) => write(table, look)),
      encoding,
    );
    const files = fc.oneof(
      { weight: 8, arbitrary: harmed },
      { weight: 1, arbitrary: random },
      { weight: 1, arbitrary: otherwise },
    );
    const seen = { read: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom(1, 5, 64), async ([file, chosen], chunk) => {
        const options = chosen === undefined ? {} : { encoding: chosen };
        const fault = await faultOf(file, options);
        const inPieces = await faultOf(file, { ...options, chunk });
        expect(inPieces === null).toBe(fault === null);
        if (fault === null) {
          expect(await readWhole(file, { ...options, chunk })).toEqual(await readWhole(file, options));
          seen.read += 1;
          return;
        }
        seen.refused += 1;
        expect(fault.message).toMatch(/^Line \d+(, column ".*"|, value \d+)?: .*\.$/su);
        expect(fault.line).toBeGreaterThanOrEqual(1);
        expect(fault.message.startsWith(`Line ${fault.line}`)).toBe(true);
      }),
      { numRuns: MANGLED },
    );
    // Both happen often, or the harm is not of the right size.
    expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(MANGLED / 20);
  });
});
