import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Sessions } from '../../src/auth/sessions.service.js';
import { faultsOfProblem } from '../support/problems.js';
import { startService, type Answer, type TestOrganisation, type TestService } from '../support/service.js';

/** TEST_RACES=1000 makes the thousand rounds of A-16. */
const ROUNDS = Number(process.env['TEST_RACES'] ?? 20);

let service: TestService;
let org: TestOrganisation;
beforeAll(async () => {
  service = await startService({ config: { limits: { organisationInFlight: 100 } } });
});
beforeEach(async () => {
  org = await service.newOrganisation();
});
afterAll(() => service.close());

interface Person {
  id: string;
  version: number;
  firstName: string | null;
  lastName: string | null;
  isAdmin: boolean;
}

async function add(email: string): Promise<Person> {
  const { status, body } = await org.api<Person>('POST', '/api/v1/people', { email, state: 'active' });
  expect(status).toBe(201);
  return body;
}

const statuses = (answers: Answer<unknown>[]): number[] => answers.map(({ status }) => status).sort();

describe('A-16 who comes at the same moment', () => {
  it(`of two edits on one version one wins, and the other is told: ${ROUNDS} rounds without a lost update`, async () => {
    let person = await add('ana@acme.example');
    for (let round = 0; round < ROUNDS; round += 1) {
      const path = `/api/v1/people/${person.id}`;
      const answers = await Promise.all([
        org.api<Person>('PATCH', path, { version: person.version, firstName: `first ${round}` }),
        org.api<Person>('PATCH', path, { version: person.version, lastName: `last ${round}` }),
      ]);
      expect(statuses(answers)).toEqual([200, 409]);
      const now = (await org.api<Person>('GET', path)).body;
      expect(now.version).toBe(person.version + 1);
      const [won] = answers.filter(({ status }) => status === 200);
      expect([now.firstName, now.lastName]).toEqual([won?.body.firstName, won?.body.lastName]);
      person = now;
    }
  });

  it(`two admins who take each other’s right away leave one: ${ROUNDS} rounds`, async () => {
    const people = [await add('a@acme.example'), await add('b@acme.example')];
    const set = (person: Person | undefined, on: boolean): Promise<Answer<unknown>> =>
      org.api('PUT', `/api/v1/people/${person?.id}/admin`, { on });
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const person of people) expect((await set(person, true)).status).toBe(200);
      const answers = await Promise.all(people.map((person) => set(person, false)));
      expect(statuses(answers)).toEqual([200, 409]);
    }
  });

  it(`of two who renew one session at once each id but the last is dead: ${ROUNDS} rounds`, async () => {
    const sessions = service.app.get(Sessions, { strict: false });
    const how = { strength: 'passkey' as const, amr: [], acr: null, at: new Date() };
    const { id, cookie } = await service.session({ organisationId: org.id });
    const before = new Set([cookie]);
    for (let round = 0; round < ROUNDS; round += 1) {
      const renew = (): Promise<{ cookie: string }> =>
        service.database.asOrganisation(org.id, (tx) => sessions.reauthenticated(tx, id, how));
      const both = await Promise.all([renew(), renew()]);
      const asked = await Promise.all(both.map((each) => service.browser(each.cookie)('GET', '/api/v1/me/sessions')));
      expect(statuses(asked)).toEqual([200, 401]);
      for (const each of both) expect(before.has(each.cookie)).toBe(false);
      for (const each of both) before.add(each.cookie);
    }
  });

  it(`whoever is archived while they ask is out afterwards: ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { api, personId } = await service.session({ organisationId: org.id, admin: false });
      const asking = Array.from({ length: 5 }, () => api('GET', '/api/v1/me/sessions'));
      const [archived] = await Promise.all([org.api('POST', `/api/v1/people/${personId}/archive`), ...asking]);
      expect(archived?.status).toBe(200);
      expect((await api('GET', '/api/v1/me/sessions')).status).toBe(401);
    }
  });

  it('of two managers that close a loop together one is given, however the edits come to pass each other', async () => {
    const [ana, bo] = [await add('a@acme.example'), await add('b@acme.example')];
    const give = (person: Person, manager: Person): Promise<Answer<unknown>> =>
      org.api('PATCH', `/api/v1/people/${person.id}`, { managerId: manager.id });
    // Nobody writes before both have looked, or one waits for the other.
    const answers = await service.database.asOrganisation(org.id, async (tx) => {
      await tx.query('SELECT id FROM person FOR UPDATE');
      const edits = [give(ana, bo), give(bo, ana)];
      for (let waiting = 0; waiting < 2;) {
        const { n } = await tx.one<{ n: number }>(
          'SELECT count(DISTINCT pid)::int AS n FROM pg_locks WHERE NOT granted',
        );
        waiting = n;
      }
      return edits;
    });
    expect(statuses(await Promise.all(answers))).toEqual([200, 400]);
    const edges = await service.database.asOrganisation(org.id, (tx) =>
      tx.query('SELECT id FROM person WHERE manager_id IS NOT NULL'),
    );
    expect(edges).toHaveLength(1);
  });

  it(`a key that is revoked twice at once is revoked once, and an alias is made once: ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const made = await org.api<{ apiKey: { id: string } }>('POST', '/api/v1/api-keys', {
        name: 'k',
        scopes: ['people:read'],
      });
      const id = made.body.apiKey.id;
      await Promise.all([1, 2, 3].map(() => org.api('DELETE', `/api/v1/api-keys/${id}`)));
      const entries = await service.database.asOrganisation(org.id, (tx) =>
        tx.query(`SELECT 1 FROM audit_entry WHERE action = 'api_key.revoked' AND subject_id = $1`, [id]),
      );
      expect(entries).toHaveLength(1);
      const teams = await Promise.all([1, 2, 3].map(() => org.api('POST', '/api/v1/teams', { name: `Team ${round}` })));
      expect(statuses(teams)).toEqual([201, 409, 409]);
    }
  });

  it('one address that many want at once is had by one', async () => {
    for (let round = 0; round < Math.ceil(ROUNDS / 4); round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          org.api('POST', '/api/v1/people', { email: `one${round}@acme.example`, state: 'active' }),
        ),
      );
      expect(statuses(answers)).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
    }
  });
});

describe('A-14 other origins', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1:3000', 'https://acme.example.evil.example'])(
    '%s is allowed nothing: neither by the answer nor by asking first',
    async (origin) => {
      for (const [method, headers] of [
        ['GET', { origin }],
        [
          'OPTIONS',
          { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
        ],
      ] as [string, Record<string, string>][]) {
        const answer = await org.api(method, '/api/v1/people', undefined, { headers });
        const allowing = [...answer.headers.keys()].filter((name) => name.startsWith('access-control-'));
        expect([method, allowing]).toEqual([method, []]);
      }
    },
  );
});

describe('A-15 fifty failures of every kind', () => {
  it('carry a code, a sentence and the id of the request, and nothing of the inside', async () => {
    const person = await add('ana@acme.example');
    const asked: [string, string, unknown?][] = [
      ...[
        'people',
        'teams',
        'positions',
        'frameworks',
        'runs',
        'holds',
        'connections',
        'conflicts',
        'overrides',
      ].flatMap((of): [string, string, unknown?][] => [
        ['GET', `/api/v1/${of}?limit=x`],
        ['GET', `/api/v1/${of}?cursor=%00`],
        ['GET', `/api/v1/${of}?sort=')--`],
        ['PUT', `/api/v1/${of}`, {}],
      ]),
      ['POST', '/api/v1/people', { email: 'ana@acme.example', state: 'active' }],
      ['POST', '/api/v1/people', { email: 'x'.repeat(400) }],
      ['PATCH', `/api/v1/people/${person.id}`, { version: 99, firstName: 'x' }],
      ['PATCH', `/api/v1/people/${person.id}`, { version: 1, managerId: person.id }],
      ['PUT', `/api/v1/people/${person.id}/admin`, { on: 'yes' }],
      ['POST', '/api/v1/domains', { name: 'gmail.com' }],
      ['POST', '/api/v1/connections', { provider: 'ldap', name: 'x' }],
      ['DELETE', '/api/v1/connections/01890000-0000-7000-8000-000000000bad'],
    ];
    let failed = 0;
    for (const [method, path, body] of asked) {
      const answer = await org.api<unknown>(method, path, body);
      expect([method, path, answer.status >= 400 && answer.status < 500]).toEqual([method, path, true]);
      expect([method, path, faultsOfProblem(answer)]).toEqual([method, path, []]);
      failed += 1;
    }
    for (const [key, header] of [
      [null, {}],
      ['rc_wrong', {}],
      [org.key, { authorization: 'Basic eDp5' }],
      [null, { authorization: 'Bearer' }],
    ] as [string | null, Record<string, string>][]) {
      const answer = await org.api<unknown>('GET', '/api/v1/people', undefined, { key, headers: header });
      if (answer.status === 200) continue;
      expect([answer.status, faultsOfProblem(answer)]).toEqual([401, []]);
      failed += 1;
    }
    for (let at = 0; failed < 50; at += 1) {
      const answer = await org.api<unknown>('GET', `/api/v1/nowhere/${at}`);
      expect([answer.status, faultsOfProblem(answer)]).toEqual([404, []]);
      failed += 1;
    }
  });
});
