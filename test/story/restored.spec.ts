import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { startApplication } from '../../src/application.js';
import { systemClock } from '../../src/common/clock.js';
import { Metrics } from '../../src/common/metrics.js';
import { backup, restore } from '../../src/database/backup.js';
import { Runner } from '../../src/runs/runner.js';
import { RunsService } from '../../src/runs/runs.service.js';
import { StagingRepository } from '../../src/runs/staging.repository.js';
import { dumpOf } from '../support/dump-of.js';
import { openTestDatabase } from '../support/database.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';
import { apiOf } from '../support/service.js';

let world: RunWorld;
let folder: string;
const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
/** Twenty secrets that this installation was told or gave out. */
const canaries: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-restored-'));
  world = await startRunWorld({ people: 60 });
  const { service, directory } = world;
  canaries.push(String((directory.credentials as { apiToken?: string }).apiToken), service.secretKey);
  canaries.push(...pem.split('\n').slice(1, 11));
  for (let at = 0; at < 8; at += 1) {
    const made = await service.api<{ key: string }>(
      'POST',
      '/api/v1/api-keys',
      { name: `k${at}`, scopes: ['people:read'] },
      { headers: { 'idempotency-key': `canary-${at}` } },
    );
    canaries.push(made.body.key.slice(16));
  }
  const google = {
    type: 'service_account',
    client_email: 'sync@acme.iam.gserviceaccount.com',
    client_id: '123456789012345678901',
    private_key: pem,
  };
  const added = await service.api('POST', '/api/v1/connections', {
    provider: 'google',
    name: 'G',
    credentials: { method: 'key', subject: 'admin@acme.example', key: google },
  });
  expect(added.status).toBe(201);
  await world.firstSync();
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function forms(secret: string): string[] {
  const raw = Buffer.from(secret);
  const half = Math.floor(secret.length / 2);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    raw.toString('base64').replace(/=+$/, ''),
    raw.toString('hex'),
    raw.toString('hex').toUpperCase(),
    secret.slice(0, half),
    secret.slice(half),
  ];
}

/** Which of the canaries a text holds, in whatever form. */
function heard(text: string): string[] {
  return canaries.filter((secret) => forms(secret).some((form) => text.includes(form)));
}

async function written(name: string): Promise<{ file: string; text: string }> {
  const file = join(folder, name);
  await backup(world.service.database, systemClock, file);
  return { file, text: gunzipSync(await readFile(file)).toString('latin1') };
}

describe('K-05 a copy of the database without the secret key', () => {
  it('holds none of twenty secrets: not in tables, answers kept for retries, the audit log, staging or metrics', async () => {
    expect(new Set(canaries).size).toBe(20);
    expect(Math.min(...canaries.map((secret) => secret.length))).toBeGreaterThanOrEqual(16);
    const { text } = await written('whole.backup');
    expect(
      ['admin@acme.example', 'tables/api_key.', 'tables/audit_entry.'].filter((part) => !text.includes(part)),
    ).toEqual([]);
    expect(heard(text)).toEqual([]);
    const dump = await dumpOf(world.service.database);
    expect(dump).toContain('canary-0');
    expect(heard(dump)).toEqual([]);
    expect(heard(await world.service.app.get(Metrics, { strict: false }).metrics())).toEqual([]);
    // The search itself finds what is there.
    expect(heard(`x${canaries[0]}x`)).toHaveLength(1);
  });

  it('K-09 nor while runs wait and read: the token is in nobody’s queue', async () => {
    await world.runs.resync(world.caller, world.connectionId);
    expect(heard(await dumpOf(world.service.database))).toEqual([]);
    const staging = world.service.app.get(StagingRepository, { strict: false });
    const storePage = staging.storePage.bind(staging);
    const seen: string[][] = [];
    jest.spyOn(staging, 'storePage').mockImplementation(async (...given) => {
      const unknown = await storePage(...given);
      if (seen.length === 0) seen.push(heard(await dumpOf(world.service.database)));
      return unknown;
    });
    await world.runner.runAllDue();
    expect(seen).toEqual([[]]);
  });
});

describe('K-10 a backup on a clean host', () => {
  it('brings people, keys and credentials back; the first sync is a preview, and nothing happens before it is confirmed', async () => {
    const { file } = await written('moved.backup');
    const people = await world.people();
    const { service, connectionId } = world;
    await using clean = await openTestDatabase();
    await restore(clean.database, file);
    world.company.leave(3);
    world.company.join(2);
    const application = await startApplication({
      config: { ...service.config, server: { ...service.config.server, port: 0 } },
      store: { database: clean.database, secrets: service.secrets, clock: systemClock },
    });
    try {
      const api = apiOf(application.url, service.organisation.key);
      const asOwner = <T extends object>(text: string): Promise<T[]> =>
        clean.database.asOrganisation(service.organisation.id, (tx) => tx.query<T>(text));
      const now = (): Promise<object[]> =>
        asOwner(
          'SELECT id, email, state, first_name, last_name, manager_id, archive_reasons, version FROM person ORDER BY email_canonical',
        );
      expect(await now()).toEqual(people);
      expect((await api('POST', `/api/v1/connections/${connectionId}/test`)).body).toMatchObject({ passed: true });
      const runner = application.app.get(Runner, { strict: false });
      await application.app.get(RunsService, { strict: false }).resync(world.caller, connectionId);
      await runner.runAllDue();
      const shown = await asOwner<{ id: string; kind: string; state: string }>(
        'SELECT id, kind, state FROM run ORDER BY asked_at DESC LIMIT 1',
      );
      expect(shown).toMatchObject([{ kind: 'preview', state: 'ready' }]);
      expect(await now()).toEqual(people);
      expect((await api('POST', `/api/v1/runs/${shown[0]?.id}/confirm`, {})).status).toBeLessThan(300);
      await runner.runAllDue();
      expect((await now()).length).toBe(people.length + 2);
    } finally {
      await application.stop();
    }
  });
});
