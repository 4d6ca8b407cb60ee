import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { loggerParams, redact } from './logging.js';

function lineOf(...entry: [object, string?]): string {
  const lines: string[] = [];
  const [options] = loggerParams({ level: 'info', pretty: false }).pinoHttp as [object];
  pino(options, { write: (line: string) => void lines.push(line) }).info(...entry);
  return lines.join('');
}

describe('K-06 the log', () => {
  it.each([
    ['an API token', 'SSWS 00abcDEF-ghiJKLmnop'],
    ['a bearer token', 'Authorization: Bearer abc.DEF-123'],
    ['a signed token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'],
    ['a link to sign in', `${'a1-_'.repeat(5)}zz.${'B2-_'.repeat(10)}xyz`],
    ['a private key', '-----BEGIN PRIVATE KEY-----\nMIIEvQcanary\n-----END PRIVATE KEY-----'],
    ['a private key cut off', '-----BEGIN RSA PRIVATE KEY-----\\nMIIEvQcanary'],
    ['a password in an address', 'postgresql://rollcall:canary@db/rollcall'],
    ['an e-mail address', 'ana.lima@example.com'],
    ['an encoded e-mail address', 'ana.lima%40example.com'],
    ['an international e-mail address', 'josé@bücher.example'],
  ])('holds no %s', (_what, text) => {
    for (const line of [
      lineOf({}, `failed: ${text} was refused`),
      lineOf({ some: { deep: [{ value: text }] } }),
      lineOf({ err: new Error(text) }),
    ]) {
      expect(line).not.toContain(text);
      expect(line).not.toContain('canary');
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  it.each(['authorization', 'cookie', 'password', 'secret', 'token', 'credentials', 'privateKey', 'email'])(
    'hides whatever is called %s',
    (name) => {
      expect(lineOf({ [name]: 'canary', inner: { [name]: 'canary', more: { [name]: 'canary' } } })).not.toContain(
        'canary',
      );
    },
  );

  it('keeps what helps', () => {
    expect(redact('run 0199 of connection 0198 read 200 records in 1.2 s, HTTP 429 from /api/v1/users')).toBe(
      'run 0199 of connection 0198 read 200 records in 1.2 s, HTTP 429 from /api/v1/users',
    );
  });
});

describe('G-04 what stands in a name', () => {
  const corpus = [
    ['a line break', 'Ana\r\n{"level":30,"msg":"admin made"}'],
    ['a colour', 'Ana \u001b[31mred\u001b[0m'],
    ['a title of the window', '\u001b]0;owned\u0007'],
    ['the other way to begin a sequence', '\u009b31m'],
    ['a turn of direction', 'Ana \u202egnp.exe'],
    ['an isolate', '\u2066Ana\u2069'],
    ['a line separator', 'Ana\u2028Bo\u2029Cy'],
    ['a next line', 'Ana\u0085Bo'],
    ['nothing that can be seen', 'A\u200bn\ufeffa'],
    ['a bell, a backspace, a DEL', 'A\u0007\b\u007f'],
    ['a NUL', 'A\u0000B'],
  ];
  const ACTS = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

  it.each(corpus)('%s acts on nobody who reads the log', (_what, text) => {
    for (const line of [
      lineOf({}, `saw ${text}`),
      lineOf({ some: { name: text } }),
      lineOf({ err: new Error(text) }),
    ]) {
      expect(line.trimEnd().split('\n')).toHaveLength(1);
      expect(line.replace(/\n$/u, '')).not.toMatch(ACTS);
      const read = JSON.parse(line) as { msg?: string; some?: { name: string } };
      // Line breaks stay what they are in JSON; nothing else comes alive when it is read.
      expect(`${read.msg ?? ''}${read.some?.name ?? ''}`.replace(/[\r\n\b\t\f]/gu, '')).not.toMatch(ACTS);
    }
  });

  it.each([
    ['letters', 'a'],
    ['line breaks', '\n'],
    ['quotes', '"'],
    ['signs', '\u001b'],
    ['pictures', '\u{1f9ed}'],
    ['backslashes', '\\'],
  ])('a megabyte of %s is cut, in no time worth naming, and the line is still JSON', (_what, unit) => {
    for (const line of [lineOf({ name: unit.repeat(1_048_576) }), lineOf({}, unit.repeat(1_048_576))]) {
      expect(line.length).toBeLessThan(40_000);
      expect(() => JSON.parse(line) as unknown).not.toThrow();
    }
  });

  it('what is cut ends with three dots, and what follows it stays', () => {
    const line = lineOf({ first: `x${'\u{1f9ed}'.repeat(20_000)}`, second: 'short', third: '\u001b'.repeat(20_000) });
    const { first, second, third } = JSON.parse(line) as Record<string, string>;
    expect([first?.length, first?.endsWith('\u{1f9ed}…'), second, third?.endsWith('…')]).toEqual([
      4_096,
      true,
      'short',
      true,
    ]);
  });

  it('is cut however little of the stack is left', () => {
    const atTheEnd = (deeper: number): string =>
      deeper === 0 ? lineOf({}, 'a'.repeat(1_048_576)) : atTheEnd(deeper - 1);
    expect(atTheEnd(5_000).length).toBeLessThan(40_000);
  });

  it('leaves names of every script as they are', () => {
    for (const name of ['Zoë Ångström', '山田太郎', 'محمد', 'Ναταλία', 'Nguyễn', 'O’Brien', 'C:\\users\\u0041na'])
      expect((JSON.parse(lineOf({ some: name })) as { some: string }).some).toBe(name);
  });
});
