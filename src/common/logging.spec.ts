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
