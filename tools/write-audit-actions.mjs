// Writes docs/audit-actions.md from the list of actions; a test fails when the two differ.
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderAuditActions } from '../src/audit/audit-actions.ts';

mkdirSync('docs', { recursive: true });
writeFileSync('docs/audit-actions.md', renderAuditActions());
