import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const HERE = import.meta.dirname;
const CONTRACT = join(HERE, '../../../test/contract');

const rows = readFileSync(join(HERE, 'TRAPS.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => {
    const [trap = '', test = '', file = ''] = line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim());
    return { trap, test, file };
  });

describe('the table of traps', () => {
  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(50);
  });

  it.each(rows)('$trap', ({ test, file }) => {
    const path = join(file.includes('/') ? CONTRACT : HERE, file);
    expect(existsSync(path)).toBe(true);
    const source = readFileSync(path, 'utf8');
    const titles = [...source.matchAll(/\(\s*(['"])(.+?)\1,\s*(?:async )?\(/gu)];
    expect(titles.map((title) => title[2]?.replaceAll("\\'", "'"))).toContain(test);
    expect(source).not.toMatch(/\b(?:it|describe)\.(?:skip|only|todo)/u);
  });
});
