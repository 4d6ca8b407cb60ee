import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { readSources, type Source } from './support/sources.js';

/** The layers of src/, lowest first: a folder imports only from those before it. A new folder takes a place here. */
const LAYERS = [
  'common',
  'config',
  'database',
  'sync',
  'connectors',
  'audit',
  'events',
  'auth',
  'organisations',
  'frameworks',
  'people',
  'mail',
  'operators',
  'connections',
  'runs',
  'sso',
  'sign-in',
  'invitations',
  'imports',
  'schedule',
  'web',
  'health',
  'cli',
];

/** What a folder shows to the others; everything else stays at home. */
const AT_HOME = /\.(repository|controller|dto)\.ts$/;

/** Longest file, in lines. The list of exceptions is empty, and stays so. */
const LONGEST_FILE = 400;
const LONGER_FILES: readonly string[] = [];

const sources = readSources('src');
const withSpecs = [
  ...readSources('src', { specs: true }),
  ...readSources('test', { specs: true }),
  ...readSources('bench', { specs: true }),
];

/** `src/runs/x.ts` is in `runs`; a file directly in src/ is in none. */
function folderOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null;
}

function offences(of: readonly Source[], judge: (source: Source) => string[]): string[] {
  return of.flatMap((source) => judge(source).map((offence) => `${source.path}: ${offence}`));
}

describe('the house is tidy', () => {
  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.some(({ imports }) => imports.some(({ target }) => target?.startsWith('src/common/')))).toBe(true);
  });

  it('rule 1: every folder has its place among the layers', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && entry.name !== 'generated',
    );
    expect(folders.map(({ name }) => name).filter((name) => !LAYERS.includes(name))).toEqual([]);
  });

  it('rule 1: a folder imports only from itself and those before it', () => {
    const found = offences(sources, ({ path, imports }) => {
      const own = folderOf(path);
      if (own === null) return [];
      return imports.flatMap(({ target, specifier }) => {
        if (target === null || target.startsWith('src/generated/')) return [];
        const other = folderOf(target);
        return other !== null && LAYERS.indexOf(other) <= LAYERS.indexOf(own) ? [] : [`imports ${specifier}`];
      });
    });
    expect(found).toEqual([]);
  });

  it('rule 2: sync/ imports nothing but itself', () => {
    const found = offences(readSources('src/sync'), ({ imports }) =>
      imports.filter(({ target }) => !target?.startsWith('src/sync/')).map(({ specifier }) => `imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  it('rule 2: connectors/ know no framework, no database and no feature', () => {
    const allowed = ['src/connectors/', 'src/common/', 'src/sync/'];
    const found = offences(readSources('src/connectors'), ({ imports }) =>
      imports
        .filter(({ target, specifier }) =>
          target === null
            ? /^(@nestjs|pg|@prisma|express)(\/|$)/.test(specifier)
            : !allowed.some((folder) => target.startsWith(folder)),
        )
        .map(({ specifier }) => `imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  it('rule 3: repositories, controllers and DTOs stay at home', () => {
    const found = offences(sources, ({ path, imports }) =>
      imports
        .filter(({ target }) => target !== null && AT_HOME.test(target) && folderOf(target) !== folderOf(path))
        .map(({ specifier }) => `imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  it('rule 3: the generated client is for repositories and database/ alone', () => {
    const found = offences(sources, ({ path, imports }) =>
      path.startsWith('src/database/') || path.endsWith('.repository.ts')
        ? []
        : imports
            .filter(({ target }) => target?.startsWith('src/generated/'))
            .map(({ specifier }) => `imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });

  it('rule 4: the vendors are named under connectors/ alone', () => {
    const found = offences(
      sources.filter(({ path }) => !path.startsWith('src/connectors/')),
      ({ text }) => [...text.matchAll(/okta|google/gi)].map(([word]) => `says ${word}`),
    );
    expect(found).toEqual([]);
  });

  it('SQL stands in repositories, in the one writer of people, and in database/', () => {
    const sql =
      /`[^`]*\b(SELECT\s[\s\S]*?\bFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b[^`]*`|'(SELECT\s.*?\bFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b[^']*'/;
    const home = /^src\/(database\/.*|people\/apply[^/]*|.*\.repository)\.ts$/;
    expect(
      offences(
        sources.filter(({ path }) => !home.test(path)),
        ({ text }) => (sql.test(text) ? ['holds SQL'] : []),
      ),
    ).toEqual([]);
  });

  it('T-11: no raw query of Prisma that takes text, no client of Prisma at all', () => {
    const found = offences(sources, ({ text }) =>
      [...text.matchAll(/\$(queryRaw|executeRaw)\w*|new PrismaClient/g)].map(([word]) => `uses ${word}`),
    );
    expect(found).toEqual([]);
  });

  it('T-11: values are never written into a statement', () => {
    const found = offences(
      sources.filter(({ path }) => path.endsWith('.repository.ts')),
      ({ text }) =>
        [...text.matchAll(/(query|execute|one|maybeOne)(<[^(]*>)?\(\s*['`][^'`]*'\s*\+/g)].map(
          () => 'glues a statement together',
        ),
    );
    expect(found).toEqual([]);
  });

  it('nothing was left to be done later, switched off, or waved through', () => {
    const marks = new RegExp(
      ['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', '@ts-' + 'ignore', '@ts-' + 'nocheck', 'as an' + 'y\\b(?! [a-z])']
        .map((word) => `\\b${word}|${word}\\b`)
        .join('|'),
    );
    const skipped = /\b(it|test|describe)\.(skip|only|todo)\b|\b(xit|xdescribe|fit|fdescribe)\(/;
    const found = offences(
      withSpecs.filter(({ path }) => path !== 'test/tidy.spec.ts'),
      ({ text }) => [...(marks.test(text) ? ['has a mark'] : []), ...(skipped.test(text) ? ['skips a test'] : [])],
    );
    expect(found).toEqual([]);
  });

  it('no error is swallowed: no empty catch, none that answers with nothing', () => {
    const found = offences(sources, ({ text }) => [
      ...[...text.matchAll(/catch\s*(\([^)]*\))?\s*\{\s*\}/g)].map(() => 'has an empty catch'),
      ...[...text.matchAll(/catch\s*(\([^)]*\))?\s*\{\s*return \[\];?\s*\}/g)].map(() => 'returns [] from a catch'),
      ...[...text.matchAll(/\.catch\(\(\)\s*=>\s*(undefined|\{\s*\}|\[\])\)/g)].map(() => 'swallows a rejection'),
    ]);
    expect(found).toEqual([]);
  });

  it(`no file is longer than ${LONGEST_FILE} lines`, () => {
    const found = withSpecs
      .filter(
        ({ path, text }) =>
          !LONGER_FILES.includes(path) && !path.endsWith('.spec.ts') && text.split('\n').length > LONGEST_FILE,
      )
      .map(({ path, text }) => `${path}: ${text.split('\n').length}`);
    expect(found).toEqual([]);
  });

  it('every package that is imported is named in package.json, and what the service needs is no tool', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
    const known = Object.keys(manifest['dependencies'] ?? {});
    const found = offences(sources, ({ imports }) =>
      imports
        .filter(
          ({ target, specifier }) =>
            target === null && !specifier.startsWith('node:') && !builtinModules.includes(specifier),
        )
        .map(({ specifier }) =>
          specifier
            .split('/')
            .slice(0, specifier.startsWith('@') ? 2 : 1)
            .join('/'),
        )
        .filter((name) => !known.includes(name))
        .map((name) => `imports ${name}`),
    );
    expect(found).toEqual([]);
  });

  it('every version is exact, and the lock names no registry', () => {
    const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Record<string, Record<string, string>>;
    const versions = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    );
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved"/);
  });
});
