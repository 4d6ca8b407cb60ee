import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/patience.js';
import { startService, type TestService } from '../support/service.js';

describe('A-10 limits over HTTP', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startService({
      config: {
        limits: { addressPerMinute: 500, failuresPerMinute: 5, credentialPerMinute: 20, organisationPerMinute: 30 },
        server: { trustedProxies: ['127.0.0.0/8', '::1'] },
      },
    });
  });
  afterAll(() => service.close());

  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('a credential that asks too often waits, and is told how long; another organisation goes on', async () => {
    const other = await service.newOrganisation();
    const statuses: number[] = [];
    let retryAfter = '';
    for (let turn = 0; turn < 25; turn += 1) {
      const answer = await service.api('GET', '/api/v1/organisation', undefined, { headers: from('192.0.2.1') });
      statuses.push(answer.status);
      retryAfter = answer.headers.get('retry-after') ?? retryAfter;
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(20);
    expect(statuses.at(-1)).toBe(429);
    expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(Number(retryAfter)).toBeLessThanOrEqual(60);
    expect((await other.api('GET', '/api/v1/organisation')).status).toBe(200);
  });

  it('an organisation cannot get more by making more keys', async () => {
    const org = await service.newOrganisation();
    const keys = [org.key, await service.newKey(org.id), await service.newKey(org.id)];
    let passed = 0;
    for (let turn = 0; turn < 45; turn += 1) {
      const key = keys[turn % 3] ?? org.key;
      if ((await org.api('GET', '/api/v1/organisation', undefined, { key })).status === 200) passed += 1;
    }
    expect(passed).toBe(30);
  });

  it('A-11 whoever guesses keys is shut out by address, whatever they write in front of it', async () => {
    const guess = (claimed: string) =>
      service.api('GET', '/api/v1/organisation', undefined, {
        key: 'rc_guess',
        headers: from(`${claimed}, 198.51.100.7`),
      });
    const statuses: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) statuses.push((await guess(`10.9.8.${turn}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
    const neighbour = await service.newOrganisation();
    expect(
      (await neighbour.api('GET', '/api/v1/organisation', undefined, { headers: from('198.51.100.8') })).status,
    ).toBe(200);
  });

  it('A-11 no proxy configured: the header changes nothing', async () => {
    await using plain = await startService({ config: { limits: { failuresPerMinute: 2 } } });
    const statuses: number[] = [];
    for (let turn = 0; turn < 4; turn += 1) {
      const answer = await plain.api('GET', '/api/v1/organisation', undefined, {
        key: 'rc_guess',
        headers: from(`203.0.113.${turn}`),
      });
      statuses.push(answer.status);
    }
    expect(statuses).toEqual([401, 401, 429, 429]);
  });
});

describe('A-10 fair sharing', () => {
  it('one organisation with a hundred requests at once leaves room for the others, and for itself afterwards', async () => {
    await using service = await startService({ config: { limits: { organisationInFlight: 4 } } });
    const quiet = await service.newOrganisation();
    // Every request of the loud one waits for this lock, as for a slow query.
    let release = (): void => undefined;
    const locked = new Promise<void>((resolve) => {
      release = resolve;
    });
    let holding = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      holding = resolve;
    });
    const lock = service.database.asOrganisation(service.organisation.id, async (tx) => {
      await tx.query(`SELECT 1 FROM organisation WHERE id = $1 FOR UPDATE`, [service.organisation.id]);
      holding();
      await locked;
    });
    await held;
    const loud = Array.from({ length: 100 }, () => service.api('PATCH', '/api/v1/organisation', { runsKeptDays: 30 }));
    const settled: number[] = [];
    for (const request of loud) void request.then(({ status }) => settled.push(status));
    for (let turn = 0; turn < 10; turn += 1) expect((await quiet.api('GET', '/api/v1/organisation')).status).toBe(200);
    // Whoever came later would find room again.
    await until(
      () => `all but four to be refused; ${settled.length} were`,
      () => settled.length >= 96,
    );
    release();
    await lock;
    const statuses = (await Promise.all(loud)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(4);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect((await service.api('GET', '/api/v1/organisation')).status).toBe(200);
    expect(settled).toHaveLength(100);
  });
});
