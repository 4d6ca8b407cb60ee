import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Scope } from './auth.types.js';

export interface ApiKeyRow {
  id: string;
  name: string;
  lookup: string;
  scopes: Scope[];
  networks: string[];
  personId: string | null;
  createdBy: unknown;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface CredentialRow {
  organisationId: string;
  id: string;
  digest: Buffer;
  scopes: Scope[];
  networks: string[];
  personId: string | null;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** Row-level security says it too; said here, the index is used and the query reads as what it means. */
const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const SHOWN =
  'id, name, lookup, scopes, networks, person_id, created_by, created_at, expires_at, last_used_at, revoked_at';

@Injectable()
export class ApiKeysRepository {
  /** As the worker: which organisation a key belongs to is known only once it was found. */
  findByLookup(worker: Tx, lookup: string): Promise<CredentialRow | null> {
    return worker.maybeOne<CredentialRow>(
      `SELECT organisation_id, id, digest, scopes, networks, person_id, expires_at, revoked_at
         FROM api_key WHERE lookup = $1`,
      [lookup],
    );
  }

  async isActiveAdmin(tx: Tx, personId: string): Promise<boolean> {
    const person = await tx.maybeOne(
      `SELECT 1 FROM person WHERE ${OWN} AND id = $1 AND state = 'active' AND is_admin`,
      [personId],
    );
    return person !== null;
  }

  /** Notes the use of a key, at most once a minute. */
  async touch(tx: Tx, id: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE api_key SET last_used_at = $2
        WHERE ${OWN} AND id = $1 AND (last_used_at IS NULL OR last_used_at < $2::timestamptz - interval '1 minute')`,
      [id, now],
    );
  }

  async insert(
    tx: Tx,
    organisationId: string,
    digest: Buffer,
    row: Omit<ApiKeyRow, 'lastUsedAt' | 'revokedAt'>,
  ): Promise<void> {
    await tx.execute(
      `INSERT INTO api_key
         (organisation_id, id, name, lookup, digest, scopes, networks, person_id, created_by, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10, $11)`,
      [
        organisationId,
        row.id,
        row.name,
        row.lookup,
        digest,
        row.scopes,
        row.networks,
        row.personId,
        JSON.stringify(row.createdBy),
        row.createdAt,
        row.expiresAt,
      ],
    );
  }

  find(tx: Tx, id: string): Promise<ApiKeyRow | null> {
    return tx.maybeOne<ApiKeyRow>(`SELECT ${SHOWN} FROM api_key WHERE ${OWN} AND id = $1`, [id]);
  }

  /** Newest first; ids are in order of time. */
  list(tx: Tx, before: string | null, limit: number): Promise<ApiKeyRow[]> {
    return tx.query<ApiKeyRow>(
      `SELECT ${SHOWN} FROM api_key WHERE ${OWN} AND ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2`,
      [before, limit],
    );
  }

  /** With the set-up links that it made, and what is being set up by them. False when it was revoked before. */
  async revoke(tx: Tx, id: string, now: Date): Promise<boolean> {
    const revoked = await tx.execute(
      `UPDATE api_key SET revoked_at = $2 WHERE ${OWN} AND id = $1 AND revoked_at IS NULL`,
      [id, now],
    );
    if (revoked === 0) return false;
    await tx.execute(
      `UPDATE set_up_link SET revoked_at = $2, revoked_by = '{"kind":"system"}'
        WHERE ${OWN} AND revoked_at IS NULL AND (used_at IS NULL OR used_at > $2::timestamptz - interval '1 day')
          AND made_by->>'kind' = 'key' AND made_by->>'id' = $1::uuid::text`,
      [id, now],
    );
    return true;
  }
}
