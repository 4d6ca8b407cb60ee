import type { Readable, Writable } from 'node:stream';
import type pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { toObjects } from './rows.js';

/**
 * One transaction. Columns come back with camelCase keys; `int8` as a number, `timestamptz` as a Date, `date` and
 * `numeric` as text. A jsonb value goes in as `JSON.stringify(…)`, for a bare array would become an SQL array.
 */
export interface Tx {
  query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** @throws {TypeError} when there is not exactly one row: our bug. */
  one<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row>;
  /** @throws {TypeError} when there is more than one row: our bug. */
  maybeOne<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row | null>;
  /** Runs a statement and returns how many rows it wrote. */
  execute(text: string, values?: readonly unknown[]): Promise<number>;
  /** What `work` does is undone alone when it throws, and the transaction goes on being usable. */
  savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** A transaction that can stream whole tables. For the owner's tools only. */
export interface CopyTx extends Tx {
  copyOut(text: string): Readable;
  copyIn(text: string): Writable;
  /** Runs a script of several statements. */
  script(text: string): Promise<void>;
}

export class PgTx implements CopyTx {
  constructor(
    private readonly client: pg.PoolClient,
    private readonly answerWithinMs: number,
  ) {}

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    const result = await this.send(text, values);
    return toObjects<Row>(result.fields, result.rows);
  }

  async one<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row> {
    const row = await this.maybeOne<Row>(text, values);
    if (row === null) throw new TypeError('one row was promised and there is none');
    return row;
  }

  async maybeOne<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row | null> {
    const rows = await this.query<Row>(text, values);
    if (rows.length > 1) throw new TypeError(`one row was promised and there are ${rows.length}`);
    return rows[0] ?? null;
  }

  async execute(text: string, values?: readonly unknown[]): Promise<number> {
    return (await this.send(text, values)).rowCount ?? 0;
  }

  async savepoint<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    // Nested ones may share a name: PostgreSQL keeps them as a stack.
    await this.client.query('SAVEPOINT rollcall');
    try {
      const result = await work(this);
      await this.client.query('RELEASE SAVEPOINT rollcall');
      return result;
    } catch (error) {
      await this.client.query('ROLLBACK TO SAVEPOINT rollcall');
      await this.client.query('RELEASE SAVEPOINT rollcall');
      throw error;
    }
  }

  copyOut(text: string): Readable {
    return this.client.query(copyTo(text));
  }

  copyIn(text: string): Writable {
    return this.client.query(copyFrom(text));
  }

  async script(text: string): Promise<void> {
    await this.client.query(text);
  }

  private send(text: string, values: readonly unknown[] | undefined): Promise<pg.QueryArrayResult<unknown[]>> {
    const query = {
      text,
      rowMode: 'array' as const,
      values: values === undefined ? [] : [...values],
      query_timeout: this.answerWithinMs,
    };
    return this.client.query<unknown[], unknown[]>(query);
  }
}
