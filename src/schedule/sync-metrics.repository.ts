import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { OVERDUE } from './overdue.repository.js';

export interface ConnectionFigures {
  organisationId: string;
  connectionId: string;
  provider: string;
  lastFullAt: Date | null;
  failures: number;
  needsAttention: boolean;
  isOverdue: boolean;
  held: number;
  conflicts: number;
}

export interface NoticeFigures {
  organisationId: string;
  kind: string;
  open: number;
}

/** Figures of all organisations, as the worker role: states, times and counts. */
@Injectable()
export class SyncMetricsRepository {
  connections(tx: Tx, now: Date): Promise<ConnectionFigures[]> {
    return tx.query<ConnectionFigures>(
      `SELECT c.organisation_id, c.id AS connection_id, c.provider, c.last_full_at, c.failures,
              c.attention IS NOT NULL AS needs_attention, ${OVERDUE} AS is_overdue,
              coalesce(h.held, 0)::int AS held, coalesce(q.conflicts, 0)::int AS conflicts
         FROM connection c JOIN organisation o ON o.id = c.organisation_id
         LEFT JOIN (SELECT h.organisation_id, h.connection_id, count(*) AS held
                      FROM hold h JOIN hold_member m ON m.organisation_id = h.organisation_id AND m.hold_id = h.id
                     WHERE h.state = 'open' AND m.state = 'waiting' GROUP BY 1, 2) h
                ON h.organisation_id = c.organisation_id AND h.connection_id = c.id
         LEFT JOIN (SELECT organisation_id, connection_id, count(*) AS conflicts
                      FROM conflict WHERE resolved_at IS NULL GROUP BY 1, 2) q
                ON q.organisation_id = c.organisation_id AND q.connection_id = c.id
        WHERE c.state IN ('active', 'paused')`,
      [now],
    );
  }

  notices(tx: Tx): Promise<NoticeFigures[]> {
    return tx.query<NoticeFigures>(
      `SELECT organisation_id, kind, count(*)::int AS open FROM notice WHERE mended_at IS NULL GROUP BY 1, 2`,
    );
  }

  runs(tx: Tx): Promise<{ state: string; n: number }[]> {
    return tx.query(
      `SELECT state, count(*)::int AS n FROM run WHERE state IN ('queued', 'reading', 'planning', 'applying') GROUP BY 1`,
    );
  }
}
