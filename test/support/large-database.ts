import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { openTestDatabase, type TestDatabase } from './database.js';

/** So long may a test take that makes a large database first. */
export const FILLING_MS = 300_000;

/** Two organisations of so many people, and what `more` makes of them; what it gives back is of the second. */
export async function openLargeDatabase<Made>(
  people: { each: number; origin: 'manual' | 'directory' | 'csv' },
  more: (tx: Tx, organisationId: string) => Promise<Made>,
): Promise<{ db: TestDatabase; organisationId: string; made: Made }> {
  const db = await openTestDatabase();
  await fill(db, people, more);
  const filled = await fill(db, people, more);
  await db.database.asMigrate((tx) => tx.script('ANALYZE'));
  return { db, ...filled };
}

async function fill<Made>(
  db: TestDatabase,
  { each, origin }: { each: number; origin: string },
  more: (tx: Tx, organisationId: string) => Promise<Made>,
): Promise<{ organisationId: string; made: Made }> {
  const organisationId = newId();
  const made = await db.database.asOrganisation(
    organisationId,
    async (tx) => {
      await tx.execute(`INSERT INTO organisation (id, slug, name) VALUES ($1, $2, 'O')`, [
        organisationId,
        `o${organisationId}`,
      ]);
      await tx.execute(
        `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
         SELECT $1, gen_random_uuid(), 'active', $3, e, e, e
           FROM generate_series(1, $2::int) n, LATERAL (SELECT 'p' || n || '@acme.example' AS e) x`,
        [organisationId, each, origin],
      );
      return more(tx, organisationId);
    },
    { timeoutMs: 240_000 },
  );
  return { organisationId, made };
}
