import type { Database } from '../../src/database/database.service.js';

/** Everything that a copy of the database says, as text: unlogged tables too, which a backup leaves out. */
export async function dumpOf(database: Database): Promise<string> {
  return database.asMigrate(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      parts.push(
        ...(await tx.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`)).map(({ row }) => row),
      );
    }
    return parts.join('\n');
  });
}
