import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entitled, type Entitled } from '../support/entitled.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { bodyOf, exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf, pathIds, type Operation, type Schema } from '../support/operations.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type Answer, type TestOrganisation, type TestService } from '../support/service.js';

const NOBODYS = '01890000-0000-7000-8000-000000000bad';

let service: TestService;
let a: TestOrganisation;
let b: TestOrganisation;
let ofA: Everything;
let ofB: Everything;
/** Of routes for operators, whose whole work is in other organisations, and of public ones the rule says nothing. */
let operations: Operation[];
let asA: Entitled;
let asB: Entitled;
let schemas: Record<string, Schema>;

beforeAll(async () => {
  service = await startService();
  a = service.organisation;
  b = await service.newOrganisation();
  ofA = await makeEverything(service.database, a);
  ofB = await makeEverything(service.database, b);
  asA = await entitled(service, a);
  asB = await entitled(service, b);
  const all = operationsOf(service);
  schemas = all.schemas;
  operations = all.operations.filter(({ scope, signedIn }) => scope !== null || signedIn);
});
afterAll(() => service.close());

/** What an answer says, without what differs between any two. */
function said(answer: Answer<unknown>): unknown {
  if (typeof answer.body !== 'object' || answer.body === null) return [answer.status, answer.text];
  const { requestId, ...rest } = answer.body as Record<string, unknown>;
  return [answer.status, typeof requestId, rest];
}

function idIn(everything: Everything, of: string): string {
  const id = everything[of];
  if (id === undefined) throw new Error(`test/support/everything.ts makes none of: ${of}`);
  return id;
}

/** An id of what is not made yet, given by whoever will make it: it comes back as it was sent, and nothing is looked up by it. */
const NAMES_NOTHING = ['GET /api/v1/sign-in-presets'];

describe('T-06 one organisation’s credential on another’s objects', () => {
  it('is 404, the same as for what is not there, on every route with an id, and changes nothing', async () => {
    const withIds = operations.filter(({ path }) => pathIds(path).length > 0);
    expect(withIds.length).toBeGreaterThan(10);
    const before = await rowsOf(service.database, a.id);
    for (const operation of withIds) {
      const ids = pathIds(operation.path);
      const body = bodyOf(operation, schemas);
      // Each id alone is A's, the others are B's own; and all of them are A's.
      for (const foreign of [...ids.map(({ name }) => [name]), ids.map(({ name }) => name)]) {
        const ask = (theirs: (of: string) => string): Promise<Answer<unknown>> =>
          asB(operation)<unknown>(
            operation.method,
            fillPath(operation.path, (of, name) => (foreign.includes(name) ? theirs(of) : idIn(ofB, of))),
            body,
          );
        const seen = await ask((of) => idIn(ofA, of));
        const unknown = await ask(() => NOBODYS);
        expect([operation.name, seen.status, seen.text.slice(0, 300)]).toEqual([
          operation.name,
          404,
          expect.anything(),
        ]);
        expect([operation.name, said(seen)]).toEqual([operation.name, said(unknown)]);
      }
    }
    expect(await rowsOf(service.database, a.id)).toEqual(before);
  });

  it('what is another person’s is 404 on every route about oneself, and stays as it is', async () => {
    const about = operations.filter(({ path, signedIn }) => signedIn && pathIds(path).length > 0);
    expect(about.length).toBeGreaterThan(0);
    const before = await rowsOf(service.database, a.id);
    for (const operation of about) {
      const body = bodyOf(operation, schemas);
      const ask = (idOf: (of: string) => string): Promise<Answer<unknown>> =>
        asA(operation)<unknown>(operation.method, fillPath(operation.path, idOf), body);
      const seen = await ask((of) => idIn(ofA, of));
      const unknown = await ask(() => NOBODYS);
      expect([operation.name, said(seen)]).toEqual([operation.name, said(unknown)]);
      expect([operation.name, seen.status]).toEqual([operation.name, 404]);
    }
    expect(await rowsOf(service.database, a.id)).toEqual(before);
  });

  it('an id of another organisation in a body is the same as one of nobody, on every route', async () => {
    const before = await rowsOf(service.database, a.id);
    const kindsOfIds = Object.keys(ofA);
    for (const operation of operations) {
      if (!operation.body) continue;
      for (const kind of kindsOfIds) {
        const ask = (id: string): Promise<Answer<unknown>> =>
          asB(operation)<unknown>(
            operation.method,
            fillPath(operation.path, (of) => idIn(ofB, of)),
            exampleOf(operation.body as Schema, schemas, (_field, schema) =>
              schema.format === 'uuid' ? id : undefined,
            ),
          );
        if (!JSON.stringify(schemasIn(operation.body)).includes('"uuid"')) break;
        const seen = await ask(idIn(ofA, kind));
        const unknown = await ask(NOBODYS);
        expect([operation.name, kind, seen.status]).toEqual([operation.name, kind, unknown.status]);
        expect(seen.status).toBeLessThan(500);
      }
    }
    expect(await rowsOf(service.database, a.id)).toEqual(before);
  });

  it('an id of another organisation in a query finds what one of nobody finds, on every list', async () => {
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      for (const parameter of operation.parameters.filter(
        (each) => each.in === 'query' && each.schema.format === 'uuid' && !NAMES_NOTHING.includes(operation.name),
      )) {
        for (const kind of Object.keys(ofA)) {
          const path = fillPath(operation.path, (of) => idIn(ofB, of));
          const seen = await asB(operation)<unknown>(
            'GET',
            path + queryOf(operation, schemas, { [parameter.name]: idIn(ofA, kind) }),
          );
          const unknown = await asB(operation)<unknown>(
            'GET',
            path + queryOf(operation, schemas, { [parameter.name]: NOBODYS }),
          );
          expect([operation.name, parameter.name, said(seen)]).toEqual([operation.name, parameter.name, said(unknown)]);
        }
      }
    }
  });

  it('a list, a search and a cursor of another organisation show nothing of it', async () => {
    const idsOfA = [a.id, ...Object.values(ofA)];
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      const own = fillPath(operation.path, (of) => idIn(ofB, of));
      const theirs = fillPath(operation.path, (of) => idIn(ofA, of));
      const paged = operation.parameters.some(({ name }) => name === 'cursor');
      const first = await asA(operation)<{ next?: string | null }>(
        'GET',
        theirs + queryOf(operation, schemas, paged ? { limit: '1' } : {}),
      );
      const cursor = first.body.next ?? null;
      for (const more of [{}, ...(cursor === null ? [] : [{ cursor }])]) {
        const seen = await asB(operation)<unknown>('GET', own + queryOf(operation, schemas, more));
        // A list may know that a cursor is none of its own.
        expect([operation.name, seen.status]).toEqual([
          operation.name,
          'cursor' in more && seen.status === 400 ? 400 : 200,
        ]);
        expect([operation.name, idsOfA.filter((id) => seen.text.includes(id))]).toEqual([operation.name, []]);
      }
    }
  });

  it('T-08 the same names in both tell nothing about each other', async () => {
    const name = 'same.example';
    for (const organisation of [a, b]) {
      expect((await organisation.api('POST', '/api/v1/domains', { name })).status).toBe(201);
      expect((await organisation.api<{ code: string }>('POST', '/api/v1/domains', { name })).body.code).toBe(
        'domain.exists',
      );
    }
  });
});

function schemasIn(schema: Schema): unknown {
  return JSON.parse(JSON.stringify(schema, (_key, value: unknown) => expand(value))) as unknown;
}

function expand(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return value;
  return schemas[String(value.$ref).split('/').at(-1) ?? ''] ?? value;
}
