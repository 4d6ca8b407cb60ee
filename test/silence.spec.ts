import { describe, expect, it } from '@jest/globals';
import { readSources } from './support/sources.js';

const sources = new Map(readSources('src').map((source) => [source.path, source]));

/** Every file that these reach by what they import, and over which. */
function reachedFrom(begin: readonly string[], not: readonly string[] = []): Map<string, string> {
  const reached = new Map(begin.map((path) => [path, path]));
  for (const path of reached.keys())
    for (const { target } of sources.get(path)?.imports ?? [])
      if (target !== null && !reached.has(target) && !not.includes(target)) reached.set(target, path);
  return reached;
}

const below = (...folders: string[]): string[] =>
  [...sources.keys()].filter((path) => folders.some((folder) => path.startsWith(`src/${folder}/`)));
const inMail = (reached: Map<string, string>): string[] =>
  [...reached].flatMap(([path, from]) =>
    /^src\/(mail|invitations|imports)\//.test(path) ? [`${from} imports ${path}`] : [],
  );

describe('silence', () => {
  it('has something to look at', () => {
    expect(below('runs').length).toBeGreaterThan(30);
    expect(reachedFrom(['src/imports/import-kind.service.ts']).has('src/invitations/invitations.service.ts')).toBe(
      true,
    );
  });

  it('no path leads from a sync to the mail: reading, deciding, applying, and the schedule that asks for it', () => {
    const begin = [...below('sync', 'connectors', 'connections', 'runs', 'people'), 'src/schedule/asking.ts'];
    expect(inMail(reachedFrom(begin))).toEqual([]);
  });

  it('files of people register what they do for runs of their own kind alone', () => {
    const registering = [...sources.values()].filter(({ text }) => /\.register\('/.test(text)).map(({ path }) => path);
    expect(registering).toEqual(['src/imports/import-kind.service.ts']);
  });
});
