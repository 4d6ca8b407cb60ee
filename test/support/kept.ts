import { newId } from '../../src/common/ids.js';
import { readTables } from '../../src/database/backup-tables.js';
import type { Database } from '../../src/database/database.service.js';
import { insertOrganisation } from './database.js';

/** A digest of every table that a backup keeps, whatever order its rows lie in and whatever server holds them. */
export async function keptIn(database: Database): Promise<Record<string, string>> {
  return database.asMigrate(async (tx) => {
    const digests: Record<string, string> = {};
    for (const { name } of await readTables(tx)) {
      const { digest } = await tx.one<{ digest: string }>(
        `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text COLLATE "C"), '')) AS digest FROM "${name}" t`,
      );
      digests[name] = digest;
    }
    return digests;
  });
}

/** An organisation with people, a connection at work, a run of it, and entries, with all that text can hold. */
export async function fillWith(
  database: Database,
  people: number,
): Promise<{ organisation: string; connection: string }> {
  const organisation = await insertOrganisation(database, { name: 'Ünï\t"cödé"\\N\nline' });
  const connection = newId();
  await database.asOrganisation(organisation, async (tx) => {
    await tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, first_name, sort_name, attributes)
       SELECT $1::uuid, gen_random_uuid(), 'active', 'manual', n || '@example.com', n || '@example.com', E'tab\\tnew\\nline\\\\' || n, 'p' || n,
              jsonb_build_object('x', repeat('é', 150)) FROM generate_series(1, $2::int) n`,
      [organisation, people],
    );
    await tx.execute(
      `UPDATE person SET manager_id = (SELECT id FROM person WHERE sort_name = 'p1') WHERE sort_name IN ('p2', 'p3')`,
    );
    await tx.execute(
      `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings, confirmed_version, credentials, lease_owner)
       VALUES ($1, $2, 'csv', 'One', 1, 'active', '{}', 1, '\\x00ff0a5c', gen_random_uuid())`,
      [organisation, connection],
    );
    await tx.execute(
      `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by) VALUES ($1, gen_random_uuid(), $2, 'full', 'manual', 'applying', '{}')`,
      [organisation, connection],
    );
    await tx.execute(
      `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id) SELECT $1, 'x', '{}', 'x', n::text FROM generate_series(1, 5) n`,
      [organisation],
    );
  });
  return { organisation, connection };
}
