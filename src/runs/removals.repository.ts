import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { PlannedRow } from './plan.types.js';
import { COLUMNS } from './plan.repository.js';

export interface RemovalCounts {
  freshByAbsence: number;
  freshOther: number;
  waitingByAbsence: number;
  waitingOther: number;
}

/**
 * A line, not approved, whose removal waits in the open hold of the connection ($2): also one that was approved for other
 * facts than those that it rests on now.
 */
const WAITS = `EXISTS (SELECT FROM hold h JOIN hold_member m ON m.organisation_id = $1 AND m.hold_id = h.id AND m.state IN ('waiting', 'approved')
                        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open' AND m.external_id = c.external_id
                          AND m.kind = c.kind)`;

/** The removals of a plan, and what becomes of them. */
@Injectable()
export class RemovalsRepository {
  /** Removals of the plan that an admin did not approve: new ones, and those that wait in the hold already. */
  removalCounts(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<RemovalCounts> {
    return tx.one<RemovalCounts>(
      `SELECT count(*) FILTER (WHERE NOT waits AND absence)::int AS fresh_by_absence,
              count(*) FILTER (WHERE NOT waits AND NOT absence)::int AS fresh_other,
              count(*) FILTER (WHERE waits AND absence)::int AS waiting_by_absence,
              count(*) FILTER (WHERE waits AND NOT absence)::int AS waiting_other
         FROM (SELECT coalesce(c.reason->'facts'->>'evidence', '') = 'absence' AS absence, ${WAITS} AS waits
                 FROM planned_change c
                WHERE c.organisation_id = $1 AND c.run_id = $3 AND c.removal AND NOT c.approved
                  AND c.disposition IN ('apply', 'hold')) counted`,
      [organisationId, connectionId, runId],
    );
  }

  /** What the guard said becomes the disposition of each removal that was not approved. */
  async holdRemovals(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    which: 'all' | 'waiting',
  ): Promise<void> {
    await tx.execute(
      `UPDATE planned_change c SET disposition = 'hold'
        WHERE c.organisation_id = $1 AND c.run_id = $3 AND c.removal AND NOT c.approved AND c.disposition = 'apply'
          AND ($4 = 'all' OR ${WAITS})`,
      [organisationId, connectionId, runId, which],
    );
  }

  /**
   * Nobody goes for absence in this run, approved or not: the read was wrong about too many. Whoever waits in the hold
   * waits on, and what was approved stays so for the next run.
   */
  async dropAbsences(
    tx: Tx,
    organisationId: string,
    runId: string,
    why: { waiting: unknown; approved: unknown },
  ): Promise<void> {
    await tx.execute(
      `UPDATE planned_change c SET disposition = 'skip', kind = 'skip', removal = false, settles = false,
              reason = CASE WHEN c.approved THEN $4::jsonb ELSE $3::jsonb END
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.removal AND c.disposition IN ('apply', 'hold')
          AND c.reason->'facts'->>'evidence' = 'absence'`,
      [organisationId, runId, JSON.stringify(why.waiting), JSON.stringify(why.approved)],
    );
  }

  /**
   * Identity rule 3 within one run: whoever is relinked is not archived for the record that they leave, unless an admin
   * approved just that; then the archive goes first, and the next run decides about the new record.
   */
  async settleRelinks(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(
      `DELETE FROM planned_change n USING planned_change c
        WHERE n.organisation_id = $1 AND n.run_id = $2 AND n.kind = 'relink' AND NOT n.approved
          AND c.organisation_id = $1 AND c.run_id = $2 AND c.removal AND c.approved AND c.disposition = 'apply'
          AND c.person_id = n.person_id AND c.external_id = n."after"->>'formerExternalId'`,
      [organisationId, runId],
    );
    await tx.execute(
      `DELETE FROM planned_change c USING planned_change n
        WHERE n.organisation_id = $1 AND n.run_id = $2 AND n.kind = 'relink'
          AND c.organisation_id = $1 AND c.run_id = $2 AND c.person_id = n.person_id
          AND c.external_id = n."after"->>'formerExternalId'`,
      [organisationId, runId],
    );
  }

  /** The removals that are held, for the hold. */
  held(tx: Tx, organisationId: string, runId: string): Promise<PlannedRow[]> {
    return tx.query<PlannedRow>(
      `SELECT ${COLUMNS} FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'hold' AND external_id IS NOT NULL ORDER BY seq`,
      [organisationId, runId],
    );
  }

  /** Records whose removal is in the plan, held or to be applied, and those of whom it could not tell. */
  async removalRecords(tx: Tx, organisationId: string, runId: string): Promise<string[]> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT external_id FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND external_id IS NOT NULL
          AND (removal AND disposition IN ('apply', 'hold')
            OR disposition = 'skip' AND reason->>'code' IN ('not_confirmed', 'unknown'))`,
      [organisationId, runId],
    );
    return rows.map((row) => row.externalId);
  }

  /** What ends admins in this plan, and all active admins of the organisation. */
  adminsAtStake(tx: Tx, organisationId: string, runId: string): Promise<{ personId: string; seq: number | null }[]> {
    return tx.query(
      `SELECT p.id AS person_id,
              (SELECT c.seq FROM planned_change c
                WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.person_id = p.id AND c.disposition IN ('apply', 'hold')
                  AND (c.removal OR c."after"->>'isAdmin' = 'false')
                LIMIT 1) AS seq
         FROM person p WHERE p.organisation_id = $1 AND p.is_admin AND p.state = 'active'`,
      [organisationId, runId],
    );
  }

  async skipLines(tx: Tx, organisationId: string, runId: string, seqs: number[], reason: unknown): Promise<void> {
    if (seqs.length === 0) return;
    await tx.execute(
      `UPDATE planned_change SET disposition = 'skip', kind = 'skip', removal = false, settles = false, reason = $4::jsonb
        WHERE organisation_id = $1 AND run_id = $2 AND seq = ANY($3::int[])`,
      [organisationId, runId, seqs, JSON.stringify(reason)],
    );
  }

  /** Nobody goes who was not approved. */
  async skipUnapproved(tx: Tx, organisationId: string, runId: string, reason: unknown): Promise<void> {
    await tx.execute(
      `UPDATE planned_change SET disposition = 'skip', kind = 'skip', removal = false,
              reason = $3::jsonb || jsonb_build_object('facts', coalesce(reason->'facts', '{}'))
        WHERE organisation_id = $1 AND run_id = $2 AND removal AND NOT approved AND disposition = 'apply'`,
      [organisationId, runId, JSON.stringify(reason)],
    );
  }

  /** Removals without approval that this connection applied since a time: the base of the limit of a day. */
  async removedSince(tx: Tx, organisationId: string, connectionId: string, since: Date): Promise<number> {
    const { n } = await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n
         FROM plan_batch b
         JOIN run r ON r.organisation_id = $1 AND r.id = b.run_id AND r.connection_id = $2
         CROSS JOIN LATERAL unnest(b.seqs) AS line(seq)
         JOIN planned_change c ON c.organisation_id = $1 AND c.run_id = b.run_id AND c.seq = line.seq
        WHERE b.organisation_id = $1 AND b.leaves AND b.applied_at > $3 AND c.removal AND NOT c.approved
          AND (c.result IS NULL OR c.result = 'already_applied')`,
      [organisationId, connectionId, since],
    );
    return n;
  }
}
