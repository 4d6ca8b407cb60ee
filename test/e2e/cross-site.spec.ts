import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { entitled } from '../support/entitled.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { bodyOf } from '../support/example.js';
import { fillPath, operationsOf, type Operation, type Schema } from '../support/operations.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type Answer, type Api, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(300_000);

let service: TestService;
let operations: Operation[];
let schemas: Record<string, Schema>;
let everything: Everything;
beforeAll(async () => {
  service = await startService();
  everything = await makeEverything(service.database, service.organisation);
  const all = operationsOf(service);
  schemas = all.schemas;
  operations = all.operations.filter(({ method }) => method !== 'GET');
});
afterAll(() => service.close());

/** What a page of another site, or of none, makes a browser send. */
function elsewhere(): [string, Record<string, string>][] {
  const { port } = new URL(service.config.server.publicUrl ?? '');
  return [
    ['no origin', { origin: '' }],
    ['null', { origin: 'null' }],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['a sibling', { origin: `http://other.localhost:${port}`, 'sec-fetch-site': 'same-site' }],
    ['another port', { origin: `http://localhost:${Number(port) + 1}`, 'sec-fetch-site': 'same-site' }],
    ['another scheme', { origin: `https://localhost:${port}`, 'sec-fetch-site': 'same-site' }],
    ['one that begins like ours', { origin: `http://localhost:${port}.evil.example` }],
    ['our origin, said by another site', { 'sec-fetch-site': 'cross-site' }],
    ['nobody’s page', { 'sec-fetch-site': 'none' }],
  ];
}

/** Somebody with a cookie who may use the route; a stranger for what strangers may send from a browser. */
async function senders(operation: Operation): Promise<Api | null> {
  if (operation.public !== null) return operation.fromBrowser ? service.browser('') : null;
  if (operation.operator !== null) return (await service.operator()).api;
  return (await service.session()).api;
}

function send(operation: Operation, api: Api, headers: Record<string, string>): Promise<Answer<{ code?: string }>> {
  const body = bodyOf(operation, schemas);
  const path = fillPath(operation.path, (of) => everything[of] ?? '01890000-0000-7000-8000-000000000bad');
  return api<{ code?: string }>(operation.method, path, body, { headers });
}

describe('X-02 requests that a browser sends with its cookies', () => {
  it('from any page but ours are refused on every route, and change nothing', async () => {
    const apis = await Promise.all(operations.map(async (operation) => ({ operation, api: await senders(operation) })));
    const before = await rowsOf(service.database, service.organisation.id);
    for (const { operation, api } of apis) {
      if (api === null) continue;
      for (const [from, headers] of elsewhere()) {
        const answer = await send(operation, api, headers);
        expect([operation.name, from, answer.status, answer.body.code]).toEqual([
          operation.name,
          from,
          403,
          'request.cross_site',
        ]);
      }
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('as a form of another site would send them are refused on every route, and change nothing', async () => {
    const apis = await Promise.all(operations.map(async (operation) => ({ operation, api: await senders(operation) })));
    const before = await rowsOf(service.database, service.organisation.id);
    for (const { operation, api } of apis) {
      if (api === null) continue;
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
        const path = fillPath(operation.path, (of) => everything[of] ?? '01890000-0000-7000-8000-000000000bad');
        for (const body of ['{}', '']) {
          const answer = await api(operation.method, path, body, { headers: { 'content-type': type } });
          expect([operation.name, type, answer.status]).toEqual([operation.name, type, 415]);
        }
      }
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('from our pages go through, with Sec-Fetch-Site or without', async () => {
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': '' }]) {
      const { api } = await service.session();
      expect((await api('POST', '/api/v1/me/sessions/end-others', undefined, { headers })).status).toBe(200);
    }
  });

  it('cannot keep a session awake from elsewhere', async () => {
    const { api, id } = await service.session();
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(`UPDATE session SET last_used_at = last_used_at - interval '5 minutes' WHERE id = $1`, [id]),
    );
    const used = (): Promise<unknown> =>
      service.database.asOrganisation(service.organisation.id, (tx) =>
        tx.one('SELECT last_used_at FROM session WHERE id = $1', [id]),
      );
    const before = await used();
    await api('DELETE', '/api/v1/session', undefined, { headers: { origin: 'https://evil.example' } });
    expect(await used()).toEqual(before);
  });

  it('a public route that changes something is for our pages, or needs nothing of a browser', () => {
    const open = operationsOf(service).operations.filter(
      ({ method, public: reason }) => method !== 'GET' && reason !== null,
    );
    expect(open.filter(({ fromBrowser }) => !fromBrowser).map(({ name }) => name)).toEqual([]);
  });

  it('a key is no cookie: where it comes from does not matter', async () => {
    const as = await entitled(service, service.organisation);
    const operation = operations.find(({ name }) => name === 'POST /api/v1/organisation/stop') as Operation;
    const answer = await as(operation)(
      'POST',
      '/api/v1/organisation/stop',
      { reason: 'x' },
      {
        headers: { origin: 'https://elsewhere.example' },
      },
    );
    expect(answer.status).toBe(200);
  });
});

describe('A-14 pages of other origins', () => {
  it.each(['https://evil.example', 'null', 'http://localhost'])('%s reads nothing of ours', async (origin) => {
    const { api } = await service.session();
    for (const [method, path] of [
      ['GET', '/api/v1/session'],
      ['GET', '/api/v1/organisation'],
      ['OPTIONS', '/api/v1/organisation'],
    ] as const) {
      const answer = await api(method, path, undefined, {
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
      });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    }
  });
});
