import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { SSO_ONLY } from './links.repository.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** Somebody at the last door, locked against being archived meanwhile. */
export interface EnteringPerson {
  state: 'pending' | 'active' | 'archived';
  erased: boolean;
  sso: boolean;
  /** The organisation is on its way out, and everybody with it. */
  deleting: boolean;
  /** Nothing but the company's own sign-in lets them in. */
  ssoOnly: boolean;
}

@Injectable()
export class EnteringRepository {
  /**
   * The organisation's switches, and who is exempt from them, stay as they are until this transaction ends, or have changed
   * and are seen by its next statement (O-47, O-77).
   */
  async hold(tx: Tx): Promise<void> {
    await tx.query(
      `SELECT 1 AS held FROM organisation WHERE id = current_setting('rollcall.organisation_id')::uuid FOR SHARE`,
    );
  }

  /** Whoever archives them waits until this transaction ends, or came first and is seen here (O-46). */
  person(tx: Tx, id: string): Promise<EnteringPerson | null> {
    return tx.maybeOne<EnteringPerson>(
      `SELECT p.state, p.erased_at IS NOT NULL AS erased, o.sso, o.delete_after IS NOT NULL AS deleting, ${SSO_ONLY} AS sso_only
         FROM person p JOIN organisation o ON o.id = p.organisation_id
        WHERE p.${OWN} AND p.id = $1 FOR SHARE OF p`,
      [id],
    );
  }

  /** Locked against being disabled meanwhile (O-47). */
  async isProviderActive(tx: Tx, id: string): Promise<boolean> {
    const provider = await tx.maybeOne<{ state: string }>(
      `SELECT state FROM identity_provider WHERE ${OWN} AND id = $1 FOR SHARE`,
      [id],
    );
    return provider?.state === 'active';
  }
}
