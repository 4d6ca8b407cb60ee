import type { Api, TestOrganisation, TestService } from '../support/service.js';
import { expect } from '@jest/globals';

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
export async function confirmConnection(
  service: TestService,
  organisation: TestOrganisation,
  id: string,
): Promise<void> {
  await service.database.asOrganisation(organisation.id, (tx) =>
    tx.execute(
      `UPDATE connection SET state = 'active', confirmed_version = settings_version, last_run_at = now(), last_full_at = now(),
              next_run_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    ),
  );
}
