import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type DatabaseSettings } from '../../../src/database/open-database.js';
import { assertSafeRole } from '../../../src/database/roles.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';

const settings: Omit<DatabaseSettings, 'url'> = {
  migrateUrl: null,
  workerUrl: null,
  folder: '',
  marker: '',
  poolSize: 2,
  workerPoolSize: 1,
  connectTimeoutMs: 30_000,
  statementTimeoutMs: 30_000,
  idleInTransactionMs: 30_000,
};

describe("the roles on a server of one's own", () => {
  let test: TestDatabase;
  let keeper: pg.Client;
  const user = `user_${randomBytes(4).toString('hex')}`;

  beforeAll(async () => {
    test = await openTestDatabase();
    keeper = new pg.Client({ connectionString: test.url });
    await keeper.connect();
  });
  afterAll(async () => {
    await keeper.query(`DROP ROLE IF EXISTS ${user}`);
    await keeper.end();
    await test.close();
  });

  const asUser = (): string => {
    const url = new URL(test.url);
    url.username = user;
    url.password = 'secret';
    return url.href;
  };
  const open = (url: string) => openDatabase({ ...settings, url }, () => undefined);

  it('T-03: a superuser is a superuser no more once connected', async () => {
    const database = await open(test.url);
    const { unsafe } = await database.asOrganisation('0199aaaa-0000-7000-8000-000000000001', (tx) =>
      tx.one<{ unsafe: boolean }>(
        'SELECT rolsuper OR rolbypassrls AS unsafe FROM pg_roles WHERE rolname = current_user',
      ),
    );
    await database.close();
    expect(unsafe).toBe(false);
  });

  it('a plain user without the roles is refused with the statements that mend it, and served once they were run', async () => {
    await keeper.query(`CREATE ROLE ${user} LOGIN PASSWORD 'secret'`);
    const refusal: unknown = await open(asUser()).then(
      (database) => database.close(),
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'database.role_unsafe' });
    const statements = /run: (.*);$/.exec((refusal as Error).message)?.[1] ?? '';
    expect(statements).toContain('GRANT rollcall_app TO');
    await keeper.query(statements);
    const database = await open(asUser());
    const { current } = await database.asWorker((tx) => tx.one<{ current: string }>('SELECT current_user AS current'));
    await database.close();
    expect(current).toBe('rollcall_worker');
  });

  it.each(['SUPERUSER', 'BYPASSRLS'])('T-02: a role with %s is refused, with the mend', async (attribute) => {
    await keeper.query('BEGIN');
    try {
      await keeper.query(`ALTER ROLE rollcall_app ${attribute}`);
      await keeper.query('SET LOCAL ROLE rollcall_app');
      await expect(assertSafeRole(keeper, 'app')).rejects.toThrow('ALTER ROLE rollcall_app NOSUPERUSER NOBYPASSRLS');
    } finally {
      await keeper.query('ROLLBACK');
    }
  });

  it('T-02: the owner of the tables is refused', async () => {
    await keeper.query('BEGIN');
    try {
      await keeper.query('SET LOCAL ROLE rollcall_migrate');
      await expect(assertSafeRole(keeper, 'app')).rejects.toThrow('owns the tables');
    } finally {
      await keeper.query('ROLLBACK');
    }
  });

  it('a server that is not there is told as such, and nothing of the address is repeated', async () => {
    const refusal: unknown = await open('postgresql://u:canary@127.0.0.1:1/none').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'database.unavailable' });
    expect((refusal as Error).message).not.toContain('canary');
  });
});
