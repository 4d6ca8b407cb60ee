import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/common/ids.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';

describe('a transaction', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(() => test.close());

  it('gives rows with camelCase keys and the types that were promised', async () => {
    const row = await test.database.asOrganisation(newId(), (tx) =>
      tx.one(
        `SELECT 7::int8 AS some_count, '2026-01-02'::date AS a_day, '2026-01-02T03:04:05Z'::timestamptz AS at_time,
                '{"a_b": 1}'::jsonb AS some_json, 1.50::numeric AS exact, '\\x00ff'::bytea AS raw, ARRAY[1, null]::int8[] AS many`,
      ),
    );
    expect(row).toEqual({
      someCount: 7,
      aDay: '2026-01-02',
      atTime: new Date('2026-01-02T03:04:05Z'),
      someJson: { a_b: 1 },
      exact: '1.50',
      raw: Buffer.from([0, 255]),
      many: [1, null],
    });
  });

  it('keeps what was done and undoes what failed', async () => {
    const { database } = test;
    const id = await insertOrganisation(database, { name: 'before' });
    const failing = database.asOrganisation(id, async (tx) => {
      await tx.execute('UPDATE organisation SET name = $1', ['after']);
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    const { name } = await database.asOrganisation(id, (tx) =>
      tx.one<{ name: string }>('SELECT name FROM organisation'),
    );
    expect(name).toBe('before');
  });

  it('refuses to call a transaction done in which a statement failed unnoticed', async () => {
    const id = await insertOrganisation(test.database);
    const swallowed = test.database.asOrganisation(id, async (tx) => {
      await tx.execute('SELECT 1 / 0').catch(() => null);
    });
    await expect(swallowed).rejects.toThrow('swallowed');
  });

  it('undoes a savepoint alone', async () => {
    const id = await insertOrganisation(test.database, { name: 'kept' });
    const name = await test.database.asOrganisation(id, async (tx) => {
      await tx.execute(`UPDATE organisation SET name = 'outer'`);
      await expect(
        tx.savepoint(async (inner) => {
          await inner.execute(`UPDATE organisation SET name = 'inner'`);
          await inner.execute('SELECT 1 / 0');
        }),
      ).rejects.toThrow('division by zero');
      return (await tx.one<{ name: string }>('SELECT name FROM organisation')).name;
    });
    expect(name).toBe('outer');
  });

  it('ends a statement that takes longer than its time-out', async () => {
    const slow = test.database.asWorker((tx) => tx.query('SELECT pg_sleep(30)::text'), { timeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ code: 'database.timeout' });
  });

  it('refuses writes when it only reads', async () => {
    const id = await insertOrganisation(test.database);
    const writing = test.database.asOrganisation(id, (tx) => tx.execute(`UPDATE organisation SET name = 'x'`), {
      readOnly: true,
    });
    await expect(writing).rejects.toMatchObject({ code: '25006' });
  });

  it('T-04 finds and writes nothing without, and nothing of others with, an organisation', async () => {
    const { database } = test;
    const one = await insertOrganisation(database);
    const other = await insertOrganisation(database);
    const seen = await database.asOrganisation(one, (tx) => tx.query<{ id: string }>('SELECT id FROM organisation'));
    expect(seen).toEqual([{ id: one }]);
    await expect(
      database.asOrganisation(one, (tx) => tx.execute('UPDATE organisation SET name = $1 WHERE id = $2', ['x', other])),
    ).resolves.toBe(0);
    await expect(database.asOrganisation('', () => Promise.resolve(1))).rejects.toThrow(TypeError);
    await expect(database.asWorker((tx) => tx.query('SELECT * FROM person'))).rejects.toMatchObject({ code: '42501' });
  });

  it('forgets the organisation with the transaction, on a connection that is used again', async () => {
    const { database } = test;
    const id = await insertOrganisation(database);
    await database.asOrganisation(id, (tx) => tx.query('SELECT 1'));
    const left = await database.asWorker((tx) =>
      tx.one<{ id: string }>(`SELECT current_setting('rollcall.organisation_id', true) AS id`),
    );
    expect(left.id).toBe('');
  });

  it('survives its connections being ended by the server', async () => {
    const { database } = test;
    const ended = database.asWorker(async (tx) => {
      const { pid } = await tx.one<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.asMigrate((owner) => owner.query('SELECT 1'));
      const { default: pg } = await import('pg');
      const keeper = new pg.Client({ connectionString: test.url });
      await keeper.connect();
      await keeper.query('SELECT pg_terminate_backend($1)', [pid]);
      await keeper.end();
      return tx.query('SELECT 1');
    });
    await expect(ended).rejects.toMatchObject({ code: 'database.unavailable' });
    await expect(database.now()).resolves.toBeInstanceOf(Date);
  });
});
