import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { stagedAsMirrored } from './staging.repository.js';

/** A record that a change was applied for: whose it is now, and whether its reaction is complete. */
export interface Tie {
  externalId: string;
  personId: string | null;
  /** Set when the record is this person's from now on. */
  links: boolean;
  settles: boolean;
  goneBecause: string | null;
  awaitedManager: string | null;
  unmatchedTitle: string | null;
  unmatchedTeam: string | null;
}

const OBSERVED = `observed_hash = excluded.observed_hash, observed_at = excluded.observed_at, body = excluded.body,
  email_canonical = excluded.email_canonical, employed = excluded.employed, in_scope = excluded.in_scope,
  out_of_scope_because = excluded.out_of_scope_because, fault = excluded.fault, missing_since = NULL, missed_reads = 0,
  gone_at = excluded.gone_at, gone_because = excluded.gone_because`;

/** A record that is still listed though its account ended is as gone as one that is not. */
const GONE = `CASE WHEN s.body->>'status' IN ('deprovisioned', 'deleted') THEN`;

/** The mirror of a directory: what was last observed of each record, what was last settled, and whose it is. */
@Injectable()
export class MirrorRepository {
  /**
   * In the transaction of a batch: takes over what was observed of its records, ties them and settles them, in one write
   * each. What was observed later by somebody else stays.
   */
  async tie(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    runId: string,
    ties: Tie[],
    now: Date,
  ): Promise<void> {
    if (ties.length === 0) return;
    const rows = JSON.stringify(ties);
    await tx.execute(
      `INSERT INTO directory_record AS d (organisation_id, connection_id, external_id, person_id, linked_at, observed_hash, observed_at,
         settled_hash, settled_at, body, email_canonical, employed, in_scope, out_of_scope_because, fault, awaited_manager, unmatched_title,
         unmatched_team, first_seen_at, gone_at, gone_because)
       SELECT $1, $2, s.external_id, CASE WHEN n.links THEN n."personId" END, CASE WHEN n.links THEN $5::timestamptz END, s.hash, s.observed_at,
         CASE WHEN n.settles THEN s.hash END, CASE WHEN n.settles THEN $5::timestamptz END, s.body, s.email_canonical, s.employed,
         s.in_scope, s.out_of_scope_because, s.fault, n."awaitedManager", n."unmatchedTitle", n."unmatchedTeam", $5,
         ${GONE} $5::timestamptz END, ${GONE} 'status' END
         FROM jsonb_to_recordset($4::jsonb) AS n("externalId" text, "personId" uuid, links boolean, settles boolean, "awaitedManager" text,
           "unmatchedTitle" text, "unmatchedTeam" text)
         CROSS JOIN LATERAL (SELECT * FROM staged_record r
                              WHERE r.organisation_id = $1 AND r.run_id = $3 AND r.external_id = n."externalId" AND r.source <> 'absent'
                             OFFSET 0) s
       ON CONFLICT (organisation_id, connection_id, external_id) DO UPDATE
         SET ${OBSERVED},
             person_id = coalesce(excluded.person_id, d.person_id), linked_at = coalesce(excluded.linked_at, d.linked_at),
             settled_hash = excluded.settled_hash, settled_at = coalesce(excluded.settled_at, d.settled_at),
             awaited_manager = excluded.awaited_manager, unmatched_title = excluded.unmatched_title, unmatched_team = excluded.unmatched_team
       WHERE d.observed_at <= excluded.observed_at`,
      [organisationId, connectionId, runId, rows, now],
    );
    const gone = ties.filter((tie) => tie.goneBecause !== null);
    if (gone.length === 0) return;
    await tx.execute(
      `UPDATE directory_record d SET gone_at = $4, gone_because = n."goneBecause", settled_hash = d.observed_hash, settled_at = $4,
              missing_since = coalesce(d.missing_since, $4)
         FROM jsonb_to_recordset($3::jsonb) AS n("externalId" text, "goneBecause" text)
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = n."externalId"
          AND d.gone_at IS NULL`,
      [organisationId, connectionId, JSON.stringify(gone), now],
    );
  }

  /** The person of a relinked record leaves the old record, which is gone. */
  async untie(tx: Tx, organisationId: string, connectionId: string, externalIds: string[]): Promise<void> {
    if (externalIds.length === 0) return;
    await tx.execute(
      `UPDATE directory_record SET person_id = NULL, linked_at = NULL
        WHERE organisation_id = $1 AND connection_id = $2 AND external_id = ANY($3::text[])`,
      [organisationId, connectionId, externalIds],
    );
  }

  /** As `untie`, for a record that is gone by the word of this run: it stays in the mirror as gone, lest an undo miss it. */
  async leaveGone(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    externalIds: string[],
    now: Date,
  ): Promise<void> {
    if (externalIds.length === 0) return;
    await tx.execute(
      `UPDATE directory_record SET person_id = NULL, linked_at = NULL, gone_at = coalesce(gone_at, $4),
              gone_because = coalesce(gone_because, 'relinked'), missing_since = coalesce(missing_since, $4)
        WHERE organisation_id = $1 AND connection_id = $2 AND external_id = ANY($3::text[])`,
      [organisationId, connectionId, externalIds, now],
    );
  }

  /** People go back to the records that they had before; who is not archived for it is looked at by the next read. */
  async retie(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    ties: { to: string | null; personId: string }[],
    now: Date,
  ): Promise<void> {
    if (ties.every((tie) => tie.to === null)) return;
    await tx.execute(
      `UPDATE directory_record d SET person_id = n."personId", linked_at = $4, settled_hash = NULL, settled_at = NULL,
              gone_at = CASE WHEN p.state = 'archived' THEN d.gone_at END,
              gone_because = CASE WHEN p.state = 'archived' THEN d.gone_because END
         FROM jsonb_to_recordset($3::jsonb) AS n("to" text, "personId" uuid)
         JOIN person p ON p.organisation_id = $1 AND p.id = n."personId"
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = n."to" AND d.person_id IS NULL`,
      [organisationId, connectionId, JSON.stringify(ties), now],
    );
  }

  /**
   * Takes over what else was observed; a record whose decision needs no change is settled with it. Both sub-selects are
   * hashed whatever the planner knows: NOT IN always is, and IN is where it is not a condition by itself.
   */
  async observe(tx: Tx, organisationId: string, connectionId: string, runId: string, now: Date): Promise<void> {
    await tx.query(`SELECT set_config('work_mem', '64MB', true)`);
    await tx.execute(
      `INSERT INTO directory_record AS d (organisation_id, connection_id, external_id, observed_hash, observed_at, settled_hash, settled_at,
         body, email_canonical, employed, in_scope, out_of_scope_because, fault, first_seen_at, gone_at,
         gone_because, awaited_manager, unmatched_title, unmatched_team)
       SELECT $1, $2, s.external_id, s.hash, s.observed_at, CASE WHEN s.settles THEN s.hash END, CASE WHEN s.settles THEN $4::timestamptz END,
         CASE WHEN s.in_scope THEN s.body END, CASE WHEN s.in_scope THEN s.email_canonical END, s.employed, s.in_scope,
         s.out_of_scope_because, s.fault, $4, ${GONE} $4::timestamptz END, ${GONE} 'status' END,
         s.awaited_manager, s.unmatched_title, s.unmatched_team
         FROM staged_record s
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source IN ('page', 'direct', 'mirror')
          AND s.external_id NOT IN (SELECT c.external_id FROM planned_change c
                                     WHERE c.organisation_id = $1 AND c.run_id = $3 AND c.external_id IS NOT NULL
                                       AND (c.result IS NULL OR c.result IN ('applied', 'already_applied'))
                                       AND (c.seq IN (SELECT unnest(b.seqs) FROM plan_batch b WHERE b.organisation_id = $1
                                                         AND b.run_id = $3 AND b.applied_at IS NOT NULL)) IS TRUE)
       ON CONFLICT (organisation_id, connection_id, external_id) DO UPDATE
         SET ${OBSERVED.replace('body = excluded.body', 'body = CASE WHEN d.person_id IS NULL THEN excluded.body ELSE coalesce(excluded.body, d.body) END')},
             settled_hash = excluded.settled_hash, settled_at = coalesce(excluded.settled_at, d.settled_at),
             awaited_manager = excluded.awaited_manager, unmatched_title = excluded.unmatched_title,
             unmatched_team = excluded.unmatched_team
       WHERE d.observed_at <= excluded.observed_at`,
      [organisationId, connectionId, runId, now],
    );
  }

  /** Counts another complete read that missed these records; those of nobody leave the mirror. */
  async miss(tx: Tx, organisationId: string, connectionId: string, runId: string, now: Date): Promise<void> {
    const { some } = await tx.one<{ some: boolean }>(
      `SELECT EXISTS (SELECT FROM staged_record WHERE organisation_id = $1 AND run_id = $2 AND source = 'absent') AS some`,
      [organisationId, runId],
    );
    if (!some) return;
    await tx.execute(
      `DELETE FROM directory_record d
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.person_id IS NULL AND d.gone_at IS NULL
          AND d.external_id = ANY(ARRAY(SELECT s.external_id FROM staged_record s
                                         WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source = 'absent'))`,
      [organisationId, connectionId, runId],
    );
    await tx.execute(
      `UPDATE directory_record d SET missing_since = coalesce(d.missing_since, $4), missed_reads = d.missed_reads + 1
         FROM staged_record s
         LEFT JOIN staged_evidence e ON e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source = 'absent' AND e.verdict IS DISTINCT FROM 'present'
          AND d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = s.external_id AND d.gone_at IS NULL`,
      [organisationId, connectionId, runId, now],
    );
    // Nobody's access hangs on these: their people were archived before.
    await tx.execute(
      `UPDATE directory_record d SET gone_at = $4, gone_because = coalesce(e.verdict, 'missed_twice')
         FROM staged_record s
         JOIN directory_record r ON r.organisation_id = $1 AND r.connection_id = $2 AND r.external_id = s.external_id
         JOIN person p ON p.organisation_id = $1 AND p.id = r.person_id AND p.state = 'archived'
         LEFT JOIN staged_evidence e ON e.organisation_id = $1 AND e.run_id = $3 AND e.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source = 'absent' AND e.verdict IS DISTINCT FROM 'present'
          AND (e.verdict IN ('deleted', 'deprovisioned') OR r.missed_reads >= 2)
          AND d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = s.external_id AND d.gone_at IS NULL`,
      [organisationId, connectionId, runId, now],
    );
  }

  /** Records that wait for a manager who comes with this run are decided in it. */
  async stageAwaiting(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<void> {
    await tx.execute(
      `${stagedAsMirrored('mirror')}
        WHERE r.organisation_id = $1 AND r.connection_id = $2 AND r.awaited_manager IS NOT NULL AND r.gone_at IS NULL
          AND EXISTS (SELECT FROM staged_record s WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.in_scope AND s.employed
                         AND s.source <> 'absent' AND (s.external_id = r.awaited_manager OR s.email_canonical = r.awaited_manager))
       ON CONFLICT DO NOTHING`,
      [organisationId, connectionId, runId],
    );
  }

  /**
   * What this run saw differ, come or go may hand a person to another connection of the organisation, or bring somebody
   * whom a record there names as the manager: those records are decided again.
   */
  async unsettleElsewhere(tx: Tx, organisationId: string, connectionId: string, runId: string): Promise<void> {
    const { others } = await tx.one<{ others: boolean }>(
      `SELECT EXISTS (SELECT FROM connection WHERE organisation_id = $1 AND id <> $2 AND state <> 'setup') AS others`,
      [organisationId, connectionId],
    );
    if (!others) return;
    await tx.execute(
      `UPDATE directory_record o SET settled_hash = NULL, settled_at = NULL
         FROM staged_record s
         JOIN directory_record d ON d.organisation_id = $1 AND d.connection_id = $2 AND d.external_id = s.external_id
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source <> 'mirror'
          AND o.organisation_id = $1 AND o.person_id = d.person_id AND o.connection_id <> $2 AND o.settled_hash IS NOT NULL`,
      [organisationId, connectionId, runId],
    );
    await tx.execute(
      `UPDATE directory_record o SET settled_hash = NULL, settled_at = NULL
         FROM staged_record s
        WHERE s.organisation_id = $1 AND s.run_id = $3 AND s.source IN ('page', 'direct') AND s.in_scope AND s.employed
          AND o.organisation_id = $1 AND o.connection_id <> $2 AND o.awaited_manager = s.email_canonical AND o.settled_hash IS NOT NULL`,
      [organisationId, connectionId, runId],
    );
  }

  async isEmpty(tx: Tx, organisationId: string, connectionId: string): Promise<boolean> {
    const { there } = await tx.one<{ there: boolean }>(
      `SELECT EXISTS (SELECT FROM directory_record WHERE organisation_id = $1 AND connection_id = $2) AS there`,
      [organisationId, connectionId],
    );
    return !there;
  }
}
