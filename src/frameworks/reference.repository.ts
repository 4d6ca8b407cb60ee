import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `(SELECT current_setting('rollcall.organisation_id')::uuid)`;

export interface TeamName {
  id: string;
  frameworkId: string | null;
  name: string;
  folded: string;
}

export interface PositionName {
  id: string;
  frameworkId: string;
  name: string;
  folded: string;
}

export interface AliasName {
  kind: 'team' | 'position';
  folded: string;
  teamId: string | null;
  positionId: string | null;
}

/** Everything that names are resolved by: an organisation has hundreds of these, not hundreds of thousands. */
@Injectable()
export class ReferenceRepository {
  teams(tx: Tx): Promise<TeamName[]> {
    return tx.query(
      `SELECT id, framework_id, name, folded FROM team WHERE organisation_id = ${ORGANISATION} ORDER BY folded`,
    );
  }

  positions(tx: Tx): Promise<PositionName[]> {
    return tx.query(
      `SELECT id, framework_id, name, folded FROM position WHERE organisation_id = ${ORGANISATION} ORDER BY folded, id`,
    );
  }

  aliases(tx: Tx): Promise<AliasName[]> {
    return tx.query(`SELECT kind, folded, team_id, position_id FROM alias WHERE organisation_id = ${ORGANISATION}`);
  }

  /**
   * @param rows JSON array of id, name, folded.
   * @returns The teams that were made; the others were there by then.
   */
  async addTeams(tx: Tx, rows: string, origin: string, now: Date): Promise<string[]> {
    const added = await tx.query<{ id: string }>(
      `INSERT INTO team (organisation_id, id, name, folded, origin, created_at)
       SELECT ${ORGANISATION}, r.id, r.name, r.folded, $3, $2
       FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, name text, folded text) ORDER BY r.folded
       ON CONFLICT (organisation_id, folded) DO NOTHING RETURNING id`,
      [rows, now, origin],
    );
    return added.map((row) => row.id);
  }

  /** @param rows JSON array of id, name, folded, rank. */
  async addPositions(tx: Tx, frameworkId: string, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO position (organisation_id, id, framework_id, name, folded, rank, created_at)
       SELECT ${ORGANISATION}, r.id, $1, r.name, r.folded, r.rank, $3
       FROM jsonb_to_recordset($2::jsonb) AS r(id uuid, name text, folded text, rank int)`,
      [frameworkId, rows, now],
    );
  }

  /** The departments, or titles, of living records that match nothing, as received, with how many people have each. */
  async unmatched(tx: Tx, kind: 'team' | 'position'): Promise<{ name: string; people: number }[]> {
    const column = kind === 'team' ? 'unmatched_team' : 'unmatched_title';
    return tx.query(
      `SELECT ${column} AS name, count(*) AS people FROM directory_record
       WHERE organisation_id = ${ORGANISATION} AND ${column} IS NOT NULL GROUP BY ${column}`,
    );
  }

  /** Records with these unmatched departments or titles are planned again in the next run. */
  async unsettleUnmatched(tx: Tx, kind: 'team' | 'position', names: readonly string[]): Promise<number> {
    const column = kind === 'team' ? 'unmatched_team' : 'unmatched_title';
    return tx.execute(
      `UPDATE directory_record SET settled_hash = NULL, settled_at = NULL
       WHERE organisation_id = ${ORGANISATION} AND ${column} = ANY($1::text[]) AND settled_hash IS NOT NULL`,
      [names],
    );
  }

  /** Records of people who are in these teams, or hold these positions, are planned again in the next run. */
  async unsettlePeopleOf(tx: Tx, kind: 'team' | 'position', ids: readonly string[]): Promise<number> {
    const column = kind === 'team' ? 'team_id' : 'position_id';
    return tx.execute(
      `UPDATE directory_record d SET settled_hash = NULL, settled_at = NULL
       FROM person p
       WHERE p.organisation_id = ${ORGANISATION} AND p.${column} = ANY($1::uuid[])
         AND d.organisation_id = p.organisation_id AND d.person_id = p.id AND d.settled_hash IS NOT NULL`,
      [ids],
    );
  }
}
