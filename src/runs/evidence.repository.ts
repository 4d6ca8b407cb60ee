import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { stagedAsMirrored } from './staging.repository.js';

export type EvidenceVerdict =
  | 'deleted'
  | 'deprovisioned'
  | 'not_employed'
  | 'out_of_scope'
  | 'present'
  | 'missing'
  | 'missed_twice'
  | 'unknown'
  | 'unasked';

export interface EvidenceRow {
  externalId: string;
  verdict: EvidenceVerdict;
  /** The status, the scope object, or what kept us from knowing. */
  because: string | null;
  observedAt: Date;
}

/** What witnesses said of absent records in one run. */
@Injectable()
export class EvidenceRepository {
  async store(tx: Tx, organisationId: string, runId: string, rows: EvidenceRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(
      `INSERT INTO staged_evidence AS e (organisation_id, run_id, external_id, verdict, because, observed_at)
       SELECT DISTINCT ON (n."externalId") $1::uuid, $2::uuid, n."externalId", n.verdict, n.because, n."observedAt"
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, verdict text, because text, "observedAt" timestamptz)
        ORDER BY n."externalId", n."observedAt" DESC
       ON CONFLICT (organisation_id, run_id, external_id) DO UPDATE
         SET verdict = excluded.verdict, because = excluded.because, observed_at = excluded.observed_at
       WHERE e.observed_at <= excluded.observed_at`,
      [organisationId, runId, JSON.stringify(rows)],
    );
  }

  /**
   * Keeps of bulk evidence what is about absent records, and newer than what the mirror observed. It tells what a direct
   * read that found nobody could not.
   */
  async storeOfAbsent(tx: Tx, organisationId: string, runId: string, rows: EvidenceRow[]): Promise<void> {
    if (rows.length === 0) return;
    await tx.execute(
      `INSERT INTO staged_evidence AS e (organisation_id, run_id, external_id, verdict, because, observed_at)
       SELECT DISTINCT ON (n."externalId") $1::uuid, $2::uuid, n."externalId", n.verdict, n.because, n."observedAt"
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, verdict text, because text, "observedAt" timestamptz)
         JOIN staged_record s ON s.organisation_id = $1 AND s.run_id = $2 AND s.external_id = n."externalId" AND s.source = 'absent'
        WHERE n."observedAt" >= s.observed_at
        ORDER BY n."externalId", n."observedAt" DESC
       ON CONFLICT (organisation_id, run_id, external_id) DO UPDATE
         SET verdict = excluded.verdict, because = excluded.because, observed_at = excluded.observed_at
       WHERE e.verdict IN ('missing', 'unknown')`,
      [organisationId, runId, JSON.stringify(rows)],
    );
  }

  /** People whom a direct read did not find are decided as absent ones. Nobody is made absent who is not mirrored. */
  async stageMissing(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    externalIds: string[],
  ): Promise<void> {
    if (externalIds.length === 0) return;
    await tx.execute(
      `${stagedAsMirrored('absent')}
        WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.gone_at IS NULL AND r.external_id = ANY($4::text[])
       ON CONFLICT (organisation_id, run_id, external_id) DO UPDATE SET source = 'absent'`,
      [organisationId, connectionId, runId, externalIds],
    );
  }

  /** Absent people of ours (linked and not archived) of whom nothing is known yet, in order. */
  async unconfirmed(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    after: string,
    limit: number,
  ): Promise<string[]> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT s.external_id
         FROM staged_record s
         JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
         JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state <> 'archived'
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source = 'absent' AND s.external_id > $4
          AND NOT EXISTS (SELECT FROM staged_evidence e
                           WHERE e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = s.external_id)
        ORDER BY s.external_id LIMIT $5`,
      [organisationId, connectionId, runId, after, limit],
    );
    return rows.map((row) => row.externalId);
  }

  /** Absent people of ours: all, those with evidence, and those whom a witness saw in scope and employed. */
  absentPeople(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
  ): Promise<{ absent: number; contradicted: number }> {
    return tx.one(
      `SELECT count(*)::int AS absent, count(*) FILTER (WHERE e.verdict = 'present')::int AS contradicted
         FROM staged_record s
         JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
         JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state <> 'archived'
         LEFT JOIN staged_evidence e ON e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source = 'absent'`,
      [organisationId, connectionId, runId],
    );
  }

  /** Records that a complete read missed before, at this time or earlier. */
  async missedBefore(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    externalIds: string[],
    by: Date,
  ): Promise<Set<string>> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT external_id FROM directory_record
        WHERE organisation_id = $1 AND connection_id = $2 AND external_id = ANY($3::text[]) AND missed_reads > 0 AND missing_since <= $4`,
      [organisationId, connectionId, externalIds, by],
    );
    return new Set(rows.map((row) => row.externalId));
  }
}
