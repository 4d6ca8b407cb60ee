import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import { trusted } from './facts.repository.js';

export interface LinkedPerson {
  externalId: string;
  personId: string;
  label: string;
  state: 'pending' | 'active' | 'archived';
  isProtected: boolean;
  version: number;
  employedElsewhere: boolean;
}

/** What waits for an admin because of a connection, and is over with it. */
const OVER = [
  `UPDATE hold SET state = 'closed', closed_at = $3 WHERE organisation_id = $1 AND connection_id = $2 AND state = 'open'`,
  `UPDATE conflict SET resolved_at = $3, resolution = 'vanished' WHERE organisation_id = $1 AND connection_id = $2 AND resolved_at IS NULL`,
  `UPDATE notice SET mended_at = $3 WHERE organisation_id = $1 AND connection_id = $2 AND mended_at IS NULL`,
];

/** The people of a connection that is about to be deleted. */
@Injectable()
export class RemovalRepository {
  /** Those who are linked to a living record of it, and whether a connection whose word counts employs them besides. */
  linked(
    tx: Tx,
    organisationId: string,
    connectionId: string,
    after: string,
    distrustedSince: Date,
    limit: number,
  ): Promise<LinkedPerson[]> {
    return tx.query<LinkedPerson>(
      `SELECT d.external_id, p.id AS person_id, concat_ws(' ', p.first_name, p.last_name, '<' || p.email || '>') AS label, p.state,
              p.is_protected, p.version,
              EXISTS (SELECT FROM directory_record o JOIN connection c ON c.organisation_id = $1 AND c.id = o.connection_id
                       WHERE o.organisation_id = $1 AND o.person_id = p.id AND o.connection_id <> $2 AND c.state IN ('active', 'paused')
                         AND ${trusted('$5')} AND o.gone_at IS NULL AND o.in_scope AND o.employed) AS employed_elsewhere
         FROM directory_record d JOIN person p ON p.organisation_id = $1 AND p.id = d.person_id
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND d.gone_at IS NULL AND d.external_id > $3
        ORDER BY d.external_id LIMIT $4`,
      [organisationId, connectionId, after, limit, distrustedSince],
    );
  }

  /** The mirror of a deleted connection is gone; its people stay, linked to it no more, and the next one decides. */
  async forget(tx: Tx, organisationId: string, connectionId: string, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE directory_record o SET settled_hash = NULL, settled_at = NULL
         FROM directory_record d
        WHERE d.organisation_id = $1 AND d.connection_id = $2 AND o.organisation_id = $1 AND o.person_id = d.person_id
          AND o.connection_id <> $2 AND o.settled_hash IS NOT NULL`,
      [organisationId, connectionId],
    );
    for (const over of OVER) await tx.execute(over, [organisationId, connectionId, now]);
    await tx.execute(`DELETE FROM directory_record WHERE organisation_id = $1 AND connection_id = $2`, [
      organisationId,
      connectionId,
    ]);
  }
}
