import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Language } from '../mail/languages.js';
import type { InvitationLink } from '../sso/sso.types.js';
import type { ClosedBecause } from './invitations.types.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** An invitation as far as a link or a mail of it is concerned. */
export interface LinkedInvitation {
  id: string;
  personId: string;
  emailCanonical: string;
  isAdmin: boolean;
  inviterName: string;
  message: string | null;
  language: Language;
  importId: string | null;
  version: number;
  mailId: string | null;
  queuedAt: Date | null;
  sentAt: Date | null;
  expiresAt: Date | null;
  openedAt: Date | null;
  acceptedAt: Date | null;
  closedAt: Date | null;
  closedBecause: ClosedBecause | null;
  firstName: string | null;
  lastName: string | null;
  personState: 'pending' | 'active' | 'archived';
  position: string | null;
  team: string | null;
  /** The person is who was invited: the same address, and no more than what was given then. */
  fits: boolean;
  /** Whoever invited could do so at this moment (I-05, I-06). */
  inviterGood: boolean;
}

const LINKED = `i.id, i.person_id, i.email_canonical, i.is_admin, i.inviter_name, i.message, i.language, i.import_id, i.version,
  i.mail_id, i.queued_at, i.sent_at, i.expires_at, i.opened_at, i.accepted_at, i.closed_at, i.closed_because,
  p.first_name, p.last_name, p.state AS person_state, s.name AS position, t.name AS team,
  p.email_canonical = i.email_canonical AND p.state <> 'archived' AND p.erased_at IS NULL AND (i.is_admin OR NOT p.is_admin) AS fits,
  (i.inviter_id IS NULL OR EXISTS (SELECT FROM person a WHERE a.organisation_id = i.organisation_id AND a.id = i.inviter_id
     AND a.state = 'active' AND a.is_admin))
  AND (i.inviter_key_id IS NULL OR EXISTS (SELECT FROM api_key k WHERE k.organisation_id = i.organisation_id
     AND k.id = i.inviter_key_id AND k.revoked_at IS NULL)) AS inviter_good`;

const FROM = `FROM invitation i JOIN person p ON p.organisation_id = i.organisation_id AND p.id = i.person_id
  LEFT JOIN position s ON s.organisation_id = p.organisation_id AND s.id = p.position_id
  LEFT JOIN team t ON t.organisation_id = p.organisation_id AND t.id = p.team_id`;

const DUE = `i.queued_at IS NOT NULL AND i.sent_at IS NULL AND i.accepted_at IS NULL AND i.closed_at IS NULL
  AND i.stopped_at IS NULL AND (i.not_before IS NULL OR i.not_before <= $1)`;

/** The links of invitations: made, used up once, and sent. */
@Injectable()
export class InvitationLinksRepository {
  lock(tx: Tx, id: string): Promise<LinkedInvitation | null> {
    return tx.maybeOne<LinkedInvitation>(`SELECT ${LINKED} ${FROM} WHERE i.${OWN} AND i.id = $1 FOR UPDATE OF i`, [id]);
  }

  find(tx: Tx, id: string): Promise<LinkedInvitation | null> {
    return tx.maybeOne<LinkedInvitation>(`SELECT ${LINKED} ${FROM} WHERE i.${OWN} AND i.id = $1`, [id]);
  }

  findByDigest(tx: Tx, digest: Buffer): Promise<LinkedInvitation | null> {
    return tx.maybeOne<LinkedInvitation>(`SELECT ${LINKED} ${FROM} WHERE i.${OWN} AND i.digest = $1`, [digest]);
  }

  /** What stands for a person. */
  findOpenOf(tx: Tx, personId: string): Promise<LinkedInvitation | null> {
    return tx.maybeOne<LinkedInvitation>(
      `SELECT ${LINKED} ${FROM} WHERE i.${OWN} AND i.person_id = $1 AND i.accepted_at IS NULL AND i.closed_at IS NULL`,
      [personId],
    );
  }

  /** Before an invitation of theirs: whoever archives somebody takes the two in this order too. */
  async lockPerson(tx: Tx, personId: string): Promise<void> {
    await tx.query(`SELECT id FROM person WHERE ${OWN} AND id = $1 FOR NO KEY UPDATE`, [personId]);
  }

  /** Which of them are still to come, and stay so until this transaction ends: whoever lets one in finds their invitation. */
  async waiting(tx: Tx, people: readonly string[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `SELECT id FROM person WHERE ${OWN} AND id = ANY($1::uuid[]) AND state = 'pending' ORDER BY id FOR NO KEY UPDATE`,
      [people],
    );
    return new Set(rows.map(({ id }) => id));
  }

  /** A new version; a link of an older one is dead. */
  async renew(
    tx: Tx,
    id: string,
    to: { digest: Buffer; mailId: string | null; now: Date; expiresAt: Date },
  ): Promise<void> {
    await tx.execute(
      `UPDATE invitation SET version = version + 1, digest = $2, mail_id = $3, queued_at = coalesce(queued_at, $4),
         sent_at = $4, expires_at = $5, opened_at = NULL, not_before = NULL, stopped_at = NULL WHERE ${OWN} AND id = $1`,
      [id, to.digest, to.mailId, to.now, to.expiresAt],
    );
  }

  async opened(tx: Tx, id: string, now: Date): Promise<boolean> {
    const opened = await tx.execute(
      `UPDATE invitation SET opened_at = $2 WHERE ${OWN} AND id = $1 AND opened_at IS NULL`,
      [id, now],
    );
    return opened === 1;
  }

  /** Uses it up, judged here and now (I-01). @returns False when somebody else was faster, it ended, or has a newer link. */
  async accept(tx: Tx, { id, version }: InvitationLink, by: 'link' | 'provider', now: Date): Promise<boolean> {
    const used = await tx.execute(
      `UPDATE invitation SET accepted_at = $3, accepted_by = $2
        WHERE ${OWN} AND id = $1 AND accepted_at IS NULL AND closed_at IS NULL AND version = $4 AND expires_at > $3`,
      [id, by, now, version],
    );
    return used === 1;
  }

  /** As the worker: where invitations are due. */
  async due(worker: Tx, now: Date, after: string | null, limit: number): Promise<string[]> {
    const rows = await worker.query<{ organisationId: string }>(
      `SELECT i.organisation_id FROM invitation i JOIN organisation o ON o.id = i.organisation_id
        WHERE ${DUE} AND o.delete_after IS NULL AND ($2::uuid IS NULL OR i.organisation_id > $2)
        GROUP BY i.organisation_id ORDER BY i.organisation_id LIMIT $3`,
      [now, after, limit],
    );
    return rows.map(({ organisationId }) => organisationId);
  }

  /** Until this transaction ends nobody else sends invitations of this organisation: or no limit would be one. */
  async alone(tx: Tx): Promise<void> {
    await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended(current_setting('rollcall.organisation_id'), 5))`);
  }

  /** Those whose turn it is, by hand or of files; others that are being changed this moment come next time. */
  next(tx: Tx, now: Date, ofFiles: boolean, limit: number): Promise<LinkedInvitation[]> {
    return tx.query<LinkedInvitation>(
      `SELECT ${LINKED} ${FROM} WHERE i.${OWN} AND ${DUE} AND (i.import_id IS NOT NULL) = $2
        ORDER BY i.queued_at, i.id LIMIT $3 FOR UPDATE OF i SKIP LOCKED`,
      [now, ofFiles, limit],
    );
  }

  async putOff(tx: Tx, id: string, until: Date): Promise<void> {
    await tx.execute(`UPDATE invitation SET not_before = $2 WHERE ${OWN} AND id = $1`, [id, until]);
  }
}
