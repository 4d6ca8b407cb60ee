import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Tx } from '../database/tx.js';
import type { Language } from '../mail/languages.js';
import type { ClosedBecause, InvitationState } from './invitations.types.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;
const OPEN = 'i.accepted_at IS NULL AND i.closed_at IS NULL';

/** That is few, or all that wait: as the index has it. */
const STOPPED = `i.stopped_at IS NOT NULL AND i.queued_at IS NOT NULL AND i.sent_at IS NULL AND ${OPEN}`;

/** Since when what comes of files is not sent, which what comes behind it joins. */
const STOPPED_SINCE = `(SELECT i.stopped_at FROM invitation i WHERE i.${OWN} AND ${STOPPED} AND i.import_id IS NOT NULL
  ORDER BY i.stopped_at DESC LIMIT 1)`;

/** $1: now. */
const STATE = `CASE WHEN i.accepted_at IS NOT NULL THEN 'accepted' WHEN i.closed_at IS NOT NULL THEN 'closed'
  WHEN i.queued_at IS NULL THEN 'not_sent' WHEN i.sent_at IS NULL THEN 'waiting' WHEN i.expires_at <= $1 THEN 'expired'
  WHEN i.opened_at IS NOT NULL THEN 'opened' WHEN m.state = 'failed' THEN 'refused' WHEN m.state = 'sent' THEN 'delivered'
  ELSE 'sent' END`;

const LISTED = `i.id, i.person_id, i.email_canonical, p.first_name, p.last_name, i.is_admin, ${STATE} AS state, m.problem,
  i.closed_because, i.stopped_at, i.inviter_name, i.message, i.language, i.import_id, i.created_at, i.queued_at, i.not_before,
  i.sent_at, i.expires_at, i.opened_at, i.accepted_at, i.accepted_by, i.closed_at`;

const FROM = `FROM invitation i JOIN person p ON p.organisation_id = i.organisation_id AND p.id = i.person_id
  LEFT JOIN mail m ON m.organisation_id = i.organisation_id AND m.id = i.mail_id`;

export interface ListedInvitation {
  id: string;
  personId: string;
  emailCanonical: string;
  firstName: string | null;
  lastName: string | null;
  isAdmin: boolean;
  state: InvitationState;
  problem: string | null;
  closedBecause: ClosedBecause | null;
  stoppedAt: Date | null;
  inviterName: string;
  message: string | null;
  language: Language;
  importId: string | null;
  createdAt: Date;
  queuedAt: Date | null;
  notBefore: Date | null;
  sentAt: Date | null;
  expiresAt: Date | null;
  openedAt: Date | null;
  acceptedAt: Date | null;
  acceptedBy: 'link' | 'provider' | null;
  closedAt: Date | null;
}

export interface NewInvitation {
  id: string;
  personId: string;
  emailCanonical: string;
  isAdmin: boolean;
}

/** What is the same for all that one request or one batch makes. */
export interface InvitationOrder {
  by: Actor;
  inviterId: string | null;
  inviterKeyId: string | null;
  inviterName: string;
  message: string | null;
  language: Language;
  importId: string | null;
  createdAt: Date;
  queuedAt: Date | null;
}

export interface InvitationsFilter {
  state: InvitationState | null;
  personId: string | null;
  importId: string | null;
}

/** The last invitation of an address that did not end well. */
export interface EarlierRefusal {
  emailCanonical: string;
  declined: boolean;
}

@Injectable()
export class InvitationsRepository {
  /** Newest first. */
  page(tx: Tx, now: Date, filter: InvitationsFilter, after: readonly [Date, string] | null, limit: number) {
    return tx.query<ListedInvitation>(
      `SELECT ${LISTED} ${FROM}
        WHERE i.${OWN} AND ($2::text IS NULL OR ${STATE} = $2) AND ($3::uuid IS NULL OR i.person_id = $3)
          AND ($4::uuid IS NULL OR i.import_id = $4)
          AND ($5::timestamptz IS NULL OR (i.created_at, i.id) < ($5::timestamptz, $6::uuid))
        ORDER BY i.created_at DESC, i.id DESC LIMIT $7`,
      [now, filter.state, filter.personId, filter.importId, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  find(tx: Tx, id: string, now: Date): Promise<ListedInvitation | null> {
    return tx.maybeOne<ListedInvitation>(`SELECT ${LISTED} ${FROM} WHERE i.${OWN} AND i.id = $2`, [now, id]);
  }

  /** Those that stand for these people, whatever their mail is at. */
  async openOf(tx: Tx, people: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ personId: string }>(
      `SELECT i.person_id FROM invitation i WHERE i.${OWN} AND i.person_id = ANY($1::uuid[]) AND ${OPEN}`,
      [people],
    );
    return new Set(rows.map((row) => row.personId));
  }

  /**
   * I-18: who does not want mail of ours, or whose server takes none: by the last invitation of each address. Address by
   * address through the keys (OFFSET 0): in a first import the planner takes these tables for small ones and would read them whole.
   */
  refusedBefore(tx: Tx, addresses: readonly string[]): Promise<EarlierRefusal[]> {
    return tx.query<EarlierRefusal>(
      `SELECT wanted.email_canonical, last.declined FROM unnest($1::text[]) AS wanted(email_canonical)
         CROSS JOIN LATERAL (
           SELECT i.mail_id, i.closed_because IS NOT DISTINCT FROM 'declined' AS declined
             FROM (SELECT p.id FROM person p WHERE p.${OWN} AND p.email_canonical = wanted.email_canonical OFFSET 0) p
             CROSS JOIN LATERAL (SELECT i.id, i.created_at, i.mail_id, i.closed_because FROM invitation i
                                  WHERE i.${OWN} AND i.person_id = p.id AND i.email_canonical = wanted.email_canonical OFFSET 0) i
            ORDER BY i.created_at DESC, i.id DESC LIMIT 1) last
        WHERE last.declined OR EXISTS (SELECT FROM mail m WHERE m.${OWN} AND m.id = last.mail_id AND m.problem = 'recipient_refused' OFFSET 0)`,
      [addresses],
    );
  }

  /** Somebody with an open one keeps it. @returns The ids of those that are new. */
  async insert(tx: Tx, rows: readonly NewInvitation[], order: InvitationOrder): Promise<string[]> {
    const made = await tx.query<{ id: string }>(
      `INSERT INTO invitation (organisation_id, id, person_id, email_canonical, is_admin, invited_by, inviter_id, inviter_key_id,
         inviter_name, message, language, import_id, created_at, queued_at, stopped_at)
       SELECT ${ORGANISATION}, r.id, r.person_id, r.email_canonical, r.is_admin, $2::jsonb, $3, $4, $5, $6, $7, $8, $9, $10,
              CASE WHEN $8::uuid IS NOT NULL THEN ${STOPPED_SINCE} END
         FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, person_id uuid, email_canonical text, is_admin boolean)
       ON CONFLICT (organisation_id, person_id) WHERE accepted_at IS NULL AND closed_at IS NULL DO NOTHING RETURNING id`,
      [
        JSON.stringify(
          rows.map((row) => ({
            id: row.id,
            person_id: row.personId,
            email_canonical: row.emailCanonical,
            is_admin: row.isAdmin,
          })),
        ),
        JSON.stringify(order.by),
        order.inviterId,
        order.inviterKeyId,
        order.inviterName,
        order.message,
        order.language,
        order.importId,
        order.createdAt,
        order.queuedAt,
      ],
    );
    return made.map(({ id }) => id);
  }

  /** Of these people's, those that were left for later: person by person through the index, as above. */
  private async leftOf(tx: Tx, people: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `SELECT left_over.id FROM unnest($1::uuid[]) AS wanted(person_id)
         CROSS JOIN LATERAL (SELECT i.id FROM invitation i WHERE i.${OWN} AND i.person_id = wanted.person_id AND ${OPEN}
                                AND i.queued_at IS NULL OFFSET 0) left_over`,
      [people],
    );
    return rows.map(({ id }) => id);
  }

  /** Who was left for later and comes in a file as active is told with the others of it. @returns How many. */
  async queueLeft(tx: Tx, people: readonly string[], importId: string, now: Date): Promise<number> {
    const ids = await this.leftOf(tx, people);
    if (ids.length === 0) return 0;
    return tx.execute(
      `UPDATE invitation i SET queued_at = $2, import_id = $3, stopped_at = ${STOPPED_SINCE}
        WHERE i.${OWN} AND i.id = ANY($1::uuid[]) AND ${OPEN} AND i.queued_at IS NULL`,
      [ids, now, importId],
    );
  }

  /** @returns Those that wait from now on. */
  async queue(tx: Tx, ids: readonly string[], now: Date): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `UPDATE invitation i SET queued_at = $2 WHERE i.${OWN} AND i.id = ANY($1::uuid[]) AND ${OPEN} AND i.queued_at IS NULL
       RETURNING id`,
      [ids, now],
    );
    return rows.map(({ id }) => id);
  }

  /** Whether each that is there is over. */
  async over(tx: Tx, ids: readonly string[]): Promise<Map<string, boolean>> {
    const rows = await tx.query<{ id: string; over: boolean }>(
      `SELECT i.id, NOT (${OPEN}) AS over FROM invitation i WHERE i.${OWN} AND i.id = ANY($1::uuid[])`,
      [ids],
    );
    return new Map(rows.map(({ id, over }) => [id, over]));
  }

  /** Ends those that still stand. @returns What was ended, with the mail that may wait. */
  close(tx: Tx, which: { ids: readonly string[] } | { importId: string }, because: ClosedBecause, now: Date) {
    const byIds = 'ids' in which;
    return tx.query<{ id: string; mailId: string | null }>(
      `UPDATE invitation i SET closed_at = $2, closed_because = $3
        WHERE i.${OWN} AND ${OPEN} AND ${byIds ? 'i.id = ANY($1::uuid[])' : 'i.import_id = $1'} RETURNING i.id, i.mail_id`,
      [byIds ? which.ids : which.importId, now, because],
    );
  }

  async stop(tx: Tx, at: Date | null): Promise<number> {
    return tx.execute(
      `UPDATE invitation i SET stopped_at = $1
        WHERE i.${OWN} AND ${OPEN} AND i.queued_at IS NOT NULL AND i.sent_at IS NULL AND (i.stopped_at IS NULL) = ($1::timestamptz IS NOT NULL)`,
      [at],
    );
  }

  /** G-10: what has been over, or of no use, for so long. */
  async forgetOld(tx: Tx, before: Date): Promise<void> {
    await tx.execute(
      `DELETE FROM invitation WHERE ${OWN} AND (coalesce(accepted_at, closed_at) < $1 OR expires_at < $1)`,
      [before],
    );
  }

  /** As it stands in a mail: somebody's name, or their address where they have none. */
  async nameOf(tx: Tx, personId: string): Promise<string | null> {
    const row = await tx.maybeOne<{ name: string }>(
      `SELECT coalesce(nullif(concat_ws(' ', first_name, last_name), ''), email) AS name FROM person WHERE ${OWN} AND id = $1`,
      [personId],
    );
    return row?.name ?? null;
  }

  async addressOf(tx: Tx, personId: string): Promise<string | null> {
    const row = await tx.maybeOne<{ email: string }>(`SELECT email FROM person WHERE ${OWN} AND id = $1`, [personId]);
    return row?.email ?? null;
  }

  async positionName(tx: Tx, id: string): Promise<string | null> {
    const row = await tx.maybeOne<{ name: string }>(`SELECT name FROM position WHERE ${OWN} AND id = $1`, [id]);
    return row?.name ?? null;
  }
}
