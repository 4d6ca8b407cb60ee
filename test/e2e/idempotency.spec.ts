import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Idempotency } from '../../src/auth/idempotency.service.js';
import { ManualClock } from '../../src/common/clock.js';
import { until } from '../support/patience.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
const clock = new ManualClock(new Date());

beforeAll(async () => {
  service = await startService({ clock });
});
afterAll(() => service.close());

let count = 0;
const fresh = (): string => `key-${(count += 1)}`;
const add = (key: string, name: string, path = '/api/v1/domains') =>
  service.api<{ id: string; code: string }>('POST', path, { name }, { headers: { 'idempotency-key': key } });

describe('A-09 Idempotency-Key', () => {
  it('the same request gives the same answer, and is carried out once', async () => {
    const key = fresh();
    const first = await add(key, 'once.example');
    const second = await add(key, 'once.example');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect([first.headers.get('idempotent-replayed'), second.headers.get('idempotent-replayed')]).toEqual([
      null,
      'true',
    ]);
  });

  it('another body is 422', async () => {
    const key = fresh();
    await add(key, 'first.example');
    const other = await add(key, 'second.example');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.other_body']);
  });

  it('a failure after it began is given again, though the request would work by now', async () => {
    const { body } = await add(fresh(), 'twice.example');
    const key = fresh();
    const failed = await add(key, 'twice.example');
    expect([failed.status, failed.body.code]).toEqual([409, 'domain.exists']);
    await service.api('DELETE', `/api/v1/domains/${body.id}`);
    const again = await add(key, 'twice.example');
    expect([again.status, again.body.code]).toEqual([409, 'domain.exists']);
    expect((await add(fresh(), 'twice.example')).status).toBe(201);
  });

  it('bad input does not use the key up', async () => {
    const key = fresh();
    expect((await service.api('POST', '/api/v1/domains', {}, { headers: { 'idempotency-key': key } })).status).toBe(
      400,
    );
    expect((await add(key, 'mended.example')).status).toBe(201);
  });

  it('a storm of a thousand with lost answers makes one of it', async () => {
    const key = fresh();
    const asked = await Promise.allSettled(Array.from({ length: 1000 }, () => add(key, 'storm.example')));
    const answers = asked.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const codes = new Map<string, number>();
    for (const { status, body } of answers) {
      const seen = status === 201 ? 'made' : body.code;
      codes.set(seen, (codes.get(seen) ?? 0) + 1);
    }
    for (const code of codes.keys()) expect(['made', 'idempotency.in_flight', 'request.throttled']).toContain(code);
    let last = await add(key, 'storm.example');
    await until(
      () => `the answer of the one that was carried out, and not ${last.text}`,
      async () => {
        if (last.status !== 201) last = await add(key, 'storm.example');
        return last.status === 201;
      },
    );
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect([...ids].filter((id) => id !== last.body.id)).toEqual([]);
    const made = await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.query(`SELECT 1 FROM domain WHERE name = 'storm.example'`),
    );
    expect(made).toHaveLength(1);
  });

  it('is of one credential and one address: the same key elsewhere is another', async () => {
    const key = fresh();
    const other = await service.newOrganisation();
    const mine = await add(key, 'shared.example');
    const theirs = await other.api<{ id: string }>(
      'POST',
      '/api/v1/domains',
      { name: 'shared.example' },
      { headers: { 'idempotency-key': key } },
    );
    expect(theirs.status).toBe(201);
    expect(theirs.body.id).not.toBe(mine.body.id);
    const elsewhere = await service.api(
      'POST',
      '/api/v1/organisation/stop',
      { reason: 'x' },
      { headers: { 'idempotency-key': key } },
    );
    expect(elsewhere.status).toBe(200);
    await service.api('POST', '/api/v1/organisation/resume');
  });

  it('P8 a secret that was shown once is not shown again', async () => {
    const headers = { 'idempotency-key': fresh() };
    const order = { name: 'k', scopes: ['people:read'] };
    const first = await service.api<{ key: string }>('POST', '/api/v1/api-keys', order, { headers });
    const again = await service.api<{ code: string }>('POST', '/api/v1/api-keys', order, { headers });
    expect([first.status, again.status, again.body.code]).toEqual([201, 409, 'idempotency.answer_not_kept']);
    expect(again.text).not.toContain(first.body.key);
  });

  it('whose process died is told so, and never carried out twice', async () => {
    const key = fresh();
    await add(key, 'died.example');
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(`UPDATE idempotency_key SET status = NULL, response = NULL, answered_at = NULL WHERE key = $1`, [key]),
    );
    expect((await add(key, 'died.example')).body.code).toBe('idempotency.in_flight');
    clock.advance(11 * 60_000);
    expect((await add(key, 'died.example')).body.code).toBe('idempotency.outcome_unknown');
  });

  it('is kept for more than a day, then forgotten', async () => {
    const key = fresh();
    const first = await add(key, 'kept.example');
    const idempotency = service.app.get(Idempotency, { strict: false });
    clock.advance(25 * 3_600_000);
    await idempotency.forgetOld(service.organisation.id);
    expect((await add(key, 'kept.example')).body).toEqual(first.body);
    clock.advance(25 * 3_600_000);
    expect(await idempotency.forgetOld(service.organisation.id)).toBeGreaterThan(0);
    expect((await add(key, 'kept.example')).body.code).toBe('domain.exists');
  });

  it.each(['', 'ä', 'a b', 'x'.repeat(256)])('%j is no key', async (key) => {
    const answer = await service.api<{ code: string }>(
      'POST',
      '/api/v1/domains',
      { name: 'n.example' },
      {
        headers: { 'idempotency-key': key },
      },
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
  });
});
