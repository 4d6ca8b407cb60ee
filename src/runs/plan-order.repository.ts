import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { PLACE } from './plan.types.js';

export interface EdgeRow {
  seq: number;
  personId: string;
  managerId: string;
}

/**
 * Joiners by their level: 0 is whoever has no manager, or one who is here already. Sub-selects that are no condition by
 * themselves are hashed while they are thought to fit work_mem.
 */
const LEVELS = `edge AS MATERIALIZED (
         SELECT seq, kind, person_id, ("after"->>'managerId')::uuid AS manager_id FROM planned_change
          WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply' AND (kind = 'add' OR "after"->>'managerId' IS NOT NULL)
       ), level AS (
         SELECT j.seq, j.person_id, 0 AS depth FROM edge j
          WHERE j.kind = 'add' AND (j.manager_id IN (SELECT m.person_id FROM edge m WHERE m.kind = 'add')) IS NOT TRUE
         UNION ALL
         SELECT j.seq, j.person_id, l.depth + 1 FROM level l JOIN edge j ON j.manager_id = l.person_id AND j.kind = 'add'
       )`;

/** A row of a file says which manager it did not get; a record of a directory is decided again, and its reason stays. */
const SAYS_MANAGER = (why: 'loop' | 'absent'): string =>
  `CASE WHEN situation = 'file_row' THEN jsonb_set(reason, '{facts,manager}', '"${why}"') ELSE reason END`;

/** Hash tables over a whole plan stay in memory; ends with the transaction. */
const ROOM = `SELECT set_config('work_mem', '64MB', true)`;

/** Who manages whom in a plan, and in which order it is applied. */
@Injectable()
export class PlanOrderRepository {
  /**
   * New managers that could close a loop: those of people who are here already, and those of joiners whom no way from
   * the top reaches.
   */
  async suspectEdges(tx: Tx, organisationId: string, runId: string): Promise<EdgeRow[]> {
    await tx.query(ROOM);
    return tx.query<EdgeRow>(
      `WITH RECURSIVE ${LEVELS}
       SELECT e.seq, e.person_id, e.manager_id FROM edge e LEFT JOIN level l ON l.seq = e.seq
        WHERE e.manager_id IS NOT NULL AND (e.kind <> 'add' OR l.seq IS NULL)
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

  /** Managers who are refused: what is left of the change is applied, and the record is decided again. */
  async dropManagers(tx: Tx, organisationId: string, runId: string, seqs: number[]): Promise<void> {
    if (seqs.length === 0) return;
    await tx.execute(
      `UPDATE planned_change SET "after" = "after" - 'managerId', settles = false, reason = ${SAYS_MANAGER('loop')} WHERE organisation_id = $1 AND run_id = $2 AND seq = ANY($3::int[])`,
      [organisationId, runId, seqs],
    );
  }

  /**
   * Managers whom the plan counted on and does not bring: they are awaited instead.
   *
   * @param archived Whether one who is archived, and stays so, is taken for absent: an admin names none, a directory may.
   */
  async dropAbsentManagers(
    tx: Tx,
    organisationId: string,
    runId: string,
    archived: 'absent' | 'here',
  ): Promise<number> {
    await tx.query(ROOM);
    return tx.execute(
      `WITH named AS MATERIALIZED (
         SELECT DISTINCT ("after"->>'managerId')::uuid AS id FROM planned_change
          WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply' AND "after"->>'managerId' IS NOT NULL
       ), absent AS MATERIALIZED (
         SELECT n.id::text AS id
           FROM named n
           LEFT JOIN LATERAL (SELECT p.id FROM person p WHERE p.organisation_id = $1 AND p.id = n.id
                                AND ($3 = 'here' OR p.state <> 'archived' OR p.id IN (
                                  SELECT r.person_id FROM planned_change r WHERE r.organisation_id = $1 AND r.run_id = $2
                                     AND r.kind = 'restore' AND r.disposition = 'apply')) OFFSET 0) p ON true
          WHERE p.id IS NULL
            AND n.id NOT IN (SELECT a.person_id FROM planned_change a WHERE a.organisation_id = $1 AND a.run_id = $2
                                AND a.kind = 'add' AND a.disposition = 'apply' AND a.person_id IS NOT NULL)
       )
       UPDATE planned_change c SET "after" = c."after" - 'managerId', reason = ${SAYS_MANAGER('absent')}
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply'
          AND ("after"->>'managerId' IN (SELECT id FROM absent)) IS TRUE`,
      [organisationId, runId, archived],
    );
  }

  /** The same for a file: the row is told of, and changes nobody. */
  async skipEmpty(tx: Tx, organisationId: string, runId: string, reason: unknown): Promise<void> {
    await tx.execute(
      `UPDATE planned_change SET kind = 'skip', disposition = 'skip', place = 0, before = NULL, "after" = NULL,
              reason = $3::jsonb || jsonb_build_object('facts', reason->'facts')
        WHERE organisation_id = $1 AND run_id = $2 AND kind = 'update' AND disposition = 'apply'
          AND before ? 'managerId' AND "after" - 'expectedVersion' = '{}'::jsonb`,
      [organisationId, runId, JSON.stringify(reason)],
    );
  }

  /** Teams and positions that were to be made for lines which are left after all. The names that count are hashed once. */
  async dropUnnamedPlaces(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.query(ROOM);
    await tx.execute(
      `DELETE FROM planned_change p
        WHERE p.organisation_id = $1 AND p.run_id = $2 AND p.kind IN ('team', 'position')
          AND coalesce(p."after"->>'positionId', p."after"->>'teamId') NOT IN (
            SELECT named.id FROM planned_change c
              CROSS JOIN LATERAL (VALUES (c."after"->>'teamId'), (c."after"->>'positionId')) AS named(id)
             WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply' AND c.kind NOT IN ('team', 'position')
               AND named.id IS NOT NULL)`,
      [organisationId, runId],
    );
  }

  /** A change of the manager alone whose manager was dropped changes nobody: it is a note for the mirror, and no line. */
  async leaveOutEmpty(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(
      `WITH emptied AS (
         DELETE FROM planned_change
          WHERE organisation_id = $1 AND run_id = $2 AND kind = 'update' AND disposition = 'apply'
            AND before ? 'managerId' AND NOT "after" ? 'managerId'
            AND "after" - ARRAY['awaitedManager', 'unmatchedTitle', 'unmatchedTeam', 'expectedVersion'] = '{}'::jsonb
         RETURNING external_id, settles, "after")
       UPDATE staged_record s SET settles = e.settles, awaited_manager = e."after"->>'awaitedManager',
              unmatched_title = e."after"->>'unmatchedTitle', unmatched_team = e."after"->>'unmatchedTeam'
         FROM emptied e
        WHERE s.organisation_id = $1 AND s.run_id = $2 AND s.external_id = e.external_id`,
      [organisationId, runId],
    );
  }

  /**
   * Cuts what is to be applied into batches: by place, joiners by their level below the top, those of one ring together,
   * leavers apart and last. What fits into one batch is not cut by level. Batches of one wave hold joiners of one level, who need nothing of each other. Returns how
   * many changes there are.
   */
  async cutIntoBatches(tx: Tx, organisationId: string, runId: string, size: number): Promise<number> {
    await tx.query(ROOM);
    await tx.execute(
      `WITH RECURSIVE ${LEVELS}, placed AS (
         SELECT c.seq, c.ring, c.place >= $4 AS leaves, c.removal, c.kind = 'add' AND c.ring IS NULL AS alone,
                CASE WHEN count(*) OVER () <= $3 THEN 0 WHEN c.ring IS NULL THEN c.place + coalesce(l.depth, 0) ELSE min(c.place) OVER (PARTITION BY c.ring) END AS level
           FROM planned_change c LEFT JOIN level l ON l.seq = c.seq
          WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply'
       ), ordered AS (
         SELECT seq, coalesce(ring, seq::text) AS ring, leaves, level, removal, alone,
                row_number() OVER (PARTITION BY leaves, level ORDER BY ring NULLS LAST, seq) AS n
           FROM placed
       ), grouped AS (
         SELECT seq, leaves, level, removal, alone, (min(n) OVER (PARTITION BY leaves, level, ring) - 1) / $3 AS chunk FROM ordered
       ), cut AS (
         SELECT row_number() OVER (ORDER BY leaves, level, chunk)::int AS batch, level, bool_or(removal) AS removes, bool_and(alone) AS alone,
                array_agg(seq ORDER BY seq) AS seqs
           FROM grouped GROUP BY leaves, level, chunk
       )
       INSERT INTO plan_batch (organisation_id, run_id, batch, size, seqs, leaves, wave)
       SELECT $1, $2, batch, cardinality(seqs), seqs, removes, CASE WHEN alone AND level > 0 THEN level ELSE -batch END FROM cut`,
      [organisationId, runId, size, PLACE.leaver],
    );
    const { n } = await tx.one<{ n: number }>(
      `SELECT coalesce(sum(size), 0)::int AS n FROM plan_batch WHERE organisation_id = $1 AND run_id = $2`,
      [organisationId, runId],
    );
    return n;
  }
}
