import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** Rows of signing in that are of no use any more. What they let in to was over long before. */
@Injectable()
export class LeftoversRepository {
  async attempts(tx: Tx, before: Date): Promise<void> {
    await tx.execute(`DELETE FROM sign_in_attempt WHERE ${OWN} AND created_at < $1`, [before]);
  }

  async tokens(tx: Tx, before: Date): Promise<void> {
    await tx.execute(`DELETE FROM sign_in_token WHERE ${OWN} AND expires_at < $1`, [before]);
  }

  async logoutTokens(tx: Tx, now: Date): Promise<void> {
    await tx.execute(`DELETE FROM logout_token_seen WHERE ${OWN} AND expires_at < $1`, [now]);
  }

  /** Requests for links that nobody came to work on. As the worker role. */
  async linkRequests(tx: Tx, before: Date): Promise<void> {
    await tx.execute('DELETE FROM link_request WHERE created_at < $1', [before]);
  }
}
