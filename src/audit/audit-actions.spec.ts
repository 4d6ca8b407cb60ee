import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AUDIT_ACTIONS, renderAuditActions } from './audit-actions.js';

describe('G-01 audit actions', () => {
  it('are all documented in docs/audit-actions.md', () => {
    expect(readFileSync('docs/audit-actions.md', 'utf8')).toBe(renderAuditActions());
  });

  it('are all recorded somewhere', () => {
    const text = readdirSync('src', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts') && !name.endsWith('audit-actions.ts'))
      .map((name) => readFileSync(join('src', name), 'utf8'))
      .join('\n');
    expect(Object.keys(AUDIT_ACTIONS).filter((action) => !text.includes(`'${action}'`))).toEqual([]);
  });

  it.each(Object.entries(AUDIT_ACTIONS))('%s has the form of one, and a sentence', (action, meaning) => {
    expect(action).toMatch(/^[a-z][a-z_]*\.[a-z][a-z_]*$/);
    expect(meaning).toMatch(/^[A-Z].*\.$/);
  });
});
