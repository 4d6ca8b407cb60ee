import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { PlannedChange, PlannedRow } from './plan.types.js';

export interface BatchRow {
  batch: number;
  size: number;
  /** Batches of one wave need nothing of each other. */
  wave: number;
  appliedAt: Date | null;
  applied: number | null;
}

export interface ChangeFilter {
  kind: string | null;
  disposition: string | null;
  /** Words that the label begins with. */
  search: string | null;
  /** Only what was committed. */
  applied: boolean;
  after: number;
  limit: number;
}

export interface RecordNote {
  externalId: string;
  settles: boolean;
  awaitedManager: string | null;
  unmatchedTitle: string | null;
  unmatchedTeam: string | null;
}

export const COLUMNS = `seq, kind, disposition, situation, external_id, person_id, other_person_id, label, reason, before,
  "after", removal, result, settles, approved, place, ring`;

/** A line that ties a record to somebody who was not tied to it: a link, and a restore that is one as well. */
const TIES = `(c.kind IN ('link', 'relink') OR c.kind = 'restore' AND NOT EXISTS (
   SELECT FROM directory_record d WHERE d.organisation_id = $1 AND d.person_id = c.person_id AND d.external_id = c.external_id))`;

/** Lines ($1 organisation, $2 run) whose batch is committed: hashed once for a statement. */
export const APPLIED_SEQS = `(SELECT unnest(b.seqs) FROM plan_batch b
   WHERE b.organisation_id = $1 AND b.run_id = $2 AND b.applied_at IS NOT NULL)`;

/** Stored plans: their lines, their batches, and what became of each. */
/** A label as its words, each after a blank: `Ana Soares <ana@acme.example>` begins three of them. */
const WORDS_OF = (text: string): string => `' ' || translate(lower(${text}::text COLLATE "default"), '<', ' ')`;

@Injectable()
export class PlanRepository {
  async store(tx: Tx, organisationId: string, runId: string, changes: PlannedChange[]): Promise<void> {
    if (changes.length === 0) return;
    await tx.execute(
      `INSERT INTO planned_change (organisation_id, run_id, seq, kind, disposition, situation, external_id, person_id, other_person_id,
         label, reason, before, "after", removal, record_hash, settles, approved, place, ring)
       SELECT $1, $2, n.seq, n.kind, n.disposition, n.situation, n."externalId", n."personId", n."otherPersonId", n.label, n.reason,
         n.before, n."after", n.removal, decode(n."recordHash", 'base64'), n.settles, n.approved, n.place, n.ring
         FROM jsonb_to_recordset($3::jsonb) AS n(seq int, kind text, disposition text, situation text, "externalId" text, "personId" uuid,
           "otherPersonId" uuid, label text, reason jsonb, before jsonb, "after" jsonb, removal boolean, "recordHash" text,
           settles boolean, approved boolean, place int, ring text)`,
      [organisationId, runId, JSON.stringify(changes)],
    );
  }

  /** Forgets a plan. */
  async empty(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(`DELETE FROM plan_batch WHERE organisation_id = $1 AND run_id = $2`, [organisationId, runId]);
    await tx.execute(`DELETE FROM planned_change WHERE organisation_id = $1 AND run_id = $2`, [organisationId, runId]);
  }

  /** Records whose decision needs no change: whether that settles them, and what of them matches nothing here. */
  async note(tx: Tx, organisationId: string, runId: string, notes: RecordNote[]): Promise<void> {
    if (notes.length === 0) return;
    await tx.execute(
      `UPDATE staged_record s SET settles = n.settles, awaited_manager = n."awaitedManager", unmatched_title = n."unmatchedTitle",
              unmatched_team = n."unmatchedTeam"
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, settles boolean, "awaitedManager" text, "unmatchedTitle" text,
           "unmatchedTeam" text)
        WHERE s.organisation_id = $1 AND s.run_id = $2 AND s.external_id = n."externalId"`,
      [organisationId, runId, JSON.stringify(notes)],
    );
  }

  /** Rows of a file that change nobody after all. @param rows JSON array of line, reason. */
  leaveRows(tx: Tx, organisationId: string, runId: string, rows: string): Promise<number> {
    return tx.execute(
      `UPDATE planned_change c SET kind = 'skip', disposition = 'skip', situation = 'file_fault', removal = false, place = 0,
              before = NULL, "after" = NULL, reason = n.reason
         FROM jsonb_to_recordset($3::jsonb) AS n(line int, reason jsonb)
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND (c.reason->'facts'->>'line')::int = n.line`,
      [organisationId, runId, rows],
    );
  }

  /**
   * SHA-256 of what would happen to whom, and why, over the lines in their order. PostgreSQL writes jsonb in one way, with
   * the keys in order. Ids that were given to newcomers, versions and wording are no part of it: the preview of a plan and
   * the plan itself have the same.
   */
  async hash(tx: Tx, organisationId: string, runId: string): Promise<Buffer> {
    const { hash } = await tx.one<{ hash: Buffer }>(
      `SELECT sha256(coalesce(string_agg(sha256(convert_to(line, 'UTF8')), ''::bytea ORDER BY seq), '')) AS hash
         FROM (SELECT seq, jsonb_build_array(external_id, CASE WHEN kind <> 'add' THEN person_id END, kind, situation, disposition, removal,
                 reason->'code', coalesce(reason->'facts', '{}'), before,
                 "after" - CASE WHEN "after" ? 'awaitedManager' THEN '{expectedVersion,managerId}'::text[] ELSE '{expectedVersion}' END)::text AS line
                 FROM planned_change WHERE organisation_id = $1 AND run_id = $2) lines`,
      [organisationId, runId],
    );
    return hash;
  }

  /** How many changes are to be applied. */
  async toApply(tx: Tx, organisationId: string, runId: string): Promise<number> {
    const { n } = await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n FROM planned_change WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply'`,
      [organisationId, runId],
    );
    return n;
  }

  /** Teams and positions to make. */
  places(tx: Tx, organisationId: string, runId: string): Promise<PlannedRow[]> {
    return tx.query<PlannedRow>(
      `SELECT ${COLUMNS} FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply' AND kind IN ('team', 'position') ORDER BY seq`,
      [organisationId, runId],
    );
  }

  batches(tx: Tx, organisationId: string, runId: string): Promise<BatchRow[]> {
    return tx.query<BatchRow>(
      `SELECT batch, size, wave, applied_at, applied FROM plan_batch WHERE organisation_id = $1 AND run_id = $2 ORDER BY batch`,
      [organisationId, runId],
    );
  }

  /** The lines of a batch. */
  batch(tx: Tx, organisationId: string, runId: string, batch: number): Promise<PlannedRow[]> {
    return tx.query<PlannedRow>(
      `SELECT ${COLUMNS} FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'apply'
          AND seq = ANY((SELECT b.seqs FROM plan_batch b WHERE b.organisation_id = $1 AND b.run_id = $2 AND b.batch = $3)::int[])
        ORDER BY seq`,
      [organisationId, runId, batch],
    );
  }

  /**
   * Lines whose record was observed later than they were decided: newer wins, and the next run decides. Record by record
   * through the primary keys, however little the planner knows of the tables (OFFSET 0 keeps it from joining them whole).
   */
  async overtaken(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    lines: readonly { seq: number; externalId: string | null }[],
  ): Promise<Set<number>> {
    const rows = await tx.query<{ seq: number }>(
      `SELECT k.seq
         FROM unnest($4::int[], $5::text[]) AS k(seq, external_id)
         CROSS JOIN LATERAL (SELECT d.observed_at FROM directory_record d
                              WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = k.external_id OFFSET 0) d
         CROSS JOIN LATERAL (SELECT s.observed_at FROM staged_record s
                              WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = k.external_id OFFSET 0) s
        WHERE d.observed_at > s.observed_at`,
      [organisationId, connectionId, runId, lines.map((line) => line.seq), lines.map((line) => line.externalId)],
    );
    return new Set(rows.map((row) => row.seq));
  }

  /** False when the batch was applied already: its answer was lost, or somebody else did it. */
  async markBatch(
    tx: Tx,
    organisationId: string,
    runId: string,
    batch: number,
    applied: number,
    at: Date,
  ): Promise<boolean> {
    const marked = await tx.execute(
      `UPDATE plan_batch SET applied_at = $5, applied = $4
        WHERE organisation_id = $1 AND run_id = $2 AND batch = $3 AND applied_at IS NULL`,
      [organisationId, runId, batch, applied, at],
    );
    return marked === 1;
  }

  /** What became of lines that were not simply applied. */
  async markResults(
    tx: Tx,
    organisationId: string,
    runId: string,
    results: { seq: number; result: string }[],
  ): Promise<void> {
    if (results.length === 0) return;
    await tx.execute(
      `UPDATE planned_change c SET result = n.result
         FROM jsonb_to_recordset($3::jsonb) AS n(seq int, result text)
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.seq = n.seq`,
      [organisationId, runId, JSON.stringify(results)],
    );
  }

  /** What was committed, by kind; what only waits or was left, by disposition. */
  tally(
    tx: Tx,
    organisationId: string,
    runId: string,
  ): Promise<{ kind: string; disposition: string; result: string | null; applied: boolean; n: number }[]> {
    return tx.query(
      `SELECT kind, disposition, result, applied, count(*)::int AS n
         FROM (SELECT c.kind, c.disposition, c.result,
                      c.seq IN ${APPLIED_SEQS} AS applied
                 FROM planned_change c WHERE c.organisation_id = $1 AND c.run_id = $2) told
        GROUP BY 1, 2, 3, 4`,
      [organisationId, runId],
    );
  }

  /** What a run applied, in the order of its lines. */
  appliedLines(tx: Tx, organisationId: string, runId: string, after: number, limit: number): Promise<PlannedRow[]> {
    return tx.query<PlannedRow>(
      `SELECT ${COLUMNS.split(', ')
        .map((column) => `c.${column.trim()}`)
        .join(', ')}
         FROM planned_change c
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.seq IN ${APPLIED_SEQS} AND c.kind NOT IN ('team', 'position')
          AND coalesce(c.result, 'applied') IN ('applied', 'already_applied') AND c.seq > $3
        ORDER BY c.seq LIMIT $4`,
      [organisationId, runId, after, limit],
    );
  }

  /** Removals that the confirmed preview showed are approved by that. */
  async approveShown(tx: Tx, organisationId: string, runId: string, previewId: string): Promise<void> {
    await tx.execute(
      `UPDATE planned_change c SET approved = true
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.removal
          AND EXISTS (SELECT FROM planned_change p WHERE p.organisation_id = $1 AND p.run_id = $3 AND p.removal AND p.person_id = c.person_id)`,
      [organisationId, runId, previewId],
    );
  }

  /** Causes of the conflicts that this plan found. */
  async conflictCauses(tx: Tx, organisationId: string, runId: string): Promise<string[]> {
    const rows = await tx.query<{ cause: string }>(
      `SELECT DISTINCT "after"->>'conflict' AS cause FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND "after" ? 'conflict'`,
      [organisationId, runId],
    );
    return rows.map((row) => row.cause);
  }

  /** People of ours whom the plan left as they are for one of these reasons. */
  skippedFor(
    tx: Tx,
    organisationId: string,
    runId: string,
    codes: string[],
  ): Promise<{ code: string; personId: string; label: string }[]> {
    return tx.query(
      `SELECT DISTINCT ON (person_id) reason->>'code' AS code, person_id, label FROM planned_change
        WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'skip' AND person_id IS NOT NULL
          AND reason->>'code' = ANY($3::text[]) ORDER BY person_id, seq`,
      [organisationId, runId, codes],
    );
  }

  list(tx: Tx, organisationId: string, runId: string, filter: ChangeFilter): Promise<PlannedRow[]> {
    return tx.query<PlannedRow>(
      `SELECT * FROM (
         SELECT ${COLUMNS.replace('result,', '')}, coalesce(result, CASE WHEN seq IN ${APPLIED_SEQS} THEN 'applied' END) AS result
           FROM planned_change c
          WHERE organisation_id = $1 AND run_id = $2 AND seq > $3
            AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR disposition = $5)
            AND ($6::text IS NULL OR strpos(${WORDS_OF('label')}, ${WORDS_OF('$6')}) > 0)) lines
        WHERE NOT $8::boolean OR result IN ('applied', 'already_applied')
        ORDER BY seq LIMIT $7`,
      [
        organisationId,
        runId,
        filter.after,
        filter.kind,
        filter.disposition,
        filter.search,
        filter.limit,
        filter.applied,
      ],
    );
  }

  /** Whether one of these links that wait is to an admin, an operator, or somebody of the break-glass list. */
  async waitsForAdmin(tx: Tx, organisationId: string, runId: string, externalIds: string[] | null): Promise<boolean> {
    const found = await tx.maybeOne(
      `SELECT 1 FROM planned_change c JOIN person p ON p.organisation_id = c.organisation_id AND p.id = c.person_id
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'approve' AND NOT c.approved
          AND ($3::text[] IS NULL OR c.external_id = ANY($3::text[]))
          AND (p.is_admin
            OR EXISTS (SELECT FROM operator o WHERE o.organisation_id = $1 AND o.person_id = p.id AND o.ended_at IS NULL)
            OR EXISTS (SELECT FROM break_glass b WHERE b.organisation_id = $1 AND b.person_id = p.id))
        LIMIT 1`,
      [organisationId, runId, externalIds],
    );
    return found !== null;
  }

  /** Approves links that wait; returns how many there were. */
  async approveLinks(tx: Tx, organisationId: string, runId: string, externalIds: string[] | null): Promise<number> {
    return tx.execute(
      `UPDATE planned_change SET approved = true
        WHERE organisation_id = $1 AND run_id = $2 AND disposition = 'approve' AND NOT approved
          AND ($3::text[] IS NULL OR external_id = ANY($3::text[]))`,
      [organisationId, runId, externalIds],
    );
  }

  /** Removals and links of this plan that the confirmed preview did not show. */
  async beyondPreview(tx: Tx, organisationId: string, runId: string, previewId: string): Promise<number[]> {
    const rows = await tx.query<{ seq: number }>(
      `SELECT c.seq FROM planned_change c
        WHERE c.organisation_id = $1 AND c.run_id = $2 AND c.disposition = 'apply' AND (c.removal OR ${TIES})
          AND NOT EXISTS (SELECT FROM planned_change p
                           WHERE p.organisation_id = $1 AND p.run_id = $3 AND p.external_id IS NOT DISTINCT FROM c.external_id
                             AND p.person_id = c.person_id AND (p.removal = c.removal AND p.kind = c.kind
                               OR p.kind IN ('link', 'relink') AND c.kind IN ('link', 'relink')))
        ORDER BY c.seq`,
      [organisationId, runId, previewId],
    );
    return rows.map((row) => row.seq);
  }

  /** Whether a plan takes anybody out or ties anybody. */
  async hasRemovalsOrLinks(tx: Tx, organisationId: string, runId: string): Promise<boolean> {
    const { there } = await tx.one<{ there: boolean }>(
      `SELECT EXISTS (SELECT FROM planned_change c WHERE c.organisation_id = $1 AND c.run_id = $2
                        AND c.disposition IN ('apply', 'hold') AND (c.removal OR ${TIES})) AS there`,
      [organisationId, runId],
    );
    return there;
  }
}
