import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The PostgreSQL that a test run shares. */
export interface TestServer {
  /** A migrated database that each spec file copies. */
  template: string;
  urlOf(database: string): string;
}

/** Where the global set-up tells the spec files, which run in processes of their own, about the server. */
export function RUN_FILE(): string {
  const run = process.env['TEST_RUN'];
  if (run === undefined) throw new Error('TEST_RUN is not set: run these specs with npm run test:integration');
  return join(tmpdir(), `rollcall-test-${run}.json`);
}
