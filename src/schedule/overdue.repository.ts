import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export interface OverdueChange {
  organisationId: string;
  connectionId: string;
  isOverdue: boolean;
}

const minutesOf = (name: string, otherwise: number): string =>
  `coalesce((c.settings->'schedule'->>'${name}')::float8, ${otherwise}) * interval '1 minute'`;
const INTERVAL = minutesOf('intervalMinutes', 60);
const FULL = `greatest(${INTERVAL}, ${minutesOf('fullReadMinutes', 1440)})`;

/**
 * A connection `c` of an organisation `o` that should be read and has not been for three intervals, at the moment $1:
 * failing for so long, due for so long, or without a complete read. One that is paused, stopped or needs attention is so
 * for a reason that somebody knows.
 */
export const OVERDUE = `(c.state = 'active' AND c.attention IS NULL AND c.stopped_at IS NULL AND o.stopped_at IS NULL
  AND o.directory_sync AND o.delete_after IS NULL
  AND NOT EXISTS (SELECT FROM installation i WHERE i.stopped_at IS NOT NULL)
  AND (coalesce(c.failing_since, 'infinity') < $1::timestamptz - 3 * ${INTERVAL}
    OR coalesce(c.next_run_at, 'infinity') < $1::timestamptz - 3 * ${INTERVAL}
    OR coalesce(c.last_full_at, c.created_at) < $1::timestamptz - 3 * ${FULL}))`;

@Injectable()
export class OverdueRepository {
  /** Connections that came to be overdue and are not told yet, and those that are told and are so no more. As the worker role. */
  changed(tx: Tx, now: Date, limit: number): Promise<OverdueChange[]> {
    return tx.query<OverdueChange>(
      `SELECT c.organisation_id, c.id AS connection_id, ${OVERDUE} AS is_overdue
         FROM connection c JOIN organisation o ON o.id = c.organisation_id
         LEFT JOIN notice n ON n.organisation_id = c.organisation_id AND n.connection_id = c.id AND n.kind = 'overdue'
                           AND n.mended_at IS NULL
        WHERE ${OVERDUE} <> (n.connection_id IS NOT NULL) LIMIT $2`,
      [now, limit],
    );
  }

  async tell(tx: Tx, organisationId: string, notice: { id: string; connectionId: string }, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, connection_id, message, detail, opened_at)
       SELECT $1, $2, 'overdue', 'overdue:' || c.id, c.id, c.name || ' has not been read whole for three intervals; look at its last runs.',
              jsonb_build_object('lastFullAt', c.last_full_at, 'failingSince', c.failing_since), $4
         FROM connection c WHERE c.organisation_id = $1 AND c.id = $3
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL DO NOTHING`,
      [organisationId, notice.id, notice.connectionId, now],
    );
  }

  async mend(tx: Tx, organisationId: string, connectionId: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE notice SET mended_at = $3
        WHERE organisation_id = $1 AND connection_id = $2 AND kind = 'overdue' AND mended_at IS NULL`,
      [organisationId, connectionId, now],
    );
  }
}
