import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Tx } from '../database/tx.js';

export interface SupportSessionRow {
  id: string;
  operatorId: string;
  operatorName: string;
  reason: string;
  startedAt: Date;
  endsAt: Date;
  endedAt: Date | null;
}

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const ALL = 'id, operator_id, operator_name, reason, started_at, ends_at, ended_at';

/** Support sessions, in the organisation that is visited. */
@Injectable()
export class SupportSessionsRepository {
  async insert(tx: Tx, row: SupportSessionRow): Promise<void> {
    await tx.execute(
      `INSERT INTO support_session (organisation_id, id, operator_id, operator_name, reason, started_at, ends_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5, $6)`,
      [row.id, row.operatorId, row.operatorName, row.reason, row.startedAt, row.endsAt],
    );
  }

  /** Newest first. */
  list(tx: Tx, after: readonly [Date, string] | null, limit: number): Promise<SupportSessionRow[]> {
    return tx.query<SupportSessionRow>(
      `SELECT ${ALL} FROM support_session
        WHERE ${OWN} AND ($1::timestamptz IS NULL OR (started_at, id) < ($1::timestamptz, $2::uuid))
        ORDER BY started_at DESC, id DESC LIMIT $3`,
      [after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  find(tx: Tx, id: string): Promise<SupportSessionRow | null> {
    return tx.maybeOne<SupportSessionRow>(`SELECT ${ALL} FROM support_session WHERE ${OWN} AND id = $1`, [id]);
  }

  /** @returns False when it was over before. */
  async end(tx: Tx, id: string, at: Date, by: Actor): Promise<boolean> {
    const ended = await tx.execute(
      `UPDATE support_session SET ended_at = $2, ended_by = $3
        WHERE ${OWN} AND id = $1 AND ended_at IS NULL AND ends_at > $2`,
      [id, at, JSON.stringify(by)],
    );
    return ended === 1;
  }

  /** As the operator calls themselves, in the installation's own organisation. */
  async nameOf(tx: Tx, personId: string): Promise<string> {
    const { email, name } = await tx.one<{ email: string; name: string }>(
      `SELECT email, concat_ws(' ', first_name, last_name) AS name FROM person WHERE ${OWN} AND id = $1`,
      [personId],
    );
    return name === '' ? email : `${name} (${email})`;
  }
}
