import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { MailProblem, MailState, MailTemplate } from './mail.types.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;

export interface NewMailRow {
  id: string;
  template: MailTemplate;
  cause: string;
  recipient: string;
  personId: string | null;
  body: Buffer;
  createdAt: Date;
}

export interface ClaimedMail {
  id: string;
  template: MailTemplate;
  recipient: string;
  body: Buffer | null;
  attempts: number;
}

export interface MailRow {
  organisationId: string;
  id: string;
  template: MailTemplate;
  recipient: string;
  body: Buffer | null;
  state: MailState;
  attempts: number;
  nextTryAt: Date | null;
  sentAt: Date | null;
  problem: MailProblem | null;
  createdAt: Date;
}

const ALL =
  'organisation_id, id, template, recipient, body, state, attempts, next_try_at, sent_at, problem, created_at';

@Injectable()
export class MailsRepository {
  async organisation(tx: Tx): Promise<{ id: string; name: string }> {
    return tx.one<{ id: string; name: string }>(`SELECT id, name FROM organisation WHERE id = ${ORGANISATION}`);
  }

  /** @returns False when there was a mail of this cause before. */
  async insert(tx: Tx, row: NewMailRow): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO mail (organisation_id, id, template, cause, recipient, person_id, body, state, next_try_at, created_at)
       VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6, 'waiting', $7, $7)
       ON CONFLICT (organisation_id, cause) DO NOTHING`,
      [row.id, row.template, row.cause, row.recipient, row.personId, row.body, row.createdAt],
    );
    return inserted === 1;
  }

  /** As worker: the organisations whose mail is due, longest waiting first. */
  async due(worker: Tx, now: Date, limit: number): Promise<string[]> {
    const rows = await worker.query<{ organisationId: string }>(
      `SELECT organisation_id FROM mail
        WHERE state = 'waiting' AND next_try_at <= $1 AND (taken_until IS NULL OR taken_until < $1)
        GROUP BY organisation_id ORDER BY min(next_try_at) LIMIT $2`,
      [now, limit],
    );
    return rows.map(({ organisationId }) => organisationId);
  }

  /** Takes the one that waits longest; nobody else takes it until then, unless this process dies. */
  claim(tx: Tx, now: Date, takenUntil: Date): Promise<ClaimedMail | null> {
    return tx.maybeOne<ClaimedMail>(
      `UPDATE mail SET taken_until = $2, attempts = attempts + 1
        WHERE ${OWN} AND id = (SELECT id FROM mail WHERE ${OWN} AND state = 'waiting' AND next_try_at <= $1
          AND (taken_until IS NULL OR taken_until < $1) ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, template, recipient, body, attempts`,
      [now, takenUntil],
    );
  }

  /** Whoever took it meanwhile, it is sent: it goes out no more. */
  async sent(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE mail SET state = 'sent', sent_at = $2, next_try_at = NULL, taken_until = NULL, problem = NULL
        WHERE ${OWN} AND id = $1 AND state = 'waiting'`,
      [id, now],
    );
  }

  async kept(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE mail SET state = 'kept', next_try_at = NULL, taken_until = NULL WHERE ${OWN} AND id = $1 AND state = 'waiting'`,
      [id],
    );
  }

  /** @param attempts The attempt that failed; when another one has begun since, that one tells. */
  async putOff(
    tx: Tx,
    mail: { id: string; attempts: number },
    problem: MailProblem,
    nextTryAt: Date | null,
  ): Promise<boolean> {
    const changed = await tx.execute(
      `UPDATE mail SET state = CASE WHEN $4::timestamptz IS NULL THEN 'failed' ELSE 'waiting' END, next_try_at = $4,
         taken_until = NULL, problem = $3 WHERE ${OWN} AND id = $1 AND attempts = $2 AND state = 'waiting'`,
      [mail.id, mail.attempts, problem, nextTryAt],
    );
    return changed === 1;
  }

  async notice(tx: Tx, notice: { id: string; message: string; problem: MailProblem; now: Date }): Promise<void> {
    await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, message, detail, opened_at)
       VALUES (${ORGANISATION}, $1, 'mail', 'mail', $2, jsonb_build_object('problem', $3::text), $4)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL
       DO UPDATE SET message = excluded.message, detail = excluded.detail`,
      [notice.id, notice.message, notice.problem, notice.now],
    );
  }

  async mendNotice(tx: Tx, now: Date): Promise<void> {
    await tx.execute(`UPDATE notice SET mended_at = $1 WHERE ${OWN} AND cause = 'mail' AND mended_at IS NULL`, [now]);
  }

  /** How many mails of these kinds a person was sent since then. */
  async countSince(tx: Tx, personId: string, templates: readonly MailTemplate[], since: Date): Promise<number> {
    const { count } = await tx.one<{ count: number }>(
      `SELECT count(*)::int AS count FROM mail
        WHERE ${OWN} AND person_id = $1 AND template = ANY($2::text[]) AND created_at > $3`,
      [personId, templates, since],
    );
    return count;
  }

  find(tx: Tx, id: string): Promise<MailRow | null> {
    return tx.maybeOne<MailRow>(`SELECT ${ALL} FROM mail WHERE ${OWN} AND id = $1`, [id]);
  }

  some(tx: Tx, ids: readonly string[]): Promise<MailRow[]> {
    return tx.query<MailRow>(`SELECT ${ALL} FROM mail WHERE ${OWN} AND id = ANY($1::uuid[])`, [ids]);
  }

  /** As worker, newest first: what is not sent, of all organisations. */
  unsent(worker: Tx, before: string | null, limit: number): Promise<{ organisationId: string; id: string }[]> {
    return worker.query<{ organisationId: string; id: string }>(
      `SELECT organisation_id, id FROM mail WHERE state <> 'sent' AND ($1::uuid IS NULL OR id < $1)
        ORDER BY id DESC LIMIT $2`,
      [before, limit],
    );
  }

  async again(tx: Tx, id: string, now: Date): Promise<boolean> {
    const changed = await tx.execute(
      `UPDATE mail SET state = 'waiting', attempts = 0, next_try_at = $2, taken_until = NULL, problem = NULL
        WHERE ${OWN} AND id = $1 AND state <> 'sent' AND body IS NOT NULL AND (taken_until IS NULL OR taken_until < $2)`,
      [id, now],
    );
    return changed === 1;
  }

  /** Takes the text out of what was sent, or given up, before then. @returns How many. */
  forgetBodies(tx: Tx, before: Date): Promise<number> {
    return tx.execute(
      `UPDATE mail SET body = NULL WHERE ${OWN} AND body IS NOT NULL AND state <> 'waiting' AND coalesce(sent_at, created_at) < $1`,
      [before],
    );
  }

  /** Forgets mails whose text is gone, of before then. @returns How many. */
  forget(tx: Tx, before: Date): Promise<number> {
    return tx.execute(`DELETE FROM mail WHERE ${OWN} AND created_at < $1 AND body IS NULL AND state <> 'waiting'`, [
      before,
    ]);
  }
}
