import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `(SELECT current_setting('rollcall.organisation_id')::uuid)`;

/** Who reports to whom, all the way up. */
@Injectable()
export class ManagerChainsRepository {
  /**
   * Whoever gives managers in an organisation queues until those before are done: what is above anybody stays as it is
   * while they look. To be taken before any person is locked.
   */
  async lock(tx: Tx): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('rollcall.managers:' || current_setting('rollcall.organisation_id'), 0))::text`,
    );
  }

  /** The manager of each of these people and of everybody above them; a loop that stands is followed once. */
  async above(tx: Tx, people: readonly string[]): Promise<Map<string, string | null>> {
    const rows = await tx.query<{ id: string; managerId: string | null }>(
      `WITH RECURSIVE above AS (
         SELECT p.id, p.manager_id FROM unnest($1::uuid[]) AS wanted(id)
           CROSS JOIN LATERAL (SELECT id, manager_id FROM person WHERE organisation_id = ${ORGANISATION} AND id = wanted.id OFFSET 0) p
         UNION
         SELECT p.id, p.manager_id FROM above
           CROSS JOIN LATERAL (SELECT id, manager_id FROM person WHERE organisation_id = ${ORGANISATION} AND id = above.manager_id OFFSET 0) p)
       SELECT id, manager_id FROM above`,
      [people],
    );
    return new Map(rows.map((row) => [row.id, row.managerId]));
  }
}
