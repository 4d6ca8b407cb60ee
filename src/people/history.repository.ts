import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

export interface HistoryRow {
  id: string;
  at: Date;
  type: string;
  /** `changed` is gone where the person was erased. */
  payload: { kind: string; origin: string; reason: string; state: string; changed?: Record<string, unknown> };
  actor: unknown;
  runId: string | null;
  runKind: string | null;
  runTrigger: string | null;
  connectionId: string | null;
  connection: string | null;
  externalId: string | null;
  situation: string | null;
  reason: { code: string; text: string } | null;
  before: Record<string, unknown> | null;
}

/** What happened to a person: the events, each with who did it and with the line of the plan that led to it. */
@Injectable()
export class HistoryRepository {
  /** Newest first, those before the event `before`. */
  async page(tx: Tx, personId: string, before: string | null, limit: number): Promise<HistoryRow[]> {
    return tx.query<HistoryRow>(
      `WITH page AS MATERIALIZED (
         SELECT e.seq, e.id, e.at, e.type, e.payload, e.run_id FROM event e
         WHERE e.organisation_id = ${ORGANISATION} AND e.person_id = $1
           AND ($2::uuid IS NULL OR e.seq < (SELECT b.seq FROM event b WHERE b.organisation_id = ${ORGANISATION} AND b.id = $2))
         ORDER BY e.seq DESC LIMIT $3)
       SELECT page.id, page.at, page.type, page.payload, page.run_id, told.actor, r.kind AS run_kind, r.trigger AS run_trigger,
         r.connection_id, c.name AS connection, line.external_id, line.situation, line.reason, line.before
       FROM page
       LEFT JOIN LATERAL (
         SELECT a.actor FROM audit_entry a
         WHERE a.organisation_id = ${ORGANISATION} AND a.subject_kind = 'person' AND a.subject_id = $1::text
           AND a.detail->>'change' = page.id::text LIMIT 1) told ON true
       LEFT JOIN LATERAL (
         SELECT l.external_id, l.situation, l.reason, l.before FROM planned_change l
         WHERE l.organisation_id = ${ORGANISATION} AND l.person_id = $1 AND l.run_id = page.run_id AND l.kind = page.payload->>'kind'
         ORDER BY l.seq LIMIT 1) line ON true
       LEFT JOIN run r ON r.organisation_id = ${ORGANISATION} AND r.id = page.run_id
       LEFT JOIN connection c ON c.organisation_id = ${ORGANISATION} AND c.id = r.connection_id
       ORDER BY page.seq DESC`,
      [personId, before, limit],
    );
  }
}
