import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_CODES, isErrorCode, renderErrorCodes } from './error-codes.js';
import { RollcallError } from './errors.js';

describe('error codes', () => {
  it('are all documented in docs/error-codes.md', () => {
    expect(readFileSync('docs/error-codes.md', 'utf8')).toBe(renderErrorCodes());
  });

  it.each(Object.entries(ERROR_CODES))('%s has the form of one, and a sentence', (code, { meaning }) => {
    expect(code).toMatch(/^[a-z][a-z_]*\.[a-z][a-z_]*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });

  it('are all thrown somewhere', () => {
    const text = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('error-codes.ts'))
      .map((name) => readFileSync(join('src', name), 'utf8'))
      .join('\n');
    expect(Object.keys(ERROR_CODES).filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });

  it('tell their kind', () => {
    expect(new RollcallError('route.not_found', 'No.').kind).toBe('not_found');
    expect([isErrorCode('route.not_found'), isErrorCode('toString')]).toEqual([true, false]);
  });
});
