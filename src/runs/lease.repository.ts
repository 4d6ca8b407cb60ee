import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

/** What a worker must know before each write: that it still holds the lease, and that nobody asked it to stop. */
export interface Pulse {
  holds: boolean;
  cancelled: boolean;
  /** The reason of the stop switch that is on, if one is. */
  stopped: string | null;
  /** The settings of the connection are not those that the run began with. */
  outdated: boolean;
}

/** A connection that has something to run, seen across organisations. */
export interface Due {
  organisationId: string;
  connectionId: string;
}

/**
 * The lease of a connection: owner, fencing token, expiry. Expiry is by the database's clock, the only one that all
 * instances share.
 */
@Injectable()
export class LeaseRepository {
  /**
   * Connections with a waiting or abandoned run and no living lease; organisations with the fewest running first,
   * then who has waited longest. As the worker role.
   */
  due(tx: Tx, limit: number): Promise<Due[]> {
    return tx.query<Due>(
      `WITH running AS (
         SELECT organisation_id, count(*) AS n FROM connection WHERE lease_expires_at > now() GROUP BY organisation_id
       ), waiting AS (
         SELECT r.organisation_id, r.connection_id, min(r.asked_at) AS asked_at
           FROM run r
           JOIN connection c ON c.organisation_id = r.organisation_id AND c.id = r.connection_id
           JOIN organisation o ON o.id = r.organisation_id
          WHERE r.state IN ('queued', 'reading', 'planning', 'applying')
            AND (c.lease_expires_at IS NULL OR c.lease_expires_at <= now())
            AND c.stopped_at IS NULL AND o.stopped_at IS NULL AND (o.directory_sync OR c.provider = 'csv') AND o.delete_after IS NULL
            AND NOT EXISTS (SELECT FROM installation i WHERE i.stopped_at IS NOT NULL)
          GROUP BY r.organisation_id, r.connection_id
       )
       SELECT w.organisation_id, w.connection_id
         FROM waiting w LEFT JOIN running n ON n.organisation_id = w.organisation_id
        ORDER BY coalesce(n.n, 0) + row_number() OVER (PARTITION BY w.organisation_id ORDER BY w.asked_at), w.asked_at
        LIMIT $1`,
      [limit],
    );
  }

  /** Takes the lease and returns the new fencing token; null when somebody has it, or is at a batch this moment. */
  async take(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    owner: string,
    leaseMs: number,
  ): Promise<number | null> {
    const free = await tx.maybeOne(
      `SELECT id FROM connection
        WHERE organisation_id = $1 AND id = $2 AND (lease_expires_at IS NULL OR lease_expires_at <= now())
        FOR UPDATE SKIP LOCKED`,
      [organisationId, connectionId],
    );
    if (!free) return null;
    const { leaseToken } = await tx.one<{ leaseToken: number }>(
      `UPDATE connection SET lease_owner = $3, lease_token = lease_token + 1, lease_expires_at = now() + make_interval(secs => $4)
        WHERE organisation_id = $1 AND id = $2 RETURNING lease_token`,
      [organisationId, connectionId, owner, leaseMs / 1000],
    );
    return leaseToken;
  }

  /** False when the lease went to somebody else. */
  async renew(tx: Tx, organisationId: string, connectionId: string, fence: number, leaseMs: number): Promise<boolean> {
    const renewed = await tx.execute(
      `UPDATE connection SET lease_expires_at = now() + make_interval(secs => $4)
        WHERE organisation_id = $1 AND id = $2 AND lease_token = $3 AND lease_owner IS NOT NULL`,
      [organisationId, connectionId, fence, leaseMs / 1000],
    );
    return renewed === 1;
  }

  async release(tx: Tx, organisationId: string, connectionId: string, fence: number): Promise<void> {
    await tx.execute(
      `UPDATE connection SET lease_owner = NULL, lease_expires_at = NULL
        WHERE organisation_id = $1 AND id = $2 AND lease_token = $3`,
      [organisationId, connectionId, fence],
    );
  }

  /**
   * Checks the fence in the transaction of the write that follows. The lock lets renewals pass, which touch no key,
   * and makes a take-over wait until the write is committed.
   */
  async pulse(tx: Tx, organisationId: string, connectionId: string, runId: string, fence: number): Promise<Pulse> {
    const found = await tx.maybeOne<Pulse>(
      `SELECT c.lease_token = $4 AND c.lease_owner IS NOT NULL AS holds,
              r.cancel_asked_at IS NOT NULL AS cancelled,
              coalesce(i.reason, o.deleting, CASE WHEN c.provider <> 'csv' THEN o.off END, o.reason, c.reason) AS stopped,
              r.kind NOT IN ('simulation', 'undo', 'removal', 'import') AND c.settings_version <> r.settings_version AS outdated
         FROM (SELECT lease_token, lease_owner, settings_version, provider, CASE WHEN stopped_at IS NOT NULL THEN coalesce(stop_reason, 'stopped') END AS reason
                 FROM connection WHERE organisation_id = $1 AND id = $2 FOR KEY SHARE) c
         JOIN (SELECT CASE WHEN delete_after IS NOT NULL THEN 'the organisation is about to be deleted' END AS deleting,
                      CASE WHEN NOT directory_sync THEN 'directory sync was switched off' END AS off,
                      CASE WHEN stopped_at IS NOT NULL THEN coalesce(stop_reason, 'stopped') END AS reason
                 FROM organisation WHERE id = $1) o ON true
         JOIN (SELECT CASE WHEN stopped_at IS NOT NULL THEN coalesce(stop_reason, 'stopped') END AS reason
                 FROM installation) i ON true
         JOIN run r ON r.organisation_id = $1 AND r.id = $3`,
      [organisationId, connectionId, runId, fence],
    );
    return found ?? { holds: false, cancelled: false, stopped: null, outdated: false };
  }
}
