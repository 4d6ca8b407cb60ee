import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALL_SCOPES } from '../../src/auth/auth.types.js';
import { entitled } from '../support/entitled.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { queryOf } from '../support/example.js';
import { routesOf } from '../support/inventory.js';
import { fillPath, operationsOf, resolve, type Operation, type Schema } from '../support/operations.js';
import { startService, type TestService } from '../support/service.js';
import { PERMISSIONS } from './permissions.table.js';

let service: TestService;
let operations: Operation[];
let schemas: Record<string, Schema>;
let everything: Everything;

beforeAll(async () => {
  service = await startService();
  ({ operations, schemas } = operationsOf(service));
  everything = await makeEverything(service.database, service.organisation);
});
afterAll(() => service.close());

describe('A-05 the inventory of routes', () => {
  it('every route says who may use it, as the reviewed table has it', () => {
    const all = routesOf(service);
    expect(all.length).toBeGreaterThan(20);
    const found = Object.fromEntries(all.map(({ name, who }) => [name, who]));
    expect(found).toEqual(PERMISSIONS);
  });

  it('every route with a schema of what comes in is judged by it, and every one for programs declares what goes out', () => {
    const all = routesOf(service);
    expect(all.filter(({ unchecked }) => unchecked.length > 0).map(({ name }) => name)).toEqual([]);
    const forPrograms = all.filter(({ name }) => name.includes(' /api/'));
    expect(forPrograms.filter(({ answers }) => !answers).map(({ name }) => name)).toEqual([]);
  });

  it('every route for programs is described', () => {
    const described = operations.map(({ name }) => name.replaceAll(/\{(\w+)\}/g, ':$1'));
    const forPrograms = routesOf(service).filter(({ name }) => name.includes(' /api/'));
    expect(described.sort()).toEqual(forPrograms.map(({ name }) => name).sort());
    for (const { scope } of operations) if (scope !== null) expect(ALL_SCOPES).toContain(scope);
  });

  it('every parameter is described by its name and its schema', () => {
    for (const { name, parameters } of operations) {
      for (const parameter of parameters) {
        expect([name, parameter.name, Object.keys(parameter.schema).length > 0]).toEqual([
          name,
          expect.any(String),
          true,
        ]);
      }
    }
  });

  it('A-06 looking needs a scope to read, changing never is content with one', () => {
    for (const { name, method, scope } of operations.filter((each) => each.scope !== null)) {
      // What leaves the organisation as a whole has a scope of its own, and so has each such reading.
      const looking = /:(read|export)$/.test(scope ?? '');
      expect([name, method === 'GET', looking]).toEqual([name, method === 'GET', method === 'GET']);
    }
  });
});

describe('A-07 answers', () => {
  it('every schema of an answer names all of its fields, at every depth', () => {
    const open: string[] = [];
    for (const operation of operations) {
      if (operation.answer) visit(operation.answer, operation.name, open, new Set());
    }
    expect(open).toEqual([]);
  });

  it('every GET answers with what its schema says, on real objects', async () => {
    const as = await entitled(service, service.organisation);
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      const path = fillPath(operation.path, (of) =>
        of === 'places' ? service.organisation.slug : (everything[of] ?? ''),
      );
      const answer = await as(operation)('GET', path + queryOf(operation, schemas));
      expect([operation.name, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([
        operation.name,
        200,
        '',
      ]);
      for (const secret of ['"digest"', '"wrapped"', '"leaseToken"', '00abcdefghijklmnopqrstuvwxyz0123456789ABCD']) {
        expect([operation.name, answer.text.includes(secret)]).toEqual([operation.name, false]);
      }
    }
  });
});

/** Objects with fields of their own must be closed; maps (no fields, all values alike) are as they are. */
function visit(schema: Schema, where: string, open: string[], seen: Set<Schema>): void {
  const known = resolve(schema, schemas);
  if (seen.has(known)) return;
  seen.add(known);
  if (known.properties && known.additionalProperties !== false) open.push(where);
  for (const [name, inner] of Object.entries(known.properties ?? {})) visit(inner, `${where} ${name}`, open, seen);
  for (const inner of [known.items, ...(known.anyOf ?? []), ...(known.oneOf ?? []), ...(known.allOf ?? [])]) {
    if (inner) visit(inner, where, open, seen);
  }
}
