import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { isError } from '../../../src/common/errors.js';
import { newId } from '../../../src/common/ids.js';
import { retryOnConflict, type Database } from '../../../src/database/database.service.js';
import { migrate, readMigrations, type Migration } from '../../../src/database/migrations.js';
import { ensureRoles } from '../../../src/database/roles.js';
import { createDatabase, openTestDatabase, reach, type BareDatabase } from '../../support/database.js';
import { batchesSettled, PEOPLE, settleOldHouse, type OldHouse } from '../../support/old-house.js';
import { until, within } from '../../support/patience.js';
import { rowsIn, schemaOf } from '../../support/schema-of.js';
import { compileService, ServiceProcess } from '../../support/service-process.js';

/** Stops a migration behind its nth command, until the lock of the test is free. Nothing of it is in the schema of ours. */
const HALT = `
  CREATE SCHEMA halt;
  CREATE SEQUENCE halt.step;
  CREATE TABLE halt.at (step bigint NOT NULL);
  INSERT INTO halt.at VALUES (0);
  CREATE FUNCTION halt.look() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = 0 AS $$
  BEGIN
    IF current_query() LIKE '%_prisma_migrations%' THEN RETURN; END IF;
    IF nextval('halt.step') = (SELECT step FROM halt.at) THEN
      PERFORM pg_advisory_lock(24);
      PERFORM pg_advisory_unlock(24);
    END IF;
  END $$;
  CREATE EVENT TRIGGER halt ON ddl_command_end EXECUTE FUNCTION halt.look();`;

let shipped: Migration[];
let bare: BareDatabase;
let keeper: pg.Client;
let owner: pg.Client;

async function connect(options?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: bare.url, application_name: 'a test', options });
  await client.connect();
  return client;
}

beforeEach(async () => {
  shipped = await readMigrations();
  bare = await createDatabase(null);
  keeper = await connect();
  await ensureRoles(keeper, [], null);
  owner = await connect('-c role=rollcall_migrate');
});
afterEach(async () => {
  await owner.end();
  await keeper.end();
  await bare.drop();
});

async function schemaOfThisRelease(): Promise<string[]> {
  await using whole = await openTestDatabase();
  const client = new pg.Client({ connectionString: whole.url });
  await client.connect();
  try {
    return await schemaOf(client);
  } finally {
    await client.end();
  }
}

/** How many commands a migration has, tried and taken back. */
async function commandsOf(migration: Migration): Promise<number> {
  await keeper.query('UPDATE halt.at SET step = 0');
  await keeper.query(`SELECT setval('halt.step', 1, false)`);
  await owner.query('BEGIN');
  await owner.query(migration.sql);
  await owner.query('ROLLBACK');
  const { rows } = await keeper.query<{ many: string }>('SELECT last_value AS many FROM halt.step WHERE is_called');
  return Number(rows[0]?.many ?? 0);
}

function start(): ChildProcess {
  const script = ['--import', './test/support/register-typescript.mjs', 'test/support/migrating-process.ts'];
  return spawn(process.execPath, script, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: bare.url },
  });
}

async function counted(client: pg.ClientBase, condition: string): Promise<number> {
  const { rows } = await client.query<{ many: string }>(
    `SELECT count(*) AS many FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'rollcall' AND ${condition}`,
  );
  return Number(rows[0]?.many);
}

/** A start that is killed behind the nth command of the first migration that is waiting. */
async function killedBehind(command: number): Promise<void> {
  await keeper.query(`SELECT setval('halt.step', 1, false)`);
  await keeper.query('UPDATE halt.at SET step = $1', [command]);
  await keeper.query('SELECT pg_advisory_lock(24)');
  const child = start();
  const ended = once(child, 'exit');
  await until(`command ${command} of the migration`, async () => {
    if (child.exitCode !== null)
      throw new Error(`the start ended with ${child.exitCode} before it came to the command`);
    return (await counted(keeper, `wait_event_type = 'Lock' AND wait_event = 'advisory'`)) > 0;
  });
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await keeper.query('SELECT pg_advisory_unlock(24)');
  await keeper.query('UPDATE halt.at SET step = 0');
  await until('the server to notice that nobody is there', async () => (await counted(keeper, 'true')) === 0);
}

describe('X-24 an upgrade', () => {
  it('that is killed in any migration leaves the schema and all rows as they were, and the next start carries on', async () => {
    await keeper.query(HALT);
    let first = true;
    for (const [at, migration] of shipped.entries()) {
      const commands = await commandsOf(migration);
      expect(commands).toBeGreaterThan(0);
      const before = [await schemaOf(keeper), await rowsIn(keeper)];
      for (const command of new Set([1, Math.ceil(commands / 2), commands])) {
        await killedBehind(command);
        const [schema, rows] = [await schemaOf(keeper), await rowsIn(keeper)];
        // The table that remembers migrations is made before the first one.
        if (first) expect(schema.filter((line) => !line.includes('_prisma_migrations'))).toEqual([]);
        else expect([schema, rows]).toEqual(before);
      }
      expect(await migrate(owner, shipped.slice(0, at + 1))).toEqual([migration.name]);
      if (first) await settleOldHouse(keeper);
      first = false;
    }
    expect(await schemaOf(keeper)).toEqual(await schemaOfThisRelease());
  });

  it('goes on by itself when it is started again after a kill', async () => {
    await migrate(owner, shipped.slice(0, 1));
    await settleOldHouse(keeper);
    await keeper.query(HALT);
    await killedBehind(1);
    const [code] = (await within('the start to end', once(start(), 'exit'))) as [number];
    expect(code).toBe(0);
    expect(await schemaOf(keeper)).toEqual(await schemaOfThisRelease());
  });

  it('brings an older schema with its data up while people work, and loses nothing', async () => {
    await migrate(owner, shipped.slice(0, 1));
    const house = await settleOldHouse(keeper);
    const database = reach(bare.url);
    const traffic = new Traffic(database, house);
    try {
      traffic.start(4);
      for (const [at] of shipped.entries()) {
        await traffic.more(20);
        await migrate(owner, shipped.slice(0, at + 1));
      }
      await traffic.more(20);
    } finally {
      await traffic.stop();
      await database.close();
    }
    expect(await schemaOf(keeper)).toEqual(await schemaOfThisRelease());
    await expectSettled(house, traffic);
    using compiled = compileService();
    const service = await ServiceProcess.start(compiled, {
      ROLLCALL_ENV: 'test',
      ROLLCALL_LOG_LEVEL: 'info',
      DATABASE_URL: bare.url,
      ROLLCALL_SECRET_KEY: randomBytes(32).toString('base64'),
    });
    try {
      const url = /answers at (http:\S+?),/u.exec(service.output)?.[1] ?? '';
      for (const { key, people } of house.organisations) {
        const answer = await fetch(new URL(`/api/v1/people/${people[0]}`, url), {
          headers: { authorization: `Bearer ${key}` },
        });
        expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ id: people[0] })]);
      }
    } finally {
      service.kill('SIGTERM');
      expect(await service.ended()).toBe(0);
    }
  });

  async function expectSettled(house: OldHouse, traffic: Traffic): Promise<void> {
    for (const { id, run, people } of house.organisations) {
      const batches = await keeper.query(
        'SELECT batch, seqs, leaves FROM plan_batch WHERE organisation_id = $1 AND run_id = $2 ORDER BY batch',
        [id, run],
      );
      expect(batches.rows).toEqual(batchesSettled());
      const organisation = await keeper.query('SELECT sso, directory_sync AS sync FROM organisation WHERE id = $1', [
        id,
      ]);
      expect(organisation.rows).toEqual([{ sso: false, sync: true }]);
      const kept = await keeper.query<{ id: string; entries: number }>(
        `SELECT p.id, (SELECT count(*)::int FROM audit_entry a WHERE a.organisation_id = p.organisation_id AND a.subject_id = p.id::text) AS entries
           FROM person p WHERE organisation_id = $1 ORDER BY 1`,
        [id],
      );
      const due = [...people, ...traffic.acknowledged(id)].sort();
      expect(kept.rows).toEqual(due.map((person) => ({ id: person, entries: 1 })));
      expect(kept.rows.length).toBeGreaterThan(PEOPLE);
    }
  }

  const extra = (sql: string): Migration => ({
    name: '29990101000000_extra',
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
  });

  it('that needs a table in use gives way to whoever works, again and again, and is done once it is free', async () => {
    await migrate(owner, shipped);
    const long = await connect();
    const other = await connect();
    try {
      await long.query('BEGIN; SELECT FROM organisation');
      const done = migrate(owner, [...shipped, extra('ALTER TABLE organisation ADD COLUMN extra int;')], 50);
      const waits = async (): Promise<boolean> => {
        const { rows } = await keeper.query(
          `SELECT FROM pg_locks WHERE NOT granted AND relation = 'organisation'::regclass`,
        );
        return rows.length > 0;
      };
      for (let time = 0; time < 3; time += 1) {
        await until('the migration to wait', waits, 1);
        // Comes after the migration, and is through before it.
        await within('somebody else to read', other.query('SELECT FROM organisation'));
      }
      await long.query('COMMIT');
      expect(await within('the migration to end', done)).toEqual(['29990101000000_extra']);
    } finally {
      await long.end();
      await other.end();
    }
  });

  it('that waits for somebody who waits for it gives up what it has, and begins again', async () => {
    await migrate(owner, shipped);
    const worker = await connect();
    try {
      await worker.query('BEGIN; LOCK TABLE team');
      const done = migrate(owner, [
        ...shipped,
        extra('ALTER TABLE person ADD COLUMN extra int; ALTER TABLE team ADD COLUMN extra int;'),
      ]);
      await until('the migration to wait', async () => {
        const { rows } = await keeper.query(`SELECT FROM pg_locks WHERE NOT granted AND relation = 'team'::regclass`);
        return rows.length > 0;
      });
      await within('the worker to get what the migration had', worker.query('LOCK TABLE person'));
      await worker.query('COMMIT');
      expect(await within('the migration to end', done)).toEqual(['29990101000000_extra']);
    } finally {
      await worker.end();
    }
  });
});

/** People who work all the while, in ways that every version knows. Nothing that they do may fail. */
class Traffic {
  private readonly done = new Map<string, string[]>();
  private stopped = true;
  private fault: Error | null = null;
  private rounds = 0;
  private working: Promise<void>[] = [];

  constructor(
    private readonly database: Database,
    private readonly house: OldHouse,
  ) {
    for (const { id } of house.organisations) this.done.set(id, []);
  }

  start(many: number): void {
    this.stopped = false;
    this.working = Array.from({ length: many }, (_, at) => this.work(at));
  }

  acknowledged(organisation: string): string[] {
    return this.done.get(organisation) ?? [];
  }

  async more(rounds: number): Promise<void> {
    const goal = this.rounds + rounds;
    await until(`${rounds} more transactions`, () => {
      if (this.fault !== null) throw this.fault;
      return this.rounds >= goal;
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.working);
    if (this.fault !== null) throw this.fault;
  }

  private async work(at: number): Promise<void> {
    const organisation = this.house.organisations[at % this.house.organisations.length]?.id ?? '';
    while (!this.stopped && this.fault === null) {
      try {
        await retryOnConflict(() => this.batch(organisation));
        this.rounds += 1;
      } catch (error) {
        this.fault = isError(error) ? error : new Error(String(error));
      }
    }
  }

  private async batch(organisation: string): Promise<void> {
    const id = newId();
    await this.database.asOrganisation(organisation, async (tx) => {
      await tx.query('SELECT id FROM person WHERE organisation_id = $1 LIMIT 10', [organisation]);
      await tx.execute(
        `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
         VALUES ($1, $2, 'active', 'manual', $3, $3, 'x')`,
        [organisation, id, `${id}@acme.example`],
      );
      await tx.execute(
        `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id) VALUES ($1, 'person.added', '{}', 'person', $2)`,
        [organisation, id],
      );
    });
    this.done.get(organisation)?.push(id);
  }
}
