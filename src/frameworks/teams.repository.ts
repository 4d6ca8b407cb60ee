import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { AliasRow, TeamRow } from './frameworks.types.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const OWN = `organisation_id = ${ORGANISATION}`;
const TEAM = 'id, framework_id, name, folded, origin, created_at';
const ALIAS = 'id, kind, name, folded, team_id, position_id, created_at';

/** Teams, and the other names that directories have for teams and positions. */
@Injectable()
export class TeamsRepository {
  list(tx: Tx, frameworkId: string | null, after: string | null, limit: number): Promise<TeamRow[]> {
    return tx.query(
      `SELECT ${TEAM} FROM team
       WHERE ${OWN} AND ($1::uuid IS NULL OR framework_id = $1) AND ($2::text IS NULL OR folded > $2)
       ORDER BY folded LIMIT $3`,
      [frameworkId, after, limit],
    );
  }

  find(tx: Tx, id: string): Promise<TeamRow | null> {
    return tx.maybeOne(`SELECT ${TEAM} FROM team WHERE ${OWN} AND id = $1`, [id]);
  }

  lock(tx: Tx, id: string): Promise<TeamRow | null> {
    return tx.maybeOne(`SELECT ${TEAM} FROM team WHERE ${OWN} AND id = $1 FOR NO KEY UPDATE`, [id]);
  }

  async insert(tx: Tx, row: TeamRow): Promise<void> {
    await tx.execute(
      `INSERT INTO team (organisation_id, id, framework_id, name, folded, origin, created_at)
       VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6)`,
      [row.id, row.frameworkId, row.name, row.folded, row.origin, row.createdAt],
    );
  }

  async update(tx: Tx, row: TeamRow): Promise<void> {
    await tx.execute(`UPDATE team SET name = $2, folded = $3, framework_id = $4 WHERE ${OWN} AND id = $1`, [
      row.id,
      row.name,
      row.folded,
      row.frameworkId,
    ]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM team WHERE ${OWN} AND id = $1`, [id]);
  }

  aliases(tx: Tx, kind: string | null, after: [string, string] | null, limit: number): Promise<AliasRow[]> {
    return tx.query(
      `SELECT ${ALIAS} FROM alias
       WHERE ${OWN} AND ($1::text IS NULL OR kind = $1) AND ($2::text IS NULL OR (kind, folded) > ($2, $3::text))
       ORDER BY kind, folded LIMIT $4`,
      [kind, after?.[0] ?? null, after?.[1] ?? null, limit],
    );
  }

  findAlias(tx: Tx, id: string): Promise<AliasRow | null> {
    return tx.maybeOne(`SELECT ${ALIAS} FROM alias WHERE ${OWN} AND id = $1`, [id]);
  }

  async insertAlias(tx: Tx, row: AliasRow): Promise<void> {
    await tx.execute(
      `INSERT INTO alias (organisation_id, id, kind, name, folded, team_id, position_id, created_at)
       VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6, $7)`,
      [row.id, row.kind, row.name, row.folded, row.teamId, row.positionId, row.createdAt],
    );
  }

  async removeAlias(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM alias WHERE ${OWN} AND id = $1`, [id]);
  }

  /** @returns Ids of the aliases of that team or position that were deleted. */
  async removeAliasesOf(tx: Tx, kind: 'team' | 'position', id: string): Promise<string[]> {
    const column = kind === 'team' ? 'team_id' : 'position_id';
    const rows = await tx.query<{ id: string }>(`DELETE FROM alias WHERE ${OWN} AND ${column} = $1 RETURNING id`, [id]);
    return rows.map((row) => row.id);
  }
}
