import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/common/ids.js';
import type { PersonDetailView } from '../../../src/people/people.dto.js';
import { factsHash } from '../../../src/sync/overrides.js';
import { linkedPerson } from '../../support/people.js';
import { startService, type TestOrganisation, type TestService } from '../../support/service.js';

let service: TestService;
let org: TestOrganisation;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());
beforeEach(async () => {
  org = await service.newOrganisation();
});

type Person = PersonDetailView;
interface Problem {
  code: string;
  detail: string;
}

async function create(body: Record<string, unknown>): Promise<Person> {
  const answer = await org.api<Person>('POST', '/api/v1/people', { state: 'active', ...body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

const query = <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  service.database.asOrganisation(org.id, (tx) => tx.query<Row>(text, values));

async function refused(method: string, path: string, body: unknown, status: number, code: string): Promise<Problem> {
  const events = async (): Promise<number> =>
    (await query<{ n: number }>('SELECT count(*) AS n FROM event'))[0]?.n ?? 0;
  const before = await events();
  const answer = await org.api<Problem>(method, path, body);
  expect({ status: answer.status, code: answer.body.code }).toEqual({ status, code });
  expect(await events()).toBe(before);
  return answer.body;
}

describe('people', () => {
  it('are added, shown and edited', async () => {
    const boss = await create({ email: 'Boss@Example.com', firstName: 'Bo' });
    const ana = await create({
      email: 'ana@example.com',
      firstName: 'Ana',
      managerId: boss.id,
      attributes: { room: '4', floor: 2 },
    });
    expect(ana).toMatchObject({ state: 'active', origin: 'manual', version: 1, manager: { id: boss.id, name: 'Bo' } });
    const edited = await org.api<Person>('PATCH', `/api/v1/people/${ana.id}`, {
      version: 1, email: 'ana.b@example.com', lastName: 'Berg', attributes: { room: null, desk: '9' },
    }); // prettier-ignore
    expect(edited.body).toMatchObject({
      version: 2,
      email: 'ana.b@example.com',
      lastName: 'Berg',
      attributes: { floor: 2, desk: '9' },
    });
    expect(edited.body.formerAddresses).toMatchObject([{ email: 'ana@example.com' }]);
    const shown = await org.api<Person>('GET', `/api/v1/people/${boss.id}`);
    expect(shown.body).toMatchObject({ email: 'Boss@Example.com', reports: 1 });
  });

  it('A-16 an edit of another version is refused, also when nothing would change', async () => {
    const ana = await create({ email: 'ana@example.com', firstName: 'Ana' });
    await org.api('PATCH', `/api/v1/people/${ana.id}`, { version: 1, firstName: 'Anna' });
    await refused('PATCH', `/api/v1/people/${ana.id}`, { version: 1, firstName: 'Anne' }, 409, 'person.changed');
    await refused('PATCH', `/api/v1/people/${ana.id}`, { version: 1, firstName: 'Anna' }, 409, 'person.changed');
    const idle = await org.api<Person>('PATCH', `/api/v1/people/${ana.id}`, { version: 2, firstName: 'Anna' });
    expect(idle.body.version).toBe(2);
  });

  it.each<[string, Record<string, unknown>, number, string]>([
    ['an unknown field', { salary: 1 }, 400, 'request.invalid'],
    ['a switch', { isAdmin: true }, 400, 'request.invalid'],
    ['an object for a name', { firstName: { not: '' } }, 400, 'request.invalid'],
    ['no address', { email: 'nobody' }, 400, 'person.address_invalid'],
    ['a manager who is not here', { managerId: newId() }, 400, 'person.manager_invalid'],
    ['a team that is not here', { teamId: newId() }, 400, 'person.team_unknown'],
    ['a position that is not here', { positionId: newId() }, 400, 'person.team_unknown'],
    ['somebody else’s address', { email: 'BO@example.com' }, 409, 'person.address_taken'],
  ])('A-08 %s is refused', async (_name, body, status, code) => {
    await create({ email: 'bo@example.com' });
    const ana = await create({ email: 'ana@example.com' });
    await refused('PATCH', `/api/v1/people/${ana.id}`, body, status, code);
  });

  it('who manage each other are refused', async () => {
    const a = await create({ email: 'a@example.com' });
    const b = await create({ email: 'b@example.com', managerId: a.id });
    const c = await create({ email: 'c@example.com', managerId: b.id });
    await refused('PATCH', `/api/v1/people/${a.id}`, { managerId: c.id }, 400, 'person.manager_invalid');
    await refused('PATCH', `/api/v1/people/${a.id}`, { managerId: a.id }, 400, 'person.manager_invalid');
  });

  it('whose address somebody archived has are brought back instead', async () => {
    const ana = await create({ email: 'ana@example.com' });
    await org.api('POST', `/api/v1/people/${ana.id}/archive`);
    const answer = await refused('POST', '/api/v1/people', { email: 'ana@example.com' }, 409, 'person.archived');
    expect(JSON.stringify(answer)).toContain(ana.id);
  });

  it('T-06 of another organisation are not there', async () => {
    const ana = await create({ email: 'ana@example.com' });
    const other = await service.newOrganisation();
    const missing = await other.api<Problem>('GET', `/api/v1/people/${newId()}`);
    for (const [method, path, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { firstName: 'X' }],
      ['POST', '/archive', undefined],
      ['POST', '/restore', undefined],
      ['PUT', '/admin', { on: true }],
      ['PUT', '/protected', { on: true }],
      ['GET', '/timeline', undefined],
    ] as const) {
      const answer = await other.api<Problem>(method, `/api/v1/people/${ana.id}${path}`, body);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, missing.body.code]);
    }
    const many = await other.api<{ items: unknown[] }>('POST', '/api/v1/people/archive', { ids: [ana.id] });
    expect(many.body.items).toEqual([{ id: ana.id, result: 'not_found' }]);
    expect((await org.api<Person>('GET', `/api/v1/people/${ana.id}`)).body).toMatchObject({
      version: 1,
      state: 'active',
    });
  });
});

describe('lists', () => {
  const names = async (search: string): Promise<(string | null)[]> =>
    (await org.api<{ items: Person[] }>('GET', `/api/v1/people?${search}`)).body.items.map((one) => one.firstName);

  it('go page by page in each order, everybody once', async () => {
    for (let i = 0; i < 7; i += 1)
      await create({
        email: `p${(i * 3) % 7}@example.com`,
        firstName: `P${(i * 5) % 7}`,
        lastName: i < 4 ? 'Same' : null,
      });
    for (const sort of ['name', 'email', 'created']) {
      const whole = await org.api<{ items: Person[]; next: string | null }>('GET', `/api/v1/people?sort=${sort}`);
      const ids = whole.body.items.map((one) => one.id);
      for (const direction of ['asc', 'desc']) {
        const seen: string[] = [];
        let cursor = '';
        do {
          const page = await org.api<{ items: Person[]; next: string | null }>(
            'GET',
            `/api/v1/people?sort=${sort}&direction=${direction}&limit=2${cursor}`,
          );
          seen.push(...page.body.items.map((one) => one.id));
          cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
        } while (cursor !== '');
        expect(seen).toEqual(direction === 'asc' ? ids : [...ids].reverse());
      }
    }
  });

  it('are searched as one types, all words, marks and case aside', async () => {
    await create({ email: 'jose.alvarez@example.com', firstName: 'José', lastName: 'Álvarez' });
    await create({ email: 'jo@example.com', firstName: 'Jo', lastName: 'Berg' });
    expect(await names('q=jos')).toEqual(['José']);
    expect((await names('q=JO')).sort()).toEqual(['Jo', 'José']);
    expect(await names('q=alv+jo')).toEqual(['José']);
    expect(await names('q=jo@ex')).toEqual(['Jo']);
    expect(await names('q=zz')).toEqual([]);
    const [jo] = (await org.api<{ items: Person[] }>('GET', '/api/v1/people?q=berg')).body.items;
    await org.api('PATCH', `/api/v1/people/${jo?.id}`, { lastName: 'Ny' });
    expect([await names('q=berg'), await names('q=ny')]).toEqual([[], ['Jo']]);
  });

  it('are filtered, and counted by state', async () => {
    const boss = await create({ email: 'boss@example.com', firstName: 'Boss' });
    await create({ email: 'a@example.com', firstName: 'A', managerId: boss.id });
    const b = await create({ email: 'b@example.com', firstName: 'B', state: 'pending', managerId: boss.id });
    const c = await create({ email: 'c@example.com', firstName: 'C' });
    await org.api('PUT', `/api/v1/people/${c.id}/admin`, { on: true });
    await org.api('POST', `/api/v1/people/${boss.id}/archive`);
    expect(await names('state=pending')).toEqual([b.firstName]);
    expect(await names('admin=true')).toEqual(['C']);
    expect(await names('state=archived')).toEqual(['Boss']);
    expect(await names(`managerId=${boss.id}`)).toEqual(['A', 'B']);
    expect(await names('problem=manager_left')).toEqual(['A', 'B']);
    expect(await names('problem=no_manager')).toEqual(['C']);
    const counts = await org.api('GET', '/api/v1/people/counts');
    expect(counts.body).toEqual({ pending: 1, active: 2, archived: 1, admins: 1 });
  });

  it.each([
    'cursor=e30',
    'cursor=nonsense',
    'sort=state',
    'limit=0',
    'limit=1000',
    'admin=yes',
    'filter=x',
    'q[]=a',
    'state=active&state=pending',
  ])('A-08 ?%s is refused', async (search) => {
    expect(await org.api<Problem>('GET', `/api/v1/people?${search}`)).toMatchObject({
      status: 400,
      body: { code: 'request.invalid' },
    });
  });

  it('a cursor of another order is refused', async () => {
    for (let i = 0; i < 3; i += 1) await create({ email: `p${i}@example.com` });
    const { body } = await org.api<{ next: string }>('GET', '/api/v1/people?limit=1&sort=email');
    expect((await org.api('GET', `/api/v1/people?limit=1&sort=created&cursor=${body.next}`)).status).toBe(400);
  });
});

describe('fields that a directory keeps in step', () => {
  it('are named, and changed there', async () => {
    const { person, connection } = await linkedPerson(service.database, org.id);
    const shown = await org.api<Person>('GET', `/api/v1/people/${person}`);
    expect(shown.body.managedFields.map(({ field }) => field)).toEqual(['email', 'firstName']);
    expect(shown.body.records).toMatchObject([{ connectionId: connection, externalId: 'x1', settled: true }]);
    const problem = await refused(
      'PATCH',
      `/api/v1/people/${person}`,
      { firstName: 'Other', lastName: 'X' },
      409,
      'person.field_managed',
    );
    expect(problem.detail).toContain('firstName (Directory 1)');
    expect((await org.api('PATCH', `/api/v1/people/${person}`, { lastName: 'Free', firstName: 'Ana' })).status).toBe(
      200,
    );
  });
});

describe('archiving and restoring by hand', () => {
  it('cuts now, and an admin’s restore keeps the directory from archiving again for the same', async () => {
    const { person, connection } = await linkedPerson(service.database, org.id);
    const archived = await org.api<Person>('POST', `/api/v1/people/${person}/archive`);
    expect(archived.body).toMatchObject({ state: 'archived', archiveReasons: ['admin'] });
    await refused('POST', `/api/v1/people/${person}/archive`, undefined, 409, 'person.already_archived');
    const restored = await org.api<Person>('POST', `/api/v1/people/${person}/restore`);
    expect(restored.body).toMatchObject({ state: 'active', archiveReasons: [], records: [{ settled: false }] });
    await refused('POST', `/api/v1/people/${person}/restore`, undefined, 409, 'person.not_archived');
    const record = { externalId: 'x1', status: 'suspended' } as never;
    const hash = factsHash('archive', { record, emailCanonical: 'ana.silva@example.com', scope: { in: true } });
    expect(
      await query(`SELECT kind, connection_id, external_id, encode(facts_hash, 'base64') AS hash FROM override`),
    ).toEqual([{ kind: 'archive', connectionId: connection, externalId: 'x1', hash }]);
  });

  it('brings everybody back as what they were: who was never let in is not let in by that', async () => {
    const [pending, active] = [
      await create({ email: 'p@example.com', state: 'pending' }),
      await create({ email: 'a@example.com' }),
    ];
    for (const { id } of [pending, active]) {
      await org.api('POST', `/api/v1/people/${id}/archive`);
      await org.api('PATCH', `/api/v1/people/${id}`, { lastName: 'Edited' });
      await org.api('POST', `/api/v1/people/${id}/restore`);
    }
    expect(await query('SELECT email, state, archived_from FROM person ORDER BY email')).toEqual([
      { email: 'a@example.com', state: 'active', archivedFrom: null },
      { email: 'p@example.com', state: 'pending', archivedFrom: null },
    ]);
  });

  it('S-13 the last active admin stays, by every way', async () => {
    const ana = await create({ email: 'ana@example.com' });
    await org.api('PUT', `/api/v1/people/${ana.id}/admin`, { on: true });
    await refused('PUT', `/api/v1/people/${ana.id}/admin`, { on: false }, 409, 'person.last_admin');
    await refused('POST', `/api/v1/people/${ana.id}/archive`, undefined, 409, 'person.last_admin');
    const many = await org.api<{ items: unknown[] }>('POST', '/api/v1/people/archive', { ids: [ana.id] });
    expect(many.body.items).toEqual([{ id: ana.id, result: 'last_admin' }]);
  });

  it('of several does each by itself', async () => {
    const [a, b, c] = [await create({ email: 'a@example.com' }), await create({ email: 'b@example.com' }), newId()];
    await org.api('POST', `/api/v1/people/${b.id}/archive`);
    const archived = await org.api<{ items: unknown[] }>('POST', '/api/v1/people/archive', {
      ids: [a.id, b.id, c, a.id],
    });
    expect(archived.body.items).toEqual([
      { id: a.id, result: 'done' },
      { id: b.id, result: 'nothing_to_do' },
      { id: c, result: 'not_found' },
    ]);
    const restored = await org.api<{ items: unknown[] }>('POST', '/api/v1/people/restore', { ids: [a.id, b.id] });
    expect(restored.body.items).toEqual([a, b].map(({ id }) => ({ id, result: 'done' })));
  });

  it('lifting the protection has the records looked at again', async () => {
    const { person } = await linkedPerson(service.database, org.id);
    await org.api('PUT', `/api/v1/people/${person}/protected`, { on: true });
    await query(`UPDATE directory_record SET settled_hash = observed_hash`);
    await org.api('PUT', `/api/v1/people/${person}/protected`, { on: false });
    expect((await org.api<Person>('GET', `/api/v1/people/${person}`)).body.records).toMatchObject([{ settled: false }]);
  });
});
