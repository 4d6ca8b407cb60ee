import { rm } from 'node:fs/promises';
import pg from 'pg';
import type { EmbeddedServer } from '../../src/database/embedded-server.js';
import { RUN_FILE } from './test-server.js';

/** Stops the run's PostgreSQL, or drops the template where the server is somebody's own. */
export async function stopServer(): Promise<void> {
  const shared = globalThis as typeof globalThis & {
    testServer?: { embedded: EmbeddedServer | null; folder: string; url: string; template: string };
  };
  const server = shared.testServer;
  if (!server) return;
  if (server.embedded) {
    await server.embedded.stop();
  } else {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${server.template} WITH (FORCE)`);
    await client.end();
  }
  await rm(server.folder, { recursive: true, force: true });
  await rm(RUN_FILE(), { force: true });
}
