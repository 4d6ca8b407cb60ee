import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

/** Any number that nothing else locks. */
const MAKING_THE_INSTALLATION = 7_340_021;

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

@Injectable()
export class InstallationRepository {
  /** As the owner of the schema, for no organisation may say of itself that it is this one. Null when it is there. */
  async make(
    owner: Tx,
    row: { id: string; slug: string; otherSlug: string; name: string; createdAt: Date },
  ): Promise<string | null> {
    await owner.one('SELECT pg_advisory_xact_lock($1)', [MAKING_THE_INSTALLATION]);
    const there = await owner.maybeOne<{ id: string }>('SELECT id FROM organisation WHERE is_installation');
    if (there) return null;
    await owner.one(`SELECT set_config('rollcall.organisation_id', $1, true)`, [row.id]);
    const made = await owner.one<{ id: string }>(
      `INSERT INTO organisation (id, slug, name, created_at, sso, directory_sync, is_installation)
       SELECT $1, CASE WHEN EXISTS (SELECT FROM organisation WHERE slug = $2) THEN $3 ELSE $2 END, $4, $5, true, true, true
       RETURNING id`,
      [row.id, row.slug, row.otherSlug, row.name, row.createdAt],
    );
    return made.id;
  }

  /** Locks the installation's own organisation; a token refers to it, so that its key must stay free. */
  async lock(tx: Tx): Promise<void> {
    await tx.one(
      `SELECT 1 FROM organisation WHERE id = current_setting('rollcall.organisation_id')::uuid FOR NO KEY UPDATE`,
    );
  }

  async hasOperator(tx: Tx): Promise<boolean> {
    const found = await tx.maybeOne(
      `SELECT 1 FROM operator o JOIN person p ON p.organisation_id = o.organisation_id AND p.id = o.person_id
        WHERE o.${OWN} AND o.ended_at IS NULL AND p.state = 'active' LIMIT 1`,
    );
    return found !== null;
  }

  /** The one before is good no more. */
  async replaceFirstToken(
    tx: Tx,
    row: { id: string; digest: Buffer; madeBy: string; createdAt: Date; expiresAt: Date },
  ): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_token SET ended_at = $1 WHERE ${OWN} AND kind = 'first' AND used_at IS NULL AND ended_at IS NULL`,
      [row.createdAt],
    );
    await tx.execute(
      `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, made_by, created_at, expires_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, NULL, 'first', $2, $3, $4, $5)`,
      [row.id, row.digest, row.madeBy, row.createdAt, row.expiresAt],
    );
  }
}
