import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

/** Each row of the table ends with a file and the title of a test in it. */
const rows = readFileSync('src/connectors/okta/TRAPS.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| trap') && !line.startsWith('| ---'))
  .map((line): [string, string, string] => {
    const cells = line.split('|').map((cell) => cell.trim());
    const named = /^`([^`]+)`: (.+)$/.exec(cells.at(-2) ?? '');
    return [cells[1] ?? '', named?.[1] ?? '', named?.[2] ?? ''];
  });

describe('the traps of Okta', () => {
  it('are many', () => {
    expect(rows.length).toBeGreaterThan(40);
  });

  it.each(rows)('%s', (_trap, file, title) => {
    const source = readFileSync(file, 'utf8').replaceAll("\\'", "'");
    expect(title.length).toBeGreaterThan(3);
    expect(source.includes(`'${title}'`) || source.includes(`"${title}"`)).toBe(true);
  });
});
