import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

/** Sessions of PostgreSQL hand in what they counted at the latest so long after their last statement. */
const HANDED_IN_MS = 10_500;

/** Emptied at the end of each run, and never flushed to disk: not counted as written. */
const STAGING = new Set(['staged_page', 'staged_record', 'staged_evidence']);

/** An unchanged directory must leave all of these alone. (That somebody asked for the run is in the audit log.) */
const BUSINESS = new Set(['person', 'person_token', 'former_address', 'directory_record', 'event']);

export interface RowsWritten {
  total: number;
  /** Of people, their records and the outbox. */
  business: number;
}

/** Rows that were written, by PostgreSQL's own count. */
export class RowCounter {
  readonly #client: pg.Client;
  #last = new Map<string, number>();

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<RowCounter> {
    const client = new pg.Client({ connectionString: url, application_name: 'bench' });
    await client.connect();
    return new RowCounter(client);
  }

  /** Rows inserted, updated and deleted since the last call. */
  async since(): Promise<RowsWritten> {
    await wait(HANDED_IN_MS);
    const { rows } = await this.#client.query<{ name: string; n: string }>(
      `SELECT relname AS name, n_tup_ins + n_tup_upd + n_tup_del AS n FROM pg_stat_user_tables`,
    );
    const written = { total: 0, business: 0 };
    for (const { name, n } of rows) {
      const more = Number(n) - (this.#last.get(name) ?? 0);
      this.#last.set(name, Number(n));
      if (!STAGING.has(name)) written.total += more;
      if (BUSINESS.has(name)) written.business += more;
    }
    return written;
  }

  /** Lets the schedule find a connection due at once. */
  async makeDue(connectionId: string): Promise<void> {
    await this.#client.query('UPDATE connection SET next_run_at = now() WHERE id = $1', [connectionId]);
  }

  close(): Promise<void> {
    return this.#client.end();
  }
}
