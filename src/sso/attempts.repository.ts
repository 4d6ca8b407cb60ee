import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { AttemptPurpose } from './sso.types.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** An attempt as it is stored. */
export interface AttemptRow {
  id: string;
  identityProviderId: string;
  purpose: AttemptPurpose;
  browserDigest: Buffer;
  nonce: string;
  /** Sealed. */
  verifier: Buffer;
  issuer: string;
  clientId: string;
  redirectUri: string;
  returnTo: string;
  maxAge: number | null;
  sessionId: string | null;
  invitationId: string | null;
  invitationVersion: number | null;
  createdAt: Date;
}

@Injectable()
export class AttemptsRepository {
  /** @returns False when its provider has been deleted by now. */
  async insert(tx: Tx, row: AttemptRow & { stateDigest: Buffer; expiresAt: Date }): Promise<boolean> {
    const inserted = await tx.execute(
      `INSERT INTO sign_in_attempt (organisation_id, id, identity_provider_id, purpose, state_digest, browser_digest, nonce,
                                    verifier, issuer, client_id, redirect_uri, return_to, max_age, session_id, invitation_id,
                                    invitation_version, created_at, expires_at)
       SELECT current_setting('rollcall.organisation_id')::uuid, $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17
         FROM identity_provider WHERE ${OWN} AND id = $2 FOR KEY SHARE`,
      [
        row.id,
        row.identityProviderId,
        row.purpose,
        row.stateDigest,
        row.browserDigest,
        row.nonce,
        row.verifier,
        row.issuer,
        row.clientId,
        row.redirectUri,
        row.returnTo,
        row.maxAge,
        row.sessionId,
        row.invitationId,
        row.invitationVersion,
        row.createdAt,
        row.expiresAt,
      ],
    );
    return inserted === 1;
  }

  /** Takes an attempt, once: null when it is unknown, used or too old, and nobody can tell which. */
  take(tx: Tx, stateDigest: Buffer, now: Date): Promise<AttemptRow | null> {
    return tx.maybeOne<AttemptRow>(
      `UPDATE sign_in_attempt SET used_at = $2
        WHERE ${OWN} AND state_digest = $1 AND used_at IS NULL AND expires_at > $2
       RETURNING id, identity_provider_id, purpose, browser_digest, nonce, verifier, issuer, client_id, redirect_uri,
                 return_to, max_age, session_id, invitation_id, invitation_version, created_at`,
      [stateDigest, now],
    );
  }

  /** Those under way at a provider come to nothing. */
  async endOf(tx: Tx, providerId: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE sign_in_attempt SET used_at = $2 WHERE ${OWN} AND identity_provider_id = $1 AND used_at IS NULL`,
      [providerId, now],
    );
  }

  async setResult(tx: Tx, id: string, result: unknown): Promise<void> {
    await tx.execute(`UPDATE sign_in_attempt SET result = $2::jsonb WHERE ${OWN} AND id = $1`, [
      id,
      JSON.stringify(result),
    ]);
  }

  /** A test sign-in of a provider that can still be looked at. */
  findTest(
    tx: Tx,
    providerId: string,
    id: string,
    now: Date,
  ): Promise<{ result: unknown; usedAt: Date | null } | null> {
    return tx.maybeOne<{ result: unknown; usedAt: Date | null }>(
      `SELECT result, used_at FROM sign_in_attempt
        WHERE ${OWN} AND id = $2 AND identity_provider_id = $1 AND purpose = 'test' AND expires_at > $3`,
      [providerId, id, now],
    );
  }
}
