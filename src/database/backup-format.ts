import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import tar from 'tar-stream';
import { z } from 'zod';
import { RollcallError, messageOf } from '../common/errors.js';

/**
 * A backup is a gzipped tar: pieces of each table as COPY text, then what they should be, then the digest of that.
 * Since the proof comes last, a backup that was cut off has none.
 */
export const MANIFEST = 'manifest.json';
export const SEAL = 'manifest.sha256';
const PIECE = /^tables\/([a-z_]+)\.\d{6}\.copy$/u;

const Table = z.strictObject({
  name: z.string().regex(/^[a-z_]+$/u),
  columns: z.array(z.string().regex(/^[a-z_]+$/u)).min(1),
  rows: z.number().int().min(0),
  sha256: z.string().length(64),
});

const Manifest = z.strictObject({
  format: z.literal('rollcall-backup-1'),
  madeAt: z.iso.datetime(),
  /** Name and checksum of each migration that made the schema. */
  migrations: z.array(z.tuple([z.string(), z.string()])).min(1),
  /** In the order in which they can be filled. */
  tables: z.array(Table),
});
export type Manifest = z.infer<typeof Manifest>;
export type TableManifest = z.infer<typeof Table>;

export function pieceName(table: string, index: number): string {
  return `tables/${table}.${String(index).padStart(6, '0')}.copy`;
}

type Entry = AsyncIterable<unknown> & { header: { name: string }; resume(): unknown };

/** The pieces of a backup, one after another; `content` must be read to its end before the next. */
export async function* readPieces(file: string): AsyncGenerator<{ table: string; content: AsyncIterable<unknown> }> {
  for await (const entry of openEntries(file)) {
    const table = PIECE.exec(entry.header.name)?.[1];
    if (table === undefined) entry.resume();
    else yield { table, content: entry };
  }
}

async function* openEntries(file: string): AsyncGenerator<Entry> {
  const extract = tar.extract();
  const source = createReadStream(file);
  const unzipped = source.pipe(createGunzip());
  source.on('error', (error) => extract.destroy(error));
  unzipped.on('error', (error) => extract.destroy(error));
  unzipped.pipe(extract);
  try {
    for await (const entry of extract) yield entry;
  } finally {
    source.destroy();
  }
}

/**
 * Reads a whole backup and proves it, writing nothing anywhere.
 *
 * @throws {RollcallError} `backup.invalid`
 */
export async function verifyBackup(file: string): Promise<Manifest> {
  const found = new Map<string, { hash: Hash; rows: number }>();
  let manifest: string | null = null;
  let seal: string | null = null;
  try {
    for await (const entry of openEntries(file)) {
      const { name } = entry.header;
      const table = PIECE.exec(name)?.[1];
      if (table !== undefined && manifest === null) await addPiece(found, table, entry);
      else if (name === MANIFEST && manifest === null) manifest = await textOf(entry);
      else if (name === SEAL && seal === null) seal = await textOf(entry);
      else throw new Error(`${name} does not belong there`);
    }
  } catch (error) {
    throw invalid(messageOf(error), error);
  }
  if (manifest === null || seal !== sha256(manifest)) throw invalid('it is cut off, or its list was changed');
  return compare(manifest, found);
}

function compare(text: string, found: Map<string, { hash: Hash; rows: number }>): Manifest {
  let manifest: Manifest;
  try {
    manifest = Manifest.parse(JSON.parse(text));
  } catch (error) {
    throw invalid('its list is of another kind', error);
  }
  for (const { name, rows, sha256: digest } of manifest.tables) {
    const has = found.get(name);
    const same = (has?.hash ?? createHash('sha256')).digest('hex') === digest && (has?.rows ?? 0) === rows;
    if (!same) throw invalid(`table ${name} was changed`);
    found.delete(name);
  }
  if (found.size > 0) throw invalid('it has tables that it does not list');
  return manifest;
}

async function addPiece(found: Map<string, { hash: Hash; rows: number }>, table: string, entry: Entry): Promise<void> {
  const sum = found.get(table) ?? { hash: createHash('sha256'), rows: 0 };
  found.set(table, sum);
  for await (const chunk of entry) {
    const bytes = chunk as Buffer;
    sum.hash.update(bytes);
    sum.rows += countLines(bytes);
  }
}

/** COPY writes a row per line, and a line break inside a value as `\n`. */
export function countLines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

async function textOf(entry: Entry): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of entry) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function invalid(why: string, cause?: unknown): RollcallError {
  return new RollcallError('backup.invalid', `This is not a whole, unchanged backup of Rollcall: ${why}.`, undefined, {
    cause,
  });
}
