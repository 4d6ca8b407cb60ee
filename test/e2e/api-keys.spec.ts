import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { makeKey } from '../../src/auth/key-format.js';
import { startService, type TestService } from '../support/service.js';

interface KeyView {
  id: string;
  name: string;
  lookup: string;
  scopes: string[];
  networks: string[];
  personId: string | null;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const order = { name: 'reader', scopes: ['api-keys:read'] };

describe('A-01 API keys', () => {
  it('a key is shown once, works, and ends when it is revoked', async () => {
    const made = await service.api<{ apiKey: KeyView; key: string }>('POST', '/api/v1/api-keys', order);
    expect(made.status).toBe(201);
    const { apiKey, key } = made.body;
    expect(key).toMatch(/^rc_/);
    const listed = await service.api('GET', '/api/v1/api-keys', undefined, { key });
    expect(listed.status).toBe(200);
    expect(listed.text).toContain(apiKey.id);
    expect(listed.text).not.toContain(key);
    expect((await service.api('DELETE', `/api/v1/api-keys/${apiKey.id}`)).status).toBe(200);
    const after = await service.api<{ code: string }>('GET', '/api/v1/api-keys', undefined, { key });
    expect([after.status, after.body.code]).toEqual([401, 'request.unauthenticated']);
  });

  it('the database holds nothing that can be used as a key', async () => {
    const { body } = await service.api<{ key: string }>('POST', '/api/v1/api-keys', order);
    const secret = body.key.slice(16);
    const found = await service.database.asMigrate((tx) =>
      tx.query<{
        whole: string;
      }>(`SELECT to_jsonb(k)::text AS whole FROM api_key k UNION ALL SELECT to_jsonb(i)::text FROM idempotency_key i
        UNION ALL SELECT to_jsonb(a)::text FROM audit_entry a`),
    );
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter(({ whole }) => whole.includes(secret))).toEqual([]);
  });

  it('expires after 90 days unless told, and at most after a year', async () => {
    const { body } = await service.api<{ apiKey: KeyView }>('POST', '/api/v1/api-keys', order);
    const days = (Date.parse(body.apiKey.expiresAt) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    expect(days).toBeLessThan(90.1);
    expect((await service.api('POST', '/api/v1/api-keys', { ...order, expiresInDays: 366 })).status).toBe(400);
  });

  it.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic abc' }],
    ['nonsense', { authorization: 'Bearer nonsense' }],
    ['two words', { authorization: 'Bearer a b' }],
    ['a well-formed key that nobody has', { authorization: `Bearer ${makeKey(randomBytes).key}` }],
    ['a very long one', { authorization: `Bearer ${'a'.repeat(8000)}` }],
  ])('%s is 401 with one and the same problem', async (_name, headers: Record<string, string>) => {
    const answer = await service.api<{ code: string; detail: string }>('GET', '/api/v1/api-keys', undefined, {
      key: null,
      headers,
    });
    expect(answer.status).toBe(401);
    expect(answer.body.code).toBe('request.unauthenticated');
    expect(answer.body.detail).toBe('Sign in, or send an API key that is valid here as Authorization: Bearer rc_….');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('a scope that the key lacks is 403, and says which', async () => {
    const key = await service.newKey(service.organisation.id, { scopes: ['people:read'] });
    const answer = await service.api<{ code: string; scope: string }>('GET', '/api/v1/api-keys', undefined, { key });
    expect([answer.status, answer.body.code, answer.body.scope]).toEqual([403, 'request.forbidden', 'api-keys:read']);
  });

  it('a key makes no key that may do more, or from elsewhere, than itself', async () => {
    const key = await service.newKey(service.organisation.id, {
      scopes: ['api-keys:write', 'api-keys:read'],
      networks: ['127.0.0.0/8'],
    });
    const more = await service.api('POST', '/api/v1/api-keys', { name: 'x', scopes: ['people:admin'] }, { key });
    expect(more.status).toBe(403);
    const elsewhere = await service.api('POST', '/api/v1/api-keys', { ...order, networks: ['0.0.0.0/0'] }, { key });
    expect(elsewhere.status).toBe(403);
    const same = await service.api<{ apiKey: KeyView }>('POST', '/api/v1/api-keys', order, { key });
    expect(same.status).toBe(201);
    expect(same.body.apiKey.networks).toEqual(['127.0.0.0/8']);
  });

  it('a key for other networks is refused here', async () => {
    const key = await service.newKey(service.organisation.id, { networks: ['192.0.2.0/24'] });
    expect((await service.api('GET', '/api/v1/api-keys', undefined, { key })).status).toBe(401);
  });

  it('G-01 the right key at the wrong time or place is written down, a wrong key is not', async () => {
    const org = await service.newOrganisation();
    const elsewhere = await service.newKey(org.id, { networks: ['192.0.2.0/24'] });
    const revoked = await service.newKey(org.id);
    const expired = await service.newKey(org.id);
    await service.database.asOrganisation(org.id, async (tx) => {
      await tx.execute(`UPDATE api_key SET revoked_at = now() WHERE lookup = $1`, [revoked.slice(3, 15)]);
      await tx.execute(`UPDATE api_key SET expires_at = now() WHERE lookup = $1`, [expired.slice(3, 15)]);
    });
    const wrong = makeKey(randomBytes).key;
    for (const key of [elsewhere, revoked, expired, wrong]) {
      expect((await org.api('GET', '/api/v1/organisation', undefined, { key })).status).toBe(401);
    }
    const entries = await service.database.asOrganisation(org.id, (tx) =>
      tx.query<{ detail: { because: string }; outcome: string; address: string }>(
        `SELECT detail, outcome, address FROM audit_entry WHERE action = 'api_key.refused' ORDER BY seq`,
      ),
    );
    expect(entries).toEqual(
      ['network', 'revoked', 'expired'].map((because) => ({
        detail: { because },
        outcome: 'refused',
        address: '127.0.0.1',
      })),
    );
  });

  it('pages through all keys, each once, newest first', async () => {
    const other = await service.newOrganisation();
    for (let at = 0; at < 5; at += 1) await service.newKey(other.id);
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await other.api<{ items: KeyView[]; next: string | null }>(
        'GET',
        `/api/v1/api-keys?limit=2${query}`,
      );
      seen.push(...body.items.map((item) => item.id));
      next = body.next;
    }
    expect(seen).toHaveLength(6);
    expect(seen).toEqual([...new Set(seen)].sort().reverse());
  });
});

describe('A-04 a key is never more than who made it', () => {
  it('ends when the admin behind it is one no more', async () => {
    const { id } = service.organisation;
    const personId = '01890000-0000-7000-8000-000000000001';
    await service.database.asOrganisation(id, async (tx) => {
      await tx.execute(
        `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name, is_admin)
         VALUES ($1, $2, 'active', 'manual', 'ada@acme.example', 'ada@acme.example', 'ada', true)`,
        [id, personId],
      );
    });
    const key = await service.newKey(id);
    await service.database.asOrganisation(id, (tx) =>
      tx.execute(`UPDATE api_key SET person_id = $1 WHERE lookup = $2`, [personId, key.slice(3, 15)]),
    );
    const works = async (): Promise<number> =>
      (await service.api('GET', '/api/v1/api-keys', undefined, { key })).status;
    expect(await works()).toBe(200);
    const child = await service.api<{ apiKey: KeyView; key: string }>('POST', '/api/v1/api-keys', order, { key });
    expect(child.body.apiKey.personId).toBe(personId);
    await service.database.asOrganisation(id, (tx) =>
      tx.execute(`UPDATE person SET is_admin = false WHERE id = $1`, [personId]),
    );
    expect(await works()).toBe(401);
    expect((await service.api('GET', '/api/v1/api-keys', undefined, { key: child.body.key })).status).toBe(401);
    await service.database.asOrganisation(id, (tx) =>
      tx.execute(`UPDATE person SET is_admin = true, state = 'archived', archive_reasons = '{admin}' WHERE id = $1`, [
        personId,
      ]),
    );
    expect(await works()).toBe(401);
  });
});

describe('A-03 keys in addresses', () => {
  it('are refused, wherever they stand, even when the header has one too', async () => {
    const { key } = service.organisation;
    for (const path of [
      `/api/v1/api-keys?api_key=${key}`,
      `/api/v1/api-keys?anything=${key}`,
      `/api/v1/api-keys/${key}`,
      `/api/v1/api-keys?access_token=x`,
      `/nowhere?q=${encodeURIComponent(`Bearer ${key}`)}`,
    ]) {
      const answer = await service.api<{ code: string }>('GET', path);
      expect([path.slice(0, 30), answer.status, answer.body.code]).toEqual([
        path.slice(0, 30),
        400,
        'request.key_in_url',
      ]);
      expect(answer.text).not.toContain(key);
    }
  });
});
