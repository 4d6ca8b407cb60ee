import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { newId } from '../../src/common/ids.js';
import { Database } from '../../src/database/database.service.js';
import { openPools, type DatabaseSettings } from '../../src/database/open-database.js';
import { RUN_FILE, type TestServer } from './test-server.js';

export interface TestDatabase {
  database: Database;
  /** As the server's superuser, to this database: also what a service under test gets as DATABASE_URL. */
  url: string;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

function settingsOf(url: string): DatabaseSettings {
  return {
    url,
    migrateUrl: null,
    workerUrl: null,
    folder: '',
    marker: '',
    poolSize: 8,
    workerPoolSize: 4,
    connectTimeoutMs: 60_000,
    statementTimeoutMs: 60_000,
    idleInTransactionMs: 60_000,
  };
}

async function asKeeper(server: TestServer, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.urlOf('postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** The server of this run, as the global set-up wrote it down. */
export function testServer(): TestServer {
  const { url, template } = JSON.parse(readFileSync(RUN_FILE(), 'utf8')) as { url: string; template: string };
  return {
    template,
    urlOf: (database) => {
      const parsed = new URL(url);
      parsed.pathname = `/${database}`;
      return parsed.href;
    },
  };
}

export interface BareDatabase extends AsyncDisposable {
  /** As the server's superuser. */
  url: string;
  drop: () => Promise<void>;
}

/** A fresh database of this spec file alone: with nothing in it, or a copy of another one. */
export async function createDatabase(template: string | null): Promise<BareDatabase> {
  const server = testServer();
  const name = `rollcall_test_${randomBytes(6).toString('hex')}`;
  await asKeeper(server, `CREATE DATABASE ${name}${template === null ? '' : ` TEMPLATE ${template}`}`);
  const drop = (): Promise<void> => asKeeper(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  return { url: server.urlOf(name), drop, [Symbol.asyncDispose]: drop };
}

/** The service's own way to a database, whatever its schema. */
export function reach(url: string): Database {
  const address = { url, actsAsRole: true };
  const faults: Error[] = [];
  const pools = openPools(settingsOf(url), { migrate: address, app: address, worker: address }, (error) =>
    faults.push(error),
  );
  return new Database(pools, 60_000);
}

/** A fresh, migrated database of this spec file alone. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const { url, drop } = await createDatabase(testServer().template);
  const database = reach(url);
  const close = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { database, url, close, [Symbol.asyncDispose]: close };
}

/** An organisation to work in; returns its id. */
export async function insertOrganisation(
  database: Database,
  values: { slug?: string; name?: string } = {},
): Promise<string> {
  const id = newId();
  const slug = values.slug ?? `org-${id.slice(-12)}`;
  await database.asOrganisation(id, (tx) =>
    tx.execute('INSERT INTO organisation (id, slug, name, sso, directory_sync) VALUES ($1, $2, $3, true, true)', [
      id,
      slug,
      values.name ?? slug,
    ]),
  );
  return id;
}
