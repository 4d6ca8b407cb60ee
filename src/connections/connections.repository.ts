import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Attention, Connection, ConnectionSettings, ConnectionState, Stop } from './connections.types.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const COLUMNS = `organisation_id, id, provider, name, rank, state, settings, settings_version, confirmed_version,
  credentials_shown, credentials_at, tenant, attention, unconfirmed_since, next_run_at, last_full_at, last_run_at, failures,
  failing_since, paused_at, stopped_at, stop_reason, created_at, updated_at, version`;
/** A deleted connection stays as the home of its runs' history, and the one of files is no directory: nobody's to see. */
const THERE = `${OWN} AND state <> 'deleting' AND provider <> 'csv'`;

/** What health adds to a connection. */
export interface HealthRow {
  id: string;
  /** The last run that read and applied. */
  lastAppliedAt: Date | null;
  /** Of that run: records that were skipped. */
  skipped: number;
  running: boolean;
  held: number;
}

export interface ChangedConnection {
  name: string;
  settings: ConnectionSettings;
  settingsVersion: number;
  nextRunAt: Date | null;
}

@Injectable()
export class ConnectionsRepository {
  list(tx: Tx): Promise<Connection[]> {
    return tx.query<Connection>(`SELECT ${COLUMNS} FROM connection WHERE ${THERE} ORDER BY rank`);
  }

  find(tx: Tx, id: string): Promise<Connection | null> {
    return tx.maybeOne<Connection>(`SELECT ${COLUMNS} FROM connection WHERE ${THERE} AND id = $1`, [id]);
  }

  /** Where files of people queue, made with the first of them. Of rank 0, before all others, and never due. */
  async placeOfFiles(tx: Tx, id: string, now: Date): Promise<string> {
    await tx.execute(
      `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings, created_at, updated_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'csv', 'Files of people', 0, 'setup', '{}', $2, $2)
       ON CONFLICT (organisation_id) WHERE provider = 'csv' DO NOTHING`,
      [id, now],
    );
    return (await tx.one<{ id: string }>(`SELECT id FROM connection WHERE ${OWN} AND provider = 'csv'`)).id;
  }

  /** Locked, so that two changes follow one another. */
  lock(tx: Tx, id: string): Promise<Connection | null> {
    return tx.maybeOne<Connection>(`SELECT ${COLUMNS} FROM connection WHERE ${THERE} AND id = $1 FOR UPDATE`, [id]);
  }

  /** All of them, locked in one order: ranks are changed together. */
  lockAll(tx: Tx): Promise<Connection[]> {
    return tx.query<Connection>(`SELECT ${COLUMNS} FROM connection WHERE ${THERE} ORDER BY id FOR UPDATE`);
  }

  /** Serialises whoever gives out ranks in this organisation. */
  async lockRanks(tx: Tx): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('rollcall.ranks:' || current_setting('rollcall.organisation_id'), 0))::text`,
    );
  }

  async lowestRank(tx: Tx): Promise<number> {
    return (await tx.one<{ rank: number }>(`SELECT coalesce(max(rank), 0) AS rank FROM connection WHERE ${THERE}`))
      .rank;
  }

  async insert(
    tx: Tx,
    row: { id: string; provider: string; name: string; rank: number; settings: ConnectionSettings; createdAt: Date },
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings, created_at, updated_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, 'setup', $5::jsonb, $6, $6)`,
      [row.id, row.provider, row.name, row.rank, JSON.stringify(row.settings), row.createdAt],
    );
  }

  /** Another scope needs other rights: what was known of them says nothing about the new settings. */
  async update(tx: Tx, id: string, change: ChangedConnection, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE connection SET name = $2, settings = $3::jsonb, settings_version = $4, next_run_at = $5, updated_at = $6,
              version = version + 1, fingerprint = CASE WHEN settings_version = $4 THEN fingerprint END
        WHERE ${OWN} AND id = $1`,
      [id, change.name, JSON.stringify(change.settings), change.settingsVersion, change.nextRunAt, now],
    );
  }

  /** New credentials: what an admin just mended is no failure any more, and the directory tells its fingerprint anew. */
  async setCredentials(tx: Tx, id: string, sealed: Buffer, shown: Record<string, unknown>, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE connection SET credentials = $2, credentials_shown = $3::jsonb, credentials_at = $4, fingerprint = NULL,
              attention = NULL, failures = 0, failing_since = NULL, unconfirmed_since = $4,
              next_run_at = CASE WHEN state = 'active' THEN $4 ELSE next_run_at END, updated_at = $4, version = version + 1
        WHERE ${OWN} AND id = $1`,
      [id, sealed, JSON.stringify(shown), now],
    );
  }

  async sealedCredentials(tx: Tx, id: string): Promise<Buffer | null> {
    const row = await tx.maybeOne<{ credentials: Buffer | null }>(
      `SELECT credentials FROM connection WHERE ${OWN} AND id = $1`,
      [id],
    );
    return row?.credentials ?? null;
  }

  /** In two steps, for no two may have one rank in between. Whoever's order changed is previewed next. */
  async setRanks(tx: Tx, ranks: readonly { id: string; rank: number; reordered: boolean }[], now: Date): Promise<void> {
    await tx.execute(`UPDATE connection SET rank = -rank WHERE ${THERE}`);
    await tx.execute(
      `UPDATE connection c
          SET rank = r.rank, settings_version = c.settings_version + r.reordered::int, version = c.version + r.reordered::int,
              updated_at = CASE WHEN r.reordered THEN $2 ELSE c.updated_at END
         FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, rank int, reordered boolean)
        WHERE c.organisation_id = current_setting('rollcall.organisation_id')::uuid AND c.id = r.id`,
      [JSON.stringify(ranks), now],
    );
  }

  async setState(
    tx: Tx,
    id: string,
    state: ConnectionState,
    at: { pausedAt: Date | null; nextRunAt: Date | null; now: Date },
  ): Promise<void> {
    await tx.execute(
      `UPDATE connection SET state = $2, paused_at = $3, next_run_at = $4, updated_at = $5, version = version + 1
        WHERE ${OWN} AND id = $1`,
      [id, state, at.pausedAt, at.nextRunAt, at.now],
    );
  }

  async setStop(tx: Tx, id: string, stop: { at: Date; reason: string } | null, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE connection
          SET stopped_at = CASE WHEN $2::timestamptz IS NULL THEN NULL ELSE coalesce(stopped_at, $2) END, stop_reason = $3,
              updated_at = $4, version = version + 1
        WHERE ${OWN} AND id = $1`,
      [id, stop?.at ?? null, stop?.reason ?? null, now],
    );
  }

  async setAttention(tx: Tx, id: string, attention: Attention | null): Promise<void> {
    await tx.execute(`UPDATE connection SET attention = $2::jsonb WHERE ${OWN} AND id = $1`, [
      id,
      attention === null ? null : JSON.stringify(attention),
    ]);
  }

  /** The switches that stop this connection, the widest first. */
  stops(tx: Tx, id: string): Promise<Stop[]> {
    return tx.query<Stop>(
      `SELECT s.by, s.since, s.reason
         FROM (SELECT 1 AS place, 'installation' AS by, stopped_at AS since, stop_reason AS reason FROM installation
               UNION ALL
               SELECT 2, 'deletion', CASE WHEN delete_after IS NOT NULL THEN created_at END, NULL FROM organisation
                WHERE id = current_setting('rollcall.organisation_id')::uuid
               UNION ALL
               SELECT 3, 'feature', CASE WHEN NOT directory_sync THEN created_at END, NULL FROM organisation
                WHERE id = current_setting('rollcall.organisation_id')::uuid
                  AND NOT EXISTS (SELECT FROM connection WHERE ${OWN} AND id = $1 AND provider = 'csv')
               UNION ALL
               SELECT 4, 'organisation', stopped_at, stop_reason FROM organisation
                WHERE id = current_setting('rollcall.organisation_id')::uuid
               UNION ALL
               SELECT 5, 'connection', stopped_at, stop_reason FROM connection WHERE ${OWN} AND id = $1) s
        WHERE s.since IS NOT NULL ORDER BY s.place`,
      [id],
    );
  }

  /** Whether anybody was ever linked through it: only then is there something to preview before it goes. */
  async hasPeople(tx: Tx, id: string): Promise<boolean> {
    const row = await tx.maybeOne(
      `SELECT 1 FROM directory_record WHERE ${OWN} AND connection_id = $1 AND person_id IS NOT NULL LIMIT 1`,
      [id],
    );
    return row !== null;
  }

  /** The tombstone: no credentials, no place in the order, nothing due. */
  async bury(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE connection SET state = 'deleting', credentials = NULL, credentials_shown = NULL, credentials_at = NULL,
              cursor = NULL, next_run_at = NULL, attention = NULL, updated_at = $2, version = version + 1
        WHERE ${OWN} AND id = $1`,
      [id, now],
    );
  }

  /** What it verified is no longer vouched for by anybody. */
  async releaseDomains(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE domain SET verified_at = NULL, verified_by = NULL, reason = NULL, connection_id = NULL WHERE ${OWN} AND connection_id = $1`,
      [id],
    );
  }

  health(tx: Tx, ids: readonly string[]): Promise<HealthRow[]> {
    return tx.query<HealthRow>(
      `SELECT c.id,
              applied.finished_at AS last_applied_at,
              coalesce((applied.counts ->> 'skip')::int, 0) AS skipped,
              EXISTS (SELECT 1 FROM run r WHERE r.organisation_id = c.organisation_id AND r.connection_id = c.id
                         AND r.state IN ('reading', 'planning', 'applying')) AS running,
              (SELECT count(*) FROM hold h JOIN hold_member m ON m.organisation_id = h.organisation_id AND m.hold_id = h.id
                WHERE h.organisation_id = c.organisation_id AND h.connection_id = c.id AND h.state = 'open'
                  AND m.state = 'waiting') AS held
         FROM connection c
         LEFT JOIN LATERAL (
                SELECT r.finished_at, r.counts FROM run r
                 WHERE r.organisation_id = c.organisation_id AND r.connection_id = c.id AND r.state = 'succeeded'
                   AND r.kind IN ('full', 'delta')
                 ORDER BY r.asked_at DESC LIMIT 1) applied ON true
        WHERE c.organisation_id = current_setting('rollcall.organisation_id')::uuid AND c.id = ANY($1::uuid[])`,
      [ids],
    );
  }
}
