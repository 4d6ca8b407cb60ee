import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedServer } from '../../src/database/embedded-server.js';
import { openDatabase } from '../../src/database/open-database.js';
import { RUN_FILE } from './test-server.js';

/**
 * One PostgreSQL for the whole run: the embedded one, or the server that TEST_DATABASE_URL names (as superuser).
 * Migrated once, into a template that each spec file copies.
 */
export async function startServer(): Promise<void> {
  const run = randomBytes(6).toString('hex');
  process.env['TEST_RUN'] = run;
  const template = `rollcall_template_${run}`;
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-test-'));
  // PostgreSQL's own user has to pass it.
  await chmod(folder, 0o755);
  const given = process.env['TEST_DATABASE_URL'];
  const embedded =
    given === undefined ? await EmbeddedServer.start(join(folder, 'data'), join(folder, 'marker')) : null;
  const url = given ?? (await embedded?.url('postgres', 'postgres')) ?? '';
  await makeTemplate(url, template);
  await writeFile(RUN_FILE(), JSON.stringify({ url, template, folder, given: given !== undefined }));
  const shared = globalThis as typeof globalThis & {
    testServer?: { embedded: EmbeddedServer | null; folder: string; url: string; template: string };
  };
  shared.testServer = { embedded, folder, url, template };
}

async function makeTemplate(url: string, template: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`CREATE DATABASE ${template}`);
  await client.end();
  const address = new URL(url);
  address.pathname = `/${template}`;
  const database = await openDatabase(
    {
      url: address.href,
      migrateUrl: null,
      workerUrl: null,
      folder: '',
      marker: '',
      poolSize: 1,
      workerPoolSize: 1,
      connectTimeoutMs: 60_000,
      statementTimeoutMs: 60_000,
      idleInTransactionMs: 60_000,
    },
    (error) => {
      throw error;
    },
  );
  await database.close();
}
