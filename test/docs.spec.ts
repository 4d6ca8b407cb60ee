import { describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import type { Command } from 'commander';
import { makeProgram } from '../src/cli/program.js';
import { loadConfig } from '../src/config/load-config.js';
import { EVENT_TYPES } from '../src/events/events.types.js';

const pages = [
  ...readdirSync('.').filter((name) => name.endsWith('.md')),
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
  ...['src', 'test'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  ),
].map((path) => ({ path, text: readFileSync(path, 'utf8') }));

/** As the usual renderers make the anchor of a heading. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+\s+(.+)$/gmu)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/gu, '-'),
  );
}

const program = makeProgram(
  {
    streams: { out: process.stdout, err: process.stderr },
    env: {},
    signal: new AbortController().signal,
    open: () => Promise.reject(new Error('nothing is opened here')),
    ended: () => undefined,
  },
  '0',
);

/** Every call of the command line that a page shows: in blocks of code, and between backticks. */
function commandsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```(?:sh|bash)?\n([\s\S]*?)```/gu)].flatMap(([, block = '']) =>
    block.replace(/\\\n\s*/gu, ' ').split('\n'),
  );
  const spans = [...text.replace(/```[\s\S]*?```/gu, '').matchAll(/`([^`\n]+)`/gu)].map(([, span = '']) => span);
  return [...blocks, ...spans]
    .map((line) => /^(?:npm run rollcall --|rollcall) (.+)$/u.exec(line.trim().replace(/\s+[#>|].*$/u, ''))?.[1])
    .filter((line): line is string => line !== undefined && line !== '…');
}

/** Words as a shell would give them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

/** What of a call the command line does not know; empty when it would be taken. */
function faultsOf(line: string): string[] {
  let command: Command = program;
  const rest: string[] = [];
  const known = [...program.options];
  const words = wordsOf(line);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '…') continue;
    if (word.startsWith('-')) {
      const [flag = ''] = word.split('=');
      const option = [...known, ...command.options].find(({ long, short }) => long === flag || short === flag);
      if (!option && flag !== '--help') return [`${command.name()} has no ${flag}`];
      if (option && option.required && !word.includes('=')) at += 1;
      continue;
    }
    const next =
      rest.length === 0 ? command.commands.find((one) => one.name() === word || one.alias() === word) : undefined;
    if (next) command = next;
    else rest.push(word);
  }
  if (command.commands.length > 0) return [`${command.name()} has no ${rest[0] ?? 'action of its own'}`];
  const most = command.registeredArguments.some(({ variadic }) => variadic)
    ? Infinity
    : command.registeredArguments.length;
  const least = line.includes('…') ? 0 : command.registeredArguments.filter(({ required }) => required).length;
  return rest.length > most || rest.length < least
    ? [`${command.name()} takes other arguments than ${rest.join(' ')}`]
    : [];
}

describe('the pages', () => {
  it('lead to what is there: every relative link, and every anchor', () => {
    const lost = pages.flatMap(({ path, text }) =>
      [...text.replace(/```[\s\S]*?```/gu, '').matchAll(/\]\(([^)\s]+)\)/gu)]
        .map(([, to = '']) => to)
        .filter((to) => !/^[a-z]+:/u.test(to))
        .filter((to) => {
          const [file = '', anchor] = to.split('#');
          const target = file === '' ? path : normalize(join(dirname(path), file));
          if (!existsSync(target)) return true;
          return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor);
        })
        .map((to) => `${path}: ${to}`),
    );
    expect(pages.length).toBeGreaterThan(10);
    expect(lost).toEqual([]);
  });

  it('show only commands and options that there are', () => {
    const calls = pages.flatMap(({ path, text }) => commandsIn(text).map((line) => ({ path, line })));
    expect(calls.length).toBeGreaterThan(20);
    expect(calls.flatMap(({ path, line }) => faultsOf(line).map((fault) => `${path}: ${line}: ${fault}`))).toEqual([]);
  });

  it('show only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const lost = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/npm run ([a-z][a-z:-]*)/gu)]
        .map(([, name = '']) => name)
        .filter((name) => !Object.hasOwn(scripts, name))
        .map((name) => `${path}: ${name}`),
    );
    expect(lost).toEqual([]);
  });

  it('name only settings that there are', () => {
    const config = loadConfig({ ROLLCALL_ENV: 'test' }) as unknown as Record<string, Record<string, unknown>>;
    const sections = Object.keys(config).filter((name) => name !== 'connectors');
    const named = new RegExp(`\`(${sections.join('|')})\\.([a-zA-Z]+)\``, 'gu');
    const lost = pages
      .filter(
        ({ path }) =>
          !path.startsWith('docs/adr/') && !path.endsWith('audit-actions.md') && !path.endsWith('error-codes.md'),
      )
      .flatMap(({ path, text }) =>
        [...text.matchAll(named)]
          .filter(([, section = '', key = '']) => !Object.hasOwn(config[section] ?? {}, key))
          .map(([whole]) => `${path}: ${whole}`),
      );
    expect(lost).toEqual([]);
  });

  it('name only files and folders that there are', () => {
    const lost = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/`((?:src|test|docs|config|prisma|docker|bench|tools)\/[\w./-]*)`/gu)]
        .map(([, name = '']) => name)
        .filter((name) => !existsSync(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(lost).toEqual([]);
  });

  it('docs/api.md has every type of event, as it is told', () => {
    const page = readFileSync('docs/api.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(person\.\w+)` \| (.+) \|$/gmu)].map(([, type, meaning]) => [type, meaning]);
    expect(rows).toEqual(Object.entries(EVENT_TYPES));
  });

  it('config/default.yaml says of every number what may stand there', () => {
    const lines = readFileSync('config/default.yaml', 'utf8').split('\n');
    let section = '';
    let comment = '';
    const wrong: string[] = [];
    let numbers = 0;
    for (const line of lines) {
      const key = /^ {2}(\w+): (\d+|null)$/u.exec(line);
      if (/^\w+:$/u.test(line)) section = line.slice(0, -1);
      else if (/^\s+#/u.test(line)) comment += ` ${line.replace(/^\s+#/u, '')}`;
      else if (key) {
        const [, name = '', value] = key;
        const range = /(\d+) to (\d+)/u.exec(comment);
        if (value !== 'null' || range) {
          numbers += 1;
          const variable =
            `ROLLCALL_${`${section}_${name}`.replace(/[A-Z]/gu, (letter) => `_${letter}`)}`.toUpperCase();
          const takes = (number: number): boolean => {
            try {
              // The longest lease goes with any renewal, the shortest renewal with any lease.
              const beside =
                name === 'renewEveryMs'
                  ? { ROLLCALL_SCHEDULE_LEASE_MS: '600000' }
                  : { ROLLCALL_SCHEDULE_RENEW_EVERY_MS: '100' };
              loadConfig({ ROLLCALL_ENV: 'test', ...beside, [variable]: String(number) });
              return true;
            } catch {
              return false;
            }
          };
          const [least, most] = [Number(range?.[1] ?? Number.NaN), Number(range?.[2] ?? Number.NaN)];
          if ([takes(least - 1), takes(least), takes(most), takes(most + 1)].join() !== 'false,true,true,false')
            wrong.push(`${section}.${name}: ${range?.[0] ?? 'no range'}`);
        }
        comment = '';
      } else comment = '';
    }
    expect(numbers).toBeGreaterThan(40);
    expect(wrong).toEqual([]);
  });
});
