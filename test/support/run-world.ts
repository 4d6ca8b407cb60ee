import type { AskedBy, RunRow } from '../../src/runs/runs.types.js';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { Runner } from '../../src/runs/runner.js';
import { RunsService } from '../../src/runs/runs.service.js';
import type { Caller } from '../../src/auth/auth.types.js';
import { makeCompany } from '../simulators/company/make-company.ts';
import type { Company } from '../simulators/company/company.ts';
import { serveGoogle, type GoogleSimulator } from '../simulators/google/google-server.ts';
import { serveOkta, type OktaSimulator } from '../simulators/okta/okta-server.ts';
import { keyOf } from './callers.js';
import { startService, type ServiceOptions, type TestService } from './service.js';

export const OPERATOR: AskedBy = { kind: 'operator' };

export interface PersonOfWorld {
  id: string;
  email: string;
  state: string;
  firstName: string | null;
  lastName: string | null;
  managerId: string | null;
  archiveReasons: string[];
  version: number;
}

/** A service with one organisation and one connection, and a company that a real directory server serves. */
export interface RunWorld extends AsyncDisposable {
  service: TestService;
  company: Company;
  directory: OktaSimulator | GoogleSimulator;
  connectionId: string;
  caller: Caller;
  runs: RunsService;
  runner: Runner;
  /** A resync, carried out; returns the run as it ended. */
  sync(): Promise<RunRow>;
  /** Preview, confirmed, both carried out. */
  firstSync(): Promise<RunRow>;
  ended(run: RunRow): Promise<RunRow>;
  people(): Promise<PersonOfWorld[]>;
  rows<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
}

export interface RunWorldOptions {
  people: number;
  directory?: 'okta' | 'google';
  seed?: number;
  settings?: Record<string, unknown>;
  verifyDomain?: boolean;
  config?: ServiceOptions['config'];
}

export async function startRunWorld(options: RunWorldOptions): Promise<RunWorld> {
  const provider = options.directory ?? 'okta';
  const company = makeCompany({ people: options.people, seed: options.seed ?? 7 });
  const directory = provider === 'okta' ? await serveOkta(company) : await serveGoogle(company);
  const service = await startService({
    config: {
      ...options.config,
      connectors: { [provider]: { insecureLoopback: true, baseUrl: directory.url, tokenUrl: directory.tokenUrl } },
    },
  }).catch(async (error: unknown) => {
    await directory.close();
    throw error;
  });
  const organisationId = service.organisation.id;
  const connections = service.app.get(ConnectionsService, { strict: false });
  const by = { by: { kind: 'operator' as const } };
  const credentials =
    'apiToken' in directory.credentials
      ? { method: 'token', orgUrl: directory.url, token: directory.credentials.apiToken }
      : { method: 'key', key: directory.credentials.keyFile, subject: directory.credentials.subject };
  const { id: connectionId } = await connections.create(
    organisationId,
    { provider, name: provider, ...options.settings, credentials },
    by,
  );
  const runs = service.app.get(RunsService, { strict: false });
  const runner = service.app.get(Runner, { strict: false });
  const caller = keyOf(organisationId);
  const rows = <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
    service.database.asOrganisation(organisationId, (tx) => tx.query<Row>(text, values));
  const ended = async (run: RunRow): Promise<RunRow> => {
    await runner.runAllDue();
    return service.database.asOrganisation(organisationId, (tx) => runs.known(tx, organisationId, run.id));
  };
  return {
    service, company, directory, connectionId, caller, runs, runner, rows, ended,
    sync: async () => ended(await runs.resync(caller, connectionId)),
    firstSync: async () => {
      const shown = await ended(await runs.preview(caller, connectionId));
      if (shown.state !== 'ready') throw new Error(`the preview ended ${shown.state}: ${shown.errorCode} ${shown.errorMessage}`);
      return ended(await runs.confirm(caller, shown.id, 'all'));
    },
    people: () => rows<PersonOfWorld>('SELECT id, email, state, first_name, last_name, manager_id, archive_reasons, version FROM person ORDER BY email_canonical'),
    [Symbol.asyncDispose]: async () => {
      await service.close();
      await directory.close();
    },
  }; // prettier-ignore
}
