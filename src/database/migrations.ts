import { createHash, randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import { RollcallError, codeOf } from '../common/errors.js';
import { isTransactionConflict } from './errors.js';
import { ROLES } from './roles.js';

export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** The key that Prisma's own engine locks on, so that both never migrate at once. */
const LOCK = 72707369;

/**
 * Whoever waits to change a table lets nobody else near it meanwhile. So a migration waits no longer than this for one that
 * is in use, gives way with all that it has, and begins again.
 */
const TABLE_WAIT_MS = 3_000;
/** Some minutes in all; longer than any transaction of the service. */
const ATTEMPTS = 100;

export interface Migration {
  name: string;
  sql: string;
  /** SHA-256 of the file, hex, as Prisma records it. */
  checksum: string;
}

interface AppliedMigration {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

export async function readMigrations(folder = MIGRATIONS_FOLDER): Promise<Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the schema up to this release, one transaction per migration, recorded as Prisma records it.
 *
 * @returns The names of the migrations that were applied now.
 * @throws {RollcallError} `database.schema_newer`, `database.schema_edited` or `database.schema_failed`, with the
 *   database left as it was.
 */
export async function migrate(
  client: pg.ClientBase,
  migrations: readonly Migration[],
  tableWaitMs = TABLE_WAIT_MS,
): Promise<string[]> {
  await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
    await client.query(`GRANT SELECT ON _prisma_migrations TO ${ROLES.app}, ${ROLES.worker}`);
    const waiting = compare(migrations, await readApplied(client));
    for (const migration of waiting) await applyWhenFree(client, migration, tableWaitMs);
    return waiting.map(({ name }) => name);
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK]);
  }
}

/**
 * Looks whether the schema is this release's, without changing anything.
 *
 * @throws {RollcallError} `database.schema_older` besides those of `migrate`.
 */
export async function assertMigrated(client: pg.ClientBase, migrations: readonly Migration[]): Promise<void> {
  const waiting = compare(migrations, await readApplied(client));
  if (waiting.length > 0) {
    throw new RollcallError(
      'database.schema_older',
      `The database lacks ${waiting.length} migrations of this release, ${waiting[0]?.name} first.`,
    );
  }
}

async function readApplied(client: pg.ClientBase): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    'SELECT migration_name, checksum, finished_at FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
  );
  return rows;
}

/** What is still to be applied. */
function compare(ours: readonly Migration[], theirs: readonly AppliedMigration[]): Migration[] {
  const known = new Map(ours.map((migration) => [migration.name, migration]));
  for (const { migration_name: name, checksum, finished_at: finishedAt } of theirs) {
    const own = known.get(name);
    if (!own) {
      throw new RollcallError(
        'database.schema_newer',
        `The database has migration ${name}, which this release does not know; start the newer release.`,
      );
    }
    if (finishedAt === null) {
      throw new RollcallError(
        'database.schema_failed',
        `Migration ${name} was begun by another tool and did not finish; resolve it with that tool.`,
      );
    }
    if (own.checksum !== checksum) {
      throw new RollcallError(
        'database.schema_edited',
        `Migration ${name} differs from the one that was applied to this database.`,
      );
    }
  }
  const applied = new Set(theirs.map((migration) => migration.migration_name));
  return ours.filter(({ name }) => !applied.has(name));
}

/** As often as a table is in use, or somebody who works waits for us and we for them. */
async function applyWhenFree(client: pg.ClientBase, migration: Migration, tableWaitMs: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await apply(client, migration, tableWaitMs);
    } catch (error) {
      const inUse = codeOf(error) === '55P03' || isTransactionConflict(error);
      if (!inUse || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** Whole or not at all: a process that dies in it leaves what was there before. */
async function apply(client: pg.ClientBase, { name, sql, checksum }: Migration, tableWaitMs: number): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(`SET LOCAL lock_timeout = ${Math.trunc(tableWaitMs)}`);
    await client.query(sql);
    await client.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), now(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}
