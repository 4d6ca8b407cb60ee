import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `(SELECT current_setting('rollcall.organisation_id')::uuid)`;

export interface ManagerStanding {
  id: string;
  state: string;
  firstName: string | null;
  lastName: string | null;
  email: string;
  /** People who are not archived and have them as their manager. */
  reports: number;
  /** Whether a notice about them is open. */
  noticed: boolean;
}

@Injectable()
export class ManagerNoticesRepository {
  async standing(tx: Tx, managers: readonly string[]): Promise<ManagerStanding[]> {
    return tx.query<ManagerStanding>(
      `SELECT m.id, m.state, m.first_name, m.last_name, m.email,
         (SELECT count(*) FROM person r WHERE r.organisation_id = m.organisation_id AND r.manager_id = m.id AND r.state <> 'archived')
           AS reports,
         EXISTS (SELECT 1 FROM notice n WHERE n.organisation_id = m.organisation_id AND n.cause = 'manager_left:' || m.id
           AND n.mended_at IS NULL) AS noticed
       FROM person m WHERE m.organisation_id = ${ORGANISATION} AND m.id = ANY($1::uuid[])`,
      [managers],
    );
  }

  /** @param rows JSON array of id, person_id, message, reports. One notice per manager; an open one gets the new words. */
  async raise(tx: Tx, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO notice (organisation_id, id, kind, cause, person_id, message, detail, opened_at)
       SELECT ${ORGANISATION}, r.id, 'manager_left', 'manager_left:' || r.person_id, r.person_id, r.message,
         jsonb_build_object('people', r.reports), $2
       FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, person_id uuid, message text, reports integer)
       ON CONFLICT (organisation_id, cause) WHERE mended_at IS NULL
       DO UPDATE SET message = excluded.message, detail = excluded.detail`,
      [rows, now],
    );
  }

  async mend(tx: Tx, managers: readonly string[], now: Date): Promise<void> {
    await tx.execute(
      `UPDATE notice SET mended_at = $2
       WHERE organisation_id = ${ORGANISATION} AND mended_at IS NULL
         AND cause IN (SELECT 'manager_left:' || id FROM unnest($1::uuid[]) AS id)`,
      [managers, now],
    );
  }
}
