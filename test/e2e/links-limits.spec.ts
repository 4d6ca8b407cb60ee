import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { Jar } from '../support/jar.js';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService({ config: { server: { trustedProxies: ['127.0.0.1'] } } });
});
afterAll(() => service.close());

const PATHS = ['/api/v1/sign-in/link', '/api/v1/sign-in/start'];

it('X-11 one network fills nobody’s queue: who asks for hundreds of links waits, and others do not', async () => {
  const ask = async (from: string, n: number) => {
    const email = n % 3 === 0 ? 'no address' : `n${n}@nobody.example`;
    return (await new Jar(service, from).api('POST', PATHS[n % 2] ?? '', { email })).status;
  };
  const statuses: number[] = [];
  for (let n = 0; n < 320; n++) statuses.push(await ask('2001:db8::7', n));
  expect(statuses.slice(0, 300).every((status) => status === 200)).toBe(true);
  expect(statuses.slice(300).every((status) => status === 429)).toBe(true);
  const refused = await new Jar(service, '2001:db8::8').api('POST', PATHS[0] ?? '', { email: 'ada@acme.example' });
  expect(refused).toMatchObject({ status: 429, body: { code: 'request.throttled' } });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await ask('2001:db8:0:1::7', 1)).toBe(200);
  const [row] = await service.database.asWorker((tx) =>
    tx.query<{ n: number }>('SELECT count(*)::int AS n FROM link_request'),
  );
  expect(row?.n).toBeLessThanOrEqual(301);
});
