import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { neutral, plainOf } from './formulas.js';

/** Texts of which most are near a formula. */
const nearFormula = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '=',
      '+',
      '-',
      '@',
      '\t',
      '\r',
      '\n',
      '\0',
      ' ',
      '\u00a0',
      '\ufeff',
      '\u200b',
      '＝',
      '＠',
      '’',
      'A',
      '1',
    ),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''));

describe('V-14: cells that look like formulas', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\nx',
    '\0x',
    ' =1',
    '\u00a0=1',
    '"=1"',
    "'=1",
    "''=1",
    '\ufeff=1',
    '\u200b=1',
    '“=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    '﹦1',
    '−1',
    ` \ufeff"'=HYPERLINK("http://x")`,
  ])('%j gets an apostrophe, and loses it again', (text) => {
    expect(neutral(text)).toBe(`'${text}`);
    expect(plainOf(neutral(text))).toBe(text);
  });

  it.each([
    '',
    'Ana',
    "'t Hooft",
    "''t Hooft",
    "O'Neil",
    'a=b',
    'Meier-Ost',
    'ana+1@example.com',
    '"Ana"',
    '12',
    'Ωmega',
  ])('%j stays as it is, there and back', (text) => {
    expect(neutral(text)).toBe(text);
    expect(plainOf(text)).toBe(text);
  });

  it('comes back as it was, whatever it was', () => {
    fc.assert(
      fc.property(fc.oneof(nearFormula, fc.string({ unit: 'binary' })), (text) => {
        expect(plainOf(neutral(text))).toBe(text);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is never neutral without an apostrophe before what a program would take for a formula', () => {
    fc.assert(
      fc.property(nearFormula, (text) => {
        expect(neutral(text)).not.toMatch(/^[=+\-@\t\r\n\0＝＋－＠]/u);
      }),
      { numRuns: 20_000 },
    );
  });
});
