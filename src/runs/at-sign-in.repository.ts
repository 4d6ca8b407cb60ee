import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { DirectoryRecord } from '../sync/model.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;

/** A record of the mirror, with what waits for an admin about it. */
export interface MirroredAtSignIn {
  personId: string | null;
  body: DirectoryRecord | null;
  emailCanonical: string | null;
  employed: boolean;
  inScope: boolean;
  outOfScopeBecause: string | null;
  fault: string | null;
  observedAt: Date;
  missing: boolean;
  gone: boolean;
  held: boolean;
  conflict: boolean;
}

@Injectable()
export class AtSignInRepository {
  record(tx: Tx, connectionId: string, externalId: string): Promise<MirroredAtSignIn | null> {
    return tx.maybeOne<MirroredAtSignIn>(
      `SELECT r.person_id, r.body, r.email_canonical, r.employed, r.in_scope, r.out_of_scope_because, r.fault, r.observed_at,
              r.missing_since IS NOT NULL AS missing, r.gone_at IS NOT NULL AS gone,
              EXISTS (SELECT FROM hold_member m JOIN hold h ON h.organisation_id = m.organisation_id AND h.id = m.hold_id
                       WHERE m.organisation_id = r.organisation_id AND m.person_id = r.person_id AND m.external_id = r.external_id
                         AND m.state = 'waiting' AND h.state = 'open' AND h.connection_id = r.connection_id) AS held,
              EXISTS (SELECT FROM conflict k
                       WHERE k.organisation_id = r.organisation_id AND k.connection_id = r.connection_id AND k.resolved_at IS NULL
                         AND r.external_id IN (k.external_id, k.other_external_id)) AS conflict
         FROM directory_record r
        WHERE r.${OWN} AND r.connection_id = $1 AND r.external_id = $2`,
      [connectionId, externalId],
    );
  }

  /** What admins ruled out about the record or its person; the hash is of the facts that it stands against. */
  overrides(
    tx: Tx,
    connectionId: string,
    externalId: string,
    personId: string | null,
  ): Promise<{ kind: string; factsHash: string | null }[]> {
    return tx.query(
      `SELECT kind, encode(facts_hash, 'base64') AS facts_hash FROM override
        WHERE ${OWN} AND released_at IS NULL AND (connection_id IS NULL OR connection_id = $1)
          AND (external_id = $2 OR (external_id IS NULL AND person_id = $3::uuid))`,
      [connectionId, externalId, personId],
    );
  }
}
