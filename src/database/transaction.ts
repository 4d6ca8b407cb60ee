import pg from 'pg';
import { isError } from '../common/errors.js';
import { CommitUnknown, isConnectionFault, translate } from './errors.js';
import { PgTx } from './tx.js';

export interface TransactionOptions {
  /** Longest time of one statement, milliseconds. */
  timeoutMs?: number;
  /** Refuses every write. */
  readOnly?: boolean;
  /**
   * False: COMMIT answers before it is on disk. A crash of the database can lose it, and with it only what came later; the
   * next commit that is awaited keeps it. For work that is done again when it is lost.
   */
  awaitDisk?: boolean;
  /** `repeatable read` sees one moment throughout; default `read committed`. */
  isolation?: 'read committed' | 'repeatable read' | 'serializable';
}

interface Setting {
  pool: pg.Pool;
  organisationId: string | null;
  options: TransactionOptions;
  defaultTimeoutMs: number;
}

/** PostgreSQL ends a statement at its time-out; this much later we stop believing that it will answer at all. */
const ANSWER_GRACE_MS = 10_000;

const BEGIN = {
  'read committed': 'BEGIN ISOLATION LEVEL READ COMMITTED',
  'repeatable read': 'BEGIN ISOLATION LEVEL REPEATABLE READ',
  serializable: 'BEGIN ISOLATION LEVEL SERIALIZABLE',
} as const;

/**
 * The one kind of transaction. Whatever `work` throws undoes all of it and is thrown on.
 *
 * @throws {CommitUnknown} when the connection broke while COMMIT was under way.
 */
export async function transaction<T>(setting: Setting, work: (tx: PgTx) => Promise<T>): Promise<T> {
  const timeoutMs = setting.options.timeoutMs ?? setting.defaultTimeoutMs;
  let client: pg.PoolClient;
  try {
    client = await setting.pool.connect();
  } catch (error) {
    throw translate(error);
  }
  // While a client is lent out, nobody else listens; an unheard 'error' would end the process. The fault itself
  // reaches us by the statement that fails.
  let broken: Error | undefined;
  const onError = (error: Error): void => void (broken = error);
  client.on('error', onError);
  try {
    const result = await begin(client, setting, timeoutMs, work);
    await commit(client);
    return result;
  } catch (error) {
    if (!(await rolledBack(client, error))) broken ??= isError(error) ? error : new Error(String(error));
    throw translate(error);
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

async function begin<T>(
  client: pg.PoolClient,
  { organisationId, options }: Setting,
  timeoutMs: number,
  work: (tx: PgTx) => Promise<T>,
): Promise<T> {
  const answerWithinMs = timeoutMs + ANSWER_GRACE_MS;
  const settings: Record<string, string> = {
    statement_timeout: String(timeoutMs),
    'rollcall.organisation_id': organisationId ?? '',
    transaction_read_only: options.readOnly === true ? 'on' : 'off',
    ...(options.awaitDisk === false ? { synchronous_commit: 'off' } : {}),
  };
  const set = Object.entries(settings).map(
    ([name, value]) => `set_config(${pg.escapeLiteral(name)}, ${pg.escapeLiteral(value)}, true)`,
  );
  // One message, since every transaction begins so; statements that come together cannot have values apart.
  await client.query({
    text: `${BEGIN[options.isolation ?? 'read committed']}; SELECT ${set.join(', ')}`,
    query_timeout: answerWithinMs,
  } as pg.QueryConfig);
  return work(new PgTx(client, answerWithinMs));
}

async function commit(client: pg.PoolClient): Promise<void> {
  let answer: pg.QueryResult;
  try {
    answer = await client.query({ text: 'COMMIT', query_timeout: 60_000 } as pg.QueryConfig);
  } catch (error) {
    throw isConnectionFault(error) ? new CommitUnknown(error) : error;
  }
  // A transaction that failed inside answers COMMIT with ROLLBACK, and no error.
  if (answer.command !== 'COMMIT') throw new Error('a statement of the transaction failed and its error was swallowed');
}

/** Undoes the transaction; false when the connection cannot be used again. */
async function rolledBack(client: pg.PoolClient, because: unknown): Promise<boolean> {
  if (because instanceof CommitUnknown || isConnectionFault(because)) return false;
  try {
    await client.query({ text: 'ROLLBACK', query_timeout: ANSWER_GRACE_MS } as pg.QueryConfig);
    return true;
  } catch {
    // The connection is thrown away with the transaction on it; the first fault is the one to tell.
    return false;
  }
}
