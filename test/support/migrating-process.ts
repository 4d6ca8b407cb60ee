// Brings the schema of DATABASE_URL up to this release, as a start does; to be killed by test/integration/database/upgrade.spec.ts.
import { openDatabase } from '../../src/database/open-database.js';

const url = process.env['DATABASE_URL'];
if (url === undefined) throw new Error('the process needs a database');
const database = await openDatabase(
  {
    url,
    ...{ migrateUrl: null, workerUrl: null, folder: '', marker: '', poolSize: 1, workerPoolSize: 1 },
    ...{ connectTimeoutMs: 60_000, statementTimeoutMs: 60_000, idleInTransactionMs: 60_000 },
  },
  (error) => {
    throw error;
  },
);
await database.close();
