import { googleKind } from '../../../src/connectors/google/kind.js';
import type { GoogleCredentials } from '../../../src/connectors/google/credentials.js';
import type { GoogleScope } from '../../../src/connectors/google/settings.js';
import type { Connector } from '../../../src/connectors/connector.js';
import type { InstallationSettings, Mapping } from '../../../src/connectors/kind.js';
import type { Wait } from '../../../src/connectors/retry.js';
import { readDirectory } from '../../../src/connectors/read-directory.js';
import type { DirectoryRecord, FaultyRecord } from '../../../src/sync/model.js';
import {
  makeCompany,
  ManualClock,
  serveGoogle,
  type Company,
  type GoogleOptions,
  type GoogleSimulator,
} from '../../simulators/index.js';

export const DIRECTORY: GoogleScope = { kind: 'directory', excluded: [] };

export interface ConnectOptions {
  scope?: GoogleScope;
  mapping?: Partial<Mapping>;
  credentials?: GoogleCredentials;
  subject?: string;
  installation?: InstallationSettings;
  quotaShare?: number;
  /** How to wait; left out, waiting only moves the clock. */
  wait?: Wait;
}

export interface GoogleWorld extends AsyncDisposable {
  clock: ManualClock;
  company: Company;
  google: GoogleSimulator;
  /** Milliseconds of each wait, of all connectors; waiting only moves the clock. */
  waits: number[];
  installation: InstallationSettings;
  /** The customer's own key file, accepted as an admin would send it. */
  credentials(subject?: string): Promise<GoogleCredentials>;
  connect(options?: ConnectOptions): Promise<Connector>;
}

/** A company served as Google Workspace, and connectors to it; both go by one clock. */
export async function googleWorld(
  options: { people?: number; seed?: number } & GoogleOptions = {},
): Promise<GoogleWorld> {
  const clock = new ManualClock();
  const { people = 60, seed = 7, ...settings } = options;
  const company = makeCompany({ people, seed, clock });
  const google = await serveGoogle(company, settings);
  const waits: number[] = [];
  const connectors: Connector[] = [];
  const installation: InstallationSettings = {
    baseUrl: google.url,
    tokenUrl: google.tokenUrl,
    iamUrl: google.iamUrl,
    insecureLoopback: true,
  };
  const moveClock: Wait = (milliseconds, signal) => {
    signal.throwIfAborted();
    waits.push(milliseconds);
    clock.advance(milliseconds);
    return Promise.resolve();
  };
  const credentials = (subject = google.credentials.subject): Promise<GoogleCredentials> =>
    googleKind.acceptCredentials({ method: 'key', subject, key: { ...google.credentials.keyFile } }, null);
  return {
    clock,
    company,
    google,
    waits,
    installation,
    credentials,
    async connect(how = {}) {
      const connector = await googleKind.create({
        scope: how.scope ?? DIRECTORY,
        mapping: { ...googleKind.defaultMapping, ...how.mapping },
        credentials: how.credentials ?? (await credentials(how.subject)),
        installation: { ...installation, ...how.installation },
        quotaShare: how.quotaShare ?? 50,
        clock: { now: () => new Date(clock.now()) },
        random: () => 0.5,
        wait: how.wait ?? moveClock,
      });
      connectors.push(connector);
      return connector;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(connectors.map((connector) => connector.close()));
      await google.close();
    },
  };
}

export const never = new AbortController().signal;

export function isRecord(one: DirectoryRecord | FaultyRecord): one is DirectoryRecord {
  return !('fault' in one);
}

export interface Read {
  records: DirectoryRecord[];
  faulty: FaultyRecord[];
  pages: number;
  restarts: number;
  coverage: 'partial' | 'complete';
}

export async function readAll(connector: Connector, signal: AbortSignal = never): Promise<Read> {
  const read = readDirectory(connector, { signal });
  const result: Read = { records: [], faulty: [], pages: 0, restarts: 0, coverage: 'partial' };
  for await (const event of read) {
    if (event.kind === 'restarted') {
      Object.assign(result, { records: [], faulty: [], pages: 0, restarts: result.restarts + 1 });
      continue;
    }
    result.pages += 1;
    for (const one of event.page.records)
      if (isRecord(one)) result.records.push(one);
      else result.faulty.push(one);
  }
  result.coverage = read.coverage;
  return result;
}

/** Ids of those who are employed and in scope, sorted. */
export function belonging(records: readonly DirectoryRecord[]): string[] {
  return records
    .filter((record) => record.status === 'employed' && record.scope.in)
    .map((record) => record.externalId)
    .sort();
}
