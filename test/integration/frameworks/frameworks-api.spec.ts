import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/common/ids.js';
import { ReferenceService } from '../../../src/frameworks/reference.service.js';
import { insertConnection, PeopleWorld, recordOf } from '../../support/people.js';
import { startService, type TestOrganisation, type TestService } from '../../support/service.js';
import { systemClock } from '../../../src/common/clock.js';

let service: TestService;
let org: TestOrganisation;
let connection: string;
let people: PeopleWorld;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());
beforeEach(async () => {
  org = await service.newOrganisation();
  connection = await insertConnection(service.database, org.id);
  people = new PeopleWorld(service.database, org.id, systemClock);
});

interface Named {
  id: string;
  name: string;
  rank: number;
}

async function make(path: string, body: Record<string, unknown>): Promise<string> {
  const answer = await org.api<Named>('POST', `/api/v1/${path}`, body);
  expect(answer.status).toBe(201);
  return answer.body.id;
}

async function code(method: string, path: string, body?: unknown): Promise<[number, unknown]> {
  const answer = await org.api<{ code: unknown }>(method, `/api/v1/${path}`, body);
  return [answer.status, answer.body.code];
}

/** Records that the next run plans again; the rest is settled anew. */
async function unsettled(): Promise<string[]> {
  const rows = await people.query<{ externalId: string }>(
    `UPDATE directory_record SET settled_hash = observed_hash WHERE settled_hash IS NULL RETURNING external_id`,
  );
  return rows.map((row) => row.externalId).sort();
}

const record = (externalId: string, over: Record<string, unknown> = {}): Promise<number> =>
  recordOf(service.database, org.id, connection, { externalId, ...over });

const reference = () =>
  service.database.asOrganisation(org.id, (tx) => service.app.get(ReferenceService, { strict: false }).reference(tx));

describe('frameworks and positions', () => {
  it('have one name each, case, marks and spacing aside', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    expect(await code('POST', 'frameworks', { name: ' ENGINEERING ' })).toEqual([409, 'framework.exists']);
    await make('positions', { frameworkId: framework, name: 'Développeur' });
    expect(await code('POST', 'positions', { frameworkId: framework, name: 'developpeur' })).toEqual([
      409,
      'position.exists',
    ]);
    expect(await code('POST', 'positions', { frameworkId: newId(), name: 'X' })).toEqual([404, 'framework.not_found']);
    expect(await code('POST', 'frameworks', { name: '\u0301' })).toEqual([400, 'name.empty']);
    expect(await code('POST', 'frameworks', { name: 'X', order: 1 })).toEqual([400, 'request.invalid']);
    const other = await service.newOrganisation();
    expect((await other.api('POST', '/api/v1/frameworks', { name: 'Engineering' })).status).toBe(201);
    expect((await other.api('GET', `/api/v1/frameworks/${framework}`)).status).toBe(404);
  });

  it('keep positions in order of seniority, without gaps', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    const order = async (): Promise<[string, number][]> => {
      const page = await org.api<{ items: Named[] }>('GET', `/api/v1/positions?frameworkId=${framework}`);
      return page.body.items.map(({ name, rank }) => [name, rank]);
    };
    const ids: Record<string, string> = {};
    for (const name of ['A', 'B', 'D']) ids[name] = await make('positions', { frameworkId: framework, name });
    ids['C'] = await make('positions', { frameworkId: framework, name: 'C', rank: 3 });
    expect(await order()).toEqual([['A', 1], ['B', 2], ['C', 3], ['D', 4]]); // prettier-ignore
    await org.api('PATCH', `/api/v1/positions/${ids['D']}`, { rank: 1 });
    expect(await order()).toEqual([['D', 1], ['A', 2], ['B', 3], ['C', 4]]); // prettier-ignore
    await org.api('PATCH', `/api/v1/positions/${ids['A']}`, { rank: 100 });
    expect(await order()).toEqual([['D', 1], ['B', 2], ['C', 3], ['A', 4]]); // prettier-ignore
    await org.api('DELETE', `/api/v1/positions/${ids['B']}`);
    expect(await order()).toEqual([['D', 1], ['C', 2], ['A', 3]]); // prettier-ignore
  });

  it('A-16 stay in order when many are made at once', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => make('positions', { frameworkId: framework, name: `P${i}`, rank: 1 })),
    );
    const page = await org.api<{ items: Named[] }>('GET', `/api/v1/positions?frameworkId=${framework}`);
    expect(page.body.items.map(({ rank }) => rank)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  });

  it('are deleted only when nobody uses them', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    const position = await make('positions', { frameworkId: framework, name: 'Engineer' });
    const team = await make('teams', { name: 'Core', frameworkId: framework });
    const [ana = ''] = await people.add(['Ana Silva', { teamId: team, positionId: position }]);
    expect(await code('DELETE', `frameworks/${framework}`)).toEqual([409, 'framework.in_use']);
    expect(await code('DELETE', `positions/${position}`)).toEqual([409, 'position.in_use']);
    expect(await code('DELETE', `teams/${team}`)).toEqual([409, 'team.in_use']);
    await org.api('PATCH', `/api/v1/people/${ana}`, { teamId: null, positionId: null });
    const alias = await make('aliases', { kind: 'team', name: 'Kern', teamId: team });
    for (const path of [`positions/${position}`, `teams/${team}`, `frameworks/${framework}`]) {
      expect((await org.api('DELETE', `/api/v1/${path}`)).status).toBe(204);
      expect((await code('DELETE', path))[0]).toBe(404);
    }
    expect(await code('DELETE', `aliases/${alias}`)).toEqual([404, 'alias.not_found']);
    const actions = await people.query<{ action: string }>(
      `SELECT action FROM audit_entry WHERE subject_kind <> 'person' ORDER BY seq DESC LIMIT 4`,
    );
    expect(actions.map(({ action }) => action)).toEqual([
      'framework.deleted',
      'team.deleted',
      'alias.deleted',
      'position.deleted',
    ]);
  });

  it('are listed page by page', async () => {
    for (const name of ['c', 'a', 'B']) await make('frameworks', { name });
    for (const name of ['z', 'Y', 'x']) await make('teams', { name });
    for (const [path, expected] of [
      ['frameworks', ['a', 'B', 'c']],
      ['teams', ['x', 'Y', 'z']],
    ] as const) {
      const seen: string[] = [];
      let cursor = '';
      do {
        const page = await org.api<{ items: Named[]; next: string | null }>('GET', `/api/v1/${path}?limit=1${cursor}`);
        seen.push(...page.body.items.map(({ name }) => name));
        cursor = page.body.next === null ? '' : `&cursor=${page.body.next}`;
      } while (cursor !== '');
      expect(seen).toEqual(expected);
    }
  });
});

describe('a name is applied backwards', () => {
  it('when a position or a team comes to have it: whoever has the title, in any spelling, is planned again', async () => {
    await record('a', { unmatchedTitle: 'Senior  engineer' });
    await record('b', { unmatchedTitle: 'SENIOR ENGINEER' });
    await record('c', { unmatchedTitle: 'Engineer' });
    await record('d', { unmatchedTeam: 'Core' });
    const framework = await make('frameworks', { name: 'Engineering' });
    expect(await unsettled()).toEqual([]);
    const position = await make('positions', { frameworkId: framework, name: 'Senior Engineer' });
    expect(await unsettled()).toEqual(['a', 'b']);
    await make('teams', { name: 'core' });
    expect(await unsettled()).toEqual(['d']);
    await make('aliases', { kind: 'position', name: 'engineer', positionId: position });
    expect(await unsettled()).toEqual(['c']);
  });

  it('when one is renamed, given another framework, or an alias is deleted: whoever came by it is planned again', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    const position = await make('positions', { frameworkId: framework, name: 'Engineer' });
    const team = await make('teams', { name: 'Core' });
    const alias = await make('aliases', { kind: 'position', name: 'Developer', positionId: position });
    const [ana, bo] = await people.add(['Ana Silva', { teamId: team }], ['Bo Berg', { positionId: position }]);
    await record('a', { personId: ana });
    await record('b', { personId: bo });
    await record('c');
    await org.api('PATCH', `/api/v1/positions/${position}`, { name: 'Software Engineer' });
    expect(await unsettled()).toEqual(['b']);
    await org.api('PATCH', `/api/v1/teams/${team}`, { frameworkId: framework });
    expect(await unsettled()).toEqual(['a']);
    await org.api('DELETE', `/api/v1/aliases/${alias}`);
    expect(await unsettled()).toEqual(['b']);
  });
});

describe('the title inbox', () => {
  it('shows titles that match nothing with head-count and suggestions, and one alias settles one', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    const position = await make('positions', { frameworkId: framework, name: 'Senior Engineer' });
    for (const [id, title] of [
      ['a', 'Sr. Engineer'],
      ['b', 'sr. engineer'],
      ['c', 'Sr. Engineer'],
      ['d', 'Wizard'],
    ] as const) {
      await record(id, { unmatchedTitle: title });
    }
    const first = await org.api<{ items: unknown[]; next: string }>('GET', '/api/v1/title-inbox?limit=1');
    expect(first.body.items).toMatchObject([
      { title: 'Sr. Engineer', people: 3, suggestions: [{ positionId: position, name: 'Senior Engineer' }] },
    ]);
    const rest = await org.api<{ items: unknown[] }>('GET', `/api/v1/title-inbox?limit=1&cursor=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ title: 'Wizard', people: 1, suggestions: [] }], next: null });
    await make('aliases', { kind: 'position', name: 'Sr. Engineer', positionId: position });
    expect(await unsettled()).toEqual(['a', 'b', 'c']);
    expect(await code('POST', 'aliases', { kind: 'position', name: 'SR. ENGINEER', positionId: position })).toEqual([
      409,
      'alias.exists',
    ]);
    expect(await code('POST', 'aliases', { kind: 'position', name: 'X', positionId: newId() })).toEqual([
      404,
      'position.not_found',
    ]);
    expect(await code('POST', 'aliases', { kind: 'position', name: 'X', teamId: newId() })).toEqual([
      400,
      'request.invalid',
    ]);
  });
});

describe('the reference of the engine', () => {
  it('knows every name, folded', async () => {
    const framework = await make('frameworks', { name: 'Engineering' });
    const second = await make('frameworks', { name: 'Data' });
    const positions = [
      await make('positions', { frameworkId: framework, name: 'Lead' }),
      await make('positions', { frameworkId: second, name: 'LEAD' }),
    ];
    const team = await make('teams', { name: 'Cöre', frameworkId: framework });
    await make('aliases', { kind: 'team', name: 'Kern', teamId: team });
    await make('aliases', { kind: 'position', name: 'Head', positionId: positions[0] });
    const known = await reference();
    expect(known.teamsByName.get(known.fold('CORE'))).toEqual({ id: team, frameworkId: framework });
    expect(known.teamsById.get(team)).toMatchObject({ name: 'Cöre' });
    expect(
      known.positionsByName
        .get('lead')
        ?.map(({ id }) => id)
        .sort(),
    ).toEqual([...positions].sort());
    expect([known.teamAliases.get('kern'), known.positionAliases.get('head')]).toEqual([team, positions[0]]);
    expect(known.positionsById.size).toBe(2);
  });

  it('makes missing teams once, each with its entry; names that fold alike are one, aliases none', async () => {
    const team = await make('teams', { name: 'Core' });
    await make('aliases', { kind: 'team', name: 'Kern', teamId: team });
    const names = ['Sales', ' SALES ', 'core', 'Kern', '…', '', 'Ops'];
    await record('a', { unmatchedTeam: 'sales' });
    const service_ = service.app.get(ReferenceService, { strict: false });
    const made = (): Promise<number> =>
      service.database.asOrganisation(org.id, (tx) =>
        service_.createMissingTeams(tx, names, { by: { kind: 'sync', connectionId: connection } }),
      );
    expect([await made(), await made()]).toEqual([3, 0]);
    const teams = await people.query<{ name: string; origin: string }>('SELECT name, origin FROM team ORDER BY folded');
    expect(
      teams
        .filter(({ origin }) => origin === 'directory')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Ops', 'Sales', '…'].sort());
    expect(await unsettled()).toEqual(['a']);
    const entries = await people.query(
      `SELECT 1 FROM audit_entry WHERE action = 'team.created' AND actor->>'kind' = 'sync'`,
    );
    expect(entries).toHaveLength(3);
  });
});
