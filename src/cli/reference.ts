import type { Command } from 'commander';
import { Writable } from 'node:stream';
import { EXIT_CODES } from './exit-codes.js';
import { makeProgram } from './program.js';

const WIDTH = 110;

/** The text of docs/command-line.md: what each command says of itself. */
export function renderReference(): string {
  const said: string[] = [];
  const out = Object.assign(
    new Writable({ write: (chunk: Buffer, _encoding, done) => done(void said.push(chunk.toString())) }),
    { columns: WIDTH },
  );
  const program = makeProgram(
    {
      streams: { out, err: out },
      env: {},
      signal: new AbortController().signal,
      open: () => Promise.reject(new TypeError('nothing is opened to describe commands')),
      ended: () => undefined,
    },
    '0',
  );
  const helpOf = (command: Command): string => {
    said.length = 0;
    command.outputHelp();
    return said.join('');
  };
  return [
    ...INTRODUCTION,
    ...program.commands.filter((one) => one.name() !== 'help').flatMap((one) => sectionOf(one, helpOf)),
  ].join('\n');
}

const INTRODUCTION = [
  '# Command line',
  '',
  'Everything below follows `npm run rollcall --` in a checkout, or `rollcall` where it is installed. Every command takes `--json`',
  'and `--help`. Results go to standard output, progress, hints and errors to standard error. Names do in place of ids.',
  '`ROLLCALL_CLI_ORGANISATION=acme` saves typing `-o acme`. Made from the commands by `npm run docs:cli`.',
  '',
  '| exit code | meaning |',
  '| --- | --- |',
  ...Object.values(EXIT_CODES).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
  '',
];

function sectionOf(command: Command, helpOf: (command: Command) => string): string[] {
  const inner = command.commands.filter((one) => one.name() !== 'help');
  if (inner.length === 0) return [`## ${command.name()}`, '', ...bodyOf(command, helpOf)];
  return [
    `## ${command.name()}`,
    '',
    `${sentence(command.description())}`,
    '',
    ...inner.flatMap((one) => [`### ${command.name()} ${one.name()}`, '', ...bodyOf(one, helpOf)]),
  ];
}

function bodyOf(command: Command, helpOf: (command: Command) => string): string[] {
  const help = helpOf(command);
  const examples = help.split('\n').filter((line) => line.startsWith('  rollcall '));
  const { options, registeredArguments } = command;
  const takes = [
    ...registeredArguments.map((one) => [
      `<${one.name()}${one.variadic ? '...' : ''}>`,
      about(one.description, one.argChoices),
    ]),
    ...options.map((one) => [
      one.flags,
      `${about(one.description, one.argChoices)}${one.mandatory ? ' (required)' : ''}${ordinarily(one.defaultValue)}`,
    ]),
  ];
  return [
    sentence(command.description()),
    '',
    ...takes.map(([flags = '', text = '']) => `- \`${flags}\`${text === '' ? '' : `: ${text}`}`),
    ...(takes.length > 0 ? [''] : []),
    ...(examples.length > 0 ? ['```sh', ...examples.map((line) => line.trim()), '```', ''] : []),
  ];
}

function about(description: string, choices: readonly string[] | undefined): string {
  const given = choices === undefined ? '' : `one of ${choices.join(', ')}`;
  return [description, given].filter((part) => part !== '').join('; ');
}

/** What an option is when it is left out, where that is something to tell. */
function ordinarily(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? ` (${value} unless told)` : '';
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
