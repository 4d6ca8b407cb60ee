import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Tx } from '../database/tx.js';
import type { Found, ImportOptions, ImportRow, LineRow } from './imports.types.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;
/** Lines of the file that show what to choose are a part of it. */
const WITHOUT_SAMPLES = `found = CASE WHEN found->'fault' ? 'samples' THEN jsonb_set(found, '{fault,samples}', '[]') ELSE found END`;
const COLUMNS = `id, state, name, bytes, chunks, options, found, unchanged, uploaded_by, preview_id, run_id, created_at, uploaded_at,
  confirmed_at, file_until, file_gone_at`;

export interface NewImport {
  id: string;
  name: string;
  options: ImportOptions;
  uploadedBy: Actor;
  now: Date;
  fileUntil: Date;
}

export interface LineFilter {
  kind: string | null;
  disposition: string | null;
  faulty: boolean;
  search: string | null;
  after: number;
  limit: number;
}

/** Files of people, and their bytes in pieces. */
@Injectable()
export class ImportsRepository {
  /** One after another: whoever uploads, asks or confirms in this organisation. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('rollcall.imports:' || ${ORGANISATION}::text, 0))::text`,
    );
  }

  /** @throws by `import_uploading` where another one is being uploaded */
  async insert(tx: Tx, row: NewImport): Promise<void> {
    await tx.execute(
      `INSERT INTO import (organisation_id, id, state, name, options, uploaded_by, created_at, file_until)
       VALUES (${ORGANISATION}, $1, 'uploading', $2, $3::jsonb, $4::jsonb, $5, $6)`,
      [row.id, row.name, JSON.stringify(row.options), JSON.stringify(row.uploadedBy), row.now, row.fileUntil],
    );
  }

  find(tx: Tx, id: string): Promise<ImportRow | null> {
    return tx.maybeOne<ImportRow>(`SELECT ${COLUMNS} FROM import WHERE ${OWN} AND id = $1`, [id]);
  }

  list(tx: Tx, after: [string, string] | null, limit: number): Promise<ImportRow[]> {
    return tx.query<ImportRow>(
      `SELECT ${COLUMNS} FROM import
        WHERE ${OWN} AND ($1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      [after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  /** Whether another file is being uploaded, looked at or applied. */
  async othersAtWork(tx: Tx, except: string | null): Promise<boolean> {
    const { busy } = await tx.one<{ busy: boolean }>(
      `SELECT EXISTS (
         SELECT FROM import i WHERE ${OWN} AND ($1::uuid IS NULL OR i.id <> $1)
            AND (i.state = 'uploading' OR EXISTS (
              SELECT FROM run r WHERE r.organisation_id = i.organisation_id AND r.id IN (i.preview_id, i.run_id)
                 AND r.finished_at IS NULL))) AS busy`,
      [except],
    );
    return busy;
  }

  /** Takes away what an upload left behind that nobody goes on with. */
  async dropUploads(tx: Tx, before: Date): Promise<void> {
    await tx.execute(
      `DELETE FROM import_chunk c USING import i
        WHERE c.${OWN} AND i.organisation_id = c.organisation_id AND i.id = c.import_id AND i.state = 'uploading' AND i.created_at < $1`,
      [before],
    );
    await tx.execute(`DELETE FROM import WHERE ${OWN} AND state = 'uploading' AND created_at < $1`, [before]);
  }

  async addChunk(tx: Tx, id: string, number: number, bytes: Buffer): Promise<void> {
    await tx.execute(
      `INSERT INTO import_chunk (organisation_id, import_id, number, bytes) VALUES (${ORGANISATION}, $1, $2, $3)`,
      [id, number, bytes],
    );
  }

  async chunk(tx: Tx, id: string, number: number): Promise<Buffer | null> {
    const row = await tx.maybeOne<{ bytes: Buffer }>(
      `SELECT bytes FROM import_chunk WHERE ${OWN} AND import_id = $1 AND number = $2`,
      [id, number],
    );
    return row?.bytes ?? null;
  }

  async countChunks(tx: Tx, id: string): Promise<number> {
    return (
      await tx.one<{ n: number }>(`SELECT count(*)::int AS n FROM import_chunk WHERE ${OWN} AND import_id = $1`, [id])
    ).n;
  }

  async uploaded(
    tx: Tx,
    id: string,
    file: { bytes: number; chunks: number; digest: Buffer; now: Date; fileUntil: Date },
  ): Promise<void> {
    await tx.execute(
      `UPDATE import SET state = 'uploaded', bytes = $2, chunks = $3, digest = $4, uploaded_at = $5, file_until = $6
        WHERE ${OWN} AND id = $1 AND state = 'uploading'`,
      [id, file.bytes, file.chunks, file.digest, file.now, file.fileUntil],
    );
  }

  /** As if it had never been. */
  async forget(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM import_chunk WHERE ${OWN} AND import_id = $1`, [id]);
    await tx.execute(`DELETE FROM import WHERE ${OWN} AND id = $1`, [id]);
  }

  async setPreview(tx: Tx, id: string, previewId: string, options: ImportOptions): Promise<void> {
    await tx.execute(
      `UPDATE import SET preview_id = $2, options = $3::jsonb, found = '{}', unchanged = '{}' WHERE ${OWN} AND id = $1`,
      [id, previewId, JSON.stringify(options)],
    );
  }

  async setConfirmed(tx: Tx, id: string, runId: string, now: Date): Promise<void> {
    await tx.execute(`UPDATE import SET run_id = $2, confirmed_at = $3 WHERE ${OWN} AND id = $1`, [id, runId, now]);
  }

  /** By the newest look alone. */
  async setFound(
    tx: Tx,
    id: string,
    byRun: string,
    found: Partial<Found>,
    unchanged: readonly number[],
  ): Promise<void> {
    await tx.execute(
      `UPDATE import SET found = $3::jsonb, unchanged = $4::int[] WHERE ${OWN} AND id = $1 AND coalesce(run_id, preview_id) = $2`,
      [id, byRun, JSON.stringify(found), unchanged],
    );
  }

  /** The bytes go; what was found of them stays. */
  async dropFile(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(`DELETE FROM import_chunk WHERE ${OWN} AND import_id = $1`, [id]);
    await tx.execute(
      `UPDATE import SET state = 'gone', file_gone_at = $2, ${WITHOUT_SAMPLES} WHERE ${OWN} AND id = $1 AND state <> 'gone'`,
      [id, now],
    );
  }

  async dropOldFiles(tx: Tx, now: Date): Promise<void> {
    await tx.execute(
      `DELETE FROM import_chunk c USING import i
        WHERE c.${OWN} AND i.organisation_id = c.organisation_id AND i.id = c.import_id AND i.file_until <= $1`,
      [now],
    );
    await tx.execute(
      `UPDATE import SET state = 'gone', file_gone_at = $1, ${WITHOUT_SAMPLES} WHERE ${OWN} AND state = 'uploaded' AND file_until <= $1`,
      [now],
    );
  }

  /** What was found of files that are gone, once no run is kept that tells of them. */
  async forgetWithoutRuns(tx: Tx): Promise<void> {
    await tx.execute(
      `DELETE FROM import i WHERE ${OWN} AND state = 'gone' AND NOT EXISTS (
         SELECT FROM run r WHERE r.organisation_id = i.organisation_id AND r.id IN (i.preview_id, i.run_id))`,
    );
  }

  /** How many people a plan invites, and of how many it changes whether they are an admin. */
  planned(tx: Tx, runId: string): Promise<{ invites: number; admins: number }> {
    return tx.one(
      `SELECT count(*) FILTER (WHERE c."after"->>'invites' = 'true')::int AS invites,
              count(*) FILTER (WHERE c."after"->>'isAdmin' = 'true' OR c.kind = 'update' AND c."after" ? 'isAdmin')::int AS admins
         FROM planned_change c WHERE c.${OWN} AND c.run_id = $1 AND c.disposition = 'apply'`,
      [runId],
    );
  }

  /** Of the run that an undo takes back. */
  async ofRun(tx: Tx, runId: string): Promise<string | null> {
    return (
      (await tx.maybeOne<{ id: string }>(`SELECT id FROM import WHERE ${OWN} AND run_id = $1`, [runId]))?.id ?? null
    );
  }

  lines(tx: Tx, runId: string, filter: LineFilter): Promise<LineRow[]> {
    return tx.query<LineRow>(
      `SELECT c.seq, c.kind, c.disposition, c.situation, c.person_id, c.label, c.reason, c.before, c."after",
              coalesce(c.result, CASE WHEN c.seq IN (SELECT unnest(b.seqs) FROM plan_batch b WHERE b.${OWN} AND b.run_id = $1
                AND b.applied_at IS NOT NULL) THEN 'applied' END) AS result
         FROM planned_change c
        WHERE c.${OWN} AND c.run_id = $1 AND c.seq > $2
          AND ($3::text IS NULL OR c.kind = $3) AND ($4::text IS NULL OR c.disposition = $4)
          AND (NOT $5::boolean OR c.situation = 'file_fault')
          AND ($6::text IS NULL OR strpos(lower(c.label COLLATE "default"), lower($6::text COLLATE "default")) > 0)
        ORDER BY c.seq LIMIT $7`,
      [runId, filter.after, filter.kind, filter.disposition, filter.faulty, filter.search, filter.limit],
    );
  }

  /** Who is invited, as they are now. */
  invited(
    tx: Tx,
    personIds: readonly string[],
  ): Promise<{ personId: string; emailCanonical: string; isAdmin: boolean }[]> {
    return tx.query(
      `SELECT id AS person_id, email_canonical, is_admin FROM person WHERE ${OWN} AND id = ANY($1::uuid[]) AND state = 'active' ORDER BY id`,
      [personIds],
    );
  }

  /** What a mail calls whoever invites: the person, else the organisation. */
  async inviterName(tx: Tx, personId: string | null): Promise<string> {
    const { name } = await tx.one<{ name: string }>(
      `SELECT coalesce((SELECT nullif(concat_ws(' ', p.first_name, p.last_name), '') FROM person p
                         WHERE p.${OWN} AND p.id = $1::uuid), o.name) AS name
         FROM organisation o WHERE o.id = ${ORGANISATION}`,
      [personId],
    );
    return name;
  }

  /** Teams, each with a position of its framework, for the template. */
  examples(tx: Tx, most: number): Promise<{ team: string; positions: string[] }[]> {
    return tx.query(
      `SELECT t.name AS team, coalesce(array_agg(p.name ORDER BY p.rank) FILTER (WHERE p.id IS NOT NULL), '{}') AS positions
         FROM team t LEFT JOIN position p ON p.organisation_id = t.organisation_id AND p.framework_id = t.framework_id
        WHERE t.${OWN} GROUP BY t.id, t.name, t.folded ORDER BY t.folded LIMIT $1`,
      [most],
    );
  }
}
