import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** As many as the service applies side by side. */
const CONNECTIONS = 4;

interface Statement {
  table: string;
  person: string;
  which: string;
  columns: string[];
}

/** What a first import leaves of each newcomer, in the order in which foreign keys want it, and how one is told from others. */
const ROWS: readonly Omit<Statement, 'columns'>[] = [
  { table: 'person', person: 'id', which: 'true' },
  { table: 'person_token', person: 'person_id', which: 'true' },
  { table: 'directory_record', person: 'person_id', which: 'person_id IS NOT NULL' },
  {
    table: 'planned_change',
    person: 'person_id',
    which: `kind = 'add' AND run_id = (SELECT run_id FROM planned_change WHERE organisation_id = $1 AND kind = 'add'
              GROUP BY run_id ORDER BY count(*) DESC LIMIT 1)`,
  },
  { table: 'audit_entry', person: 'subject_id', which: `action = 'person.added'` },
  { table: 'event', person: 'person_id', which: `type = 'person.added'` },
];

/** Columns that are given anew, or left to their default. */
const OVERRIDDEN: Readonly<Record<string, string | null>> = {
  organisation_id: '$2::uuid',
  connection_id: '$3::uuid',
  manager_id: 'NULL',
  team_id: 'NULL',
  position_id: 'NULL',
};

/**
 * The floor under a first import that no reader and no decision can go below: PostgreSQL alone writes the same rows once
 * more, for another organisation, from its own tables, by one statement for each table on four connections. Nothing is read
 * from a directory, parsed, decided or checked, and everything is rolled back.
 *
 * @returns Milliseconds; null where the database holds nobody.
 */
export async function measureWriting(url: string): Promise<number | null> {
  const client = await connected(url);
  try {
    const { rows } = await client.query<{ organisation: string; connection: string }>(
      `SELECT organisation_id AS organisation, (SELECT id FROM connection c WHERE c.organisation_id = p.organisation_id LIMIT 1) AS connection
         FROM person p GROUP BY 1 ORDER BY count(*) DESC LIMIT 1`,
    );
    const [from] = rows;
    if (from === undefined) return null;
    return await amongOthers(client, url, from);
  } finally {
    await client.end();
  }
}

async function amongOthers(
  client: pg.Client,
  url: string,
  from: { organisation: string; connection: string },
): Promise<number> {
  const [organisation, connection] = [randomUUID(), randomUUID()];
  await client.query(`INSERT INTO organisation (id, slug, name) VALUES ($1, 'writing-floor', 'writing floor')`, [
    organisation,
  ]);
  await client.query(
    `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings)
     SELECT $1, $2, provider, name, rank, 'paused', settings FROM connection WHERE organisation_id = $3 AND id = $4`,
    [organisation, connection, from.organisation, from.connection],
  );
  const statements: Statement[] = [];
  for (const rows of ROWS) statements.push({ ...rows, columns: await columnsOf(client, rows.table) });
  const started = performance.now();
  const times = await Promise.all(
    Array.from({ length: CONNECTIONS }, (_, part) => writeOnePart(url, statements, [from.organisation, organisation, connection, part], started)), // prettier-ignore
  );
  await client.query('DELETE FROM connection WHERE organisation_id = $1', [organisation]);
  await client.query('DELETE FROM organisation WHERE id = $1', [organisation]);
  return Math.max(...times);
}

async function writeOnePart(
  url: string,
  statements: readonly Statement[],
  values: readonly (string | number)[],
  started: number,
): Promise<number> {
  const client = await connected(url);
  try {
    await client.query('BEGIN');
    for (const { table, person, which, columns } of statements) {
      const selected = columns.map((column) => OVERRIDDEN[column] ?? `"${column}"`);
      await client.query(
        `INSERT INTO ${table} (${columns.map((column) => `"${column}"`).join(', ')}) SELECT ${selected.join(', ')} FROM ${table}
          WHERE organisation_id = $1::uuid AND $2::uuid IS NOT NULL AND $3::uuid IS NOT NULL
            AND hashtext(${person}::text) & ${CONNECTIONS - 1} = $4::int AND ${which}`,
        [...values],
      );
    }
    return performance.now() - started;
  } finally {
    await client.query('ROLLBACK');
    await client.end();
  }
}

/** All columns of a table but those that number its rows. */
async function columnsOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name = $1 AND coalesce(column_default, '') NOT LIKE 'nextval%' ORDER BY ordinal_position`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' });
  await client.connect();
  return client;
}
