import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** The rows that are due; numbers are never given twice, and some never were. */
const DUE = [
  ...['CLOCK_SKEW', 'ID_TOKEN_MAX_AGE', 'LOGIN_TX_TTL', 'IDP_HTTP', 'DIR_HTTP', 'JWKS_REFETCH', 'REMOVAL_LIMIT'],
  ...['MEMBERSHIP_LIMIT', 'GRACE', 'HOLD_TTL', 'RETRY', 'WEBHOOK', 'INVITE_TTL', 'RESET_TTL', 'SESSION', 'ARGON2ID'],
  ...['API', 'CSV'],
  ...numbered('P', 11, [], 1),
  ...[
    'O-01',
    'O-02',
    'O-03',
    'O-04',
    'O-05',
    'O-06',
    'O-07',
    'O-08',
    'O-09',
    'O-10',
    'O-11',
    'O-12',
    'O-14',
    'O-20',
    'O-21',
    'O-22',
    'O-23',
    'O-24',
    'O-25',
    'O-26',
    'O-27',
    'O-28',
    'O-29',
    'O-30',
    'O-33',
    'O-35',
    'O-37',
    'O-38',
    'O-39',
    'O-40',
    'O-41',
    'O-42',
    'O-43',
    'O-44',
    'O-45',
    'O-46',
    'O-47',
    'O-48',
    'O-54',
    'O-55',
    'O-58',
    'O-59',
    'O-60',
    'O-61',
    'O-63',
    'O-65',
    'O-67',
    'O-69',
    'O-70',
    'O-73',
    'O-74',
    'O-75',
    'O-77',
  ],
  ...numbered('S', 31, [30]),
  ...numbered('T', 13, [5, 7]),
  ...numbered('A', 16, [2, 12]),
  'A-20',
  ...numbered('K', 10, [8]),
  ...numbered('G', 10, [5, 7]),
  ...numbered('I', 22, [7, 9, 13, 19]),
  ...['X-01', 'X-02', 'X-03', 'X-04', 'X-05', 'X-07', 'X-09', 'X-11', 'X-14', 'X-15', 'X-16', 'X-17', 'X-30'],
];

function numbered(letter: string, last: number, missing: number[], digits = 2): string[] {
  return Array.from({ length: last }, (_, at) => at + 1)
    .filter((number) => !missing.includes(number))
    .map((number) => (digits === 1 ? `${letter}${number}` : `${letter}-${String(number).padStart(2, '0')}`));
}

interface Row {
  id: string;
  text: string;
  tests: { file: string; title: string }[];
}

function rowsOf(page: string): Row[] {
  const rows: Row[] = [];
  for (const line of page.split('\n')) {
    const row = /^- \*\*([\w-]+)\*\* (.+)$/u.exec(line);
    const test = /^ {2}- `([^`]+)` (.+)$/u.exec(line);
    if (row) rows.push({ id: row[1] ?? '', text: row[2] ?? '', tests: [] });
    else if (test) rows.at(-1)?.tests.push({ file: test[1] ?? '', title: test[2] ?? '' });
  }
  return rows;
}

/** The titles of all tests and groups of tests of a file, as they stand in it. */
function titlesOf(file: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(it|describe)\b/u.test(node.expression.getText())) {
      const [title] = node.arguments;
      if (title && (ts.isStringLiteralLike(title) || ts.isTemplateExpression(title)))
        found.push(ts.isStringLiteralLike(title) ? title.text : title.getText().slice(1, -1));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true));
  return found;
}

const rows = rowsOf(readFileSync('docs/requirements-trace.md', 'utf8'));

describe('the trace of the requirements', () => {
  it('has every row that is due, once', () => {
    expect(rows.map(({ id }) => id)).toEqual(DUE);
  });

  it('names a test for every row, or what the row comes with', () => {
    const bare = rows.filter(({ tests, text }) => tests.length === 0 && !/^(comes with|void:)/u.test(text));
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('names only tests that there are', () => {
    const lost = rows.flatMap(({ id, tests }) =>
      tests
        .filter(({ file, title }) => !existsSync(file) || !titlesOf(file).includes(title))
        .map(({ file, title }) => `${id}: ${file}: ${title}`),
    );
    expect(lost).toEqual([]);
  });
});
