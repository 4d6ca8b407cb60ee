import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { PeopleService } from '../../src/people/people.service.js';
import { makeEverything, type Everything } from '../support/everything.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

let service: TestService;
let a: TestOrganisation;
let b: TestOrganisation;
let ofA: Everything;
/** As the role that the service works as, without its one kind of transaction. */
let bare: pg.Client;
let tables: string[];

beforeAll(async () => {
  service = await startService();
  a = service.organisation;
  b = await service.newOrganisation();
  ofA = await makeEverything(service.database, a);
  await makeEverything(service.database, b);
  bare = new pg.Client({ connectionString: service.databaseUrl });
  await bare.connect();
  await bare.query('SET ROLE rollcall_app');
  const { rows } = await bare.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1`,
  );
  tables = ['organisation', ...rows.map(({ name }) => name)];
});
afterAll(async () => {
  await bare.end();
  await service.close();
});

/** What a statement did: how many rows, or the code of its failure. */
async function tried(text: string, values: unknown[] = []): Promise<number | string> {
  return bare.query(text, values).then(
    ({ rowCount }) => rowCount ?? 0,
    (error: { code: string }) => error.code,
  );
}

describe('T-04 without an organisation in the transaction', () => {
  it('every table of tenants is empty, though there are rows in it', async () => {
    expect(tables.length).toBeGreaterThan(20);
    const full = await rowsOf(service.database, a.id);
    expect(Object.values(full).filter((digest) => !digest.startsWith('0 ')).length).toBeGreaterThan(15);
    for (const table of tables) expect([table, await tried(`SELECT 1 FROM "${table}"`)]).toEqual([table, 0]);
  });

  it.each([
    ['an empty one', ''],
    ['one of nobody', '01890000-0000-7000-8000-000000000bad'],
  ])('nor with %s', async (_what, id) => {
    for (const table of tables) {
      await bare.query('BEGIN');
      await bare.query(`SELECT set_config('rollcall.organisation_id', $1, true)`, [id]);
      expect([table, [0, '22P02'].includes(await tried(`SELECT 1 FROM "${table}"`))]).toEqual([table, true]);
      await bare.query('ROLLBACK');
    }
  });

  it('no write does anything: a row cannot be copied in, changed or taken away', async () => {
    const before = [await rowsOf(service.database, a.id), await rowsOf(service.database, b.id)];
    for (const table of tables) {
      const id = table === 'organisation' ? 'id' : 'organisation_id';
      for (const text of [`UPDATE "${table}" SET ${id} = ${id}`, `DELETE FROM "${table}"`])
        expect([text, [0, '42501'].includes(await tried(text))]).toEqual([text, true]);
      // Whatever else is missing in the row: policy comes before it is looked at, or the columns refuse it.
      const inserted = await tried(`INSERT INTO "${table}" (${id}) VALUES ($1)`, [a.id]);
      expect([table, ['42501', '23502', '428C9'].includes(String(inserted))]).toEqual([table, true]);
    }
    const person = `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
                    VALUES ($1, gen_random_uuid(), 'active', 'manual', 'x@y.example', 'x@y.example', 'x')`;
    expect(await tried(person, [a.id])).toBe('42501');
    expect([await rowsOf(service.database, a.id), await rowsOf(service.database, b.id)]).toEqual(before);
  });

  it('with B’s, no row of A can be seen, changed, taken over or pointed at', async () => {
    const before = await rowsOf(service.database, a.id);
    for (const table of tables) {
      const id = table === 'organisation' ? 'id' : 'organisation_id';
      await bare.query('BEGIN');
      await bare.query(`SELECT set_config('rollcall.organisation_id', $1, true)`, [b.id]);
      expect([table, await tried(`SELECT 1 FROM "${table}" WHERE ${id} = $1`, [a.id])]).toEqual([table, 0]);
      const updated = await tried(`UPDATE "${table}" SET ${id} = ${id} WHERE ${id} = $1`, [a.id]);
      expect([table, [0, '42501'].includes(updated)]).toEqual([table, true]);
      await bare.query('ROLLBACK');
      await bare.query('BEGIN');
      await bare.query(`SELECT set_config('rollcall.organisation_id', $1, true)`, [b.id]);
      // B's own rows cannot be handed to A either.
      const given = await tried(`UPDATE "${table}" SET ${id} = $1 WHERE ${id} = $2`, [a.id, b.id]);
      expect([table, [0, '42501', '23503', '23001'].includes(given)]).toEqual([table, true]);
      await bare.query('ROLLBACK');
    }
    await bare.query('BEGIN');
    await bare.query(`SELECT set_config('rollcall.organisation_id', $1, true)`, [b.id]);
    expect(await tried(`UPDATE person SET team_id = $1`, [ofA['teams']])).toBe('23503');
    await bare.query('ROLLBACK');
    expect(await rowsOf(service.database, a.id)).toEqual(before);
  });
});

describe('T-09 and T-12 what the insides are handed', () => {
  const nobody = ['', 'undefined', undefined as unknown as string, null as unknown as string, {} as unknown as string];

  it.each(nobody)('no organisation but a real one opens a transaction: %j', async (id) => {
    await expect(service.database.asOrganisation(id, () => Promise.resolve(1))).rejects.toThrow(TypeError);
  });

  it.each(nobody)('a missing id finds nobody, never everybody: %j', async (id) => {
    const people = service.app.get(PeopleService, { strict: false });
    const connections = service.app.get(ConnectionsService, { strict: false });
    await expect(people.show(a.id, id)).rejects.toThrow();
    await expect(connections.show(a.id, id)).rejects.toThrow();
  });

  it('T-12 an object of another organisation is not carried out, whoever asks by its id', async () => {
    const connections = service.app.get(ConnectionsService, { strict: false });
    const id = ofA['connections'] ?? '';
    await expect(connections.show(b.id, id)).rejects.toMatchObject({ code: 'connection.not_found' });
    await expect(connections.pause(b.id, id, { by: { kind: 'operator' } })).rejects.toMatchObject({
      code: 'connection.not_found',
    });
  });

  it('T-12 a waiting run that was moved to another organisation’s connection is refused by the database', async () => {
    const [run] = await service.database.asOrganisation(a.id, (tx) => tx.query<{ id: string }>('SELECT id FROM run'));
    const tampered = service.database.asMigrate((tx) =>
      tx.execute('UPDATE run SET organisation_id = $1 WHERE id = $2', [b.id, run?.id]),
    );
    // What RESTRICT refuses is 23503 on PostgreSQL 15 and 23001 on 18.
    await expect(tampered.catch(({ code }: { code: string }) => code)).resolves.toMatch(/^(23503|23001)$/u);
  });
});
