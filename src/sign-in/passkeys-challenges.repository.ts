import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export type ChallengePurpose = 'sign_in' | 'enrol' | 'step_up';

export interface NewChallenge {
  id: string;
  browserDigest: Buffer;
  challenge: Buffer;
  purpose: ChallengePurpose;
  sessionId: string | null;
  createdAt: Date;
  expiresAt: Date;
}

/** As worker: whose a challenge is shows when it is answered. */
@Injectable()
export class PasskeysChallengesRepository {
  async insert(worker: Tx, row: NewChallenge): Promise<void> {
    await worker.execute(
      `INSERT INTO passkey_challenge (id, browser_digest, challenge, purpose, session_id, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [row.id, row.browserDigest, row.challenge, row.purpose, row.sessionId, row.createdAt, row.expiresAt],
    );
  }

  /** @returns Whether this browser has such a challenge open; from now on it has not. */
  async take(
    worker: Tx,
    { browserDigest, challenge, purpose, sessionId }: Omit<NewChallenge, 'id' | 'createdAt' | 'expiresAt'>,
    now: Date,
  ): Promise<boolean> {
    const taken = await worker.execute(
      `UPDATE passkey_challenge SET used_at = $5
        WHERE browser_digest = $1 AND challenge = $2 AND purpose = $3 AND session_id IS NOT DISTINCT FROM $4::uuid
          AND used_at IS NULL AND expires_at > $5`,
      [browserDigest, challenge, purpose, sessionId, now],
    );
    return taken === 1;
  }

  /** @returns How many. */
  forget(worker: Tx, before: Date): Promise<number> {
    return worker.execute('DELETE FROM passkey_challenge WHERE expires_at < $1', [before]);
  }
}
