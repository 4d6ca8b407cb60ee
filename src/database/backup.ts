import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import tar, { type Pack } from 'tar-stream';
import type { Clock } from '../common/clock.js';
import { RollcallError, codeOf, isError } from '../common/errors.js';
import {
  countLines,
  MANIFEST,
  pieceName,
  readPieces,
  SEAL,
  sha256,
  verifyBackup,
  type Manifest,
  type TableManifest,
} from './backup-format.js';
import { readTables, type TableShape } from './backup-tables.js';
import type { Database } from './database.service.js';
import type { CopyTx } from './tx.js';

/** A piece is held in memory, for tar wants its size before it. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** A statement may copy a whole table: no limit that a large installation could meet. */
const COPY_WITHIN_MS = 6 * 60 * 60 * 1000;

export interface BackupSummary {
  tables: { name: string; rows: number }[];
  madeAt: string;
}

/**
 * Writes everything that is kept to one file, as of one moment, while the service runs on. Credentials in it stay
 * sealed: without the secret key they are lost, so that key is kept too, elsewhere.
 *
 * @param file Must not exist yet; is there only once it is whole.
 */
export async function backup(database: Database, clock: Clock, file: string): Promise<BackupSummary> {
  const partial = `${file}.partial`;
  const pack = tar.pack();
  const written = pipeline(pack, createGzip(), createWriteStream(partial, { flags: 'w', mode: 0o600 }));
  try {
    const manifest = await Promise.race([
      database.asMigrate((tx) => dump(tx, pack, clock), {
        isolation: 'repeatable read',
        readOnly: true,
        timeoutMs: COPY_WITHIN_MS,
      }),
      // It ends before the dump only by failing: a full disk, for example.
      written.then(() => Promise.reject(new Error('the file was closed too early'))),
    ]);
    pack.finalize();
    await written;
    await link(partial, file).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST'
        ? new RollcallError('backup.exists', `There is a file ${file} already; it was left as it is.`)
        : error;
    });
    return summarise(manifest);
  } catch (error) {
    pack.destroy();
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

async function dump(tx: CopyTx, pack: Pack, clock: Clock): Promise<Manifest> {
  const tables: TableManifest[] = [];
  for (const table of await readTables(tx)) tables.push(await dumpTable(tx, pack, table));
  const manifest: Manifest = {
    format: 'rollcall-backup-1',
    madeAt: clock.now().toISOString(),
    migrations: await readApplied(tx),
    tables,
  };
  const text = JSON.stringify(manifest, null, 1);
  await add(pack, MANIFEST, Buffer.from(text));
  await add(pack, SEAL, Buffer.from(sha256(text)));
  return manifest;
}

async function dumpTable(tx: CopyTx, pack: Pack, { name, columns }: TableShape): Promise<TableManifest> {
  const hash = createHash('sha256');
  let rows = 0;
  let pieces = 0;
  let pending: Buffer[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    if (size === 0) return;
    await add(pack, pieceName(name, pieces++), Buffer.concat(pending));
    pending = [];
    size = 0;
  };
  for await (const chunk of tx.copyOut(`COPY (SELECT ${quoted(columns)} FROM "${name}") TO STDOUT`)) {
    const bytes = chunk as Buffer;
    hash.update(bytes);
    rows += countLines(bytes);
    pending.push(bytes);
    size += bytes.length;
    if (size >= PIECE_BYTES) await flush();
  }
  await flush();
  return { name, columns, rows, sha256: hash.digest('hex') };
}

function add(pack: Pack, name: string, content: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    pack.entry({ name, mode: 0o600 }, content, (error) => (error ? fail(error) : done()));
  });
}

/**
 * Fills an empty database from a backup, whole or not at all. Afterwards every connection must be previewed again
 * before it changes anybody, and no run of then goes on.
 *
 * @throws {RollcallError} `backup.invalid`, `backup.schema_differs` or `backup.not_empty`; nothing was changed.
 */
export async function restore(database: Database, file: string): Promise<BackupSummary> {
  const manifest = await verifyBackup(file);
  await database.asMigrate((tx) => fill(tx, manifest, file), { timeoutMs: COPY_WITHIN_MS });
  return summarise(manifest);
}

async function fill(tx: CopyTx, manifest: Manifest, file: string): Promise<void> {
  await assertFits(tx, manifest);
  await tx.execute('DELETE FROM installation');
  // COPY does not go into a table that holds its owner to row-level security. All of this is one transaction.
  const guarded = await tx.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity ORDER BY 1`,
  );
  for (const { name } of guarded) await tx.execute(`ALTER TABLE "${name}" NO FORCE ROW LEVEL SECURITY`);
  await copyIn(tx, manifest, file);
  for (const { name } of guarded) await tx.execute(`ALTER TABLE "${name}" FORCE ROW LEVEL SECURITY`);
  await assertCounts(tx, manifest);
  await advanceSequences(tx);
  await makeCautious(tx);
}

async function assertFits(tx: CopyTx, manifest: Manifest): Promise<void> {
  await tx.execute('LOCK TABLE organisation IN ACCESS EXCLUSIVE MODE');
  const { has } = await tx.one<{ has: boolean }>('SELECT EXISTS (SELECT FROM organisation) AS has');
  if (has)
    throw new RollcallError('backup.not_empty', 'The database has organisations already; restore into an empty one.');
  const ours = JSON.stringify(await readApplied(tx));
  const shapes = await readTables(tx);
  const sameTables = manifest.tables.every(({ name, columns }) => {
    const shape = shapes.find((table) => table.name === name);
    return shape !== undefined && columns.join() === shape.columns.join();
  });
  if (ours !== JSON.stringify(manifest.migrations) || !sameTables) {
    throw new RollcallError(
      'backup.schema_differs',
      `The backup was made with the schema ${manifest.migrations.at(-1)?.[0] ?? ''}; restore it with that release, then start this one.`,
    );
  }
}

async function copyIn(tx: CopyTx, manifest: Manifest, file: string): Promise<void> {
  const columnsOf = new Map(manifest.tables.map(({ name, columns }) => [name, columns]));
  const open: { table: string; sink: Writable }[] = [];
  const finish = async (): Promise<void> => {
    for (const { sink } of open.splice(0)) {
      sink.end();
      await finished(sink);
    }
  };
  try {
    for await (const { table, content } of readPieces(file)) {
      if (open[0]?.table !== table) {
        await finish();
        const sink = tx.copyIn(`COPY "${table}" (${quoted(columnsOf.get(table) ?? [])}) FROM STDIN`);
        // Told by the next write, or at the end; unheard it would end the process.
        sink.on('error', () => undefined);
        open.push({ table, sink });
      }
      for await (const chunk of content) {
        for (const { sink } of open) await write(sink, chunk);
      }
    }
    await finish();
  } catch (error) {
    // Tells the server that no more will come; without it the connection would wait for the rest.
    for (const { sink } of open) sink.destroy(isError(error) ? error : undefined);
    throw error;
  }
}

async function write(sink: Writable, chunk: unknown): Promise<void> {
  if (sink.errored) throw sink.errored;
  if (!sink.write(chunk) && !sink.errored) await once(sink, 'drain');
}

async function assertCounts(tx: CopyTx, manifest: Manifest): Promise<void> {
  for (const { name, rows } of manifest.tables) {
    const { count } = await tx.one<{ count: number }>(`SELECT count(*) AS count FROM "${name}"`);
    if (count !== rows)
      throw new RollcallError('backup.invalid', `Table ${name} took ${count} rows of ${rows}; nothing was restored.`);
  }
}

async function advanceSequences(tx: CopyTx): Promise<void> {
  const serials = await tx.query<{ table: string; column: string; sequence: string }>(
    `SELECT c.relname AS table, a.attname AS column, pg_get_serial_sequence(quote_ident(c.relname), a.attname) AS sequence
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL`,
  );
  for (const { table, column, sequence } of serials) {
    await tx.execute(`SELECT setval($1::regclass, (SELECT coalesce(max("${column}"), 0) + 1 FROM "${table}"), false)`, [
      sequence,
    ]);
  }
}

/** The world has moved on since: what a connection would do now is looked at before it does it, and nobody comes back in by what was ended. */
async function makeCautious(tx: CopyTx): Promise<void> {
  await tx.execute(
    'UPDATE connection SET confirmed_version = NULL, cursor = NULL, lease_owner = NULL, lease_expires_at = NULL',
  );
  await tx.execute(
    `UPDATE run SET state = 'cancelled', finished_at = now(), error_message = 'A backup was restored.'
     WHERE state IN ('queued', 'reading', 'planning', 'applying')`,
  );
  await tx.execute(`UPDATE session SET ended_at = now(), ended_because = 'restored' WHERE ended_at IS NULL`);
  await tx.execute(
    `UPDATE set_up_link SET revoked_at = now(), revoked_by = '{"kind":"system"}' WHERE used_at IS NULL AND revoked_at IS NULL`,
  );
}

function readApplied(tx: CopyTx): Promise<[string, string][]> {
  return tx
    .query<{ name: string; checksum: string }>(
      'SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name',
    )
    .then((rows) => rows.map(({ name, checksum }) => [name, checksum]));
}

/** Names come from the catalogue, or from a manifest that was checked against it. */
function quoted(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}

function summarise({ tables, madeAt }: Manifest): BackupSummary {
  return { madeAt, tables: tables.map(({ name, rows }) => ({ name, rows })) };
}
