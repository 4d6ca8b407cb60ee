import type { Database } from '../../src/database/database.service.js';

/**
 * A digest of every row that an organisation has, table by table: equal before and after when nothing was changed. When a
 * credential was last used changes by itself.
 */
export async function rowsOf(database: Database, organisationId: string): Promise<Record<string, string>> {
  return database.asMigrate(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
    );
    const digests: Record<string, string> = {};
    for (const { name } of tables) {
      const { digest } = await tx.one<{ digest: string }>(
        `SELECT count(*) || ' ' || coalesce(md5(string_agg((to_jsonb(t) - 'last_used_at')::text, E'\\n' ORDER BY (to_jsonb(t) - 'last_used_at')::text)), '') AS digest
           FROM "${name}" t WHERE organisation_id = $1`,
        [organisationId],
      );
      digests[name] = digest;
    }
    return digests;
  });
}
