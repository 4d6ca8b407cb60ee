import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { PLACE } from './plan.types.js';

export interface EdgeRow {
  seq: number;
  personId: string;
  managerId: string;
}

/** Joiners by their level: 0 is whoever has no manager, or one who is here already. */
const LEVELS = `edge AS MATERIALIZED (
         SELECT seq, kind, person_id, ("after"->>'managerId')::uuid AS manager_id FROM planned_change
          WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply' AND (kind = 'add' OR "after"->>'managerId' IS NOT NULL)
       ), level AS (
         SELECT j.seq, j.person_id, 0 AS depth FROM edge j
          WHERE j.kind = 'add' AND NOT EXISTS (SELECT FROM edge m WHERE m.kind = 'add' AND m.person_id = j.manager_id)
         UNION ALL
         SELECT j.seq, j.person_id, l.depth + 1 FROM level l JOIN edge j ON j.manager_id = l.person_id AND j.kind = 'add'
       )`;

/** Who manages whom in a plan, and in which order it is applied. */
@Injectable()
export class PlanOrderRepository {
  /**
   * New managers that could close a loop: those of people who are here already, and those of joiners whom no way from
   * the top reaches.
   */
  suspectEdges(tx: Tx, organisationId: string, runId: string): Promise<EdgeRow[]> {
    return tx.query<EdgeRow>(
      `WITH RECURSIVE ${LEVELS}
       SELECT e.seq, e.person_id, e.manager_id FROM edge e
        WHERE e.manager_id IS NOT NULL AND (e.kind <> 'add' OR NOT EXISTS (SELECT FROM level l WHERE l.person_id = e.person_id))
        ORDER BY e.seq`,
      [organisationId, runId],
    );
  }

  /** The managers that these people will have if the plan is applied as it stands. */
  managersOf(
    tx: Tx,
    organisationId: string,
    runId: string,
    people: string[],
  ): Promise<{ personId: string; managerId: string | null }[]> {
    return tx.query(
      `SELECT p.id AS person_id, p.manager_id FROM person p WHERE p.organisation_id = $1 AND p.id = ANY($3::uuid[])
       UNION ALL
       SELECT c.person_id, (c."after"->>'managerId')::uuid FROM planned_change c
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.kind = 'add' AND c.disposition = 'apply' AND c.person_id = ANY($3::uuid[])`,
      [organisationId, runId, people],
    );
  }

  async dropManagers(tx: Tx, organisationId: string, runId: string, seqs: number[]): Promise<void> {
    if (seqs.length === 0) return;
    await tx.execute(
      `UPDATE planned_change SET "after" = "after" - 'managerId' WHERE organisation_id = $1 AND run_id = $2 AND seq = ANY($3::int[])`,
      [organisationId, runId, seqs],
    );
  }

  /** Managers whom the plan counted on and does not bring: they are awaited instead. */
  async dropAbsentManagers(tx: Tx, organisationId: string, runId: string): Promise<number> {
    return tx.execute(
      `UPDATE planned_change c SET "after" = c."after" - 'managerId'
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply' AND c."after"->>'managerId' IS NOT NULL
          AND NOT EXISTS (SELECT FROM person p WHERE p.organisation_id = $1 AND p.id = (c."after"->>'managerId')::uuid)
          AND NOT EXISTS (SELECT FROM planned_change a WHERE a.organisation_id = $1 AND a.run_id = $2 AND a.kind = 'add'
                             AND a.disposition = 'apply' AND a.person_id = (c."after"->>'managerId')::uuid)`,
      [organisationId, runId],
    );
  }

  /**
   * Cuts what is to be applied into batches: by place, joiners by their level below the top, those of one ring together,
   * leavers apart and last. Returns how many changes there are.
   */
  async cutIntoBatches(tx: Tx, organisationId: string, runId: string, size: number): Promise<number> {
    await tx.execute(
      `WITH RECURSIVE ${LEVELS}, ordered AS (
         SELECT c.seq, c.place >= $4 AS leaves, coalesce(c.ring, c.seq::text) AS ring,
                row_number() OVER (ORDER BY c.place + CASE WHEN c.ring IS NULL THEN coalesce(l.depth, 0) ELSE 0 END, c.ring NULLS LAST, c.seq) AS n
           FROM planned_change c LEFT JOIN level l ON l.seq = c.seq
          WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply'
       ), grouped AS (
         SELECT seq, leaves, (min(n) OVER (PARTITION BY ring) - 1) / $3 AS chunk FROM ordered
       ), numbered AS (
         SELECT seq, dense_rank() OVER (ORDER BY leaves, chunk) AS batch FROM grouped
       )
       UPDATE planned_change c SET batch = numbered.batch FROM numbered
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.seq = numbered.seq`,
      [organisationId, runId, size, PLACE.leaver],
    );
    await tx.execute(
      `INSERT INTO plan_batch (organisation_id, run_id, batch, size)
       SELECT $1, $2, batch, count(*) FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND batch IS NOT NULL GROUP BY batch`,
      [organisationId, runId],
    );
    const { n } = await tx.one<{ n: number }>(
      `SELECT coalesce(sum(size), 0)::int AS n FROM plan_batch WHERE organisation_id = $1 AND run_id = $2`,
      [organisationId, runId],
    );
    return n;
  }
}
