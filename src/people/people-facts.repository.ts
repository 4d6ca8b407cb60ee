import { Injectable } from '@nestjs/common';
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
  /** For each address the one who is not archived, else the one archived last. Nobody who was erased. */
  byAddress(tx: Tx, addresses: readonly string[]): Promise<FoundPerson[]> {
    return tx.query<FoundPerson>(
      `WITH living AS (
         SELECT id, email_canonical FROM person
          WHERE organisation_id = ${ORGANISATION} AND state <> 'archived' AND email_canonical = ANY($1::text[])
       ), gone AS (
         SELECT DISTINCT ON (email_canonical) id FROM person
          WHERE organisation_id = ${ORGANISATION} AND state = 'archived' AND erased_at IS NULL AND email_canonical = ANY($1::text[])
            AND email_canonical NOT IN (SELECT email_canonical FROM living)
          ORDER BY email_canonical, archived_at DESC, id DESC
       )
       SELECT ${PERSON},
              p.archive_reasons && '{directory,scim}' AND EXISTS (
                SELECT FROM directory_record d JOIN connection c ON c.organisation_id = d.organisation_id AND c.id = d.connection_id
                 WHERE d.organisation_id = p.organisation_id AND d.person_id = p.id AND d.gone_at IS NULL
                   AND c.state <> 'deleting') AS directory_keeps_archived
         FROM (SELECT id FROM living UNION ALL SELECT id FROM gone) found
         JOIN person p ON p.organisation_id = ${ORGANISATION} AND p.id = found.id`,
      [addresses],
    );
  }

  /** Which of these names, as people are sorted by, somebody has who is not archived. */
  async named(tx: Tx, names: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ sortName: string }>(
      `SELECT DISTINCT sort_name FROM person
        WHERE organisation_id = ${ORGANISATION} AND sort_name = ANY($1::text[]) AND state <> 'archived'`,
      [names],
    );
    return rows.map((row) => row.sortName);
  }
}
