import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import type { Encoding, FileField } from '../src/connectors/csv/csv.types.js';
import { FILE_FIELDS } from '../src/connectors/csv/header.js';
import { faultOf, readWhole } from './support/csv.js';

const FILES = 'test/files/csv';

function file(path: string): Buffer {
  return readFileSync(`${FILES}/${path}.csv`);
}

function filesIn(folder: string): string[] {
  return readdirSync(`${FILES}/${folder}`)
    .map((name) => name.replace(/\.csv$/, ''))
    .sort();
}

function person(...cells: string[]): Partial<Record<FileField, string>> {
  return Object.fromEntries(FILE_FIELDS.map((field, index) => [field, cells[index]]));
}

const OF_MANY_PLACES = [
  person('anna@example.com', 'Anna', 'Müller', 'Active', 'Ingénieure', 'Forschung & Entwicklung', '', 'yes'),
  person('jose@example.com', 'José', 'Núñez', 'Pending', '', 'Ventas, España', 'anna@example.com', 'no'),
  person('bjorn@example.com', 'Bjørn', 'Ångström', 'Archived', '', '', '', ''),
  person('zoe@example.com', 'Zoë', 'Brontë-Weiß', '', 'Ingénieure', '½ Zürich', 'jose@example.com', ''),
];

const ENCODINGS: [encoding: Encoding, file: string, chosen: boolean][] = [
  ['utf-8', 'utf-8', false],
  ['utf-8', 'utf-8-mark', false],
  ['utf-16le', 'utf-16le', false],
  ['utf-16be', 'utf-16be', false],
  ['windows-1252', 'windows-1252', true],
  ['iso-8859-1', 'iso-8859-1', true],
];

describe('V-05: the same people in every encoding', () => {
  const cases = ENCODINGS.flatMap(([encoding, name, chosen]) =>
    [
      [name, ','],
      [`${name}-semicolons-crlf`, ';'],
    ].map(([path = '', delimiter]) => ({ path, encoding, delimiter, chosen })),
  );

  it('has a case for every file', () => {
    expect(cases.map(({ path }) => path).sort()).toEqual(filesIn('encodings'));
    expect(cases).toHaveLength(12);
  });

  it.each(cases)('$path', async ({ path, encoding, delimiter, chosen }) => {
    const { head, rows } = await readWhole(file(`encodings/${path}`), chosen ? { encoding } : {});
    expect(head).toMatchObject({ encoding, delimiter });
    expect(rows).toEqual(OF_MANY_PLACES.map((cells, index) => ({ line: index + 2, cells })));
  });

  it.each(['windows-1252', 'iso-8859-1'])('%s is never guessed: it is asked for', async (path) => {
    expect(await faultOf(file(`encodings/${path}`))).toMatchObject({ code: 'encoding_unknown', line: 2, column: null });
  });

  it.each(ENCODINGS)('%s may also be chosen for %s', async (encoding, path) => {
    expect(await faultOf(file(`encodings/${path}`), { encoding })).toBeNull();
  });

  it.each<[path: string, encoding: Encoding, code: string, message: string]>([
    [
      'utf-8-mark',
      'windows-1252',
      'encoding_contradicted',
      'Line 1: the file says by its first bytes that it is UTF-8, but Windows-1252 was chosen.',
    ],
    [
      'utf-16be',
      'utf-16le',
      'encoding_contradicted',
      'Line 1: the file says by its first bytes that it is UTF-16BE, but UTF-16LE was chosen.',
    ],
    [
      'utf-8',
      'utf-16le',
      'no_mark',
      'Line 1: UTF-16 is read only with its byte order mark at the beginning; save the file as UTF-8.',
    ],
    ['iso-8859-1', 'utf-8', 'encoding', 'Line 2: there are bytes that are not UTF-8.'],
  ])('%s is not read as %s', async (path, encoding, code, message) => {
    const fault = await faultOf(file(`encodings/${path}`), { encoding });
    expect({ code: fault?.code, message: fault?.message }).toEqual({ code, message });
  });
});

const IN_EVERY_DIALECT = [
  person('ana@example.com', 'Ana', 'Sørensen, Dr.', 'Active', 'Senior "Staff" Engineer', 'Apps', '', 'yes'),
  person('ivo@example.com', 'Ivo', 'Meier', 'Pending', '', 'Research; Development', 'ana@example.com', 'no'),
  person('zoe@example.com', 'Zoë', 'van "der" Berg', 'Archived', 'Lead', 'Sales North', '', ''),
];

/** In which lines the people begin, where it is not lines 2, 3 and 4. */
const DIALECTS: Record<string, { delimiter: string; lines?: number[] }> = {
  'commas-lf': { delimiter: ',' },
  'commas-crlf': { delimiter: ',' },
  'commas-cr': { delimiter: ',' },
  'semicolons-lf': { delimiter: ';' },
  'semicolons-crlf': { delimiter: ';' },
  'semicolons-cr': { delimiter: ';' },
  'tabs-lf': { delimiter: '\t' },
  'tabs-crlf': { delimiter: '\t' },
  'tabs-cr': { delimiter: '\t' },
  'all-quoted-commas': { delimiter: ',' },
  'all-quoted-semicolons': { delimiter: ';' },
  'all-quoted-tabs': { delimiter: '\t' },
  'no-last-line-end': { delimiter: ',' },
  'no-last-line-end-quoted': { delimiter: ';' },
  'blank-lines-at-the-end': { delimiter: ',' },
  'blank-lines-at-the-end-crlf': { delimiter: ';' },
  'empty-rows-at-the-end': { delimiter: ';' },
  'blank-lines-before-the-header': { delimiter: ',', lines: [4, 5, 6] },
  'blank-lines-between': { delimiter: ',', lines: [3, 5, 7] },
  'sep-semicolon': { delimiter: ';', lines: [3, 4, 5] },
  'sep-tab': { delimiter: '\t', lines: [3, 4, 5] },
  'sep-comma-quoted': { delimiter: ',', lines: [3, 4, 5] },
  'header-in-another-order': { delimiter: ',' },
  'header-in-capitals': { delimiter: ',' },
  'header-as-people-write-it': { delimiter: ';' },
  'header-fullwidth': { delimiter: ',' },
  'header-with-line-end': { delimiter: ',', lines: [3, 4, 5] },
  'unknown-columns': { delimiter: ',' },
  'columns-without-a-name': { delimiter: ';' },
  'quoted-lf': { delimiter: ',', lines: [2, 5, 6] },
  'quoted-crlf': { delimiter: ';', lines: [2, 5, 6] },
  'quoted-cr': { delimiter: '\t', lines: [2, 5, 6] },
  'mixed-line-ends': { delimiter: ',' },
  'blanks-around': { delimiter: ';' },
};

describe('V-06: the same people in every dialect', () => {
  it('has a case for every file', () => {
    expect(Object.keys(DIALECTS).sort()).toEqual(filesIn('dialects'));
    expect(Object.keys(DIALECTS).length).toBeGreaterThanOrEqual(30);
  });

  it.each(Object.entries(DIALECTS))('%s', async (path, { delimiter, lines = [2, 3, 4] }) => {
    for (const chunk of [1 << 20, 7]) {
      const { head, rows } = await readWhole(file(`dialects/${path}`), { chunk });
      expect(head.delimiter).toBe(delimiter);
      expect(rows).toEqual(IN_EVERY_DIALECT.map((cells, index) => ({ line: lines[index], cells })));
    }
  });

  it('shows the columns that it does not know', async () => {
    const { head } = await readWhole(file('dialects/unknown-columns'));
    expect(head.columns.filter(({ field }) => field === null)).toEqual([
      { name: 'Nr', field: null },
      { name: 'Notes', field: null },
    ]);
  });
});

interface Refusal {
  code: string;
  message: string;
  line: number;
  column?: string;
  chosen?: Encoding;
}

const FAULTS: Record<string, Refusal> = {
  empty: { code: 'empty', line: 1, message: 'Line 1: the file is empty.' },
  'blank-lines-alone': { code: 'empty', line: 1, message: 'Line 1: the file is empty.' },
  'no-email-column': {
    code: 'no_email',
    line: 1,
    message: 'Line 1: there is no column "email"; the first line has to name the columns.',
  },
  'no-header': {
    code: 'no_email',
    line: 1,
    message: 'Line 1: there is no column "email"; the first line has to name the columns.',
  },
  'email-twice': {
    code: 'repeated_column',
    line: 1,
    column: 'E-Mail',
    message: 'Line 1, column "E-Mail": the header names it twice.',
  },
  'unknown-column-twice': {
    code: 'repeated_column',
    line: 1,
    column: 'notes',
    message: 'Line 1, column "notes": the header names it twice.',
  },
  'column-that-no-file-sets': {
    code: 'refused_column',
    line: 1,
    column: 'Organisation ID',
    message: 'Line 1, column "Organisation ID": no file can set this; take the column out.',
  },
  'columns-65': { code: 'columns', line: 1, message: 'Line 1: there are 65 columns, and 64 are the most.' },
  'name-of-a-column-too-long': {
    code: 'header',
    line: 1,
    message: 'Line 1: a name of a column is longer than 256 characters.',
  },
  'quote-in-the-header': {
    code: 'quote',
    line: 1,
    message: 'Line 1: a quote in the header stands where none may be, or is not closed.',
  },
  'control-character-in-the-header': {
    code: 'control',
    line: 1,
    message: 'Line 1: there is a control character (U+001B) in the header.',
  },
  'separators-mixed-in-the-header': {
    code: 'separator',
    line: 1,
    message:
      'Line 1: it cannot be told whether commas or semicolons separate the columns; use one of them in the whole file.',
  },
  'separator-that-we-do-not-know': {
    code: 'header',
    line: 1,
    message: 'Line 1: "sep=" names a separator that is none of comma, semicolon and tab.',
  },
  'separators-mixed-in-the-rows': {
    code: 'ragged',
    line: 3,
    message: 'Line 3: there is 1 value, and the header has 3 columns.',
  },
  'row-too-short': {
    code: 'ragged',
    line: 3,
    message: 'Line 3: there are 2 values, and the header has 3 columns.',
  },
  'row-too-long': {
    code: 'ragged',
    line: 4,
    message: 'Line 4: there are 4 values, and the header has 3 columns.',
  },
  'row-too-short-after-line-ends': {
    code: 'ragged',
    line: 5,
    message: 'Line 5: there are 2 values, and the header has 3 columns.',
  },
  'quote-within-a-value': {
    code: 'quote',
    line: 3,
    column: 'first_name',
    message: 'Line 3, column "first_name": a quote stands within a value that does not begin with one.',
  },
  'text-after-a-quote': {
    code: 'quote',
    line: 2,
    column: 'first_name',
    message:
      'Line 2, column "first_name": text follows the closing quote of a value; a quote within a value is written twice.',
  },
  'quote-closed-by-the-next': {
    code: 'quote',
    line: 3,
    column: 'first_name',
    message:
      'Line 3, column "first_name": text follows the closing quote of a value; a quote within a value is written twice. The row begins in line 2.',
  },
  'quote-never-closed': {
    code: 'quote',
    line: 4,
    column: 'first_name',
    message: 'Line 4, column "first_name": a quote opens the value and is never closed.',
  },
  nul: {
    code: 'control',
    line: 3,
    column: 'first_name',
    message: 'Line 3, column "first_name": there is a NUL character.',
  },
  'control-character': {
    code: 'control',
    line: 3,
    column: 'team',
    message: 'Line 3, column "team": there is a control character (U+0007).',
  },
  'utf-16-without-mark': {
    code: 'control',
    line: 1,
    message: 'Line 1: there is a NUL character in the header, as in UTF-16 without its mark; save the file as UTF-8.',
  },
  'value-of-65-kib': {
    code: 'value_too_long',
    line: 3,
    column: 'team',
    message: 'Line 3, column "team": the value is longer than 64 KiB.',
  },
  'value-without-a-name': {
    code: 'nameless',
    line: 3,
    message: 'Line 3: there is a value in column 3, which has no name in the header.',
  },
  'not-utf-8': {
    code: 'encoding_unknown',
    line: 4,
    message: 'Line 4: this is not UTF-8; choose the encoding that the file was saved in, or save it as UTF-8.',
  },
  'bytes-that-are-not-utf-8-after-the-mark': {
    code: 'encoding',
    line: 4,
    message: 'Line 4: there are bytes that are not UTF-8.',
  },
  'half-a-character-of-utf-16': {
    code: 'encoding',
    line: 2,
    message: 'Line 2: there are bytes that are not UTF-16LE.',
  },
  'half-a-unit-of-utf-16': { code: 'encoding', line: 3, message: 'Line 3: there are bytes that are not UTF-16BE.' },
  'bytes-that-are-not-windows-1252': {
    code: 'encoding',
    line: 3,
    chosen: 'windows-1252',
    message: 'Line 3: there are bytes that are not Windows-1252.',
  },
  'windows-1252-read-as-iso-8859-1': {
    code: 'control',
    line: 2,
    column: 'team',
    chosen: 'iso-8859-1',
    message: 'Line 2, column "team": there is a control character (U+0092); the file is probably Windows-1252.',
  },
};

describe('V-07: what is not clear is refused, with the line and the column', () => {
  it('has a case for every file', () => {
    expect(Object.keys(FAULTS).sort()).toEqual(filesIn('faults'));
    expect(Object.keys(FAULTS).length).toBeGreaterThanOrEqual(25);
  });

  it.each(Object.entries(FAULTS))('%s', async (path, { code, message, line, column = null, chosen }) => {
    for (const chunk of [1 << 20, 7]) {
      const fault = await faultOf(file(`faults/${path}`), {
        chunk,
        ...(chosen === undefined ? {} : { encoding: chosen }),
      });
      expect({ ...fault, message: fault?.message }).toEqual({ name: 'FileFault', code, message, line, column });
    }
  });
});
