import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;
/** Mails of invitations, newer than the first value. Of somebody who was erased there is the mail alone, as by hand. */
const MAILED = `FROM mail m LEFT JOIN invitation i ON i.organisation_id = m.organisation_id AND i.id = split_part(m.cause, ':', 2)::uuid
  WHERE m.${OWN} AND m.template = 'invitation' AND m.created_at > $1`;
const WAITING = 'queued_at IS NOT NULL AND sent_at IS NULL AND accepted_at IS NULL AND closed_at IS NULL';

export interface Waiting {
  byHand: number;
  ofFiles: number;
  stopped: boolean;
}

@Injectable()
export class InvitationLimitsRepository {
  /** What the operator says of this organisation; null: what the settings say. */
  own(tx: Tx): Promise<{ perHour: number | null; perDay: number | null }> {
    return tx.one(
      `SELECT invites_per_hour AS per_hour, invites_per_day AS per_day FROM organisation WHERE id = ${ORGANISATION}`,
    );
  }

  /** When each mail went out that counts for what is sent by hand, oldest first. */
  async byHandSince(tx: Tx, since: Date): Promise<Date[]> {
    const rows = await tx.query<{ createdAt: Date }>(
      `SELECT m.created_at ${MAILED} AND i.import_id IS NULL ORDER BY m.created_at`,
      [since],
    );
    return rows.map(({ createdAt }) => createdAt);
  }

  async ofFilesSince(tx: Tx, since: Date): Promise<Date[]> {
    const rows = await tx.query<{ createdAt: Date }>(
      `SELECT m.created_at ${MAILED} AND i.import_id IS NOT NULL ORDER BY m.created_at`,
      [since],
    );
    return rows.map(({ createdAt }) => createdAt);
  }

  waiting(tx: Tx): Promise<Waiting> {
    return tx.one<Waiting>(
      `SELECT count(*) FILTER (WHERE import_id IS NULL)::int AS by_hand, count(*) FILTER (WHERE import_id IS NOT NULL)::int AS of_files,
              coalesce(bool_or(stopped_at IS NOT NULL), false) AS stopped FROM invitation WHERE ${OWN} AND ${WAITING}`,
    );
  }

  /** As the worker: of one address one is counted after the other, whatever organisation it is for. */
  async alone(worker: Tx, digest: Buffer): Promise<void> {
    await worker.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 6))', [digest.toString('hex')]);
  }

  /** As the worker, newest first. */
  async invitedSince(worker: Tx, digests: readonly Buffer[], since: Date, limit: number): Promise<Date[]> {
    const rows = await worker.query<{ at: Date }>(
      'SELECT at FROM invited_address WHERE digest = ANY($1::bytea[]) AND at > $2 ORDER BY at DESC LIMIT $3',
      [digests, since, limit],
    );
    return rows.map(({ at }) => at);
  }

  async count(worker: Tx, row: { id: string; digest: Buffer; at: Date }): Promise<void> {
    await worker.execute('INSERT INTO invited_address (id, digest, at) VALUES ($1, $2, $3)', [
      row.id,
      row.digest,
      row.at,
    ]);
  }

  async forgetOld(worker: Tx, before: Date): Promise<void> {
    await worker.execute('DELETE FROM invited_address WHERE at < $1', [before]);
  }
}
