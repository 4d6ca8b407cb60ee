import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';

/** Of the OpenID Foundation's suite for relying parties. */
const MODULES = [
  ...[
    '',
    '-invalid-iss',
    '-missing-sub',
    '-invalid-aud',
    '-missing-aud',
    '-missing-iat',
    '-kid-absent-single-jwks',
    '-kid-absent-multiple-jwks',
    '-idtoken-sig-rs256',
    '-idtoken-sig-none',
    '-invalid-sig-rs256',
    '-invalid-sig-es256',
    '-invalid-sig-hs256',
    '-userinfo-invalid-sub',
    '-nonce-invalid',
    '-scope-userinfo-claims',
    '-client-secret-basic',
    '-discovery-openid-config',
    '-discovery-jwks-uri-keys',
    '-discovery-issuer-mismatch',
    '-signing-key-rotation',
    '-signing-key-rotation-just-before-signing',
    '-rp-init-logout',
    '-rp-init-logout-other-state',
    '-rp-init-logout-no-state',
    '-rp-backchannel-rpinitlogout',
    '-rp-backchannel-rpinitlogout-alg-none',
    '-rp-backchannel-rpinitlogout-wrong-alg',
    '-rp-backchannel-rpinitlogout-wrong-aud',
    '-rp-backchannel-rpinitlogout-wrong-iss',
    '-rp-backchannel-rpinitlogout-no-event',
    '-rp-backchannel-rpinitlogout-wrong-event',
    '-rp-backchannel-rpinitlogout-with-nonce',
    '-refresh-token',
    '-3rd-party-init-login',
    '-form-post-error',
  ].map((name) => `oidcc-client-test${name}`),
  ...[
    'invalid-authorization-response-iss',
    'remove-authorization-response-iss',
    'invalid-state',
    'expired-exp',
    'missing-exp',
    'alternate-alg',
    'secondary-aud',
    'iat-week-in-past',
  ].map((name) => `fapi2-${name}`),
];

/** The rows that are due; numbers are never given twice, and some never were. */
const DUE = [
  ...['CLOCK_SKEW', 'ID_TOKEN_MAX_AGE', 'LOGIN_TX_TTL', 'IDP_HTTP', 'DIR_HTTP', 'JWKS_REFETCH', 'REMOVAL_LIMIT'],
  ...['MEMBERSHIP_LIMIT', 'GRACE', 'HOLD_TTL', 'RETRY', 'WEBHOOK', 'INVITE_TTL', 'RESET_TTL', 'SESSION', 'ARGON2ID'],
  ...['API', 'CSV'],
  ...numbered('P', 12, [], 1),
  ...MODULES,
  ...numbered('O', 77, [13, 15, 16, 17, 18, 31, 32, 34, 36, 49, 50, 51, 52, 53, 56, 57, 62, 64, 66, 68, 71, 72, 76]),
  ...numbered('S', 31, [30]),
  ...numbered('T', 13, [5, 7]),
  ...numbered('A', 16, [2, 12]),
  'A-20',
  ...numbered('K', 10, [8]),
  ...numbered('G', 10, [5, 7]),
  ...numbered('I', 22, [7, 9, 13, 19]),
  ...numbered('V', 21, [9, 13, 15, 16, 17, 20]),
  ...numbered('X', 30, [6, 12, 26, 27, 28]),
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
