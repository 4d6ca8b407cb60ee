import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import type { VerifiedBy } from './organisations.types.js';

export interface DomainRow {
  id: string;
  name: string;
  token: string;
  verifiedAt: Date | null;
  verifiedBy: VerifiedBy | null;
  reason: string | null;
  connectionId: string | null;
  checkedAt: Date | null;
  failingSince: Date | null;
  createdAt: Date;
}

export interface Verification {
  by: VerifiedBy;
  reason: string | null;
  connectionId: string | null;
  at: Date;
}

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const ALL = 'id, name, token, verified_at, verified_by, reason, connection_id, checked_at, failing_since, created_at';

function noticeOf(id: string): string {
  return `domain:${id}`;
}

@Injectable()
export class DomainsRepository {
  /** @returns False when the organisation has it already. */
  async insert(tx: Tx, row: Pick<DomainRow, 'id' | 'name' | 'token' | 'createdAt'>): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO domain (organisation_id, id, name, token, created_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4)
       ON CONFLICT (organisation_id, name) DO NOTHING`,
      [row.id, row.name, row.token, row.createdAt],
    );
    return inserted === 1;
  }

  find(tx: Tx, id: string): Promise<DomainRow | null> {
    return tx.maybeOne<DomainRow>(`SELECT ${ALL} FROM domain WHERE ${OWN} AND id = $1`, [id]);
  }

  findByName(tx: Tx, name: string): Promise<DomainRow | null> {
    return tx.maybeOne<DomainRow>(`SELECT ${ALL} FROM domain WHERE ${OWN} AND name = $1`, [name]);
  }

  list(tx: Tx, after: string | null, limit: number): Promise<DomainRow[]> {
    return tx.query<DomainRow>(
      `SELECT ${ALL} FROM domain WHERE ${OWN} AND ($1::text IS NULL OR name > $1) ORDER BY name LIMIT $2`,
      [after, limit],
    );
  }

  async verifiedNames(tx: Tx): Promise<string[]> {
    const rows = await tx.query<{ name: string }>(`SELECT name FROM domain WHERE ${OWN} AND verified_at IS NOT NULL`);
    return rows.map((row) => row.name);
  }

  /** Without those whose proof has failed since `lapsed` or longer. */
  async trustedNames(tx: Tx, lapsed: Date): Promise<string[]> {
    const rows = await tx.query<{ name: string }>(
      `SELECT name FROM domain
        WHERE ${OWN} AND verified_at IS NOT NULL AND (failing_since IS NULL OR failing_since > $1)`,
      [lapsed],
    );
    return rows.map((row) => row.name);
  }

  /** @throws a unique violation of `domain_verified_once` when another organisation has it. */
  async verify(tx: Tx, id: string, how: Verification): Promise<void> {
    await tx.execute(
      `UPDATE domain SET verified_at = $2, verified_by = $3, reason = $4, connection_id = $5, failing_since = NULL,
              checked_at = CASE WHEN $3 = 'dns' THEN $2 ELSE checked_at END
        WHERE ${OWN} AND id = $1`,
      [id, how.at, how.by, how.reason, how.connectionId],
    );
  }

  /** Takes back what a connection verified and its directory lists no more. */
  async withdraw(tx: Tx, connectionId: string, stillListed: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ name: string }>(
      `UPDATE domain SET verified_at = NULL, verified_by = NULL, reason = NULL, connection_id = NULL
        WHERE ${OWN} AND connection_id = $1 AND NOT (name = ANY($2)) RETURNING name`,
      [connectionId, stillListed],
    );
    return rows.map((row) => row.name);
  }

  lock(tx: Tx, id: string): Promise<DomainRow | null> {
    return tx.maybeOne<DomainRow>(`SELECT ${ALL} FROM domain WHERE ${OWN} AND id = $1 FOR UPDATE`, [id]);
  }

  /** As the worker: proven by the DNS, and last looked at before then. */
  dueForCheck(worker: Tx, before: Date, limit: number): Promise<{ organisationId: string; id: string }[]> {
    return worker.query(
      `SELECT organisation_id, id FROM domain
        WHERE verified_by = 'dns' AND verified_at IS NOT NULL AND (checked_at IS NULL OR checked_at <= $1)
        ORDER BY checked_at NULLS FIRST, id LIMIT $2`,
      [before, limit],
    );
  }

  async noteChecked(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.execute(`UPDATE domain SET checked_at = $2 WHERE ${OWN} AND id = $1`, [id, at]);
  }

  async noteFailing(tx: Tx, id: string, since: Date | null): Promise<void> {
    await tx.execute(`UPDATE domain SET failing_since = $2 WHERE ${OWN} AND id = $1`, [id, since]);
  }

  /** For the admins: of a domain one is open at most, and it says how things are now. */
  async notify(tx: Tx, id: string, message: string, at: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, message, detail, opened_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'domain', $2, $3, $4::jsonb, $5)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL DO UPDATE SET message = excluded.message`,
      [newId(), noticeOf(id), message, JSON.stringify({ domain: id }), at],
    );
  }

  async mendNotice(tx: Tx, id: string, at: Date): Promise<void> {
    await tx.execute(`UPDATE notice SET mended_at = $2 WHERE ${OWN} AND cause = $1 AND mended_at IS NULL`, [
      noticeOf(id),
      at,
    ]);
  }

  /** Not verified any more; whoever has the domain now can verify it. */
  async lapse(tx: Tx, id: string): Promise<void> {
    await tx.execute(
      `UPDATE domain SET verified_at = NULL, verified_by = NULL, reason = NULL, connection_id = NULL, failing_since = NULL
        WHERE ${OWN} AND id = $1`,
      [id],
    );
  }

  async remove(tx: Tx, id: string): Promise<boolean> {
    return (await tx.execute(`DELETE FROM domain WHERE ${OWN} AND id = $1`, [id])) === 1;
  }
}
