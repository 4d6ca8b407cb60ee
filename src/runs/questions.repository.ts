import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export interface NoticeRow {
  id: string;
  kind: string;
  cause: string;
  connectionId: string | null;
  personId: string | null;
  message: string;
  detail: Record<string, unknown>;
  openedAt: Date;
  mendedAt: Date | null;
}

export interface NewNotice {
  id: string;
  kind: string;
  /** Identity while it is open: the same cause is told once until it is mended. */
  cause: string;
  connectionId: string | null;
  personId: string | null;
  message: string;
  detail: Record<string, unknown>;
}

export interface ConflictRow {
  id: string;
  connectionId: string;
  kind: 'same_address' | 'address_taken' | 'recreated' | 'candidate_linked';
  cause: string;
  externalId: string;
  otherExternalId: string | null;
  personId: string | null;
  otherPersonId: string | null;
  detail: { text: string; address: string | null };
  openedAt: Date;
  resolvedAt: Date | null;
  resolution: string | null;
}

export interface NewConflict {
  id: string;
  kind: string;
  cause: string;
  externalId: string;
  otherExternalId: string | null;
  personId: string | null;
  otherPersonId: string | null;
  detail: Record<string, unknown>;
}

export interface OverrideRow {
  id: string;
  personId: string;
  connectionId: string | null;
  externalId: string | null;
  kind: string;
  cause: string;
  madeBy: unknown;
  madeAt: Date;
  releasedAt: Date | null;
  releasedWhy: string | null;
}

export interface NewOverride {
  id: string;
  personId: string;
  connectionId: string | null;
  externalId: string | null;
  kind: string;
  /** Base64; null stands until released. */
  factsHash: string | null;
  cause: string;
}

export interface After {
  at: Date;
  id: string;
}

/** A page of what was opened and may be over. */
interface Opened {
  /** Only what is not over. */
  open: boolean;
  after: After | null;
  limit: number;
}

const NOTICE = `id, kind, cause, connection_id, person_id, message, detail, opened_at, mended_at`;
const CONFLICT = `id, connection_id, kind, cause, external_id, other_external_id, person_id, other_person_id, detail, opened_at,
  resolved_at, resolution`;
const OVERRIDE = `id, person_id, connection_id, external_id, kind, cause, made_by, made_at, released_at, released_why`;

/** The newest first. */
const pageOf = (columns: string, table: 'notice' | 'conflict', over: string): string =>
  `SELECT ${columns} FROM ${table}
    WHERE organisation_id = $1 AND (NOT $2::boolean OR ${over} IS NULL)
      AND ($3::timestamptz IS NULL OR (opened_at, id) < ($3, $4::uuid))
    ORDER BY opened_at DESC, id DESC LIMIT $5`;

const pageValues = (organisationId: string, { open, after, limit }: Opened): unknown[] => [
  organisationId,
  open,
  after?.at ?? null,
  after?.id ?? null,
  limit,
];

/** What waits for an admin's eye or word: notices, conflicts, and the overrides that answers leave. */
@Injectable()
export class QuestionsRepository {
  async notify(tx: Tx, organisationId: string, notices: NewNotice[], at: Date): Promise<number> {
    if (notices.length === 0) return 0;
    return tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, connection_id, person_id, message, detail, opened_at)
       SELECT $1, n.id, n.kind, n.cause, n."connectionId", n."personId", n.message, n.detail, $3
         FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, kind text, cause text, "connectionId" uuid, "personId" uuid, message text, detail jsonb)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL DO NOTHING`,
      [organisationId, JSON.stringify(notices), at],
    );
  }

  /** Mends the notices of a connection of these kinds, but for the causes that still stand. */
  async mend(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    kinds: string[],
    standing: string[],
    at: Date,
  ): Promise<void> {
    await tx.execute(
      `UPDATE notice SET mended_at = $5
        WHERE organisation_id = $1 AND connection_id = $2 AND kind = ANY($3::text[]) AND mended_at IS NULL AND NOT cause = ANY($4::text[])`,
      [organisationId, connectionId, kinds, standing, at],
    );
  }

  async mendNotice(tx: Tx, organisationId: string, id: string, at: Date): Promise<number> {
    return tx.execute(`UPDATE notice SET mended_at = $3 WHERE organisation_id = $1 AND id = $2 AND mended_at IS NULL`, [
      organisationId,
      id,
      at,
    ]);
  }

  notices(tx: Tx, organisationId: string, filter: Opened): Promise<NoticeRow[]> {
    return tx.query<NoticeRow>(pageOf(NOTICE, 'notice', 'mended_at'), pageValues(organisationId, filter));
  }

  async openConflicts(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    conflicts: NewConflict[],
    at: Date,
  ): Promise<number> {
    if (conflicts.length === 0) return 0;
    return tx.execute(
      `INSERT INTO conflict (organisation_id, id, connection_id, kind, cause, external_id, other_external_id, person_id, other_person_id,
         detail, opened_at)
       SELECT $1, n.id, $2, n.kind, n.cause, n."externalId", n."otherExternalId", n."personId", n."otherPersonId", n.detail, $4
         FROM jsonb_to_recordset($3::jsonb) AS n(id uuid, kind text, cause text, "externalId" text, "otherExternalId" text, "personId" uuid,
           "otherPersonId" uuid, detail jsonb)
       ON CONFLICT (organisation_id, cause) WHERE resolved_at IS NULL DO NOTHING`,
      [organisationId, connectionId, JSON.stringify(conflicts), at],
    );
  }

  /** Conflicts of records that this run decided and that it did not find any more resolve themselves. */
  async closeVanished(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    standing: string[],
    at: Date,
  ): Promise<number> {
    return tx.execute(
      `UPDATE conflict k SET resolved_at = $5, resolution = 'vanished'
        WHERE k.organisation_id = $1 AND k.connection_id = $2 AND k.resolved_at IS NULL AND NOT k.cause = ANY($4::text[])
          AND EXISTS (SELECT FROM staged_record s WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = k.external_id)`,
      [organisationId, connectionId, runId, standing, at],
    );
  }

  conflicts(tx: Tx, organisationId: string, filter: Opened): Promise<ConflictRow[]> {
    return tx.query<ConflictRow>(pageOf(CONFLICT, 'conflict', 'resolved_at'), pageValues(organisationId, filter));
  }

  findConflict(tx: Tx, organisationId: string, id: string): Promise<ConflictRow | null> {
    return tx.maybeOne<ConflictRow>(
      `SELECT ${CONFLICT} FROM conflict WHERE organisation_id = $1 AND id = $2 FOR UPDATE`,
      [organisationId, id],
    );
  }

  async resolveConflict(
    tx: Tx,
    organisationId: string,
    id: string,
    resolution: string,
    by: unknown,
    at: Date,
  ): Promise<boolean> {
    const resolved = await tx.execute(
      `UPDATE conflict SET resolved_at = $5, resolution = $3, resolved_by = $4::jsonb
        WHERE organisation_id = $1 AND id = $2 AND resolved_at IS NULL`,
      [organisationId, id, resolution, JSON.stringify(by), at],
    );
    return resolved === 1;
  }

  async makeOverrides(tx: Tx, organisationId: string, overrides: NewOverride[], by: unknown, at: Date): Promise<void> {
    if (overrides.length === 0) return;
    await tx.execute(
      `INSERT INTO override (organisation_id, id, person_id, connection_id, external_id, kind, facts_hash, cause, made_by, made_at)
       SELECT $1, n.id, n."personId", n."connectionId", n."externalId", n.kind, decode(n."factsHash", 'base64'), n.cause, $3::jsonb, $4
         FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, "personId" uuid, "connectionId" uuid, "externalId" text, kind text, "factsHash" text,
           cause text)`,
      [organisationId, JSON.stringify(overrides), JSON.stringify(by), at],
    );
  }

  async releaseOverrides(
    tx: Tx,
    organisationId: string,
    ids: string[],
    why: string,
    by: unknown,
    at: Date,
  ): Promise<OverrideRow[]> {
    return tx.query<OverrideRow>(
      `UPDATE override SET released_at = $5, released_why = $3, released_by = $4::jsonb
        WHERE organisation_id = $1 AND id = ANY($2::uuid[]) AND released_at IS NULL RETURNING ${OVERRIDE}`,
      [organisationId, ids, why, JSON.stringify(by), at],
    );
  }

  overrides(
    tx: Tx,
    organisationId: string,
    filter: { standing: boolean; personId: string | null; after: After | null; limit: number },
  ): Promise<OverrideRow[]> {
    return tx.query<OverrideRow>(
      `SELECT ${OVERRIDE} FROM override
        WHERE organisation_id = $1 AND (NOT $2::boolean OR released_at IS NULL) AND ($6::uuid IS NULL OR person_id = $6)
          AND ($3::timestamptz IS NULL OR (made_at, id) < ($3, $4::uuid))
        ORDER BY made_at DESC, id DESC LIMIT $5`,
      [
        organisationId,
        filter.standing,
        filter.after?.at ?? null,
        filter.after?.id ?? null,
        filter.limit,
        filter.personId,
      ],
    );
  }

  /** What was decided about these people is decided again in the next run. */
  async unsettle(tx: Tx, organisationId: string, people: string[], externalIds: string[]): Promise<void> {
    await tx.execute(
      `UPDATE directory_record SET settled_hash = NULL, settled_at = NULL
        WHERE organisation_id = $1 AND (person_id = ANY($2::uuid[]) OR external_id = ANY($3::text[])) AND settled_hash IS NOT NULL`,
      [organisationId, people, externalIds],
    );
  }
}
