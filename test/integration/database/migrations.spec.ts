import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import pg from 'pg';
import { assertMigrated, migrate, readMigrations, type Migration } from '../../../src/database/migrations.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';

function migration(name: string, sql: string): Migration {
  return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
}

describe('migrations', () => {
  let test: TestDatabase;
  let client: pg.Client;
  let shipped: Migration[];

  const connect = async (): Promise<pg.Client> => {
    const fresh = new pg.Client({ connectionString: test.url, options: '-c role=rollcall_migrate' });
    await fresh.connect();
    return fresh;
  };
  const tables = async (): Promise<string[]> =>
    (
      await client.query<{ t: string }>(
        `SELECT relname AS t FROM pg_class WHERE relname LIKE 'extra%' AND relkind = 'r' ORDER BY 1`,
      )
    ).rows.map(({ t }) => t);

  beforeEach(async () => {
    test = await openTestDatabase();
    client = await connect();
    shipped = await readMigrations();
  });
  afterEach(async () => {
    await client.end();
    await test.close();
  });

  it('are done once, and recorded as Prisma records them', async () => {
    expect(await migrate(client, shipped)).toEqual([]);
    const added = [
      ...shipped,
      migration('29990101000000_extra', 'CREATE TABLE extra (id int); CREATE TABLE extra_two (id int);'),
    ];
    expect(await migrate(client, added)).toEqual(['29990101000000_extra']);
    expect(await migrate(client, added)).toEqual([]);
    expect(await tables()).toEqual(['extra', 'extra_two']);
    const { rows } = await client.query(
      'SELECT checksum, finished_at IS NOT NULL AS done, applied_steps_count AS steps FROM _prisma_migrations WHERE migration_name LIKE $1',
      ['2999%'],
    );
    expect(rows).toEqual([{ checksum: added.at(-1)?.checksum, done: true, steps: 1 }]);
  });

  it('that fail leave nothing of themselves', async () => {
    const added = [...shipped, migration('29990101000000_extra', 'CREATE TABLE extra (id int); SELECT 1 / 0;')];
    await expect(migrate(client, added)).rejects.toThrow('division by zero');
    expect(await tables()).toEqual([]);
    await assertMigrated(client, shipped);
  });

  it('are done once when several instances start at the same moment', async () => {
    const added = [...shipped, migration('29990101000000_extra', 'CREATE TABLE extra (id int);')];
    const others = await Promise.all(Array.from({ length: 4 }, connect));
    const done = await Promise.all(others.map((other) => migrate(other, added)));
    await Promise.all(others.map((other) => other.end()));
    expect(done.flat()).toEqual(['29990101000000_extra']);
  });

  it('F-88: a database that a newer release migrated is refused', async () => {
    await migrate(client, [...shipped, migration('29990101000000_extra', 'CREATE TABLE extra (id int);')]);
    await expect(migrate(client, shipped)).rejects.toMatchObject({ code: 'database.schema_newer' });
    await expect(test.database.assertSchema()).rejects.toMatchObject({ code: 'database.schema_newer' });
  });

  it('F-88: a schema older than the code is told', async () => {
    await test.database.assertSchema();
    const added = [...shipped, migration('29990101000000_extra', 'CREATE TABLE extra (id int);')];
    await expect(assertMigrated(client, added)).rejects.toMatchObject({ code: 'database.schema_older' });
  });

  it('that were edited after they were applied are refused', async () => {
    const edited = shipped.map((known, index) =>
      index === 0 ? migration(known.name, `${known.sql}\n-- edited`) : known,
    );
    await expect(migrate(client, edited)).rejects.toMatchObject({ code: 'database.schema_edited' });
  });

  it('that another tool left half done are refused', async () => {
    await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'y', $1)`, [
      '29990101000000_extra',
    ]);
    await expect(migrate(client, [...shipped, migration('29990101000000_extra', 'SELECT 1;')])).rejects.toMatchObject({
      code: 'database.schema_failed',
    });
  });
});
