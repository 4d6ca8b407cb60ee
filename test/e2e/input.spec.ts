import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entitled, type Entitled } from '../support/entitled.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { bodyOf, exampleOf, queryOf } from '../support/example.js';
import { fillPath, operationsOf, pathIds, type Operation, type Schema } from '../support/operations.js';
import { faultsOfProblem } from '../support/problems.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type TestService } from '../support/service.js';

/** Bodies per route; TEST_FUZZ_BODIES=5000 makes the hundred thousand of A-08. */
const BODIES = Number(process.env['TEST_FUZZ_BODIES'] ?? 40);

let service: TestService;
let operations: Operation[];
let schemas: Record<string, Schema>;
let everything: Everything;
let as: Entitled;

beforeAll(async () => {
  service = await startService();
  everything = await makeEverything(service.database, service.organisation);
  ({ operations, schemas } = operationsOf(service));
  as = await entitled(service, service.organisation);
});
afterAll(() => service.close());

const pathOf = (operation: Operation): string =>
  fillPath(operation.path, (of) =>
    of === 'places' ? service.organisation.slug : (everything[of] ?? '01890000-0000-7000-8000-000000000bad'),
  );
const withBody = (): Operation[] => operations.filter(({ body }) => body !== null);
const canCarryBody = (): Operation[] => operations.filter(({ method }) => method !== 'GET');
const json = { 'content-type': 'application/json' };
const csv = { 'content-type': 'text/csv' };

const NO_JSON: [string, string | Uint8Array, Record<string, string>, number][] = [
  ['cut off', '{"name": "a', json, 400],
  ['cut off after a value', '{"name": "a"', json, 400],
  ['two values', '{} {}', json, 400],
  ['a trailing comma', '{"name": "a",}', json, 400],
  ['a comment', '{/* hello */}', json, 400],
  ['no JSON', 'name=a', json, 400],
  ['only spaces', '   ', json, 400],
  ['not UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22), json, 400],
  ['a NUL', '{"name":"a\\u0000b"}', json, 400],
  ['half a surrogate pair', '{"name":"\\ud800"}', json, 400],
  ['a member twice', '{"name":"a","name":"b"}', json, 400],
  ['__proto__', '{"__proto__":{"admin":true}}', json, 400],
  ['constructor', '{"constructor":{"prototype":{"admin":true}}}', json, 400],
  ['very deep', `${'['.repeat(5000)}${']'.repeat(5000)}`, json, 400],
  ['a very long array', `[${'1,'.repeat(100_000)}1]`, json, 413],
  ['larger than allowed', `{"name":"${'a'.repeat(1_100_000)}"}`, json, 413],
  ['a form', 'name=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['text', '{}', { 'content-type': 'text/plain' }, 415],
  ['JSON in another encoding', '{}', { 'content-type': 'application/json; charset=utf-16' }, 415],
  ['compressed', '{}', { ...json, 'content-encoding': 'gzip' }, 415],
  ['compressed by something unknown', '{}', { ...json, 'content-encoding': 'snake' }, 415],
];

describe('A-13 what is no request', () => {
  it.each(NO_JSON)(
    'a body that is %s is refused on every route, and nothing changes',
    async (_name, body, headers, status) => {
      const before = await rowsOf(service.database, service.organisation.id);
      for (const operation of canCarryBody()) {
        const answer = await as(operation)(operation.method, pathOf(operation), body, { headers });
        // A file is not looked into before it is known to be one.
        const refused = operation.raw ? 415 : status;
        expect([operation.name, answer.status, faultsOfProblem(answer)]).toEqual([operation.name, refused, []]);
      }
      expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
    },
  );

  it('no body, an empty one and one that is no object are refused wherever one is needed', async () => {
    const before = await rowsOf(service.database, service.organisation.id);
    for (const operation of withBody()) {
      for (const body of [undefined, '', '[]', 'null', 'true', '1', '"text"', '[{}]']) {
        const answer = await as(operation)(operation.method, pathOf(operation), body);
        expect([operation.name, body, answer.status, faultsOfProblem(answer)]).toEqual([operation.name, body, 400, []]);
      }
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('a body or a query where none is taken is refused', async () => {
    const before = await rowsOf(service.database, service.organisation.id);
    for (const operation of operations.filter(({ body, method, raw }) => body === null && !raw && method !== 'GET')) {
      const answer = await as(operation)(operation.method, pathOf(operation), { anything: 1 });
      expect([operation.name, answer.status, faultsOfProblem(answer)]).toEqual([operation.name, 400, []]);
    }
    for (const operation of operations) {
      const body = bodyOf(operation, schemas);
      for (const query of [
        'unknown=1',
        'limit[gt]=1',
        'limit=1&limit=2',
        '__proto__[x]=1',
        'limit=%',
        'cursor=',
        'limit=99999',
        'limit=-1',
      ]) {
        const answer = operation.raw
          ? await as(operation)(operation.method, `${pathOf(operation)}?${query}`, 'email\n', { headers: csv })
          : await as(operation)(operation.method, `${pathOf(operation)}?${query}`, body);
        expect([operation.name, query, answer.status, faultsOfProblem(answer)]).toEqual([
          operation.name,
          query,
          400,
          [],
        ]);
      }
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('a field too many is refused on every route, and says which', async () => {
    const before = await rowsOf(service.database, service.organisation.id);
    for (const operation of withBody()) {
      const body = { ...(bodyOf(operation, schemas) as object), isAdmin: true };
      const answer = await as(operation)<{ code: string }>(operation.method, pathOf(operation), body);
      expect([operation.name, answer.status, answer.body.code]).toEqual([operation.name, 400, 'request.invalid']);
      expect(answer.text).toContain('isAdmin');
    }
    expect(await rowsOf(service.database, service.organisation.id)).toEqual(before);
  });

  it('headers that are broken are refused or do nothing, on every route', async () => {
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      for (const headers of [
        { cookie: '%%%=;;;=\u00ff' },
        { cookie: 'a='.repeat(2000) },
        { accept: 'x/y;q=z' },
        { 'accept-encoding': 'snake' },
        { 'x-forwarded-for': '::ffff:%eth0, , \u00ff' },
        { 'x-forwarded-for': '1.1.1.1, '.repeat(400) },
        { 'if-none-match': '"' },
        { range: 'bytes=9-1' },
        { 'x-request-id': 'mine\u0009' },
        { 'x-http-method-override': 'DELETE' },
      ] as Record<string, string>[]) {
        const answer = await as(operation)('GET', pathOf(operation) + queryOf(operation, schemas), undefined, {
          headers,
        });
        // Who is signed in says so by a cookie: a broken one is nobody's.
        const byCookie = operation.scope === null && operation.public === null;
        const status = headers['cookie'] !== undefined && byCookie ? 401 : 200;
        expect([operation.name, headers, answer.status]).toEqual([operation.name, headers, status]);
      }
    }
  });

  it('ids that are none are refused on every route', async () => {
    const ids = [
      '0',
      '1',
      '-1',
      'null',
      'undefined',
      '%20',
      'a'.repeat(2000),
      '01890000-0000-7000-8000-00000000000G',
      "' OR 1=1--",
      '{}',
      '[]',
      '☃',
      '..%2f..%2f',
      '01890000-0000-7000-8000-00000000FFFF',
    ];
    // A place is found by its short name, and answers to any.
    const withIds = operations.filter(({ path }) => pathIds(path).some(({ of }) => of !== 'places'));
    for (const operation of withIds) {
      const body = bodyOf(operation, schemas);
      for (const id of ids) {
        const answer = await as(operation)(
          operation.method,
          fillPath(operation.path, () => id),
          body,
        );
        expect([operation.name, id, [400, 404].includes(answer.status), faultsOfProblem(answer)]).toEqual([
          operation.name,
          id,
          true,
          [],
        ]);
      }
    }
  });
});

/** Anything JSON can say, and what people try. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom<unknown>(
    '',
    0,
    -1,
    1e308,
    2 ** 53,
    null,
    true,
    [],
    {},
    'a'.repeat(5000),
    '\u202e',
    '\ufeff',
    "'; DROP TABLE person; --",
    '${7*7}',
    '../../etc/passwd',
    { $ne: null },
    { not: '' },
    [[]],
  ),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.integer(),
  fc.uuid(),
);

/** A body that would do, with some of its fields gone wrong. */
function nearly(schema: Schema): fc.Arbitrary<unknown> {
  const names = Object.keys(fieldsOf(schema));
  const spoilt =
    names.length === 0 ? fc.constant({}) : fc.dictionary(fc.constantFrom(...names), anything, { maxKeys: 3 });
  return spoilt.map((part) => ({ ...(exampleOf(schema, schemas) as object), ...part }));
}

function fieldsOf(schema: Schema): Record<string, Schema> {
  const name = schema.$ref?.split('/').at(-1);
  return (name === undefined ? schema : schemas[name])?.properties ?? {};
}

describe('A-08 what is sent', () => {
  it('no body whatever makes a route fail by a fault of ours', async () => {
    for (const operation of withBody()) {
      const bodies = fc.oneof(anything, nearly(operation.body as Schema));
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          const sent = JSON.stringify(body);
          const answer = await as(operation)(operation.method, pathOf(operation), sent, {
            headers: json,
          });
          // A provider that cannot be reached from a test is no fault of ours.
          const outside = answer.status === 503 && answer.text.includes('"sign_in.provider_failed"');
          if (answer.status >= 500 && !outside) throw new Error(`${operation.name}: ${answer.status} ${answer.text}`);
          if (answer.status >= 400) expect(faultsOfProblem(answer, sent)).toEqual([]);
        }),
        { numRuns: BODIES },
      );
    }
  });

  it('no query whatever makes a route fail by a fault of ours', async () => {
    for (const operation of operations.filter(({ method, stream }) => method === 'GET' && !stream)) {
      const named = operation.parameters.filter((each) => each.in === 'query').map(({ name }) => name);
      const name = named.length > 0 ? fc.constantFrom(...named) : fc.constant('q');
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(name, fc.string({ unit: 'grapheme', maxLength: 60 })), { maxLength: 4 }),
          async (pairs) => {
            const answer = await as(operation)('GET', `${pathOf(operation)}?${new URLSearchParams(pairs).toString()}`);
            if (answer.status >= 500) throw new Error(`${operation.name}: ${answer.status} ${answer.text}`);
            if (answer.status >= 400) expect(faultsOfProblem(answer)).toEqual([]);
          },
        ),
        { numRuns: BODIES },
      );
    }
  });
});

describe('A-15 refusals', () => {
  it('say nothing of what is inside', async () => {
    const answers = [
      await service.api('GET', '/api/v1/nowhere'),
      await service.api('GET', '/%'),
      await service.api('GET', '/api/v1/%00'),
      await service.api('GET', '/.//evil.example/'),
      await service.api('PUT', '/api/v1/domains'),
      await service.api('OPTIONS', '/api/v1/domains'),
      await service.api('POST', '/api/v1/api-keys', '{'),
      await service.api('GET', '/api/v1/api-keys', undefined, { key: null }),
      await service.api('GET', '/api/v1/api-keys?cursor=eyJhIjoxfQ'),
    ];
    for (const answer of answers)
      expect([answer.status >= 400 && answer.status < 500, faultsOfProblem(answer)]).toEqual([true, []]);
  });

  it('a fault of ours is told as one, whole in the log and not in the answer', async () => {
    await service.database.asMigrate((tx) => tx.execute(`ALTER TABLE domain RENAME TO domain_gone`));
    try {
      const answer = await service.api<{ code: string }>('GET', '/api/v1/domains');
      expect([answer.status, answer.body.code, faultsOfProblem(answer)]).toEqual([500, 'internal.error', []]);
    } finally {
      await service.database.asMigrate((tx) => tx.execute(`ALTER TABLE domain_gone RENAME TO domain`));
    }
  });
});
