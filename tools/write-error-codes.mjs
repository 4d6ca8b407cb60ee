// Writes docs/error-codes.md from the list of codes; a test fails when the two differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderErrorCodes } from '../src/common/error-codes.ts';

mkdirSync('docs', { recursive: true });
writeFileSync('docs/error-codes.md', renderErrorCodes());
