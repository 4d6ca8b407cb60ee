import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

/** A record of the mirror with what its connection manages. */
export interface PersonRecord {
  connectionId: string;
  connection: string;
  connectionState: string;
  rank: number;
  settings: unknown;
  externalId: string;
  personId: string | null;
  linkedAt: Date | null;
  body: unknown;
  emailCanonical: string | null;
  employed: boolean;
  inScope: boolean;
  outOfScopeBecause: string | null;
  fault: string | null;
  observedAt: Date;
  missingSince: Date | null;
  goneAt: Date | null;
  goneBecause: string | null;
  settled: boolean;
}

/** The line of a plan that was the latest word about a record or a person. */
export interface LastDecision {
  connectionId: string;
  externalId: string | null;
  runId: string;
  runKind: string;
  at: Date;
  kind: string;
  disposition: string;
  situation: string;
  reason: unknown;
  result: string | null;
  factsHash: string | null;
}

export interface OpenQuestion {
  connectionId: string | null;
  externalId: string | null;
  what: 'conflict' | 'hold' | 'override';
  id: string;
  kind: string;
  since: Date;
}

const RECORD = `d.connection_id, c.name AS connection, c.state AS connection_state, c.rank, c.settings, d.external_id, d.person_id,
  d.linked_at, d.body, d.email_canonical, d.employed, d.in_scope, d.out_of_scope_because, d.fault, d.observed_at, d.missing_since, d.gone_at,
  d.gone_because, d.settled_hash IS NOT DISTINCT FROM d.observed_hash AS settled
  FROM directory_record d JOIN connection c ON c.organisation_id = d.organisation_id AND c.id = d.connection_id`;

const MOST_RECORDS = 100;

/** What directories say of people: reads the mirror, plans and open questions. */
@Injectable()
export class RecordsRepository {
  /** The highest-ranked connection first. */
  ofPeople(tx: Tx, people: readonly string[]): Promise<PersonRecord[]> {
    return tx.query(
      `SELECT ${RECORD} WHERE d.organisation_id = ${ORGANISATION} AND d.person_id = ANY($1::uuid[])
       ORDER BY c.rank, d.gone_at NULLS FIRST, d.external_id`,
      [people],
    );
  }

  withAddress(tx: Tx, emailCanonical: string): Promise<PersonRecord[]> {
    return tx.query(
      `SELECT ${RECORD} WHERE d.organisation_id = ${ORGANISATION} AND d.email_canonical = $1
       ORDER BY c.rank, d.external_id LIMIT ${MOST_RECORDS}`,
      [emailCanonical],
    );
  }

  withExternalId(tx: Tx, externalId: string): Promise<PersonRecord[]> {
    return tx.query(
      `SELECT ${RECORD} WHERE d.organisation_id = ${ORGANISATION} AND d.external_id = $1
       ORDER BY c.rank LIMIT ${MOST_RECORDS}`,
      [externalId],
    );
  }

  /** The latest lines about these people, and about these records that are nobody's; latest first. */
  decisions(tx: Tx, people: readonly string[], externalIds: readonly string[], limit: number): Promise<LastDecision[]> {
    const line = `SELECT r.connection_id, l.external_id, l.run_id, r.kind AS run_kind, coalesce(r.planned_at, r.asked_at) AS at, l.kind,
        l.disposition, l.situation, l.reason, l.result, l.after->>'factsHash' AS facts_hash
      FROM planned_change l JOIN run r ON r.organisation_id = l.organisation_id AND r.id = l.run_id
      WHERE l.organisation_id = ${ORGANISATION} AND r.kind NOT IN ('preview', 'simulation')
        AND (r.kind NOT IN ('undo', 'removal', 'import') OR r.confirms IS NOT NULL)`;
    return tx.query(
      `(${line} AND l.person_id = ANY($1::uuid[]) ORDER BY at DESC LIMIT $3)
       UNION ALL
       (${line} AND l.person_id IS NULL AND l.external_id = ANY($2::text[]) ORDER BY at DESC LIMIT $3)
       ORDER BY at DESC`,
      [people, externalIds, limit],
    );
  }

  /** Open conflicts, waiting holds and standing overrides about a person or about records. */
  openQuestions(tx: Tx, people: readonly string[], externalIds: readonly string[]): Promise<OpenQuestion[]> {
    return tx.query(
      `SELECT connection_id, external_id, 'conflict' AS what, id, kind, opened_at AS since FROM conflict
       WHERE organisation_id = ${ORGANISATION} AND resolved_at IS NULL
         AND (person_id = ANY($1::uuid[]) OR other_person_id = ANY($1::uuid[]) OR external_id = ANY($2::text[])
           OR other_external_id = ANY($2::text[]))
       UNION ALL
       SELECT h.connection_id, m.external_id, 'hold', h.id, m.kind, m.added_at FROM hold_member m
       JOIN hold h ON h.organisation_id = m.organisation_id AND h.id = m.hold_id
       WHERE m.organisation_id = ${ORGANISATION} AND m.person_id = ANY($1::uuid[]) AND m.state = 'waiting' AND h.state = 'open'
       UNION ALL
       SELECT connection_id, external_id, 'override', id, kind, made_at FROM override
       WHERE organisation_id = ${ORGANISATION} AND person_id = ANY($1::uuid[]) AND released_at IS NULL
       ORDER BY since`,
      [people, externalIds],
    );
  }

  /** @param rows JSON array of id, person_id, connection_id, external_id, facts_hash (base64 or null). */
  async overrideArchives(tx: Tx, rows: string, cause: string, by: string, at: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO override (organisation_id, id, person_id, connection_id, external_id, kind, facts_hash, cause, made_by, made_at)
       SELECT ${ORGANISATION}, r.id, r.person_id, r.connection_id, r.external_id, 'archive', decode(r.facts_hash, 'base64'), $2, $3::jsonb, $4
       FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, person_id uuid, connection_id uuid, external_id text, facts_hash text)`,
      [rows, cause, by, at],
    );
  }
}
