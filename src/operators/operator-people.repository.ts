import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export interface KnownPerson {
  id: string;
  state: 'pending' | 'active' | 'archived';
  isAdmin: boolean;
  version: number;
}

@Injectable()
export class OperatorPeopleRepository {
  /** Whoever is not archived first: there may be somebody archived of the same address. */
  byAddress(tx: Tx, emailCanonical: string): Promise<KnownPerson | null> {
    return tx.maybeOne<KnownPerson>(
      `SELECT id, state, is_admin, version FROM person
        WHERE organisation_id = current_setting('rollcall.organisation_id')::uuid AND email_canonical = $1
        ORDER BY state = 'archived' LIMIT 1`,
      [emailCanonical],
    );
  }
}
