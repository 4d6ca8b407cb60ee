import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { byteaArray, textArray } from '../database/array-literals.js';
import type { StagedRow } from './observing.js';
import type { Progress } from './runs.types.js';

/** A page, or several that came one after another. */
export interface PageToStage {
  /** Of the last one. */
  page: number;
  externalIds: string[];
  /** In hex. */
  hashes: string[];
  observedAt: Date;
  nextCursor: string | null;
  progress: Progress;
}

export interface LastPage {
  page: number;
  nextCursor: string | null;
  records: number;
}

/** Stages records `r` of the mirror, or of a look at it, for the run ($3); the source is a word or an expression. */
const staged = (source: string, from: string): string =>
  `INSERT INTO staged_record (organisation_id, run_id, external_id, hash, observed_at, body, email_canonical, employed,
     in_scope, out_of_scope_because, fault, source)
   SELECT $1, $3, r.external_id, r.observed_hash, r.observed_at, r.body, r.email_canonical, r.employed,
     r.in_scope, r.out_of_scope_because, r.fault, ${source}
     FROM ${from} r`;

/** Stages records `r` of the connection ($2) for the run ($3) as the mirror holds them, to be decided once more. */
export const stagedAsMirrored = (source: 'absent' | 'mirror'): string => staged(`'${source}'`, 'directory_record');

/** Living records of the mirror, and whether no page named them. Looked at once: the mirror may be large. */
const LIVING = `(SELECT d.*, d.observed_at < (SELECT read_started_at FROM run WHERE organisation_id = $1 AND id = $3)
                         AND d.external_id NOT IN (SELECT unnest(p.external_ids) FROM staged_page p
                                                    WHERE p.organisation_id = $1 AND p.run_id = $3) AS absent
               FROM directory_record d
              WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.gone_at IS NULL OFFSET 0)`;

/** Where a read leaves what it saw, until the run is over (unlogged tables: lost means read anew). */
@Injectable()
export class StagingRepository {
  /**
   * Stores which ids a page named, with their hashes, and tells which of them differ from the mirror, by position
   * from 0. One statement, so that an unchanged page costs one row; it looks at the mirror record by record through the
   * key, for the planner would read all of it for each page (OFFSET 0).
   */
  async storePage(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    page: PageToStage,
  ): Promise<number[]> {
    const rows = await tx.query<{ at: number }>(
      `WITH stored AS (
         INSERT INTO staged_page (organisation_id, run_id, page, external_ids, hashes, observed_at, next_cursor)
         VALUES ($1, $3, $4, $5::text[], $6::bytea[], $7, $8)
       ), told AS (
         UPDATE run SET progress = progress || $9::jsonb WHERE organisation_id = $1 AND id = $3
       )
       SELECT (t.ord - 1)::int AS at
         FROM unnest($5::text[], $6::bytea[]) WITH ORDINALITY AS t(external_id, hash, ord)
         LEFT JOIN LATERAL (SELECT d.observed_hash, d.missed_reads, d.gone_at, d.gone_because FROM directory_record d
                             WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = t.external_id OFFSET 0) r ON true
        WHERE r.observed_hash IS DISTINCT FROM t.hash OR r.missed_reads > 0
           OR (r.gone_at IS NOT NULL AND r.gone_because IS DISTINCT FROM 'status')`,
      [
        organisationId,
        connectionId,
        runId,
        page.page,
        textArray(page.externalIds),
        byteaArray(page.hashes),
        page.observedAt,
        page.nextCursor,
        JSON.stringify(page.progress),
      ],
    );
    return rows.map((row) => row.at);
  }

  /** Stages records, newer ones over older ones. */
  async storeRecords(
    tx: Tx,
    organisationId: string,
    runId: string,
    rows: StagedRow[],
    source: 'page' | 'direct',
  ): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(
      `INSERT INTO staged_record AS s (organisation_id, run_id, external_id, hash, observed_at, body, email_canonical, employed,
         in_scope, out_of_scope_because, fault, source)
       SELECT $1, $2, n."externalId", decode(n.hash, 'hex'), n."observedAt", n.body, n."emailCanonical", n.employed,
         n."inScope", n."outOfScopeBecause", n.fault, $4
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, hash text, "observedAt" timestamptz, body jsonb, "emailCanonical" text, employed boolean,
           "inScope" boolean, "outOfScopeBecause" text, fault text)
       ON CONFLICT (organisation_id, run_id, external_id) DO UPDATE
         SET hash = excluded.hash, observed_at = excluded.observed_at, body = excluded.body,
             email_canonical = excluded.email_canonical, employed = excluded.employed, in_scope = excluded.in_scope,
             out_of_scope_because = excluded.out_of_scope_because, fault = excluded.fault, source = excluded.source
       WHERE s.observed_at <= excluded.observed_at`,
      [organisationId, runId, JSON.stringify(rows), source],
    );
  }

  /** Where the read stands: the last page that was stored. Null when nothing is, or it was lost. */
  lastPage(tx: Tx, organisationId: string, runId: string): Promise<LastPage | null> {
    return tx.maybeOne<LastPage>(
      `SELECT page, next_cursor,
              (SELECT coalesce(sum(cardinality(external_ids)), 0)::int FROM staged_page WHERE organisation_id = $1 AND run_id = $2) AS records
         FROM staged_page WHERE organisation_id = $1 AND run_id = $2 ORDER BY page DESC LIMIT 1`,
      [organisationId, runId],
    );
  }

  /** A page without people: what stands for a read of single people. */
  async markPartial(tx: Tx, organisationId: string, runId: string, at: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO staged_page (organisation_id, run_id, page, external_ids, hashes, observed_at)
       VALUES ($1, $2, 0, '{}', '{}', $3)`,
      [organisationId, runId, at],
    );
  }

  async empty(tx: Tx, organisationId: string, runId: string): Promise<void> {
    await tx.execute(`DELETE FROM staged_page WHERE organisation_id = $1 AND run_id = $2`, [organisationId, runId]);
    await tx.execute(`DELETE FROM staged_record WHERE organisation_id = $1 AND run_id = $2`, [organisationId, runId]);
    await tx.execute(`DELETE FROM staged_evidence WHERE organisation_id = $1 AND run_id = $2`, [organisationId, runId]);
  }

  /** Ids that pages named more than once with different content (row 15): a direct read decides. */
  async contradictions(tx: Tx, organisationId: string, runId: string): Promise<string[]> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT t.external_id
         FROM (SELECT unnest(p.external_ids) AS external_id FROM staged_page p WHERE p.organisation_id = $1 AND p.run_id = $2) t
        GROUP BY t.external_id HAVING count(*) > 1`,
      [organisationId, runId],
    );
    if (rows.length === 0) return [];
    const differing = await tx.query<{ externalId: string }>(
      `SELECT t.external_id
         FROM staged_page p, LATERAL unnest(p.external_ids, p.hashes) AS t(external_id, hash)
        WHERE p.organisation_id = $1 AND p.run_id = $2 AND t.external_id = ANY($3::text[])
        GROUP BY t.external_id HAVING count(DISTINCT t.hash) > 1
        ORDER BY t.external_id`,
      [organisationId, runId, rows.map((row) => row.externalId)],
    );
    return differing.map((row) => row.externalId);
  }

  async markContradicted(tx: Tx, organisationId: string, runId: string, externalIds: string[]): Promise<void> {
    await tx.execute(
      `UPDATE staged_record SET contradicted = true WHERE organisation_id = $1 AND run_id = $2 AND external_id = ANY($3::text[])`,
      [organisationId, runId, externalIds],
    );
  }

  /** How many different ids the pages named, and how many living records the mirror had. */
  measure(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
  ): Promise<{ named: number; mirrored: number; inScope: number }> {
    return tx.one(
      `WITH mirror AS (
         SELECT count(*)::int AS living,
                count(*) FILTER (WHERE (r.in_scope OR r.fault IS NOT NULL)
                                   AND r.external_id NOT IN (SELECT s.external_id FROM staged_record s
                                                              WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source <> 'mirror'))::int AS kept
           FROM directory_record r WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.gone_at IS NULL
       )
       SELECT (SELECT count(*)::int FROM (SELECT DISTINCT unnest(p.external_ids) FROM staged_page p
                WHERE p.organisation_id = $1 AND p.run_id = $3) different) AS named,
              mirror.living AS mirrored,
              (SELECT count(*)::int FROM staged_record
                WHERE organisation_id = $1 AND run_id = $3 AND source IN ('page', 'direct') AND (in_scope OR fault IS NOT NULL))
              + mirror.kept AS in_scope
         FROM mirror`,
      [organisationId, connectionId, runId],
    );
  }

  /** Newer wins: what a push, a direct read or SCIM observed after this page was read stays. */
  async dropOvertaken(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<number> {
    return tx.execute(
      `DELETE FROM staged_record s USING directory_record r
        WHERE s.organisation_id = $1 AND s.run_id = $3
          AND r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id AND r.observed_at > s.observed_at`,
      [organisationId, connectionId, runId],
    );
  }

  /** Lets the set operations over a whole read keep their hash tables in memory; ends with the transaction. */
  async makeRoom(tx: Tx): Promise<void> {
    await tx.query(`SELECT set_config('work_mem', '64MB', true)`);
  }

  /**
   * Set difference: living records of the mirror that no page named. Those of nobody just leave the mirror at the end.
   * NOT IN, which is hashed while it is thought to fit work_mem, since nobody knows beforehand how many ids the pages hold.
   * The same look at the mirror takes the unsettled ones along, as `stageUnsettled` does.
   */
  async stageAbsent(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<number> {
    return tx.execute(
      `${staged("CASE WHEN r.absent THEN 'absent' ELSE 'mirror' END", LIVING)}
        WHERE r.absent OR r.settled_hash IS DISTINCT FROM r.observed_hash
       ON CONFLICT DO NOTHING`,
      [organisationId, connectionId, runId],
    );
  }

  /** Records whose reaction was not carried out are decided again, unchanged or not, from what the mirror holds. */
  async stageUnsettled(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<number> {
    return tx.execute(
      `${stagedAsMirrored('mirror')}
        WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.settled_hash IS DISTINCT FROM r.observed_hash
          AND r.gone_at IS NULL
       ON CONFLICT DO NOTHING`,
      [organisationId, connectionId, runId],
    );
  }

  counts(tx: Tx, organisationId: string, runId: string): Promise<{ toDecide: number; absent: number; faulty: number }> {
    return tx.one(
      `SELECT count(*)::int AS to_decide, count(*) FILTER (WHERE source = 'absent')::int AS absent,
              count(*) FILTER (WHERE fault IS NOT NULL AND source <> 'absent')::int AS faulty
         FROM staged_record WHERE organisation_id = $1 AND run_id = $2`,
      [organisationId, runId],
    );
  }

  /** Linked people, not archived, whom this read shows as not employed or out of scope: a first estimate of removals. */
  async explicitLeavers(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<number> {
    const { n } = await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n FROM staged_record s
         JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
         JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state <> 'archived'
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source <> 'absent' AND s.fault IS NULL AND NOT (s.in_scope AND s.employed)`,
      [organisationId, connectionId, runId],
    );
    return n;
  }

  /** Staging that no living run needs. */
  async emptyAbandoned(tx: Tx, organisationId: string): Promise<void> {
    for (const table of ['staged_page', 'staged_record', 'staged_evidence'] as const) {
      await tx.execute(
        `DELETE FROM ${table} s WHERE s.organisation_id = $1 AND NOT EXISTS (
           SELECT FROM run r WHERE r.organisation_id = $1 AND r.id = s.run_id AND r.state IN ('queued', 'reading', 'planning', 'applying'))`,
        [organisationId],
      );
    }
  }
}
