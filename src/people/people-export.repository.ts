import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

export interface ExportedPerson {
  id: string;
  email: string;
  firstName: string | null;
  lastName: string | null;
  state: 'pending' | 'active' | 'archived';
  positionName: string | null;
  teamName: string | null;
  managerEmail: string | null;
  isAdmin: boolean;
}

/**
 * Who is found by an address: the one who is not archived, else the one archived last; nobody who was erased. Others would
 * come back as somebody else.
 */
const FOUND = (
  person: string,
): string => `(${person}.state <> 'archived' OR ${person}.erased_at IS NULL AND NOT EXISTS (
  SELECT FROM person other WHERE other.organisation_id = ${ORGANISATION} AND other.email_canonical = ${person}.email_canonical
     AND other.id <> ${person}.id AND (other.state <> 'archived'
       OR other.erased_at IS NULL AND (other.archived_at, other.id) > (${person}.archived_at, ${person}.id))))`;

/** Everybody, as a file of people can say it. */
@Injectable()
export class PeopleExportRepository {
  page(tx: Tx, after: string | null, limit: number): Promise<ExportedPerson[]> {
    return tx.query<ExportedPerson>(
      `WITH page AS MATERIALIZED (
         SELECT * FROM person WHERE organisation_id = ${ORGANISATION} AND ($1::uuid IS NULL OR id > $1) ORDER BY id LIMIT $2)
       SELECT p.id, CASE WHEN ${FOUND('p')} THEN p.email ELSE '' END AS email, p.first_name, p.last_name, p.state, p.is_admin,
              t.name AS team_name, o.name AS position_name,
              CASE WHEN ${FOUND('m')} THEN m.email END AS manager_email
         FROM page p
         LEFT JOIN team t ON t.organisation_id = p.organisation_id AND t.id = p.team_id
         LEFT JOIN position o ON o.organisation_id = p.organisation_id AND o.id = p.position_id
         LEFT JOIN person m ON m.organisation_id = p.organisation_id AND m.id = p.manager_id
        ORDER BY p.id`,
      [after, limit],
    );
  }
}
