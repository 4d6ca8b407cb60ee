import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Reason } from '../sync/model.js';

export interface HoldRow {
  id: string;
  connectionId: string;
  version: number;
  state: 'open' | 'closed';
  cause: { code: string; text: string };
  shared: { traits?: { kind: string; value: string; held: number; others: number; text: string }[] };
  openedAt: Date;
  lookedAt: Date | null;
  approvedAt: Date | null;
  askedAgainAt: Date | null;
  closedAt: Date | null;
}

export type MemberState = 'waiting' | 'approved' | 'rejected' | 'applied' | 'reappeared';

export interface MemberRow {
  externalId: string;
  personId: string;
  kind: string;
  state: MemberState;
  reason: Reason;
  /** Base64. */
  factsHash: string;
  lastSignInAt: Date | null;
  addedVersion: number;
  addedAt: Date;
  decidedVersion: number | null;
  decidedAt: Date | null;
}

export interface NamedMember extends MemberRow {
  name: string;
  email: string;
}

export interface NewMember {
  externalId: string;
  personId: string;
  kind: string;
  reason: Reason;
  factsHash: string;
  lastSignInAt: string | null;
}

const HOLD = `id, connection_id, version, state, cause, shared, opened_at, looked_at, approved_at, asked_again_at, closed_at`;

const MEMBER = `external_id, person_id, kind, state, reason, encode(facts_hash, 'base64') AS facts_hash, last_sign_in_at, added_version,
  added_at, decided_version, decided_at`;

type ShownHold = HoldRow & { waiting: number; approved: number };

const HOW_MANY = (state: string): string =>
  `(SELECT count(*)::int FROM hold_member m WHERE m.organisation_id = $1 AND m.hold_id = hold.id AND m.state = '${state}') AS ${state}`;

const SHOWN = `${HOLD}, ${HOW_MANY('waiting')}, ${HOW_MANY('approved')}`;

/** The hold of a connection: removals that crossed a limit, one by one, and what was decided about each. */
@Injectable()
export class HoldsRepository {
  findOpen(tx: Tx, organisationId: string, connectionId: string): Promise<HoldRow | null> {
    return tx.maybeOne<HoldRow>(
      `SELECT ${HOLD} FROM hold WHERE organisation_id = $1 AND connection_id = $2 AND state = 'open' FOR UPDATE`,
      [organisationId, connectionId],
    );
  }

  find(tx: Tx, organisationId: string, holdId: string): Promise<HoldRow | null> {
    return tx.maybeOne<HoldRow>(`SELECT ${HOLD} FROM hold WHERE organisation_id = $1 AND id = $2 FOR UPDATE`, [
      organisationId,
      holdId,
    ]);
  }

  list(tx: Tx, organisationId: string, state: string | null, limit: number): Promise<ShownHold[]> {
    return tx.query<ShownHold>(
      `SELECT ${SHOWN} FROM hold WHERE organisation_id = $1 AND ($2::text IS NULL OR state = $2) ORDER BY opened_at DESC, id LIMIT $3`,
      [organisationId, state, limit],
    );
  }

  show(tx: Tx, organisationId: string, holdId: string): Promise<ShownHold | null> {
    return tx.maybeOne<ShownHold>(`SELECT ${SHOWN} FROM hold WHERE organisation_id = $1 AND id = $2`, [
      organisationId,
      holdId,
    ]);
  }

  open(
    tx: Tx,
    organisationId: string,
    hold: { id: string; connectionId: string; cause: unknown; at: Date },
  ): Promise<HoldRow> {
    return tx.one<HoldRow>(
      `INSERT INTO hold (organisation_id, id, connection_id, version, state, cause, opened_at)
       VALUES ($1, $2, $3, 0, 'open', $4::jsonb, $5) RETURNING ${HOLD}`,
      [organisationId, hold.id, hold.connectionId, JSON.stringify(hold.cause), hold.at],
    );
  }

  /** New members, or members whose facts differ now; each of them needs a new approval. Returns how many. */
  async addMembers(
    tx: Tx,
    organisationId: string,
    holdId: string,
    version: number,
    members: NewMember[],
    at: Date,
  ): Promise<number> {
    return tx.execute(
      `INSERT INTO hold_member AS m (organisation_id, hold_id, external_id, person_id, kind, state, reason, facts_hash, last_sign_in_at,
         added_version, added_at)
       SELECT $1, $2, n."externalId", n."personId", n.kind, 'waiting', n.reason, decode(n."factsHash", 'base64'),
         n."lastSignInAt", $4, $5
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, "personId" uuid, kind text, reason jsonb, "factsHash" text,
           "lastSignInAt" timestamptz)
       ON CONFLICT (organisation_id, hold_id, external_id) DO UPDATE
         SET person_id = excluded.person_id, kind = excluded.kind, state = 'waiting', reason = excluded.reason,
             facts_hash = excluded.facts_hash, last_sign_in_at = excluded.last_sign_in_at, added_version = excluded.added_version,
             added_at = excluded.added_at, decided_version = NULL, decided_by = NULL, decided_at = NULL
       WHERE m.state NOT IN ('waiting', 'approved') OR m.facts_hash <> excluded.facts_hash OR m.kind <> excluded.kind
          OR m.person_id <> excluded.person_id`,
      [organisationId, holdId, JSON.stringify(members), version, at],
    );
  }

  /** Takes away who is not planned to go any more. Returns how many. */
  async removeReappeared(
    tx: Tx,
    organisationId: string,
    holdId: string,
    stillPlanned: string[],
    at: Date,
  ): Promise<number> {
    return tx.execute(
      `UPDATE hold_member SET state = 'reappeared', decided_at = $4
        WHERE organisation_id = $1 AND hold_id = $2 AND state IN ('waiting', 'approved') AND NOT external_id = ANY($3::text[])`,
      [organisationId, holdId, stillPlanned, at],
    );
  }

  async markApplied(tx: Tx, organisationId: string, connectionId: string, people: string[], at: Date): Promise<void> {
    await tx.execute(
      `UPDATE hold_member m SET state = 'applied', decided_at = coalesce(m.decided_at, $4)
         FROM hold h
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open' AND m.organisation_id = $1 AND m.hold_id = h.id
          AND m.person_id = ANY($3::uuid[]) AND m.state IN ('waiting', 'approved')`,
      [organisationId, connectionId, people, at],
    );
  }

  async setVersion(
    tx: Tx,
    organisationId: string,
    holdId: string,
    version: number,
    cause: unknown,
    shared: unknown,
  ): Promise<void> {
    await tx.execute(
      `UPDATE hold SET version = $3, cause = $4::jsonb, shared = $5::jsonb WHERE organisation_id = $1 AND id = $2`,
      [organisationId, holdId, version, JSON.stringify(cause), JSON.stringify(shared)],
    );
  }

  /** Closes a hold in which nobody waits any more. */
  async closeIfEmpty(tx: Tx, organisationId: string, connectionId: string, at: Date): Promise<boolean> {
    const closed = await tx.execute(
      `UPDATE hold h SET state = 'closed', closed_at = $3
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open'
          AND NOT EXISTS (SELECT FROM hold_member m WHERE m.organisation_id = $1 AND m.hold_id = h.id AND m.state IN ('waiting', 'approved'))`,
      [organisationId, connectionId, at],
    );
    return closed > 0;
  }

  members(
    tx: Tx,
    organisationId: string,
    holdId: string,
    filter: { state: string | null; after: string; limit: number },
  ): Promise<NamedMember[]> {
    return tx.query<NamedMember>(
      `SELECT m.*, concat_ws(' ', p.first_name, p.last_name) AS name, p.email
         FROM (SELECT ${MEMBER} FROM hold_member
                WHERE organisation_id = $1 AND hold_id = $2 AND ($3::text IS NULL OR state = $3) AND external_id > $4
                ORDER BY external_id LIMIT $5) m
         JOIN person p ON p.organisation_id = $1 AND p.id = m.person_id ORDER BY m.external_id`,
      [organisationId, holdId, filter.state, filter.after, filter.limit],
    );
  }

  /** Members of the open hold of a connection whose removal was approved. */
  approved(
    tx: Tx,
    organisationId: string,
    connectionId: string,
  ): Promise<{ externalId: string; personId: string; kind: string; factsHash: string }[]> {
    return tx.query(
      `SELECT m.external_id, m.person_id, m.kind, encode(m.facts_hash, 'base64') AS facts_hash
         FROM hold h JOIN hold_member m ON m.organisation_id = $1 AND m.hold_id = h.id AND m.state = 'approved'
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open'`,
      [organisationId, connectionId],
    );
  }

  /** Records of approved members, and those that their people are linked to: what the removal rests on is asked for. */
  async approvedRecords(tx: Tx, organisationId: string, connectionId: string): Promise<Set<string>> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT unnest(ARRAY[m.external_id, d.external_id]) AS external_id
         FROM hold h
         JOIN hold_member m ON m.organisation_id = $1 AND m.hold_id = h.id AND m.state = 'approved'
         LEFT JOIN directory_record d ON d.organisation_id = $1 AND d.connection_id = $2 AND d.person_id = m.person_id
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open'`,
      [organisationId, connectionId],
    );
    return new Set(rows.map((row) => row.externalId));
  }

  /** Decides about members that were there at this version; null externalIds means all of them. Returns who. */
  decide(
    tx: Tx,
    organisationId: string,
    holdId: string,
    decision: { state: 'approved' | 'rejected'; version: number; externalIds: string[] | null; by: unknown; at: Date },
  ): Promise<{ externalId: string; personId: string; kind: string; factsHash: string }[]> {
    return tx.query(
      `UPDATE hold_member SET state = $3, decided_version = $4, decided_by = $6::jsonb, decided_at = $7
        WHERE organisation_id = $1 AND hold_id = $2 AND added_version <= $4 AND state IN ('waiting', 'approved')
          AND ($5::text[] IS NULL OR external_id = ANY($5::text[]))
        RETURNING external_id, person_id, kind, encode(facts_hash, 'base64') AS facts_hash`,
      [
        organisationId,
        holdId,
        decision.state,
        decision.version,
        decision.externalIds,
        JSON.stringify(decision.by),
        decision.at,
      ],
    );
  }

  /** Members whom this run did not look at: it says nothing of them. */
  async undecidedBy(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<string[]> {
    const rows = await tx.query<{ externalId: string }>(
      `SELECT m.external_id FROM hold h JOIN hold_member m ON m.organisation_id = $1 AND m.hold_id = h.id
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open' AND m.state IN ('waiting', 'approved')
          AND NOT EXISTS (SELECT FROM staged_record s WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.external_id = m.external_id)`,
      [organisationId, connectionId, runId],
    );
    return rows.map((row) => row.externalId);
  }

  async touch(
    tx: Tx,
    organisationId: string,
    holdId: string,
    what: 'looked_at' | 'approved_at',
    at: Date,
  ): Promise<void> {
    await tx.execute(
      what === 'looked_at'
        ? `UPDATE hold SET looked_at = $3, asked_again_at = NULL WHERE organisation_id = $1 AND id = $2`
        : `UPDATE hold SET approved_at = $3, asked_again_at = NULL WHERE organisation_id = $1 AND id = $2`,
      [organisationId, holdId, at],
    );
  }

  /** Holds that nobody looked at or approved for so long that they ask again. */
  async askAgain(
    tx: Tx,
    organisationId: string,
    before: Date,
    at: Date,
  ): Promise<{ id: string; connectionId: string; version: number }[]> {
    return tx.query(
      `UPDATE hold SET asked_again_at = $3
        WHERE organisation_id = $1 AND state = 'open' AND greatest(opened_at, looked_at, approved_at, asked_again_at) < $2
        RETURNING id, connection_id, version`,
      [organisationId, before, at],
    );
  }

  /** An approval older than the limit is void: those members wait again. */
  async lapseApprovals(tx: Tx, organisationId: string, connectionId: string, before: Date): Promise<number> {
    return tx.execute(
      `UPDATE hold_member m SET state = 'waiting', decided_version = NULL, decided_by = NULL, decided_at = NULL
         FROM hold h
        WHERE h.organisation_id = $1 AND h.connection_id = $2 AND h.state = 'open' AND m.organisation_id = $1 AND m.hold_id = h.id
          AND m.state = 'approved' AND m.decided_at < $3`,
      [organisationId, connectionId, before],
    );
  }

  /**
   * Traits of the connection's active people, held or not, for what the held share that the others lack: as the records
   * last told them. A unit counts with those above it.
   */
  async traits(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    held: string[],
  ): Promise<{ kind: string; value: string; held: number; others: number }[]> {
    return tx.query(
      `WITH person_trait AS (
         SELECT d.external_id = ANY($3::text[]) AS held, t.kind, t.value
           FROM directory_record d
           JOIN person p ON p.organisation_id = $1 AND p.id = d.person_id AND p.state <> 'archived'
           CROSS JOIN LATERAL (
             SELECT 'unit' AS kind, '/' || array_to_string(way.part[1:depth], '/') AS value
               FROM (SELECT string_to_array(trim(BOTH '/' FROM d.body->'traits'->>'unit'), '/') AS part) way,
                    generate_series(1, cardinality(way.part)) AS depth
             UNION ALL VALUES ('department', d.body->>'department'), ('group', d.body->'traits'->>'group'),
               ('domain', nullif(split_part(d.email_canonical, '@', 2), ''))) AS t
          WHERE d.organisation_id = $1 AND d.connection_id = $2 AND t.value IS NOT NULL
       )
       SELECT kind, value, count(*) FILTER (WHERE held)::int AS held, count(*) FILTER (WHERE NOT held)::int AS others
         FROM person_trait GROUP BY kind, value HAVING bool_or(held) ORDER BY kind, 3 DESC LIMIT 500`,
      [organisationId, connectionId, held],
    );
  }
}
