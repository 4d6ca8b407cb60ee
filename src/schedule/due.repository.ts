import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export interface DueConnection {
  organisationId: string;
  connectionId: string;
}

/** For how long an organisation keeps what is over. */
export interface KeptOrganisation {
  id: string;
  runsKeptDays: number;
  /** Null: people who left are kept. */
  eraseAfterDays: number | null;
}

/** What the schedule must know of a connection to ask for its next run. */
export interface ScheduledConnection {
  intervalMs: number;
  fullReadMs: number;
  lastFullAt: Date | null;
  hasCursor: boolean;
  /** The settings, and what stands behind the credentials, were confirmed. */
  confirmed: boolean;
  /** A preview of the present settings waits to be confirmed. */
  previewWaits: boolean;
}

@Injectable()
export class DueRepository {
  /** Connections whose time has come, the longest overdue first. As the worker role. */
  due(tx: Tx, now: Date, limit: number): Promise<DueConnection[]> {
    return tx.query<DueConnection>(
      `SELECT c.organisation_id, c.id AS connection_id
         FROM connection c JOIN organisation o ON o.id = c.organisation_id
        WHERE c.state = 'active' AND c.next_run_at <= $1 AND c.attention IS NULL AND c.stopped_at IS NULL AND o.stopped_at IS NULL
          AND o.directory_sync AND o.delete_after IS NULL
          AND NOT EXISTS (SELECT FROM installation i WHERE i.stopped_at IS NOT NULL)
        ORDER BY c.next_run_at LIMIT $2`,
      [now, limit],
    );
  }

  organisations(tx: Tx, after: string | null, limit: number): Promise<KeptOrganisation[]> {
    return tx.query(
      `SELECT id, runs_kept_days, erase_after_days FROM organisation WHERE $1::uuid IS NULL OR id > $1 ORDER BY id LIMIT $2`,
      [after, limit],
    );
  }

  /** The connection, if it is still due and no other instance is asking for it this moment. */
  take(tx: Tx, organisationId: string, connectionId: string, now: Date): Promise<ScheduledConnection | null> {
    return tx.maybeOne<ScheduledConnection>(
      `SELECT coalesce((settings->'schedule'->>'intervalMinutes')::float8, 60) * 60000 AS interval_ms,
              coalesce((settings->'schedule'->>'fullReadMinutes')::float8, 1440) * 60000 AS full_read_ms,
              last_full_at, coalesce(cursor->>'delta', '') <> '' AS has_cursor,
              confirmed_version IS NOT DISTINCT FROM settings_version AND unconfirmed_since IS NULL AS confirmed,
              EXISTS (SELECT FROM run r WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.kind = 'preview' AND r.state = 'ready'
                        AND r.settings_version = c.settings_version
                        AND (c.unconfirmed_since IS NULL OR r.asked_at >= c.unconfirmed_since)) AS preview_waits
         FROM connection c
        WHERE organisation_id = $1 AND id = $2 AND state = 'active' AND next_run_at <= $3 AND attention IS NULL
        FOR NO KEY UPDATE SKIP LOCKED`,
      [organisationId, connectionId, now],
    );
  }

  async setNext(tx: Tx, organisationId: string, connectionId: string, nextRunAt: Date): Promise<void> {
    await tx.execute(`UPDATE connection SET next_run_at = $3 WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      connectionId,
      nextRunAt,
    ]);
  }

  /** This instance is alive, by the database's clock; who was not seen for a day is forgotten. As the worker role. */
  async beat(tx: Tx, instance: { id: string; host: string; version: string }): Promise<void> {
    await tx.execute(
      `INSERT INTO instance (id, host, version) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE SET seen_at = now()`,
      [instance.id, instance.host, instance.version],
    );
    await tx.execute(`DELETE FROM instance WHERE seen_at < now() - interval '1 day'`);
  }

  async leave(tx: Tx, instanceId: string): Promise<void> {
    await tx.execute(`DELETE FROM instance WHERE id = $1`, [instanceId]);
  }

  /** Runs that are over and older than they are kept; their plans go with them. Returns how many. */
  async forgetRuns(tx: Tx, organisationId: string, before: Date, limit: number): Promise<number> {
    const { n } = await tx.one<{ n: number }>(
      `WITH forgotten AS (
         DELETE FROM run WHERE organisation_id = $1 AND id IN (
           SELECT id FROM run WHERE organisation_id = $1 AND finished_at < $2
              AND state IN ('succeeded', 'ready', 'failed', 'cancelled') ORDER BY finished_at LIMIT $3)
         RETURNING id
       ), plans AS (
         DELETE FROM planned_change c USING forgotten f WHERE c.organisation_id = $1 AND c.run_id = f.id
       )
       SELECT count(*)::int AS n FROM forgotten`,
      [organisationId, before, limit],
    );
    return n;
  }

  /** Notices of connections that speak again, or are gone. */
  async mendUnowned(tx: Tx, organisationId: string, standing: string[], now: Date): Promise<void> {
    await tx.execute(
      `UPDATE notice SET mended_at = $3
        WHERE organisation_id = $1 AND kind = 'unowned' AND mended_at IS NULL AND NOT connection_id = ANY($2::uuid[])`,
      [organisationId, standing, now],
    );
  }

  /** Connections that were paused or needed attention for so long that nothing is inferred from them any more. */
  unowned(tx: Tx, organisationId: string, since: Date): Promise<{ id: string; name: string; people: number }[]> {
    return tx.query(
      `SELECT c.id, c.name, (SELECT count(*)::int FROM directory_record d JOIN person p ON p.organisation_id = $1 AND p.id = d.person_id
                              WHERE d.organisation_id = $1 AND d.connection_id = c.id AND p.state <> 'archived') AS people
         FROM connection c
        WHERE c.organisation_id = $1 AND c.state IN ('active', 'paused')
          AND (c.paused_at < $2 OR (c.attention->>'since')::timestamptz < $2)`,
      [organisationId, since],
    );
  }
}
