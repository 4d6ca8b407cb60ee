import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeEverything } from '../support/everything.js';
import { exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf } from '../support/operations.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Tables that tell of requests themselves, not of what they changed. */
const OF_REQUESTS = new Set(['audit_entry', 'idempotency_key', 'api_key', 'data_key']);

describe('G-01 the audit log', () => {
  it('has an entry with the request’s id for every route that changes something', async () => {
    const { operations, schemas } = operationsOf(service);
    const changing: string[] = [];
    for (const operation of operations.filter(({ method, path }) => method !== 'GET' && !path.endsWith('/test'))) {
      const organisation = await service.newOrganisation();
      const everything = await makeEverything(service.database, organisation);
      // What a route needs to be somebody's is somebody's here.
      const body = operation.body
        ? exampleOf(operation.body, schemas, (field, schema) =>
            schema.format === 'uuid' ? everything[PLURALS[field.replace(/Ids?$/, '')] ?? ''] : undefined,
          )
        : undefined;
      const before = await rowsOf(service.database, organisation.id);
      const path = fillPath(operation.path, (of) => everything[of] ?? '') + queryOf(operation, schemas);
      const answer = await organisation.api(operation.method, path, body);
      const after = await rowsOf(service.database, organisation.id);
      const changed = Object.keys(after).filter((table) => !OF_REQUESTS.has(table) && after[table] !== before[table]);
      const told = await service.database.asOrganisation(organisation.id, (tx) =>
        tx.query(`SELECT 1 FROM audit_entry WHERE request_id = $1`, [answer.headers.get('x-request-id')]),
      );
      if (changed.length === 0) continue;
      changing.push(operation.name);
      expect([operation.name, answer.status < 300, changed, told.length > 0]).toEqual([
        operation.name,
        true,
        changed,
        true,
      ]);
    }
    expect(changing.length).toBeGreaterThan(8);
  });
});

/** What the ids of a field's name are of. */
const PLURALS: Record<string, string> = {
  connection: 'connections',
  framework: 'frameworks',
  manager: 'people',
  people: 'people',
  person: 'people',
  position: 'positions',
  run: 'runs',
  team: 'teams',
};
