import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { loadConfig } from '../src/config/load-config.js';

interface Instruction {
  name: string;
  text: string;
}

/** The stages of a Dockerfile, each from its FROM on; what stands before the first is the first of all. */
function stagesOf(file: string): Instruction[][] {
  const lines = file
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .join('\n')
    .replace(/\\\n/gu, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: Instruction[][] = [[]];
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/su.exec(line.trim()) ?? [];
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, text: text.replace(/\s+/gu, ' ') });
  }
  return stages;
}

const [before = [], ...stages] = stagesOf(readFileSync('docker/Dockerfile', 'utf8'));
const all = [...before, ...stages.flat()];
const final = stages.at(-1) ?? [];
const of = (stage: Instruction[], name: string): string[] =>
  stage.filter((instruction) => instruction.name === name).map(({ text }) => text);
const settings = of(final, 'ENV').flatMap((text) =>
  [...text.matchAll(/(\w+)=(\S+)/gu)].map(([, name = '', value = '']): [string, string] => [name, value]),
);
const compose = parse(readFileSync('docker/compose.yaml', 'utf8')) as {
  services: Record<string, Record<string, unknown> & { environment?: Record<string, string>; volumes?: string[] }>;
};
const rollcall = compose.services['rollcall'];

describe('X-19 the image', () => {
  it('is slim, made in two stages, and both can be pinned by digest', () => {
    expect(stages.length).toBe(2);
    expect(of(before, 'ARG')).toEqual([
      expect.stringMatching(/^NODE_IMAGE=node:24-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/u),
    ]);
    expect(stages.map(([from]) => from?.text)).toEqual(['${NODE_IMAGE} AS build', '${NODE_IMAGE}']);
    // Whatever else comes from outside would come unpinned.
    expect(all.filter(({ name }) => name === 'ADD')).toEqual([]);
    expect(all.filter(({ text }) => /\b(curl|wget|apt|apt-get|git)\b/u.test(text))).toEqual([]);
  });

  it('runs as somebody who is nobody, by number, and never as root again', () => {
    const users = of(final, 'USER');
    expect(users).toEqual(['65532:65532']);
    const last = final.findIndex(({ name }) => name === 'USER');
    expect(final.slice(last).filter(({ name }) => ['RUN', 'COPY'].includes(name))).toEqual([]);
  });

  it('installs what the lock says, runs no script of a package but the one that is allowed, and builds service and pages', () => {
    const runs = of(stages[0] ?? [], 'RUN').join(' && ');
    expect([...runs.matchAll(/npm (ci|install|prune)\b[^&]*/gu)].map(([command]) => command.trim())).toEqual([
      'npm ci --ignore-scripts',
      'npm prune --omit=dev --ignore-scripts',
    ]);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(runs).toContain('npm run build');
    expect(scripts['build']).toContain('npm run web:build');
  });

  it('takes into its last stage what was built, without tools for developers, sources or npm', () => {
    const copied = of(final, 'COPY');
    expect(copied.filter((text) => !text.startsWith('--from=build '))).toEqual([]);
    expect(copied.flatMap((text) => text.split(' ').slice(1, -1)).sort()).toEqual(
      ['LICENSE', 'config', 'dist', 'node_modules', 'package.json', 'prisma/migrations', 'sbom.json'].map(
        (name) => `/build/${name}`,
      ),
    );
    expect(of(final, 'RUN').join()).toContain('rm -rf /usr/local/lib/node_modules');
    const building = of(stages[0] ?? [], 'RUN');
    expect(building.findIndex((text) => text.includes('npm prune --omit=dev'))).toBe(building.length - 1);
  });

  it('has no secret in any layer, and takes none while it is built', () => {
    expect(of(before, 'ARG').concat(...stages.map((stage) => of(stage, 'ARG'))).length).toBe(1);
    expect(settings.map(([name]) => name)).toEqual([
      'NODE_ENV',
      'ROLLCALL_DATA_FOLDER',
      'ROLLCALL_AUDIT_HEADS_FILE',
      'ROLLCALL_KEY_FILE',
    ]);
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '.rollcall', '.env', 'node_modules']));
  });

  it('writes to its volumes and /tmp alone, and data and keys lie apart', () => {
    const volumes = JSON.parse(of(final, 'VOLUME')[0] ?? '[]') as string[];
    const places = settings.filter(([, value]) => value.startsWith('/')).map(([, value]) => value);
    expect(places.length).toBe(3);
    expect(places.filter((path) => !volumes.some((volume) => path.startsWith(`${volume}/`)))).toEqual([]);
    const place = (name: string): string => settings.find(([known]) => known === name)?.[1] ?? '';
    const volumeOf = (name: string): string | undefined =>
      volumes.find((volume) => place(name).startsWith(`${volume}/`));
    expect(volumeOf('ROLLCALL_KEY_FILE')).not.toBe(volumeOf('ROLLCALL_DATA_FOLDER'));
    // Nothing else of the configuration names a place that is written to.
    const { data, secretKey, audit } = loadConfig({
      ...Object.fromEntries(settings),
      ROLLCALL_SERVER_PUBLIC_URL: 'https://rollcall.example',
    });
    expect([data.folder, secretKey.file, audit.headsFile].sort()).toEqual([...places].sort());
  });

  it('tells whether it is well without a shell or another program', () => {
    const [check = ''] = of(final, 'HEALTHCHECK');
    const [, list = '[]'] = /CMD (\[.*\])$/u.exec(check) ?? [];
    const [program, flag, script] = JSON.parse(list) as string[];
    expect([program, flag]).toEqual(['node', '-e']);
    expect(script).toContain('/readyz');
    expect((JSON.parse(of(final, 'CMD')[0] ?? '[]') as string[])[0]).toBe('node');
  });
});

describe('X-19 the compose file', () => {
  it('gives the service no right, no new ones, and a root that it cannot write', () => {
    expect(rollcall).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      tmpfs: ['/tmp'],
      // what ended by a fault is begun anew.
      restart: 'unless-stopped',
    });
    const mounted = (rollcall?.volumes ?? []).map((volume) => volume.split(':')[1]);
    expect(mounted.sort()).toEqual(['/var/lib/rollcall', '/var/lib/rollcall-keys']);
    for (const key of ['privileged', 'cap_add', 'network_mode', 'pid', 'user', 'devices'])
      expect(Object.keys(rollcall ?? {})).not.toContain(key);
  });

  it('holds no secret and no way in: who starts it has to say them, and nothing weakens', () => {
    for (const { environment = {} } of Object.values(compose.services))
      for (const [name, value] of Object.entries(environment)) {
        expect(name).not.toMatch(/INSECURE/u);
        if (/PASSWORD|SECRET|TOKEN/u.test(name)) expect(value).toMatch(/^\$\{\w+:\?/u);
      }
    expect(rollcall?.['ports']).toEqual(['127.0.0.1:3000:3000']);
    expect(compose.services['database']).not.toHaveProperty('ports');
  });
});
