import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { NumberedEntry } from './chain.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const ENTRY = `e.seq, to_char(e.at, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, e.action, e.actor, e.subject_kind, e.subject_id, e.run_id,
  e.request_id, e.address, e.outcome, e.detail`;

export interface ChainHead {
  position: number;
  hash: Buffer;
}

/** A link, and the entry that it is about; null when there is none any more. */
export interface LinkRow {
  position: number;
  linkSeq: number;
  hash: Buffer;
  entry: NumberedEntry | null;
}

type EntryColumns = { [Name in keyof NumberedEntry]: NumberedEntry[Name] | null };

@Injectable()
export class ChainRepository {
  /** False while another instance chains this organisation. Until the transaction ends. */
  async lock(tx: Tx, organisationId: string): Promise<boolean> {
    const { got } = await tx.one<{ got: boolean }>(
      'SELECT pg_try_advisory_xact_lock(hashtextextended($1::text, 3)) AS got',
      [organisationId],
    );
    return got;
  }

  head(tx: Tx): Promise<ChainHead | null> {
    return tx.maybeOne<ChainHead>(
      `SELECT position, hash FROM audit_link WHERE organisation_id = ${ORGANISATION} ORDER BY position DESC LIMIT 1`,
    );
  }

  /**
   * A number below which no entry can still come: that of the last entry that was chained before this moment, which lies
   * further back than any transaction lasts.
   */
  async floor(tx: Tx, before: Date): Promise<number> {
    const link = await tx.maybeOne<{ seq: number }>(
      `SELECT seq FROM audit_link WHERE organisation_id = ${ORGANISATION} AND chained_at < $1 ORDER BY position DESC LIMIT 1`,
      [before],
    );
    return link?.seq ?? 0;
  }

  /**
   * Entries with numbers above `floor` and no place in the chain yet, in order: each looked up by its number (OFFSET 0), for
   * while the log grows the planner would rather read the whole chain.
   */
  unchained(tx: Tx, floor: number, limit: number): Promise<NumberedEntry[]> {
    return tx.query<NumberedEntry>(
      `SELECT ${ENTRY} FROM audit_entry e WHERE e.organisation_id = ${ORGANISATION} AND e.seq > $1
          AND NOT EXISTS (SELECT FROM audit_link l WHERE l.organisation_id = ${ORGANISATION} AND l.seq = e.seq OFFSET 0)
        ORDER BY e.seq LIMIT $2`,
      [floor, limit],
    );
  }

  /** @param rows JSON array of position, seq and hash (hex). */
  async append(tx: Tx, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO audit_link (organisation_id, position, seq, hash, chained_at)
       SELECT (SELECT ${ORGANISATION}), r.position, r.seq, decode(r.hash, 'hex'), $2
         FROM jsonb_to_recordset($1::jsonb) AS r(position bigint, seq bigint, hash text)`,
      [rows, now],
    );
  }

  /** The chain in its order, from after a position. */
  async links(tx: Tx, after: number, limit: number): Promise<LinkRow[]> {
    const rows = await tx.query<Omit<LinkRow, 'entry'> & EntryColumns>(
      `SELECT l.position, l.seq AS link_seq, l.hash, ${ENTRY}
         FROM audit_link l LEFT JOIN audit_entry e ON e.organisation_id = ${ORGANISATION} AND e.seq = l.seq
        WHERE l.organisation_id = ${ORGANISATION} AND l.position > $1 ORDER BY l.position LIMIT $2`,
      [after, limit],
    );
    return rows.map(({ position, linkSeq, hash, ...entry }) => ({
      position,
      linkSeq,
      hash,
      entry: entry.seq === null ? null : (entry as NumberedEntry),
    }));
  }

  /** In the transaction of the installation's own organisation: of these organisations, those that it says were deleted. */
  async toldDeleted(tx: Tx, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT e.subject_id AS id FROM audit_link l
         JOIN audit_entry e ON e.organisation_id = ${ORGANISATION} AND e.seq = l.seq
        WHERE l.organisation_id = ${ORGANISATION} AND e.action = 'organisation.deleted' AND e.subject_kind = 'organisation'
          AND e.subject_id = ANY($1::text[])`,
      [ids],
    );
    return rows.map(({ id }) => id);
  }

  /** As the worker role: the installation's own organisation. */
  async installation(tx: Tx): Promise<string | null> {
    const row = await tx.maybeOne<{ id: string }>('SELECT id FROM organisation WHERE is_installation');
    return row?.id ?? null;
  }

  /** As the worker role. */
  async organisations(tx: Tx, after: string | null, limit: number): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      'SELECT id FROM organisation WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2',
      [after, limit],
    );
    return rows.map(({ id }) => id);
  }
}
