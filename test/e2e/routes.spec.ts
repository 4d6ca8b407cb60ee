import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ModulesContainer } from '@nestjs/core';
import { ROUTE_ANSWER } from '../../src/auth/answers.decorator.js';
import { ALL_SCOPES, type Scope } from '../../src/auth/auth.types.js';
import { ROUTE_POLICY, type RoutePolicy } from '../../src/auth/requires.decorator.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf, resolve, type Operation, type Schema } from '../support/operations.js';
import { startService, type TestService } from '../support/service.js';

type Handler = (...args: unknown[]) => unknown;

interface Route {
  name: string;
  policy: RoutePolicy | undefined;
  answers: boolean;
  /** Parts of the request that are read without a schema. */
  unchecked: number[];
}

/** Reviewed: what a stranger may ask for. */
const PUBLIC = ['HealthController.live', 'HealthController.ready'];

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

/** Every handler that Nest knows, whether documented or not. */
function routes(): Route[] {
  const controllers = [...service.app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, Handler>;
    const handlers = Object.getOwnPropertyNames(prototype).filter(
      (name) => name !== 'constructor' && Reflect.hasMetadata(METHOD_METADATA, prototype[name] as Handler),
    );
    return handlers.map((name) => toRoute(metatype, name, prototype[name] as Handler));
  });
}

function toRoute(controller: { name: string }, name: string, handler: Handler): Route {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  const judged = new Set<number>([RouteParamtypes.BODY, RouteParamtypes.QUERY, RouteParamtypes.PARAM]);
  return {
    name: `${controller.name}.${name}`,
    policy: Reflect.getMetadata(ROUTE_POLICY, handler) as RoutePolicy | undefined,
    answers: Reflect.hasMetadata(ROUTE_ANSWER, handler) && Reflect.hasMetadata(PATH_METADATA, handler),
    unchecked: Object.entries(args)
      .map(([key, arg]) => ({ kind: Number(key.split(':')[0]), schema: arg.schema }))
      .filter(({ kind, schema }) => judged.has(kind) && schema === undefined)
      .map(({ kind }) => kind),
  };
}

describe('A-05 the inventory of routes', () => {
  it('every route says who may use it', () => {
    const all = routes();
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter(({ policy }) => policy === undefined).map(({ name }) => name)).toEqual([]);
    expect(
      all
        .filter(({ policy }) => policy && 'public' in policy)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(PUBLIC);
  });

  it('every route judges what comes in by a schema, and declares what goes out', () => {
    const scoped = routes().filter(({ policy }) => policy && 'scope' in policy);
    expect(scoped.filter(({ unchecked }) => unchecked.length > 0).map(({ name }) => name)).toEqual([]);
    expect(scoped.filter(({ answers }) => !answers).map(({ name }) => name)).toEqual([]);
  });

  it('every route with a scope is described, and every scope is needed somewhere or reserved for what is', () => {
    const scoped = routes().filter(({ policy }) => policy && 'scope' in policy);
    expect(operations.length).toBe(scoped.length);
    for (const { scope } of operations) expect(ALL_SCOPES).toContain(scope);
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
    for (const { name, method, scope } of operations) {
      expect([name, method === 'GET', /:read$/.test(scope ?? '')]).toEqual([name, method === 'GET', method === 'GET']);
    }
  });
});

describe('A-06 scope × route', () => {
  const ask = (operation: Operation, key: string | null) =>
    service.api<{ code: string }>(
      operation.method,
      fillPath(operation.path, () => '01890000-0000-7000-8000-000000000bad'),
      operation.body ? exampleOf(operation.body, schemas) : undefined,
      { key },
    );

  it('nobody gets in without a key', async () => {
    for (const operation of operations) {
      const answer = await ask(operation, null);
      expect([operation.name, answer.status, answer.body.code]).toEqual([
        operation.name,
        401,
        'request.unauthenticated',
      ]);
    }
  });

  it('all other scopes together do not open a route, and its own does', async () => {
    const { id } = service.organisation;
    const needed = [...new Set(operations.map(({ scope }) => scope as Scope))];
    for (const scope of needed) {
      const others = await service.newKey(id, { scopes: ALL_SCOPES.filter((each) => each !== scope) });
      const own = await service.newKey(id, { scopes: [scope] });
      for (const operation of operations.filter((each) => each.scope === scope)) {
        const refused = await ask(operation, others);
        expect([operation.name, refused.status, refused.body.code]).toEqual([operation.name, 403, 'request.forbidden']);
        if (operation.stream) continue;
        const { status, body } = await ask(operation, own);
        expect([operation.name, status === 401 || body.code === 'request.forbidden']).toEqual([operation.name, false]);
      }
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
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      const path = fillPath(operation.path, (of) => everything[of] ?? '');
      const answer = await service.api('GET', path + queryOf(operation, schemas));
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
