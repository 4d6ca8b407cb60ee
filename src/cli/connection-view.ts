import type { AttributesView, ConnectionView, KindView, SetUpView, TestView } from './views.js';
import type { Output } from './output.js';
import { ago, fitted, folded, minute, padded, plain, shortly } from './text.js';

/** A connection as its admin reads it: how it is, who is read, what is made of them. Never a secret. */
export function showConnection(output: Output, view: ConnectionView, kind: KindView | undefined, now: Date): void {
  const { health, settings, credentials } = view;
  output.line(`${output.bold(fitted(view.name, 60))}  ${paintedStatus(output, health.status)}`);
  for (const row of folded(plain(health.message), output.width)) output.line(row);
  output.line();
  output.facts({
    id: view.id,
    directory: [kind?.title ?? view.provider, view.tenant].filter((part) => part !== null).join(', '),
    rank: view.rank,
    'last whole read': ago(health.lastCompleteReadAt, now),
    'next run': health.nextTryAt === null ? 'none is due' : `${minute(health.nextTryAt)} UTC`,
    'next run is a': view.previewNeeded ? 'preview, to be confirmed' : 'sync',
    held: health.held,
    'failures in a row': health.failures,
    stopped: view.stoppedAt === null ? 'no' : `${minute(view.stoppedAt)} UTC: ${view.stopReason ?? 'no reason was given'}`,
    credentials: credentials === null ? 'none yet' : `${inWords(inOrderOf({ method: null }, credentials.shown))}, set ${minute(credentials.setAt)} UTC`,
  });
  const { extras, ...mapping } = settings.mapping;
  const usual = kind?.defaultSettings;
  const parts: [string, Record<string, unknown>][] = [
    ['Scope', inOrderOf({ kind: null }, settings.scope)],
    ['Mapping', { ...inOrderOf(usual?.mapping, mapping), ...(extras as Record<string, unknown>) }],
    ['Policy', inOrderOf(usual?.policy, settings.policy)],
    ['Schedule', { ...inOrderOf(usual?.schedule, settings.schedule), quotaShare: `${settings.quotaShare} %` }],
  ];
  for (const [title, values] of parts) {
    output.line();
    output.line(output.bold(title));
    output.facts(Object.fromEntries(Object.entries(values).map(([name, value]) => [`  ${name}`, listed(value)])));
  }
} // prettier-ignore

/** `method=key orgUrl=https://…`: what is an object, as a public key is, has its place elsewhere. */
function inWords(shown: object): string {
  return Object.entries(shown)
    .filter(([, value]) => value !== null && typeof value !== 'object')
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

/** The database keeps an object's fields in an order of its own. */
function inOrderOf(usual: object | undefined, values: Record<string, unknown>): Record<string, unknown> {
  const names = [...Object.keys(usual ?? {}).filter((name) => name in values), ...Object.keys(values).sort()];
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

function listed(value: unknown): string {
  return Array.isArray(value) ? shortly(value.map((one) => shortly(one)).join(', ')) : shortly(value);
}

const GOOD = ['healthy', 'running'];
const WAITS = ['setup', 'paused', 'overdue', 'held'];

function paintedStatus(output: Output, status: string): string {
  if (GOOD.includes(status)) return output.good(status);
  return WAITS.includes(status) ? output.warn(status) : output.bad(status);
}

export function showSteps(output: Output, { items }: SetUpView): void {
  items.forEach(({ title, text, values }, index) => {
    output.line(output.bold(`${index + 1}. ${title}`));
    for (const row of folded(text, Math.min(100, output.width) - 3)) output.line(`   ${row}`);
    for (const [label, value] of Object.entries(values)) {
      const rows = value.split('\n');
      output.line(`   ${output.dim(`${label}:`)}${rows.length === 1 ? ` ${value}` : ''}`);
      if (rows.length > 1) for (const row of rows) output.line(`   ${row}`);
    }
    output.line();
  });
}

export function showTest(output: Output, { checks, passed }: TestView): void {
  const marks = {
    passed: output.good('✓'),
    warning: output.warn('!'),
    failed: output.bad('✗'),
    skipped: output.dim('–'),
  };
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { outcome, name, message } of checks) {
    const [first = '', ...more] = folded(message, Math.max(30, output.width - width - 4));
    output.line(`${marks[outcome]} ${output.bold(padded(name, width))}  ${first}`);
    for (const row of more) output.line(`${' '.repeat(width + 4)}${row}`);
  }
  output.line(passed ? output.good('A sync can work.') : output.bad('A sync cannot work yet.'));
}

/** What a mapping can name, what each fills now, and what the mapping names in vain. */
export function showAttributes(output: Output, { items, unlisted, missing }: AttributesView): void {
  output.table(
    ['PATH', 'TYPE', 'FILLS', 'CALLED'],
    items.map((one) => [
      fitted(one.path, Math.floor(output.width * 0.4)),
      `${one.multiple ? 'list of ' : ''}${one.type}${one.custom ? ', custom' : ''}`,
      one.fills.join(', ').replaceAll('extras.', '') || null,
      one.label,
    ]),
    'It has none.',
  );
  for (const { path, fills } of unlisted)
    output.line(output.warn(`! ${plain(path)}, mapped to ${fills.join(', ')}, is not in the directory: misspelt, or deleted since.`));
  if (missing !== null) output.note(`Only the standard attributes: ${missing} Paths of others can be typed all the same.`);
} // prettier-ignore

/** A kind of directory: how its settings and credentials are written here. */
export function showKind(output: Output, kind: KindView): void {
  output.line(`${output.bold(kind.provider)}  ${kind.title}`);
  const { extras: _none, ...mapping } = kind.defaultSettings.mapping;
  const forms: [string, string[]][] = [
    ['--credential', formsOf(kind.credentialsSchema)],
    ['--scope', formsOf(kind.scopeSchema)],
    ['--map', [inWords(mapping)]],
    ['--policy', [inWords(kind.defaultSettings.policy)]],
    ['--schedule', [inWords(kind.defaultSettings.schedule)]],
  ];
  for (const [option, lines] of forms)
    lines.forEach((line, at) => {
      const rows = folded(line, output.width - 16);
      rows.forEach((row, below) => output.line(`  ${output.dim((at + below === 0 ? option : '').padEnd(12))}  ${row}`));
    });
  output.line();
} // prettier-ignore

interface Schema {
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  const?: string | number | boolean;
  type?: string;
}

/** Each way to fill in a schema, as it is typed: `kind=groups groupIds[]=… [excluded[]=…]`. */
function formsOf(schema: Record<string, unknown>): string[] {
  const { anyOf, oneOf, properties = {}, required = [] } = schema as Schema;
  const ways = anyOf ?? oneOf;
  if (ways) return ways.flatMap((way) => formsOf(way as Record<string, unknown>));
  const words = Object.entries(properties).map(([name, value]) => {
    const written = value.const === undefined ? `${name}${value.type === 'array' ? '[]' : ''}=…` : `${name}=${String(value.const)}`; // prettier-ignore
    return required.includes(name) ? written : `[${written}]`;
  });
  return [words.join(' ')];
}
