import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { line } from '../../../src/common/fields.js';
import { foldName } from '../../../src/common/fold.js';
import { startService, type TestService } from '../../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const FILE = {
  name: 'Engineering',
  positions: [
    { name: 'Junior', aliases: ['Jr. Engineer', 'Trainee'] },
    { name: 'Senior', aliases: [] },
  ],
  teams: [{ name: 'Apps', aliases: ['Applications'] }],
};

describe('a framework as a file', () => {
  it('is made whole, and comes out of another organisation as it went in', async () => {
    const made = await service.api<{ id: string; name: string }>('POST', '/api/v1/frameworks/import', FILE);
    expect([made.status, made.body]).toEqual([
      200,
      {
        id: expect.any(String),
        name: 'Engineering',
        made: true,
        positions: ['Junior', 'Senior'],
        teams: ['Apps'],
        given: [],
        aliases: ['Jr. Engineer', 'Trainee', 'Applications'],
      },
    ]);
    const out = await service.api('GET', `/api/v1/frameworks/${made.body.id}/export`);
    expect(out.body).toEqual(FILE);
    const other = await service.newOrganisation();
    const again = await other.api<{ id: string }>('POST', '/api/v1/frameworks/import', out.body);
    expect((await other.api('GET', `/api/v1/frameworks/${again.body.id}/export`)).body).toEqual(FILE);
    const positions = await other.api<{ items: { name: string; rank: number }[] }>('GET', '/api/v1/positions');
    expect(positions.body.items.map(({ name, rank }) => [name, rank])).toEqual([['Junior', 1], ['Senior', 2]]); // prettier-ignore
  });

  it('gives itself to a team that is here without one, and takes none from another', async () => {
    const { api } = await service.newOrganisation();
    await api('POST', '/api/v1/teams', { name: 'apps' });
    const made = await api('POST', '/api/v1/frameworks/import', FILE);
    expect([made.status, made.body]).toMatchObject([200, { teams: [], given: ['apps'] }]);
    expect((await api<{ items: object[] }>('GET', '/api/v1/teams')).body.items).toHaveLength(1);
    const taken = await api('POST', '/api/v1/frameworks/import', { name: 'Other', teams: [{ name: 'Apps' }] });
    expect([taken.status, taken.text]).toEqual([422, expect.stringContaining('import.framework_invalid')]);
    expect((await api<{ items: object[] }>('GET', '/api/v1/frameworks')).body.items).toHaveLength(1);
  });

  it('changes nothing when it comes again, and is in the log once', async () => {
    const org = await service.newOrganisation();
    const first = await org.api<{ id: string }>('POST', '/api/v1/frameworks/import', FILE);
    const state = () =>
      Promise.all(['positions', 'teams', 'aliases'].map(async (of) => (await org.api('GET', `/api/v1/${of}`)).text));
    const before = await state();
    const again = await org.api('POST', '/api/v1/frameworks/import', FILE);
    expect(again.body).toEqual({
      id: first.body.id,
      name: 'Engineering',
      made: false,
      positions: [],
      teams: [],
      given: [],
      aliases: [],
    });
    expect(await state()).toEqual(before);
    const entries = await service.database.asOrganisation(org.id, (tx) =>
      tx.query<{ detail: object }>(`SELECT detail FROM audit_entry WHERE action = 'framework.imported'`),
    );
    expect(entries).toEqual([{ detail: { positions: 2, teams: 1, aliases: 3 } }]);
  });

  it('whatever it has, comes back as no change, and is the same in another organisation', async () => {
    const name = fc
      .string({ unit: 'binary', minLength: 1, maxLength: 8 })
      .map((text) => line(200).safeParse(text))
      .map(({ data }) => (data !== undefined && foldName(data) !== '' ? data : 'Plain'));
    const names = fc.uniqueArray(name, { maxLength: 12, selector: foldName });
    const withAliases = (all: readonly string[]) =>
      all
        .slice(0, all.length / 2)
        .map((one, at) => ({ name: one, aliases: all.slice(all.length / 2).filter((_, of) => of % 3 === at) }));
    await fc.assert(
      fc.asyncProperty(name, names, names, async (called, positions, teams) => {
        const [of, other] = [await service.newOrganisation(), await service.newOrganisation()];
        const file = { name: called, positions: withAliases(positions), teams: withAliases(teams) };
        const { body: made } = await of.api<{ id: string }>('POST', '/api/v1/frameworks/import', file);
        const out = await of.api<typeof file>('GET', `/api/v1/frameworks/${made.id}/export`);
        expect(out.body.positions.map((one) => one.name)).toEqual(file.positions.map((one) => one.name));
        const again = await of.api('POST', '/api/v1/frameworks/import', out.body);
        expect(again.body).toEqual({
          ...{ id: made.id, name: called, made: false },
          ...{ positions: [], teams: [], given: [], aliases: [] },
        });
        const there = await other.api<{ id: string }>('POST', '/api/v1/frameworks/import', out.body);
        expect((await other.api('GET', `/api/v1/frameworks/${there.body.id}/export`)).body).toEqual(out.body);
      }),
      { numRuns: 25 },
    );
  });

  it('comes back however many positions and teams it has', async () => {
    const of = await service.newOrganisation();
    const named = (word: string) => Array.from({ length: 2_500 }, (_, at) => ({ name: `${word} ${at}`, aliases: [] }));
    const file = { name: 'Everything', positions: named('Position'), teams: named('Team') };
    const { body: made } = await of.api<{ id: string }>('POST', '/api/v1/frameworks/import', file);
    const out = await of.api<typeof file>('GET', `/api/v1/frameworks/${made.id}/export`);
    expect([out.body.positions.length, out.body.teams.length]).toEqual([2_500, 2_500]);
    const again = await of.api('POST', '/api/v1/frameworks/import', out.body);
    expect(again.body).toMatchObject({ made: false, positions: [], teams: [], given: [], aliases: [] });
  });

  it('comes out also with more than may come in, and takes what adds nothing to that', async () => {
    const of = await service.newOrganisation();
    const named = (word: string, count: number) =>
      Array.from({ length: count }, (_, at) => ({ name: `${word} ${at}` }));
    const first = { name: 'P 0', aliases: named('A', 1_000).map(({ name }) => name) };
    const full = { name: 'F', positions: [first, ...named('P', 10_000).slice(1)], teams: named('T', 10_000) };
    const made = await of.api<{ id: string }>('POST', '/api/v1/frameworks/import', full);
    expect(made.status).toBe(200);
    const frameworkId = made.body.id;
    const by = (path: string, body: object) => of.api<{ id: string; rank: number }>('POST', `/api/v1/${path}`, body);
    const last = await by('positions', { frameworkId, name: 'Last' });
    expect([last.status, last.body.rank]).toEqual([201, 10_001]);
    expect((await by('teams', { frameworkId, name: 'Last' })).status).toBe(201);
    const [zero] = await service.database.asOrganisation(of.id, (tx) =>
      tx.query<{ id: string }>(`SELECT id FROM position WHERE rank = 1`),
    );
    expect((await by('aliases', { kind: 'position', name: 'Last', positionId: zero?.id })).status).toBe(201);
    const out = await of.api<typeof full>('GET', `/api/v1/frameworks/${frameworkId}/export`);
    const { positions, teams } = out.body;
    expect([out.status, positions.length, teams.length]).toEqual([200, 10_001, 10_001]);
    expect([positions[0], positions.at(-1)]).toMatchObject([{ aliases: { length: 1_001 } }, { name: 'Last' }]);

    const behind = { name: 'F', positions: [{ name: 'Last', aliases: ['Ultimate'] }] };
    const taken = await of.api('POST', '/api/v1/frameworks/import', behind);
    expect([taken.status, taken.body]).toMatchObject([200, { positions: [], aliases: ['Ultimate'] }]);
    for (const [more, said] of [
      [{ positions: [{ name: 'Last' }, { name: 'More' }] }, 'more than 10,000 positions'],
      [{ teams: [{ name: 'More' }] }, 'more than 10,000 teams'],
      [{ positions: [{ name: 'P 0', aliases: ['More'] }] }, 'more than 1,000 other names'],
    ] as const) {
      const answer = await of.api('POST', '/api/v1/frameworks/import', { name: 'F', ...more });
      expect([answer.status, answer.text]).toEqual([422, expect.stringContaining('import.framework_invalid')]);
      expect(answer.text).toContain(said);
    }
  });

  it('says what it would make, and makes nothing of it', async () => {
    const { api } = await service.newOrganisation();
    const asked = await api('POST', '/api/v1/frameworks/import?dryRun=true', FILE);
    expect(asked.body).toMatchObject({ id: null, made: true, positions: ['Junior', 'Senior'], teams: ['Apps'] });
    expect((await api<{ items: object[] }>('GET', '/api/v1/frameworks')).body.items).toEqual([]);
    await api('POST', '/api/v1/frameworks/import', FILE);
    const more = { ...FILE, teams: [{ name: 'Web' }] };
    const then = await api('POST', '/api/v1/frameworks/import?dryRun=true', more);
    expect(then.body).toMatchObject({
      id: expect.any(String),
      made: false,
      positions: [],
      teams: ['Web'],
      aliases: [],
    });
    expect((await api<{ items: object[] }>('GET', '/api/v1/teams')).body.items).toHaveLength(1);
  });

  it('comes to what is here: nothing goes, and newcomers stand behind their predecessor', async () => {
    const { api } = await service.newOrganisation();
    const { body } = await api<{ id: string }>('POST', '/api/v1/frameworks/import', FILE);
    await api('POST', '/api/v1/positions', { frameworkId: body.id, name: 'Fellow' });
    const more = {
      name: 'engineering',
      positions: ['Intern', 'JUNIOR', 'Engineer', 'Senior', 'Staff'].map((name) => ({ name })),
    };
    const made = await api('POST', '/api/v1/frameworks/import', more);
    expect(made.body).toMatchObject({ id: body.id, made: false, positions: ['Intern', 'Engineer', 'Staff'] });
    const { items } = (await api<{ items: { name: string; rank: number }[] }>('GET', '/api/v1/positions')).body;
    expect(items.map(({ name, rank }) => `${rank} ${name}`)).toEqual([
      '1 Intern', '2 Junior', '3 Engineer', '4 Senior', '5 Staff', '6 Fellow',
    ]); // prettier-ignore
  });

  it('is made once when it comes several times at one moment', async () => {
    for (let round = 0; round < 20; round++) {
      const { api } = await service.newOrganisation();
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => api<{ made: boolean }>('POST', '/api/v1/frameworks/import', FILE)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(answers.filter(({ body }) => body.made)).toHaveLength(1);
      expect((await api<{ items: object[] }>('GET', '/api/v1/positions')).body.items).toHaveLength(2);
    }
  });

  it.each([
    [
      'an alias that means another position',
      { name: FILE.name, positions: [{ name: 'Senior', aliases: ['Trainee'] }] },
      409,
      'alias.exists',
    ],
    ['a name of nothing', { name: 'X', positions: [{ name: '\u0301' }] }, 400, 'name.empty'],
    ['a position twice', { name: 'X', positions: [{ name: 'A' }, { name: ' a ' }] }, 422, 'import.framework_invalid'],
    ['an alias in use', { name: 'X', positions: [{ name: 'A', aliases: ['trainee'] }] }, 409, 'alias.exists'],
    ['a field that there is not', { name: 'X', id: 'y' }, 400, 'request.invalid'],
  ])('is refused whole for %s', async (_what, body, status, code) => {
    const { api } = await service.newOrganisation();
    await api('POST', '/api/v1/frameworks/import', FILE);
    const before = (await api('GET', '/api/v1/positions')).text;
    const answer = await api('POST', '/api/v1/frameworks/import', body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(code)]);
    expect((await api('GET', '/api/v1/positions')).text).toBe(before);
  });
});
