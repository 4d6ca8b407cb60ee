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

  /** Whether an admin of another address has a way to sign in that makes them one: a link by mail alone does not. */
  async hasOtherAdmin(tx: Tx, emailCanonical: string): Promise<boolean> {
    const other = await tx.maybeOne(
      `SELECT 1 FROM person p
        WHERE p.organisation_id = current_setting('rollcall.organisation_id')::uuid AND p.is_admin AND p.state = 'active'
          AND p.email_canonical <> $1
          AND (EXISTS (SELECT FROM passkey k WHERE k.organisation_id = p.organisation_id AND k.person_id = p.id)
            OR EXISTS (SELECT FROM identity_link l WHERE l.organisation_id = p.organisation_id AND l.person_id = p.id))
        LIMIT 1`,
      [emailCanonical],
    );
    return other !== null;
  }
}
