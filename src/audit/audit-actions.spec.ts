import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { AUDIT_ACTIONS, renderAuditActions } from './audit-actions.js';

describe('G-01 audit actions', () => {
  it('are all documented in docs/audit-actions.md', () => {
    expect(readFileSync('docs/audit-actions.md', 'utf8')).toBe(renderAuditActions());
  });

  it.each(Object.entries(AUDIT_ACTIONS))('%s has the form of one, and a sentence', (action, meaning) => {
    expect(action).toMatch(/^[a-z][a-z_]*\.[a-z][a-z_]*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });
});
