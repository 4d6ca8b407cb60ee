import type { Tx } from '../../src/database/tx.js';
import type { TestDatabase } from './database.js';

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  Plans?: PlanNode[];
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

export interface Scans {
  /** Who asked, by the database's own word. */
  role: string;
  statements: number;
  /** Table and statement of each of these tables that is read whole. */
  whole: string[];
}

/** Explains each statement of a repository as it is, in the same transaction and role, before it is carried out. */
export async function scansOf(
  db: Pick<TestDatabase, 'database'>,
  organisationId: string,
  tables: readonly string[],
  work: (tx: Tx) => Promise<unknown>,
): Promise<Scans> {
  const found: Scans = { role: '', statements: 0, whole: [] };
  await db.database.asOrganisation(organisationId, async (tx) => {
    const [who] = await tx.query<{ role: string }>('SELECT current_user AS role');
    found.role = who?.role ?? '';
    const explain = async (text: string, values?: readonly unknown[]): Promise<void> => {
      found.statements += 1;
      if (text.includes('set_config')) return;
      const [row] = await tx.query<Record<string, [{ Plan: PlanNode }]>>(`EXPLAIN (FORMAT JSON) ${text}`, values);
      const plan = Object.values(row ?? {})[0]?.[0].Plan;
      if (!plan) throw new Error('there is no plan');
      for (const node of nodesOf(plan)) {
        const table = node['Relation Name'] ?? '';
        if (node['Node Type'] === 'Seq Scan' && tables.includes(table)) found.whole.push(`${table}: ${text}`);
      }
    };
    const before =
      <Result>(method: (text: string, values?: readonly unknown[]) => Promise<Result>) =>
      async (text: string, values?: readonly unknown[]): Promise<Result> => {
        await explain(text, values);
        return method.call(tx, text, values);
      };
    await work({
      query: before(tx.query.bind(tx)) as Tx['query'],
      one: before(tx.one.bind(tx)) as Tx['one'],
      maybeOne: before(tx.maybeOne.bind(tx)) as Tx['maybeOne'],
      execute: before(tx.execute.bind(tx)),
      savepoint: (inner) => tx.savepoint(inner),
    });
  });
  return found;
}
