import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Sessions } from '../../src/auth/sessions.service.js';
import { ManualClock } from '../../src/common/clock.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { bodyOf } from '../support/example.js';
import { fillPath, operationsOf, type Operation, type Schema } from '../support/operations.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type Answer, type Api, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_MINUTE = 60_000;

const clock = new ManualClock(new Date());
let service: TestService;
let schemas: Record<string, Schema>;
let dangerous: Operation[];
let everything: Everything;
beforeAll(async () => {
  service = await startService({ clock });
  everything = await makeEverything(service.database, service.organisation);
  const all = operationsOf(service);
  schemas = all.schemas;
  dangerous = all.operations.filter(({ fresh }) => fresh);
});
afterAll(() => service.close());

function send(operation: Operation, api: Api): Promise<Answer<{ code?: string }>> {
  const body = bodyOf(operation, schemas);
  return api<{ code?: string }>(
    operation.method,
    fillPath(operation.path, (of) => everything[of] ?? '01890000-0000-7000-8000-000000000bad'),
    body,
  );
}

describe('X-07 what is dangerous', () => {
  it('is all that the requirement names, as far as it is there', () => {
    expect(dangerous.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'POST /api/v1/api-keys',
        'POST /api/v1/connections',
        'PATCH /api/v1/connections/{id}',
        'PUT /api/v1/connections/{id}/credentials',
        'POST /api/v1/connections/{id}/deletion',
        'PUT /api/v1/people/{id}/admin',
        'PUT /api/v1/people/{id}/protected',
        'POST /api/v1/holds/{id}/approve',
        'POST /api/v1/domains',
        'POST /api/v1/identity-providers',
        'PATCH /api/v1/identity-providers/{id}',
        'PUT /api/v1/identity-providers/{id}/secret',
        'PUT /api/v1/sign-in-settings',
        'POST /api/v1/set-up-links',
        'POST /api/v1/operator/support',
        'POST /api/v1/operator/operators',
        'POST /api/v1/operator/organisations/{id}/deletion',
      ]),
    );
  });

  it('needs a sign-in of the last ten minutes, on every such route, and changes nothing without', async () => {
    const admin = await service.session();
    const operator = await service.operator();
    clock.advance(10 * A_MINUTE);
    const before = await rowsOf(service.database, service.organisation.id);
    for (const operation of dangerous) {
      const answer = await send(operation, operation.operator === null ? admin.api : operator.api);
      expect([operation.name, answer.status, answer.body.code]).toEqual([
        operation.name,
        403,
        'session.reauthentication_needed',
      ]);
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('goes through a second before, and after showing again who one is', async () => {
    const { api, id } = await service.session();
    const make = (as: Api): Promise<{ status: number }> =>
      as('POST', '/api/v1/api-keys', { name: 'k', scopes: ['people:read'] });
    clock.advance(10 * A_MINUTE - 1_000);
    expect((await make(api)).status).toBe(201);
    clock.advance(1_000);
    expect((await make(api)).status).toBe(403);
    const how = { strength: 'passkey' as const, amr: [], acr: null, at: clock.now() };
    const sessions = service.app.get(Sessions, { strict: false });
    const next = await service.database.asOrganisation(service.organisation.id, (tx) =>
      sessions.reauthenticated(tx, id, how),
    );
    expect((await make(service.browser(next.cookie))).status).toBe(201);
  });

  it('tells the page until when', async () => {
    const { api } = await service.session();
    const until = new Date(clock.now().getTime() + 10 * A_MINUTE).toISOString();
    expect((await api('GET', '/api/v1/session')).body).toMatchObject({ freshUntil: until });
  });

  it('is no matter of keys, which cannot sign in', async () => {
    clock.advance(A_MINUTE);
    expect((await service.api('POST', '/api/v1/connections', { provider: 'okta', name: 'Again' })).status).toBe(201);
  });
});
