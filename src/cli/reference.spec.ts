import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { renderReference } from './reference.js';

it('docs/command-line.md says what the commands say: npm run docs:cli', () => {
  expect(readFileSync('docs/command-line.md', 'utf8')).toBe(renderReference());
});
