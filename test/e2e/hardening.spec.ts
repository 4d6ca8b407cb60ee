import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/patience.js';
import { compileService, ServiceProcess, type CompiledService } from '../support/service-process.js';
import { startService } from '../support/service.js';

describe('X-22 the process', () => {
  let compiled: CompiledService;
  let database: TestDatabase;
  beforeAll(async () => {
    compiled = compileService();
    database = await openTestDatabase();
  });
  afterAll(async () => {
    await database.close();
    compiled[Symbol.dispose]();
  });

  const start = (planted: string): Promise<ServiceProcess> =>
    ServiceProcess.start(compiled, {
      ROLLCALL_ENV: 'test',
      ROLLCALL_LOG_LEVEL: 'info',
      DATABASE_URL: database.url,
      ROLLCALL_SECRET_KEY: key,
      NODE_OPTIONS: `--import=${pathToFileURL(resolve('test/support/planted-fault.mjs')).href}`,
      PLANTED: planted,
    });
  const key = randomBytes(32).toString('base64');

  it.each([
    ['rejection', 'a promise failed and nobody listened'],
    ['exception', 'an error was thrown and nobody caught it'],
  ])('ends with 1 after a %s that nobody expected, and the log says so', async (planted, sentence) => {
    const service = await start(planted);
    service.kill('SIGUSR2');
    expect(await service.ended()).toBe(1);
    const last = service.output.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ level: 60, msg: sentence, err: { message: 'planted' } });
  });

  it('has no way to change what all objects inherit by __proto__', async () => {
    const service = await start('prototype');
    try {
      service.kill('SIGUSR2');
      await until('the answer of what was planted', () => service.output.includes('PLANTED'));
      expect(service.output).toContain('PLANTED undefined true');
    } finally {
      service.kill('SIGTERM');
      expect(await service.ended()).toBe(0);
    }
  });
});

/** What would give every object `polluted`, in all the forms that programs fell for. */
const POISON = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"name":"x","a":{"b":[{"__proto__":{"polluted":true}}]}}',
  '{"__proto__.polluted":true}',
  '{"constructor.prototype.polluted":true}',
  '{"name":{"__proto__":{"polluted":true}}}',
  '{"settings":{"mapping":{"constructor":{"prototype":{"polluted":true}}}}}',
  '[{"constructor":{"prototype":{"polluted":true}}}]',
];
const POISONED_QUERIES = [
  '__proto__[polluted]=true',
  '__proto__.polluted=true',
  'constructor[prototype][polluted]=true',
  'constructor.prototype.polluted=true',
  'a[__proto__][polluted]=true',
];

it('X-22 nothing that is sent to any route gives objects what they did not have', async () => {
  await using service = await startService();
  const before = Object.getOwnPropertyNames(Object.prototype);
  const document = (await (await fetch(new URL('/api/docs/openapi.json', service.url))).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{[^}]+\}/gu, '00000000-0000-7000-8000-000000000000'),
    })),
  );
  expect(routes.length).toBeGreaterThan(80);
  const faults: string[] = [];
  const send = async (method: string, path: string, body?: string): Promise<void> => {
    const { status } = await service.api(method, path, body);
    if (status >= 500) faults.push(`${status} ${method} ${path} ${body ?? ''}`);
  };
  for (const { method, path } of routes) {
    if (method === 'GET') for (const query of POISONED_QUERIES) await send(method, `${path}?${query}`);
    else for (const body of POISON) await send(method, path, body);
  }
  expect(faults).toEqual([]);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});
