import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

/** Where people of a domain sign in. */
export interface DomainRoute {
  organisationId: string;
  identityProviderId: string;
}

@Injectable()
export class DomainRoutesRepository {
  /**
   * As the worker. A domain whose proof has failed since before `lapsed` leads nowhere any more.
   *
   * @param name In canonical form.
   */
  ofDomain(worker: Tx, name: string, lapsed: Date): Promise<DomainRoute | null> {
    return worker.maybeOne<DomainRoute>(
      `SELECT p.organisation_id, p.id AS identity_provider_id
         FROM domain d
         JOIN organisation o ON o.id = d.organisation_id AND o.sso AND o.delete_after IS NULL
         JOIN identity_provider p
           ON p.organisation_id = d.organisation_id AND p.state = 'active' AND (cardinality(p.domains) = 0 OR d.name = ANY(p.domains))
        WHERE d.name = $1 AND d.verified_at IS NOT NULL AND (d.failing_since IS NULL OR d.failing_since > $2)
        ORDER BY p.created_at, p.id LIMIT 1`,
      [name, lapsed],
    );
  }
}
