import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ALL_SCOPES, SCOPES } from './auth.types.js';

describe('the scopes', () => {
  it('stand in docs/api.md, each with what it allows', () => {
    const doc = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
    const rows = [...doc.matchAll(/^\| `([a-z-]+:[a-z]+)` \| (.+) \|$/gm)].map(([, scope, meaning]) => [
      scope,
      meaning,
    ]);
    expect(rows).toEqual(ALL_SCOPES.map((scope) => [scope, SCOPES[scope]]));
  });
});
