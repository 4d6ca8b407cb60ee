import { Injectable } from '@nestjs/common';
import { textArray } from '../database/array-literals.js';
import type { Tx } from '../database/tx.js';
import type { PersonFacts } from '../sync/facts.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

const PERSON = `p.id, p.state, p.email, p.email_canonical, p.first_name, p.last_name, p.team_id, p.position_id, p.manager_id,
  p.employee_number, p.attributes, p.is_admin, p.is_protected, p.archive_reasons, p.archived_at, p.archived_from, p.version`;

export interface FoundPerson extends PersonFacts {
  archivedFrom: 'pending' | 'active' | null;
  directoryKeepsArchived: boolean;
}

/** Who has an address, for whole files of them at a time. */
@Injectable()
export class PeopleFactsRepository {
  /**
   * For each address who was archived last with it, and then who has it and is not archived. Nobody who was erased. Each
   * through an index, however many people there are.
   */
  byAddress(tx: Tx, addresses: readonly string[]): Promise<FoundPerson[]> {
    return tx.query<FoundPerson>(
      `(SELECT DISTINCT ON (p.email_canonical) ${PERSON},
               p.archive_reasons && '{directory,scim}' AND EXISTS (
                 SELECT FROM directory_record d JOIN connection c ON c.organisation_id = d.organisation_id AND c.id = d.connection_id
                  WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id AND d.gone_at IS NULL
                    AND c.state <> 'deleting') AS directory_keeps_archived
          FROM person p
         WHERE p.organisation_id = ${ORGANISATION} AND p.state = 'archived' AND p.erased_at IS NULL AND p.email_canonical = ANY($1::text[])
         ORDER BY p.email_canonical, p.archived_at DESC, p.id DESC)
       UNION ALL
       SELECT ${PERSON}, false FROM person p
        WHERE p.organisation_id = ${ORGANISATION} AND p.state <> 'archived' AND p.email_canonical = ANY($1::text[])`,
      [textArray(addresses)],
    );
  }

  /** Which of these names, as people are sorted by, somebody has who is not archived. */
  async named(tx: Tx, names: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ sortName: string }>(
      `SELECT DISTINCT sort_name FROM person
        WHERE organisation_id = ${ORGANISATION} AND sort_name = ANY($1::text[]) AND state <> 'archived'`,
      [textArray(names)],
    );
    return rows.map((row) => row.sortName);
  }
}
