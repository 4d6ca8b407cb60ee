import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/audit.types.js';
import type { Scope, SetUpKind } from '../auth/auth.types.js';
import type { Tx } from '../database/tx.js';

export interface SetUpLinkRow {
  id: string;
  kinds: SetUpKind[];
  note: string;
  madeBy: Actor;
  createdAt: Date;
  expiresAt: Date;
  usedAt: Date | null;
  revokedAt: Date | null;
}

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const ALL = 'id, kinds, note, made_by, created_at, expires_at, used_at, revoked_at';

@Injectable()
export class SetUpLinksRepository {
  async insert(tx: Tx, row: SetUpLinkRow, digest: Buffer): Promise<void> {
    await tx.execute(
      `INSERT INTO set_up_link (organisation_id, id, digest, kinds, note, made_by, created_at, expires_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5, $6, $7)`,
      [row.id, digest, row.kinds, row.note, JSON.stringify(row.madeBy), row.createdAt, row.expiresAt],
    );
  }

  /** Newest first. */
  list(tx: Tx, after: readonly [Date, string] | null, limit: number): Promise<SetUpLinkRow[]> {
    return tx.query<SetUpLinkRow>(
      `SELECT ${ALL} FROM set_up_link
        WHERE ${OWN} AND ($1::timestamptz IS NULL OR (created_at, id) < ($1::timestamptz, $2::uuid))
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      [after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  /** Locks it: of two that open it, one is first. */
  lockByDigest(tx: Tx, digest: Buffer): Promise<SetUpLinkRow | null> {
    return tx.maybeOne<SetUpLinkRow>(`SELECT ${ALL} FROM set_up_link WHERE ${OWN} AND digest = $1 FOR UPDATE`, [
      digest,
    ]);
  }

  lock(tx: Tx, id: string): Promise<SetUpLinkRow | null> {
    return tx.maybeOne<SetUpLinkRow>(`SELECT ${ALL} FROM set_up_link WHERE ${OWN} AND id = $1 FOR UPDATE`, [id]);
  }

  /** @returns False when it was used or revoked before, or is over. */
  async use(tx: Tx, id: string, at: Date, from: string): Promise<boolean> {
    const used = await tx.execute(
      `UPDATE set_up_link SET used_at = $2, used_from = $3
        WHERE ${OWN} AND id = $1 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $2`,
      [id, at, from],
    );
    return used === 1;
  }

  async revoke(tx: Tx, id: string, at: Date, by: Actor): Promise<void> {
    await tx.execute(
      `UPDATE set_up_link SET revoked_at = $2, revoked_by = $3 WHERE ${OWN} AND id = $1 AND revoked_at IS NULL`,
      [id, at, JSON.stringify(by)],
    );
  }

  /** Whether somebody of this organisation is one of its admins at this moment. */
  async isAdmin(tx: Tx, personId: string): Promise<boolean> {
    const found = await tx.maybeOne(`SELECT 1 FROM person WHERE ${OWN} AND id = $1 AND state = 'active' AND is_admin`, [
      personId,
    ]);
    return found !== null;
  }

  /** Whether an API key of this organisation works, and may do all of this. */
  async isKeyGood(tx: Tx, keyId: string, scopes: readonly Scope[], now: Date): Promise<boolean> {
    const found = await tx.maybeOne(
      `SELECT 1 FROM api_key WHERE ${OWN} AND id = $1 AND revoked_at IS NULL AND expires_at > $2
          AND scopes @> $3::text[]`,
      [keyId, now, scopes],
    );
    return found !== null;
  }
}
