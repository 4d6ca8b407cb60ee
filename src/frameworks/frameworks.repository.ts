import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { FrameworkRow, PositionRow } from './frameworks.types.js';

const OWN = `organisation_id = current_setting('rollcall.organisation_id')::uuid`;
const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;
const FRAMEWORK = 'id, name, folded, created_at';
const POSITION = 'id, framework_id, name, folded, rank, created_at';

/** Frameworks and the positions in them. */
@Injectable()
export class FrameworksRepository {
  list(tx: Tx, after: string | null, limit: number): Promise<FrameworkRow[]> {
    return tx.query(
      `SELECT ${FRAMEWORK} FROM framework WHERE ${OWN} AND ($1::text IS NULL OR folded > $1) ORDER BY folded LIMIT $2`,
      [after, limit],
    );
  }

  find(tx: Tx, id: string): Promise<FrameworkRow | null> {
    return tx.maybeOne(`SELECT ${FRAMEWORK} FROM framework WHERE ${OWN} AND id = $1`, [id]);
  }

  /** Whoever changes the order of a framework's positions holds it, so that ranks stay without gaps. */
  lock(tx: Tx, id: string): Promise<FrameworkRow | null> {
    return tx.maybeOne(`SELECT ${FRAMEWORK} FROM framework WHERE ${OWN} AND id = $1 FOR NO KEY UPDATE`, [id]);
  }

  async insert(tx: Tx, row: FrameworkRow): Promise<void> {
    await tx.execute(
      `INSERT INTO framework (organisation_id, id, name, folded, created_at) VALUES (${ORGANISATION}, $1, $2, $3, $4)`,
      [row.id, row.name, row.folded, row.createdAt],
    );
  }

  async rename(tx: Tx, id: string, name: string, folded: string): Promise<void> {
    await tx.execute(`UPDATE framework SET name = $2, folded = $3 WHERE ${OWN} AND id = $1`, [id, name, folded]);
  }

  async remove(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM framework WHERE ${OWN} AND id = $1`, [id]);
  }

  positions(
    tx: Tx,
    frameworkId: string | null,
    after: [string, number, string] | null,
    limit: number,
  ): Promise<PositionRow[]> {
    return tx.query(
      `SELECT ${POSITION} FROM position
       WHERE ${OWN} AND ($1::uuid IS NULL OR framework_id = $1)
         AND ($2::uuid IS NULL OR (framework_id, rank, id) > ($2::uuid, $3::integer, $4::uuid))
       ORDER BY framework_id, rank, id LIMIT $5`,
      [frameworkId, after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit],
    );
  }

  findPosition(tx: Tx, id: string): Promise<PositionRow | null> {
    return tx.maybeOne(`SELECT ${POSITION} FROM position WHERE ${OWN} AND id = $1`, [id]);
  }

  async countPositions(tx: Tx, frameworkId: string): Promise<number> {
    const row = await tx.one<{ count: number }>(
      `SELECT count(*) AS count FROM position WHERE ${OWN} AND framework_id = $1`,
      [frameworkId],
    );
    return row.count;
  }

  /** Makes or closes a gap: positions from `from` to `to` go up or down. */
  async shift(tx: Tx, frameworkId: string, from: number, to: number, by: number): Promise<void> {
    await tx.execute(
      `UPDATE position SET rank = rank + $4 WHERE ${OWN} AND framework_id = $1 AND rank BETWEEN $2 AND $3`,
      [frameworkId, from, to, by],
    );
  }

  async insertPosition(tx: Tx, row: PositionRow): Promise<void> {
    await tx.execute(
      `INSERT INTO position (organisation_id, id, framework_id, name, folded, rank, created_at)
       VALUES (${ORGANISATION}, $1, $2, $3, $4, $5, $6)`,
      [row.id, row.frameworkId, row.name, row.folded, row.rank, row.createdAt],
    );
  }

  async updatePosition(tx: Tx, row: PositionRow): Promise<void> {
    await tx.execute(`UPDATE position SET name = $2, folded = $3, rank = $4 WHERE ${OWN} AND id = $1`, [
      row.id,
      row.name,
      row.folded,
      row.rank,
    ]);
  }

  async removePosition(tx: Tx, id: string): Promise<void> {
    await tx.execute(`DELETE FROM position WHERE ${OWN} AND id = $1`, [id]);
  }
}
