import { Injectable } from '@nestjs/common';
import type { ConnectionSettings } from '../connections/connections.types.js';
import type { Tx } from '../database/tx.js';
import type { CandidateFacts, OtherConnection, OverrideFacts, PersonFacts, Rival } from '../sync/facts.js';
import type { DirectoryRecord } from '../sync/model.js';
import type { EvidenceVerdict } from './evidence.repository.js';

/** A staged record beside what the mirror holds of it. */
export interface SubjectRow {
  externalId: string;
  hash: Buffer;
  observedAt: Date;
  body: DirectoryRecord | null;
  emailCanonical: string | null;
  employed: boolean;
  inScope: boolean;
  outOfScopeBecause: string | null;
  fault: string | null;
  source: 'page' | 'direct' | 'mirror' | 'absent';
  /** Null when the mirror does not know the record; then the fields below are null too. */
  mirrorHash: Buffer | null;
  mirrorSettledHash: Buffer | null;
  mirrorObservedAt: Date | null;
  mirrorEmployed: boolean | null;
  mirrorInScope: boolean | null;
  mirrorMissedReads: number | null;
  mirrorGoneAt: Date | null;
  personId: string | null;
  verdict: EvidenceVerdict | null;
  because: string | null;
}

export interface MirroredRow {
  externalId: string;
  personId: string | null;
  body: DirectoryRecord | null;
  emailCanonical: string | null;
  inScope: boolean;
  outOfScopeBecause: string | null;
  goneAt: Date | null;
}

export interface AddressMoveRow {
  externalId: string;
  id: string | null;
  from: string | null;
  to: string;
  holderId: string | null;
}

export interface CandidateRow extends CandidateFacts {
  isArchived: boolean;
}

/** Whoever has a way in of their own is tied to a directory by an approval alone, as admins and protected people are. */
const SHIELDED = `(p.is_protected
  OR EXISTS (SELECT FROM operator o WHERE o.organisation_id = p.organisation_id AND o.person_id = p.id AND o.ended_at IS NULL)
  OR EXISTS (SELECT FROM break_glass b WHERE b.organisation_id = p.organisation_id AND b.person_id = p.id))`;

const PERSON = `p.id, p.state, p.email, p.email_canonical, p.first_name, p.last_name, p.team_id, p.position_id, p.manager_id,
  p.employee_number, p.attributes, p.is_admin, p.is_protected, p.archive_reasons, p.archived_at, p.version`;

/** The word of a connection `c` counts: paused or in need of attention since no earlier than this parameter (30 days ago). */
export const trusted = (since: string): string =>
  `(c.state <> 'deleting' AND coalesce(c.paused_at, ${since}::timestamptz) >= ${since}
    AND coalesce((c.attention->>'since')::timestamptz, ${since}) >= ${since})`;

/** The facts that decisions rest on, for a few thousand records at a time. */
@Injectable()
export class FactsRepository {
  /** The next records to decide, in order of external id. */
  subjects(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    after: string,
    limit: number,
  ): Promise<SubjectRow[]> {
    return tx.query<SubjectRow>(
      `SELECT s.external_id, s.hash, s.observed_at, s.body, s.email_canonical, s.employed, s.in_scope, s.out_of_scope_because,
              s.fault, s.source, r.observed_hash AS mirror_hash, r.settled_hash AS mirror_settled_hash,
              r.observed_at AS mirror_observed_at, r.employed AS mirror_employed, r.in_scope AS mirror_in_scope,
              r.missed_reads AS mirror_missed_reads, r.gone_at AS mirror_gone_at, r.person_id, e.verdict, e.because
         FROM staged_record s
         LEFT JOIN directory_record r
           ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
         LEFT JOIN staged_evidence e ON e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.external_id > $4
        ORDER BY s.external_id LIMIT $5`,
      [organisationId, connectionId, runId, after, limit],
    );
  }

  people(tx: Tx, organisationId: string, ids: string[]): Promise<PersonFacts[]> {
    return tx.query<PersonFacts>(
      `SELECT ${PERSON} FROM person p WHERE p.organisation_id = $1 AND p.id = ANY($2::uuid[])`,
      [organisationId, ids],
    );
  }

  /**
   * Whom addresses suggest: who has one and is not archived, and who was archived last with it. Each with the record of
   * this connection that they are linked to, a living one before a gone one. One that is gone by the evidence of this
   * run is gone, though the mirror does not say so yet: whoever is made anew between two runs is known at once.
   */
  candidates(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    addresses: string[],
  ): Promise<CandidateRow[]> {
    return tx.query<CandidateRow>(
      `SELECT ${PERSON.replace('p.is_protected', `${SHIELDED} AS is_protected`)}, p.state = 'archived' AS is_archived,
              (SELECT jsonb_build_object('externalId', r.external_id, 'goneAt', coalesce(r.gone_at, e.observed_at, s.observed_at),
                        'byAbsence', r.gone_at IS NULL AND e.observed_at IS NOT NULL,
                        'employeeNumber', r.body->'employeeNumber', 'firstName', r.body->'firstName', 'lastName', r.body->'lastName')
                 FROM directory_record r
                 LEFT JOIN staged_evidence e
                   ON e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = r.external_id
                  AND (e.verdict IN ('deleted', 'deprovisioned', 'missed_twice')
                    OR e.verdict = 'not_employed' AND e.because IN ('deleted', 'deprovisioned'))
                 LEFT JOIN staged_record s
                   ON s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = r.external_id AND s.source <> 'absent'
                  AND s.fault IS NULL AND s.body->>'status' IN ('deleted', 'deprovisioned') AND s.observed_at >= r.observed_at
                WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.person_id = p.id
                ORDER BY coalesce(r.gone_at, e.observed_at, s.observed_at) DESC NULLS FIRST LIMIT 1) AS linked_record
         FROM (SELECT organisation_id, id FROM person
                WHERE organisation_id = $1 AND state <> 'archived' AND email_canonical = ANY($4::text[])
               UNION ALL
               (SELECT DISTINCT ON (email_canonical) organisation_id, id FROM person
                 WHERE organisation_id = $1 AND state = 'archived' AND email_canonical = ANY($4::text[])
                 ORDER BY email_canonical, archived_at DESC)) found
         JOIN person p ON p.organisation_id = found.organisation_id AND p.id = found.id`,
      [organisationId, connectionId, runId, addresses],
    );
  }

  /** In-scope, employed records of this connection with these addresses: as this run saw them, else as mirrored. */
  rivals(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    addresses: string[],
  ): Promise<(Rival & { address: string })[]> {
    return tx.query<Rival & { address: string }>(
      `SELECT s.email_canonical AS address, s.external_id, r.person_id
         FROM staged_record s
         LEFT JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.email_canonical = ANY($4::text[])
          AND s.in_scope AND s.employed AND s.fault IS NULL AND s.source <> 'absent'
       UNION ALL
       SELECT r.email_canonical, r.external_id, r.person_id
         FROM directory_record r
        WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.email_canonical = ANY($4::text[])
          AND r.in_scope AND r.employed AND r.fault IS NULL AND r.gone_at IS NULL
          AND NOT EXISTS (SELECT FROM staged_record s
                           WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = r.external_id)`,
      [organisationId, connectionId, runId, addresses],
    );
  }

  /** What other connections of the organisation say of these people. */
  others(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    people: string[],
    distrustedSince: Date,
  ): Promise<(OtherConnection & { personId: string })[]> {
    return tx.query<OtherConnection & { personId: string }>(
      `SELECT r.person_id, c.id AS connection_id, c.rank, r.employed, r.body AS record,
              r.gone_at IS NULL AND r.in_scope AND r.missing_since IS NULL AS knows,
              ${trusted('$4')} AS trusted
         FROM directory_record r
         JOIN connection c ON c.organisation_id = $1 AND c.id = r.connection_id
        WHERE r.organisation_id = $1 AND r.person_id = ANY($3::uuid[]) AND r.connection_id <> $2 AND c.state <> 'setup'
        ORDER BY c.rank, r.gone_at DESC NULLS FIRST`,
      [organisationId, connectionId, people, distrustedSince],
    );
  }

  /** Overrides that stand, of this connection or of none, for records or people. */
  overrides(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    externalIds: string[],
    people: string[],
  ): Promise<(OverrideFacts & { externalId: string | null; personId: string })[]> {
    return tx.query(
      `SELECT id, kind, encode(facts_hash, 'base64') AS facts_hash, external_id, person_id
         FROM override
        WHERE organisation_id = $1 AND released_at IS NULL AND (connection_id IS NULL OR connection_id = $2)
          AND (external_id = ANY($3::text[]) OR (external_id IS NULL AND person_id = ANY($4::uuid[])))`,
      [organisationId, connectionId, externalIds, people],
    );
  }

  /** Connections whose word may count besides this one's. */
  otherConnections(
    tx: Tx,
    organisationId: string,
    connectionId: string,
  ): Promise<{ id: string; rank: number; settings: ConnectionSettings }[]> {
    return tx.query(
      `SELECT id, rank, settings FROM connection WHERE organisation_id = $1 AND id <> $2 AND state <> 'setup'`,
      [organisationId, connectionId],
    );
  }

  /** Whether anything stands at all that the queries of overrides and approved links could find. */
  extent(tx: Tx, organisationId: string, connectionId: string): Promise<{ overrides: boolean; approvals: boolean }> {
    return tx.one(
      `SELECT EXISTS (SELECT FROM override WHERE organisation_id = $1 AND released_at IS NULL) AS overrides,
              EXISTS (SELECT FROM planned_change pc JOIN run r ON r.organisation_id = $1 AND r.id = pc.run_id
                       WHERE pc.organisation_id = $1 AND r.connection_id = $2 AND pc.approved AND pc.disposition = 'approve') AS approvals`,
      [organisationId, connectionId],
    );
  }

  /** Links that an admin approved: this record is this person. */
  approvedLinks(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    externalIds: string[],
  ): Promise<{ externalId: string; personId: string }[]> {
    return tx.query(
      `SELECT DISTINCT pc.external_id, pc.person_id
         FROM planned_change pc JOIN run r ON r.organisation_id = $1 AND r.id = pc.run_id
        WHERE pc.organisation_id = $1 AND r.connection_id = $2 AND pc.approved AND pc.disposition = 'approve'
          AND pc.external_id = ANY($3::text[]) AND pc.person_id IS NOT NULL`,
      [organisationId, connectionId, externalIds],
    );
  }

  /**
   * Who the managers are that records name: by record of this connection, linked or to be, and by address. Addresses are
   * those that people have after the run: who exchange theirs keep their reports.
   */
  managers(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    externalIds: string[],
    addresses: string[],
  ): Promise<{ key: string; personId: string | null; externalId: string | null }[]> {
    return tx.query(
      `SELECT 'id:' || k.external_id AS key, r.person_id,
              CASE WHEN s.in_scope AND s.employed AND s.fault IS NULL AND s.source <> 'absent' THEN s.external_id END AS external_id
         FROM unnest($4::text[]) AS k(external_id)
         LEFT JOIN directory_record r
           ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = k.external_id AND r.gone_at IS NULL
         LEFT JOIN staged_record s ON s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = k.external_id
       UNION ALL
       SELECT 'email:' || k.address, coalesce(s.person_id, p.id), s.external_id
         FROM unnest($5::text[]) AS k(address)
         LEFT JOIN LATERAL (
           SELECT x.external_id, r.person_id FROM staged_record x
             LEFT JOIN directory_record r
               ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = x.external_id AND r.gone_at IS NULL
            WHERE x.organisation_id = $1 AND x.run_id = $3 AND x.email_canonical = k.address
              AND x.in_scope AND x.employed AND x.fault IS NULL AND x.source <> 'absent'
            ORDER BY r.person_id NULLS LAST, x.external_id LIMIT 1) s ON true
         LEFT JOIN LATERAL (
           SELECT q.id FROM person q
            WHERE q.organisation_id = $1 AND q.email_canonical = k.address AND q.state <> 'archived'
              AND NOT EXISTS (
                SELECT FROM directory_record d
                  JOIN staged_record y ON y.organisation_id = $1 AND y.run_id = $3 AND y.external_id = d.external_id
                 WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.person_id = q.id AND d.gone_at IS NULL
                   AND y.source <> 'absent' AND y.fault IS NULL AND y.email_canonical <> k.address)) p ON true`,
      [organisationId, connectionId, runId, externalIds, addresses],
    );
  }

  /**
   * Who asks for an address that somebody else has, and those whom they wait for: linked people who move, and newcomers
   * (`id` null).
   */
  addressMoves(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<AddressMoveRow[]> {
    return tx.query<AddressMoveRow>(
      `WITH move AS (
         SELECT s.external_id, p.id, p.email_canonical AS "from", s.email_canonical AS "to", h.id AS holder_id
           FROM staged_record s
           LEFT JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
           LEFT JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state <> 'archived'
           LEFT JOIN person h ON h.organisation_id = $1 AND h.email_canonical = s.email_canonical AND h.state <> 'archived'
                             AND h.id IS DISTINCT FROM r.person_id
          WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source <> 'absent' AND s.fault IS NULL AND s.in_scope
            AND s.email_canonical IS NOT NULL AND (p.id IS NOT NULL OR (r.person_id IS NULL AND s.employed))
            AND p.email_canonical IS DISTINCT FROM s.email_canonical
       )
       SELECT * FROM move m WHERE m.holder_id IS NOT NULL OR m.id IN (SELECT w.holder_id FROM move w)`,
      [organisationId, connectionId, runId],
    );
  }

  /** What the mirror holds of these records. */
  mirrored(tx: Tx, organisationId: string, connectionId: string, externalIds: string[]): Promise<MirroredRow[]> {
    return tx.query<MirroredRow>(
      `SELECT external_id, person_id, body, email_canonical, in_scope, out_of_scope_because, gone_at FROM directory_record
        WHERE organisation_id = $1 AND connection_id = $2 AND external_id = ANY($3::text[])`,
      [organisationId, connectionId, externalIds],
    );
  }

  /** Active people who are linked to a living record of this connection: the base of the limits. */
  async activeLinked(tx: Tx, organisationId: string, connectionId: string): Promise<number> {
    const { n } = await tx.one<{ n: number }>(
      `SELECT count(*)::int AS n
         FROM directory_record r JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state = 'active'
        WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.gone_at IS NULL`,
      [organisationId, connectionId],
    );
    return n;
  }
}
