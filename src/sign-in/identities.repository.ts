import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

export type LinkedBy = 'directory' | 'email' | 'session' | 'just_in_time';

export interface IdentityRow {
  providerId: string;
  providerName: string;
  subject: string;
  linkedBy: LinkedBy;
  linkedAt: Date;
  lastUsedAt: Date;
}

/** Which accounts at providers are whose. */
@Injectable()
export class IdentitiesRepository {
  /** @returns False when the account is somebody's by now, the person has another one there, or the provider is gone. */
  async link(
    tx: Tx,
    row: { providerId: string; subject: string; personId: string; linkedBy: LinkedBy; at: Date },
  ): Promise<boolean> {
    const rows = await tx.execute(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, linked_at, last_used_at)
       SELECT organisation_id, id, $2, $3, $4, $5, $5 FROM identity_provider WHERE ${OWN} AND id = $1 FOR KEY SHARE
       ON CONFLICT DO NOTHING`,
      [row.providerId, row.subject, row.personId, row.linkedBy, row.at],
    );
    return rows === 1;
  }

  /** Locks the tie until the transaction ends. @returns False when there is none any more. */
  async used(tx: Tx, providerId: string, subject: string, at: Date): Promise<boolean> {
    const rows = await tx.execute(
      `UPDATE identity_link SET last_used_at = $3 WHERE ${OWN} AND identity_provider_id = $1 AND subject = $2`,
      [providerId, subject, at],
    );
    return rows === 1;
  }

  ofPerson(tx: Tx, personId: string): Promise<IdentityRow[]> {
    return tx.query<IdentityRow>(
      `SELECT l.identity_provider_id AS provider_id, p.name AS provider_name, l.subject, l.linked_by, l.linked_at, l.last_used_at
         FROM identity_link l
         JOIN identity_provider p ON p.organisation_id = l.organisation_id AND p.id = l.identity_provider_id
        WHERE l.${OWN} AND l.person_id = $1 ORDER BY l.linked_at, l.identity_provider_id`,
      [personId],
    );
  }

  /** @returns False when there was none. */
  async unlink(tx: Tx, providerId: string, personId: string): Promise<boolean> {
    const rows = await tx.execute(
      `DELETE FROM identity_link WHERE ${OWN} AND identity_provider_id = $1 AND person_id = $2`,
      [providerId, personId],
    );
    return rows === 1;
  }
}
