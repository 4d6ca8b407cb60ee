import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { line } from '../../src/common/fields.js';
import { foldName } from '../../src/common/fold.js';
import { newId } from '../../src/common/ids.js';
import { importing } from '../support/imports.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

/** `EXPORT_CASES=1000` tries that many companies. */
const CASES = Number(process.env['EXPORT_CASES'] ?? 25);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

/** Any name that the API takes. */
const name = (longest: number) =>
  fc
    .oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }),
      fc.constantFrom(
        "'t Hooft",
        '=SUM(A1)',
        '"+1"',
        '@here',
        '-',
        "'",
        "''=1",
        ' ＝1',
        'a;b,c\t',
        '\u202ex',
        'Ω̈',
        'مرحبا',
        '0012',
        '1e5',
        'yes',
      ),
    )
    .map((text) => {
      const judged = line(longest).safeParse(text);
      return judged.success ? judged.data : 'Plain';
    });

interface Someone {
  first: string | null;
  last: string | null;
  state: 'active' | 'pending' | 'archived';
  team: number | null;
  position: number | null;
  manager: number | null;
  admin: boolean;
  /** Has the address of the one before. */
  shares: boolean;
}

const someone: fc.Arbitrary<Someone> = fc.record({
  first: fc.option(name(200)),
  last: fc.option(name(200)),
  state: fc.constantFrom('active', 'pending', 'archived'),
  team: fc.option(fc.nat(3)),
  position: fc.option(fc.nat(5)),
  manager: fc.option(fc.nat(29)),
  admin: fc.boolean(),
  shares: fc.boolean(),
});

const company = fc.record({
  teams: fc
    .uniqueArray(name(200), { minLength: 4, maxLength: 4, selector: foldName })
    .filter((all) => all.every((one) => foldName(one) !== '')),
  positions: fc
    .uniqueArray(name(200), { minLength: 3, maxLength: 3, selector: foldName })
    .filter((all) => all.every((one) => foldName(one) !== '')),
  people: fc.array(someone, { minLength: 1, maxLength: 30 }),
});
type Company = typeof company extends fc.Arbitrary<infer Value> ? Value : never;

/** Two frameworks with the same positions; every second team has the first of them. */
async function settle(organisation: TestOrganisation, { teams, positions, people }: Company): Promise<void> {
  const id = async (path: string, body: object): Promise<string> => {
    const answer = await organisation.api<{ id: string }>('POST', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.text}`);
    return answer.body.id;
  };
  const frameworks = [await id('/api/v1/frameworks', { name: 'One' }), await id('/api/v1/frameworks', { name: 'Two' })];
  const positionIds: string[] = [];
  for (const frameworkId of frameworks)
    for (const one of positions) positionIds.push(await id('/api/v1/positions', { frameworkId, name: one }));
  const teamIds: string[] = [];
  for (const [at, one] of teams.entries())
    teamIds.push(
      await id('/api/v1/teams', { name: one, frameworkId: [frameworks[0], frameworks[1], null, frameworks[0]][at] }),
    );
  const ids = people.map(() => newId());
  const rows = people.map((one, at) => {
    const before = people[at - 1];
    // One address may have one person who is not archived, and any number who are.
    const shares = one.shares && one.state === 'archived' && before !== undefined;
    const email = `${['Ann', '+x', "o'b", '=q'][at % 4]}.${shares ? at - 1 : at}@acme.example`;
    return {
      id: ids[at],
      email,
      canonical: email.toLowerCase(),
      first: one.first,
      last: one.last,
      state: one.state,
      team: one.team === null ? null : teamIds[one.team],
      position: one.position === null ? null : positionIds[one.position],
      manager: one.manager === null || one.manager % people.length >= at ? null : ids[one.manager % people.length],
      admin: one.admin,
      at,
    };
  });
  await service.database.asOrganisation(organisation.id, (tx) =>
    tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, first_name, last_name, sort_name, is_admin, team_id,
         position_id, manager_id, archive_reasons, archived_at, archived_from)
       SELECT $1, n.id, n.state, 'manual', n.email, n.canonical, n.first, n.last, '', n.admin, n.team, n.position, n.manager,
         CASE WHEN n.state = 'archived' THEN ARRAY['admin'] ELSE '{}' END,
         CASE WHEN n.state = 'archived' THEN now() + n.at * interval '1 second' END, CASE WHEN n.state = 'archived' THEN 'active' END
         FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, email text, canonical text, first text, last text, state text, team uuid,
           position uuid, manager uuid, admin boolean, at int)`,
      [organisation.id, JSON.stringify(rows)],
    ),
  );
}

describe('the list of people as a file', () => {
  it('V-04 comes back as no change, whoever they are', async () => {
    await fc.assert(
      fc.asyncProperty(company, async (one) => {
        const organisation = await service.newOrganisation();
        const files = importing(service, organisation);
        await settle(organisation, one);
        const exported = await organisation.api('GET', '/api/v1/people/export.csv');
        expect(exported.status).toBe(200);
        const before = await files.rows('SELECT * FROM person ORDER BY id');
        const shown = await files.look(exported.text);
        const { add, update, restore, archive } = shown.preview?.counts ?? {};
        expect({
          state: shown.state,
          faulty: shown.faulty,
          add,
          update,
          restore,
          archive,
          lines: await files.lines(shown.id),
        }).toEqual({
          state: 'ready',
          faulty: 0,
          add: 0,
          update: 0,
          restore: 0,
          archive: 0,
          lines: [],
        });
        expect((await files.confirm(shown)).status).toBe(202);
        await files.run();
        expect(await files.rows('SELECT * FROM person ORDER BY id')).toEqual(before);
      }),
      { numRuns: CASES },
    );
  });

  it('V-14 is UTF-8 with its mark, an attachment, of all eight columns, and tells nobody of those who were erased', async () => {
    const organisation = await service.newOrganisation();
    await organisation.api('POST', '/api/v1/people', { email: 'ada@acme.example', firstName: '=1+1', state: 'active' });
    const response = await fetch(new URL('/api/v1/people/export.csv', service.url), {
      headers: { authorization: `Bearer ${organisation.key}` },
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="people.csv"');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    expect(bytes.toString('utf8')).toBe(
      `\ufeffemail,first_name,last_name,account_active,position,team,manager_email,admin\r\nada@acme.example,'=1+1,,Active,,,,no\r\n`,
    );
    const [entry] = await importing(service, organisation).rows(
      `SELECT action FROM audit_entry WHERE action = 'people.exported'`,
    );
    expect(entry).toEqual({ action: 'people.exported' });
  });

  it('needs people:export, and nobody gets it by a set-up of less', async () => {
    const key = await service.newKey(service.organisation.id, { scopes: ['people:read'] });
    expect((await service.api('GET', '/api/v1/people/export.csv', undefined, { key })).status).toBe(403);
  });
});
