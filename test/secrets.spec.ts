import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { lookupOf } from '../src/auth/key-format.js';

/** What is made or installed, and in no commit. */
const MADE = /(^|\/)(node_modules|dist|coverage|\.git|\.rollcall|generated)(\/|$)/u;
/** Texts that look like a secret, to see what becomes of one: no key opens anything. */
const LOOKALIKES = ['src/common/logging.spec.ts', 'src/connectors/google/credentials.spec.ts', 'test/secrets.spec.ts'];

const SECRETS: readonly [string, RegExp][] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/u],
  ['a key of a cloud', /\bAKIA[0-9A-Z]{16}\b|\bAIza[\w-]{35}\b/u],
  ['a token of a code host', /\bgh[pousr]_\w{36}\b|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20}\b|\bnpm_[A-Za-z0-9]{36}\b/u],
  ['a token of a chat', /\bxox[abprs]-[\w-]{10,}/u],
  ['a key of a payment service', /\b[rs]k_live_\w{10,}/u],
  ['a signed token', /\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/u],
  ['a registry’s token', /_authToken\s*=|\/\/[^\s/]+\/:_password/u],
];

function filesOf(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name).split(sep).join('/');
    if (MADE.test(path)) return [];
    return entry.isDirectory() ? filesOf(path) : entry.isFile() ? [path] : [];
  });
}

function secretsIn(text: string): string[] {
  const keys = [...text.matchAll(/\brc_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b/gu)].filter(([key]) => lookupOf(key) !== null);
  return [
    ...SECRETS.filter(([, pattern]) => pattern.test(text)).map(([what]) => what),
    ...(keys.length > 0 ? ['a key of ours'] : []),
  ];
}

describe('X-25 secrets', () => {
  it('are in no file of the tree', () => {
    const files = filesOf('.');
    expect(files.length).toBeGreaterThan(500);
    const found = files
      .filter((path) => !LOOKALIKES.includes(path))
      .flatMap((path) => secretsIn(readFileSync(path, 'latin1')).map((what) => `${path}: ${what}`));
    expect(found).toEqual([]);
    expect(files.filter((path) => /(^|\/)(\.env(\..*)?|.*\.(pem|p12|pfx|jks|key))$/u.test(path))).toEqual([]);
  });

  it('are known when they are there', () => {
    expect(LOOKALIKES.filter((path) => secretsIn(readFileSync(path, 'utf8')).length === 0)).toEqual([]);
    expect(secretsIn(`ghp_${'a'.repeat(36)}`)).toEqual(['a token of a code host']);
    expect(secretsIn(`//registry.example/:_authToken=x`)).toEqual(['a registry’s token']);
  });
});

/** Each on one line of its own, with the rule that has to refuse it. */
const DANGEROUS: readonly [string, string][] = [
  [`import { exec } from 'node:child_process';`, 'no-restricted-imports'],
  [`import { createHash } from 'node:crypto';`, 'nothing'],
  [`import { runInThisContext } from 'node:vm';`, 'no-restricted-imports'],
  [`eval('1');`, 'no-eval'],
  [`export const made = new Function('return 1') as () => void;`, 'no-new-func'],
  [`setTimeout('1', 1);`, '@typescript-eslint/no-implied-eval'],
  [`export const address = 'javascript:1';`, 'no-script-url'],
  [`export const id = Math.random();`, 'no-restricted-syntax'],
  [`export const digest = createHash('md5');`, 'no-restricted-syntax'],
  [`export const options = { rejectUnauthorized: false };`, 'no-restricted-syntax'],
  [`export const answer = fetch('https://acme.example');`, 'no-restricted-globals'],
  [`exec('ls'); runInThisContext('1');`, 'nothing'],
];

it('X-25 the linter refuses what is dangerous', async () => {
  const said = await new Promise<string>((done) => {
    const args = [
      'node_modules/eslint/bin/eslint.js',
      '--stdin',
      '--stdin-filename=src/common/errors.ts',
      '--format=json',
    ];
    const child = execFile(process.execPath, args, (_fault, stdout) => done(stdout));
    child.stdin?.end(DANGEROUS.map(([line]) => line).join('\n'));
  });
  const [{ messages }] = JSON.parse(said) as [{ messages: { ruleId: string; line: number }[] }];
  for (const [at, [line, rule]] of DANGEROUS.entries()) {
    const refused = messages.filter((message) => message.line === at + 1).map(({ ruleId }) => ruleId);
    if (rule === 'nothing') expect([line, refused]).toEqual([line, []]);
    else expect([line, refused]).toEqual([line, expect.arrayContaining([rule])]);
  }
});
