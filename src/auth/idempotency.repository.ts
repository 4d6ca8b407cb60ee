import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

/** One request that asked to be carried out once: by which credential, for which address, under which key. */
export interface OnceKey {
  credentialId: string;
  route: string;
  key: string;
}

export interface OnceRow {
  bodyDigest: Buffer;
  status: number | null;
  response: unknown;
  createdAt: Date;
}

const MINE = `organisation_id = current_setting('rollcall.organisation_id')::uuid
  AND credential_id = $1 AND route = $2 AND key = $3`;

@Injectable()
export class IdempotencyRepository {
  /** False when the key was used before: somebody else's answer is there or on its way. */
  async begin(tx: Tx, once: OnceKey, bodyDigest: Buffer, now: Date): Promise<boolean> {
    const begun = await tx.execute(
      `INSERT INTO idempotency_key (organisation_id, credential_id, route, key, body_digest, created_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [once.credentialId, once.route, once.key, bodyDigest, now],
    );
    return begun === 1;
  }

  find(tx: Tx, once: OnceKey): Promise<OnceRow | null> {
    return tx.maybeOne<OnceRow>(`SELECT body_digest, status, response, created_at FROM idempotency_key WHERE ${MINE}`, [
      once.credentialId,
      once.route,
      once.key,
    ]);
  }

  async keep(tx: Tx, once: OnceKey, answer: { status: number; response: unknown }, now: Date): Promise<void> {
    await tx.execute(`UPDATE idempotency_key SET status = $4, response = $5::jsonb, answered_at = $6 WHERE ${MINE}`, [
      once.credentialId,
      once.route,
      once.key,
      answer.status,
      JSON.stringify(answer.response ?? null),
      now,
    ]);
  }

  async release(tx: Tx, once: OnceKey): Promise<void> {
    await tx.execute(`DELETE FROM idempotency_key WHERE ${MINE}`, [once.credentialId, once.route, once.key]);
  }

  /** @returns How many were forgotten. */
  forgetBefore(tx: Tx, before: Date): Promise<number> {
    return tx.execute(
      `DELETE FROM idempotency_key WHERE organisation_id = current_setting('rollcall.organisation_id')::uuid AND created_at < $1`,
      [before],
    );
  }
}
