import type { CopyTx } from './tx.js';

export interface TableShape {
  name: string;
  columns: string[];
}

/**
 * What is not worth keeping: processes that run now, answers kept for repeated requests, the record of migrations, files
 * of people whose bytes are in no backup, and how often an address was invited of late. And what is good for minutes and
 * once alone: restored, it would be good once more.
 */
const LEFT_OUT = [
  '_prisma_migrations',
  'idempotency_key',
  'import',
  'instance',
  'invited_address',
  'link_request',
  'passkey_challenge',
  'sign_in_attempt',
  'sign_in_token',
];

/** Tables to keep, each after those that it points to. Unlogged ones are left out: lost means read anew. */
export async function readTables(tx: CopyTx): Promise<TableShape[]> {
  const tables = await tx.query<TableShape>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.relname <> ALL ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [LEFT_OUT],
  );
  const edges = await tx.query<{ from: string; to: string }>(
    `SELECT DISTINCT source.relname AS from, target.relname AS to FROM pg_constraint k
     JOIN pg_class source ON source.oid = k.conrelid JOIN pg_class target ON target.oid = k.confrelid
     WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace AND k.conrelid <> k.confrelid`,
  );
  return inOrder(tables, edges);
}

/** @throws {TypeError} when tables point at each other in a ring: the schema does not allow that. */
export function inOrder(tables: readonly TableShape[], edges: readonly { from: string; to: string }[]): TableShape[] {
  const waiting = new Map(tables.map((table) => [table.name, table]));
  const ordered: TableShape[] = [];
  while (waiting.size > 0) {
    const free = [...waiting.values()].filter(
      ({ name }) => !edges.some(({ from, to }) => from === name && waiting.has(to)),
    );
    if (free.length === 0)
      throw new TypeError(`tables point at each other in a ring: ${[...waiting.keys()].join(', ')}`);
    for (const table of free) {
      ordered.push(table);
      waiting.delete(table.name);
    }
  }
  return ordered;
}
