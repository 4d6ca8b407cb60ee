import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { ModulesContainer } from '@nestjs/core';
import pg from 'pg';
import { ROUTE_POLICY } from '../../src/auth/requires.decorator.js';
import { openTestDatabase } from '../support/database.js';
import { until } from '../support/patience.js';
import { startService, type TestService } from '../support/service.js';

const HEADERS = {
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

describe('the service over HTTP', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ config: { server: { metricsPort: 0, metricsHost: '127.0.0.1' } } });
  });
  afterAll(() => service.close());

  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(new URL('/api/v1/api-keys', service.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${service.organisation.key}`, ...headers },
      body,
    });

  it('X-17: says only ok to strangers', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const answer = await service.api('GET', path, undefined, { key: null });
      expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
    }
    expect((await service.api('GET', '/metrics', undefined, { key: null })).status).toBe(404);
    const metrics = await fetch(service.application.metricsUrl ?? '');
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
  });

  it.each([
    ['an answer', 'GET', '/healthz', 200],
    ['nothing there', 'GET', '/nowhere', 404],
    ['no credential', 'GET', '/api/v1/api-keys', 401],
    ['an address with a NUL', 'GET', '/api/v1/%00', 400],
    ['an address that is not well encoded', 'GET', '/api/v1/api-keys/%E0%A4%A', 400],
    ['a method that nobody has', 'PROPFIND', '/api/v1/api-keys', 404],
  ])('X-04: carries the headers on %s', async (_what, method, path, status) => {
    const answer = await service.api(method, path, undefined, { key: null });
    expect(answer.status).toBe(status);
    expect(Object.fromEntries(answer.headers)).toMatchObject(HEADERS);
    expect(answer.headers.get('permissions-policy')).toContain('camera=()');
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect([answer.headers.get('x-powered-by'), answer.headers.get('server'), answer.headers.get('etag')]).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('A-15: a problem has a code, a sentence and the id of the request, and nothing of how it came about', async () => {
    const answer = await service.api<Record<string, unknown>>('GET', '/nowhere', undefined, { key: null });
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer.body).toEqual({
      type: 'urn:rollcall:error:route.not_found',
      title: 'Not found',
      status: 404,
      code: 'route.not_found',
      detail: 'There is nothing at this address.',
      requestId: answer.headers.get('x-request-id'),
    });
  });

  it.each([
    ['cut off', '{"name":', {}, 400, 'request.malformed'],
    ['a member twice', '{"name":"a","name":"b"}', {}, 400, 'request.duplicate_member'],
    ['__proto__', '{"__proto__":{"a":1}}', {}, 400, 'request.forbidden_member'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, {}, 400, 'request.too_deep'],
    ['100 000 items', `[${'1,'.repeat(99_999)}1]`, {}, 413, 'request.too_large'],
    ['more than 1 MiB', `"${'a'.repeat(1024 * 1024)}"`, {}, 413, 'request.too_large'],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'request.unsupported_media_type'],
    ['plain text', '{}', { 'content-type': 'text/plain' }, 415, 'request.unsupported_media_type'],
    [
      'another alphabet',
      '{}',
      { 'content-type': 'application/json; charset=latin1' },
      415,
      'request.unsupported_media_type',
    ],
    ['compressed', '{}', { 'content-encoding': 'gzip' }, 415, 'request.unsupported_media_type'],
    ['a NUL', '{"name":"a\\u0000"}', {}, 400, 'request.malformed'],
    ['nothing', '', {}, 400, 'request.invalid'],
    ['no object', '7', {}, 400, 'request.invalid'],
  ])('A-08: a body that is %s is refused', async (_what, body, headers, status, code) => {
    const answer = await post(body, headers);
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
  });

  const UNREAD = ['request.unsupported_media_type', 'request.duplicate_member', 'request.malformed'];
  it.each([
    ['POST', '/sign-in/back-channel-logout/o/p', 'application/x-www-form-urlencoded', 'logout_token=a', null],
    ['POST', '/sign-in/back-channel-logout/o/p', 'application/x-www-form-urlencoded', 'a=1&a=2', UNREAD[1]],
    ['POST', '/sign-in/back-channel-logout/o/p', 'application/csp-report', '{}', UNREAD[0]],
    ['PUT', '/sign-in/back-channel-logout/o/p', 'application/x-www-form-urlencoded', 'logout_token=a', UNREAD[0]],
    ['POST', '/api/v1/sign-in/back-channel-logout/o/p', 'application/x-www-form-urlencoded', 'a=1', UNREAD[0]],
    ['POST', '/csp-reports', 'application/csp-report', '{"csp-report":{}}', null],
    ['POST', '/csp-reports', 'application/reports+json', '[{"a":1,"a":2}]', UNREAD[1]],
    ['POST', '/csp-reports', 'application/x-www-form-urlencoded', 'a=1', UNREAD[0]],
    ['POST', '/api/v1/domains', 'application/csp-report', '{}', UNREAD[0]],
  ])(
    'A-08: forms and reports are read at their own places alone: %s %s, %s, %s',
    async (method, path, type, body, code) => {
      const answer = await fetch(new URL(path, service.url), { method, headers: { 'content-type': type }, body });
      const text = await answer.text();
      expect(UNREAD.find((one) => text.includes(`"${one}"`)) ?? null).toBe(code);
    },
  );

  it('A-08: arbitrary bodies never bring it down', async () => {
    for (let round = 0; round < 200; round++) {
      const { status } = await post(new Uint8Array(randomBytes(round)));
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(500);
    }
  });

  it('A-20: a head that is too long, or has too many lines, is refused', async () => {
    const statusOf = (headers: Record<string, string>): Promise<number> =>
      new Promise((told, fail) => {
        request(new URL('/healthz', service.url), { headers }, (answer) => told(answer.resume().statusCode ?? 0))
          .on('error', fail)
          .end();
      });
    expect(await statusOf({ 'x-long': 'a'.repeat(20_000) })).toBe(431);
    expect(await statusOf({ 'x-short': 'a' })).toBe(200);
  });

  it('A-20: two lengths for one body are refused', async () => {
    const { hostname, port } = new URL(service.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    const [first] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    expect(first.toString()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('A-05, rule 5: every route declares who may use it', () => {
    const undeclared: string[] = [];
    let routes = 0;
    for (const module of service.app.get(ModulesContainer).values()) {
      for (const { metatype } of module.controllers.values()) {
        if (typeof metatype !== 'function') continue;
        const prototype = metatype.prototype as Record<string, unknown>;
        for (const name of Object.getOwnPropertyNames(prototype)) {
          const handler = prototype[name];
          if (name === 'constructor' || typeof handler !== 'function' || !Reflect.hasMetadata('path', handler))
            continue;
          routes++;
          if (!Reflect.hasMetadata(ROUTE_POLICY, handler)) undeclared.push(`${metatype.name}.${name}`);
        }
      }
    }
    expect(routes).toBeGreaterThan(5);
    expect(undeclared).toEqual([]);
  });
});

describe('the process', () => {
  const running: ChildProcess[] = [];
  afterAll(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  /** Runs src/main.ts as it is, and gives what it said. */
  function run(env: NodeJS.ProcessEnv): {
    child: ChildProcess;
    said: (pattern: RegExp) => Promise<RegExpExecArray>;
    ended: Promise<number | null>;
    output: () => string;
  } {
    const { PATH } = process.env;
    const child = spawn(process.execPath, ['--import', './test/support/register-typescript.mjs', 'src/main.ts'], {
      env: { PATH, ROLLCALL_ENV: 'test', ROLLCALL_LOG_LEVEL: 'info', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.push(child);
    let text = '';
    const listeners = new Set<() => void>();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        for (const listener of listeners) listener();
      });
    }
    const ended = new Promise<number | null>((told) => child.once('close', (code) => told(code)));
    const said = (pattern: RegExp): Promise<RegExpExecArray> =>
      new Promise((told, fail) => {
        const look = (): void => {
          const match = pattern.exec(text);
          if (match) {
            listeners.delete(look);
            told(match);
          }
        };
        listeners.add(look);
        void ended.then(() => fail(new Error(`it ended first: ${text}`)));
        look();
      });
    return { child, said, ended, output: () => text };
  }

  const key = randomBytes(32).toString('base64');

  it('X-18, F-60: stops on SIGTERM, with requests in flight answered', async () => {
    await using database = await openTestDatabase();
    const service = run({ DATABASE_URL: database.url, ROLLCALL_SECRET_KEY: key });
    const [, url = ''] = await service.said(/answers at (http:\S+?),/);
    const { hostname, port } = new URL(url);
    // Half a request: it is in flight until its other half is sent.
    const socket = connect(Number(port), hostname);
    socket.write(
      'POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{',
    );
    await once(socket, 'ready');
    expect((await fetch(new URL('/readyz', url))).status).toBe(200);
    service.child.kill('SIGTERM');
    await service.said(/stopping/);
    socket.write('}');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /);
    expect(await service.ended).toBe(0);
  });

  it('stops at once on a configuration with faults, and names them all without a value', async () => {
    const service = run({ ROLLCALL_SERVER_PORT: 'canary', ROLLCALL_WRONG: 'canary', DATABASE_URL: 'canary' });
    expect(await service.ended).toBe(1);
    for (const name of ['ROLLCALL_SERVER_PORT', 'ROLLCALL_WRONG', 'DATABASE_URL'])
      expect(service.output()).toContain(name);
    expect(service.output()).not.toContain('canary');
  });

  it('K-03: does not start with a weak key', async () => {
    await using database = await openTestDatabase();
    const service = run({ DATABASE_URL: database.url, ROLLCALL_SECRET_KEY: 'c2hvcnQ=' });
    expect(await service.ended).toBe(1);
    expect(service.output()).toContain('openssl rand -base64 32');
  });

  it('outlives the end of all its connections to the database', async () => {
    await using service = await startService();
    const keeper = new pg.Client({ connectionString: service.databaseUrl });
    await keeper.connect();
    const { rowCount } = await keeper.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await keeper.end();
    expect(rowCount).toBeGreaterThan(0);
    const ready = async (): Promise<boolean> => (await fetch(new URL('/readyz', service.url))).status === 200;
    await until('it to be ready again', ready);
  });
});
