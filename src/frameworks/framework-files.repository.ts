import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

interface Named {
  name: string;
  aliases: string[];
}

/** A framework with all that belongs to it, read and made as a whole. */
@Injectable()
export class FrameworkFilesRepository {
  async of(tx: Tx, id: string): Promise<{ positions: Named[]; teams: Named[] }> {
    const positions = await tx.query<Named>(
      `SELECT p.name, coalesce(array_agg(a.name ORDER BY a.folded) FILTER (WHERE a.id IS NOT NULL), '{}') AS aliases
         FROM position p LEFT JOIN alias a ON a.organisation_id = p.organisation_id AND a.position_id = p.id
        WHERE p.organisation_id = ${ORGANISATION} AND p.framework_id = $1 GROUP BY p.id, p.name, p.rank ORDER BY p.rank`,
      [id],
    );
    const teams = await tx.query<Named>(
      `SELECT t.name, coalesce(array_agg(a.name ORDER BY a.folded) FILTER (WHERE a.id IS NOT NULL), '{}') AS aliases
         FROM team t LEFT JOIN alias a ON a.organisation_id = t.organisation_id AND a.team_id = t.id
        WHERE t.organisation_id = ${ORGANISATION} AND t.framework_id = $1 GROUP BY t.id, t.name, t.folded ORDER BY t.folded`,
      [id],
    );
    return { positions, teams };
  }

  /** All positions of a framework, the most junior first. */
  positions(tx: Tx, id: string): Promise<{ id: string; folded: string }[]> {
    return tx.query(
      `SELECT id, folded FROM position WHERE organisation_id = ${ORGANISATION} AND framework_id = $1 ORDER BY rank`,
      [id],
    );
  }

  /** One file after another in an organisation: what the second adds is judged by what the first made. */
  async lock(tx: Tx): Promise<void> {
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('rollcall.framework_files:' || ${ORGANISATION}::text, 0))::text`,
    );
  }

  /** The framework of a folded name. */
  async called(tx: Tx, folded: string): Promise<string | null> {
    const row = await tx.maybeOne<{ id: string }>(
      `SELECT id FROM framework WHERE organisation_id = ${ORGANISATION} AND folded = $1`,
      [folded],
    );
    return row?.id ?? null;
  }

  /** Nobody gives them another framework meanwhile. */
  async lockTeams(tx: Tx, folded: readonly string[]): Promise<void> {
    await tx.execute(
      `SELECT 1 FROM team WHERE organisation_id = ${ORGANISATION} AND folded = ANY($1::text[])
        ORDER BY folded FOR NO KEY UPDATE`,
      [folded],
    );
  }

  /** @param rows JSON array of folded, rank. */
  async rank(tx: Tx, frameworkId: string, rows: string): Promise<void> {
    await tx.execute(
      `UPDATE position p SET rank = n.rank FROM jsonb_to_recordset($2::jsonb) AS n(folded text, rank int)
        WHERE p.organisation_id = ${ORGANISATION} AND p.framework_id = $1 AND p.folded = n.folded`,
      [frameworkId, rows],
    );
  }

  /** @param rows JSON array of id, name, folded. */
  async addTeams(tx: Tx, frameworkId: string, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO team (organisation_id, id, framework_id, name, folded, origin, created_at)
       SELECT ${ORGANISATION}, n.id, $1, n.name, n.folded, 'admin', $3
         FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, name text, folded text)`,
      [frameworkId, rows, now],
    );
  }

  async giveTo(tx: Tx, frameworkId: string, teamIds: readonly string[]): Promise<void> {
    await tx.execute(
      `UPDATE team SET framework_id = $1 WHERE organisation_id = ${ORGANISATION} AND id = ANY($2::uuid[])`,
      [frameworkId, teamIds],
    );
  }

  /** @param rows JSON array of id, kind, name, folded, and the folded name that it stands for. */
  async addAliases(tx: Tx, frameworkId: string, rows: string, now: Date): Promise<void> {
    await tx.execute(
      `INSERT INTO alias (organisation_id, id, kind, name, folded, team_id, position_id, created_at)
       SELECT ${ORGANISATION}, n.id, n.kind, n.name, n.folded, t.id, p.id, $3
         FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, kind text, name text, folded text, "of" text)
         LEFT JOIN team t ON n.kind = 'team' AND t.organisation_id = ${ORGANISATION} AND t.framework_id = $1 AND t.folded = n."of"
         LEFT JOIN position p ON n.kind = 'position' AND p.organisation_id = ${ORGANISATION} AND p.framework_id = $1 AND p.folded = n."of"`,
      [frameworkId, rows, now],
    );
  }
}
