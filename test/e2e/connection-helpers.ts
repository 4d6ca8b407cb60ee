import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { startService, type Api, type TestOrganisation, type TestService } from '../support/service.js';

/** A connection as the API shows it, or the problem that came instead. */
export interface View {
  id: string;
  code: string;
  detail: string;
  fields?: { field: string }[];
  name: string;
  rank: number;
  state: string;
  settings: {
    scope: Record<string, unknown>;
    mapping: Record<string, unknown>;
    policy: Record<string, unknown>;
    schedule: Record<string, unknown>;
  };
  settingsVersion: number;
  previewNeeded: boolean;
  credentials: { setAt: string; shown: Record<string, unknown> } | null;
  health: { status: string; message: string; held: number; nextTryAt: string | null; attention: unknown };
  version: number;
}

export const TOKEN = '00canaryTOKENcanaryTOKENcanaryTOKENcanary01';

export const token = (orgUrl = 'https://okta.acme.example'): object => ({ method: 'token', orgUrl, token: TOKEN });

export async function createConnection(api: Api, more: object = {}): Promise<View> {
  const answer = await api<View>('POST', '/api/v1/connections', { provider: 'okta', name: 'Directory', ...more });
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.body;
}

/** Makes a connection what it is after its first run was confirmed. */
async function confirmConnection(service: TestService, organisation: TestOrganisation, id: string): Promise<void> {
  await service.database.asOrganisation(organisation.id, (tx) =>
    tx.execute(
      `UPDATE connection SET state = 'active', confirmed_version = settings_version, last_run_at = now(), last_full_at = now(),
              next_run_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    ),
  );
}

/** Where the tests of a file are: one service for all of them, an organisation of its own for each. */
export interface Place {
  service: TestService;
  organisation: TestOrganisation;
}

export interface OwnConnections {
  at: Place;
  /** Asks as the organisation of the test. */
  api: Api;
  create: (more?: object) => Promise<View>;
  confirm: (id: string) => Promise<void>;
}

/** To be called once, at the top of a file. */
export function ownConnections(): OwnConnections {
  const at = {} as Place;
  beforeAll(async () => {
    at.service = await startService({ config: { connectors: { okta: { insecureLoopback: true } } } });
  });
  beforeEach(async () => {
    at.organisation = await at.service.newOrganisation();
  });
  afterAll(() => at.service.close());
  const api: Api = (method, path, body, options) => at.organisation.api(method, path, body, options);
  return {
    at,
    api,
    create: (more) => createConnection(api, more),
    confirm: (id) => confirmConnection(at.service, at.organisation, id),
  };
}
