// Writes docs/command-line.md from the commands themselves; a test fails when the two differ.
import { writeFileSync } from 'node:fs';
import { renderReference } from '../src/cli/reference.ts';

writeFileSync('docs/command-line.md', renderReference());
