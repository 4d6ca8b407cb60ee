import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { codeOf, isError, RollcallError } from '../common/errors.js';
import { PRESENCE_LOCK, type EmbeddedServer } from './embedded-server.js';
import { translate } from './errors.js';

/** How long to wait before looking after the server again when it went away and cannot be started. */
const AGAIN_AFTER_MS = 1_000;

/** How long whoever is about to stop the server, or not, may take to decide. */
const LOCK_WITHIN_MS = 30_000;

/** So often may the server be stopped by somebody who goes, just when we come. */
const ATTEMPTS = 10;

/**
 * One connection, and a lock on it, that say "this process uses the embedded server". Whoever goes last stops the
 * server, so a process that lives must be seen; and when this connection breaks, the server died, and is started again.
 */
export class Presence {
  private client: pg.Client | null = null;
  private released = false;
  private mending: Promise<void> | null = null;

  private constructor(
    private readonly server: EmbeddedServer,
    private readonly onFault: (error: Error) => void,
  ) {}

  static async take(server: EmbeddedServer, onFault: (error: Error) => void): Promise<Presence> {
    const presence = new Presence(server, onFault);
    for (let attempt = 1; ; attempt += 1) {
      try {
        await presence.connect();
        return presence;
      } catch (error) {
        if (attempt === ATTEMPTS || codeOf(translate(error)) !== 'database.unavailable') throw error;
      }
    }
  }

  async release(): Promise<void> {
    this.released = true;
    await this.mending;
    await this.client?.end();
    this.client = null;
  }

  private async connect(): Promise<void> {
    await this.server.ensureRunning();
    const client = new pg.Client({
      connectionString: await this.server.url('postgres', 'postgres'),
      application_name: 'rollcall',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', (error) => {
      if (this.client === client) this.onFault(error);
    });
    let ended = false;
    client.once('end', () => {
      ended = true;
      if (this.client === client && !this.released) this.mending ??= this.mend().finally(() => (this.mending = null));
    });
    await client.connect();
    try {
      await client.query({
        text: 'SELECT pg_advisory_lock_shared($1)',
        values: [PRESENCE_LOCK],
        query_timeout: LOCK_WITHIN_MS,
      } as pg.QueryConfig);
      // The lock may be ours because the one who stops the server lost it with the server.
      if (!(await this.server.isRunning()) || ended)
        throw new RollcallError('database.unavailable', 'The embedded PostgreSQL is being stopped.');
    } catch (error) {
      await client.end();
      throw error;
    }
    this.client = client;
  }

  private async mend(): Promise<void> {
    while (!this.released) {
      try {
        await this.connect();
        return;
      } catch (error) {
        this.onFault(isError(error) ? error : new Error(String(error)));
        await wait(AGAIN_AFTER_MS);
      }
    }
  }
}
