import type pg from 'pg';
import { RollcallError } from '../common/errors.js';
import { isId } from '../common/ids.js';
import { isTransactionConflict, mayBeOfTheEnded } from './errors.js';
import { assertMigrated, readMigrations, type Migration } from './migrations.js';
import { transaction, type TransactionOptions } from './transaction.js';
import type { CopyTx, Tx } from './tx.js';
import type { RoleName } from './roles.js';

export type Pools = Record<RoleName, pg.Pool>;

/** The one way to the database: a transaction, as one organisation, as the worker, or as the owner. */
export class Database {
  private migrations: readonly Migration[] | null = null;

  constructor(
    private readonly pools: Pools,
    private readonly statementTimeoutMs: number,
    private readonly onClose: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /**
   * In this transaction row-level security shows the rows of one organisation and no others.
   *
   * @throws {RollcallError} `organisation.deleting` for a write once its time is over; `organisation.not_found` after it.
   */
  asOrganisation<T>(
    organisationId: string,
    work: (tx: Tx) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    // Without an organisation every query finds nothing, which looks like an answer.
    if (!isId(organisationId)) return Promise.reject(new TypeError('a transaction needs the id of an organisation'));
    return this.run('app', organisationId, options, work).catch(async (error: unknown) => {
      throw mayBeOfTheEnded(error) ? ((await this.ended(organisationId, error)) ?? error) : error;
    });
  }

  /** Sees what is due, and digests of keys, across organisations; nothing else. */
  asWorker<T>(work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.run('worker', null, options, work);
  }

  /** As the owner of the schema: for the operator's tools, backup and restore. */
  asMigrate<T>(work: (tx: CopyTx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    return this.run('migrate', null, options, work);
  }

  /** The database's clock, which all instances share. */
  now(): Promise<Date> {
    return this.asWorker(async (tx) => (await tx.one<{ now: Date }>('SELECT clock_timestamp() AS now')).now);
  }

  /**
   * Whether the schema is still the one of this release: a newer instance may have migrated it meanwhile.
   *
   * @throws {RollcallError} `database.schema_newer`, or another of that family.
   */
  async assertSchema(): Promise<void> {
    this.migrations ??= await readMigrations();
    const client = await this.pools.worker.connect().catch((error: unknown) => {
      throw new RollcallError('database.unavailable', 'The database cannot be reached at the moment.', undefined, {
        cause: error,
      });
    });
    try {
      await assertMigrated(client, this.migrations);
    } finally {
      client.release();
    }
  }

  async close(): Promise<void> {
    await Promise.all(Object.values(this.pools).map((pool) => (pool.ended ? Promise.resolve() : pool.end())));
    await this.onClose();
  }

  /** What a write of an organisation that has ended is told; null: it goes on. */
  private async ended(organisationId: string, cause: unknown): Promise<RollcallError | null> {
    const found = await this.asWorker(
      (tx) =>
        tx.maybeOne<{ over: boolean }>(
          'SELECT coalesce(delete_after <= clock_timestamp(), false) AS over FROM organisation WHERE id = $1',
          [organisationId],
        ),
      { readOnly: true },
    );
    if (found === null) {
      return new RollcallError('organisation.not_found', 'This organisation has been deleted.', undefined, { cause });
    }
    if (!found.over) return null;
    const sentence = 'The time of this organisation is over: it is being deleted, and nothing is written any more.';
    return new RollcallError('organisation.deleting', sentence, undefined, { cause });
  }

  private run<T>(
    role: RoleName,
    organisationId: string | null,
    options: TransactionOptions,
    work: (tx: CopyTx) => Promise<T>,
  ): Promise<T> {
    return transaction(
      { pool: this.pools[role], organisationId, options, defaultTimeoutMs: this.statementTimeoutMs },
      work,
    );
  }
}

/** Runs a transaction again when PostgreSQL ended it for a deadlock or a serialisation failure. */
export async function retryOnConflict<T>(work: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= attempts || !isTransactionConflict(error)) throw error;
    }
  }
}
