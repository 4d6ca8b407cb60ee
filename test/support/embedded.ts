import { join } from 'node:path';
import type { Database } from '../../src/database/database.service.js';
import { openDatabase } from '../../src/database/open-database.js';

/** An embedded server of its own, in this folder, as the service opens it. Others may pass the folder. */
export function openEmbedded(folder: string): Promise<Database> {
  return openDatabase(
    {
      url: null,
      migrateUrl: null,
      workerUrl: null,
      folder: join(folder, 'data'),
      marker: join(folder, 'keys', 'data-folders'),
      poolSize: 4,
      workerPoolSize: 2,
      connectTimeoutMs: 30_000,
      statementTimeoutMs: 30_000,
      idleInTransactionMs: 30_000,
    },
    () => undefined,
  );
}
