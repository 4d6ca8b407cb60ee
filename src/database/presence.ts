import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { isError } from '../common/errors.js';
import type { EmbeddedServer } from './embedded-server.js';

/** How long to wait before looking after the server again when it went away and cannot be started. */
const AGAIN_AFTER_MS = 1_000;

/**
 * One connection that says "this process uses the embedded server". Whoever goes last stops the server, so a
 * process that lives must be seen; and when this connection breaks, the server died, and is started again.
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
    await presence.connect();
    return presence;
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
      connectionString: await this.server.url('postgres'),
      application_name: 'rollcall',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', this.onFault);
    await client.connect();
    client.once('end', () => {
      if (!this.released) this.mending ??= this.mend().finally(() => (this.mending = null));
    });
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
