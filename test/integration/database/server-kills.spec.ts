import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { newId } from '../../../src/common/ids.js';
import type { Database } from '../../../src/database/database.service.js';
import { openDatabase } from '../../../src/database/open-database.js';
import { insertOrganisation } from '../../support/database.js';

/** TEST_SERVER_KILLS=200 makes those of S-29. */
const KILLS = Number(process.env['TEST_SERVER_KILLS'] ?? 8);

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-kills-'));
  await chmod(folder, 0o755);
  database = await open();
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

function open(): Promise<Database> {
  return openDatabase(
    {
      url: null,
      migrateUrl: null,
      workerUrl: null,
      folder: join(folder, 'data'),
      marker: join(folder, 'keys', 'data-folders'),
      poolSize: 4,
      workerPoolSize: 2,
      connectTimeoutMs: 5_000,
      statementTimeoutMs: 10_000,
      idleInTransactionMs: 10_000,
    },
    () => undefined,
  );
}

async function killServer(): Promise<void> {
  const text = await readFile(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8');
  process.kill(Number(text.split('\n')[0]), 'SIGKILL');
}

/** Tries until the server is there again. */
async function untilBack<T>(work: () => Promise<T>): Promise<T> {
  const until = Date.now() + 60_000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
      await wait(20);
    }
  }
}

describe('S-29 the embedded server, killed in the middle of work', () => {
  it(`keeps every commit that was acknowledged and nothing half done, ${KILLS} times over`, async () => {
    const organisation = await insertOrganisation(database);
    const acknowledged = new Set<string>();
    const asked = new Set<string>();
    /** A batch as a run applies one: several rows of several tables, whole or not at all. */
    const batch = async (): Promise<void> => {
      const id = newId();
      asked.add(id);
      await database.asOrganisation(organisation, async (tx) => {
        await tx.execute(
          `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
           VALUES ($1, $2, 'active', 'manual', $3, $3, 'x')`,
          [organisation, id, `${id}@acme.example`],
        );
        await tx.execute(
          `INSERT INTO event (organisation_id, id, type, person_id, payload) SELECT $1, gen_random_uuid(), 'x', $2, '{}' FROM generate_series(1, 3)`,
          [organisation, id],
        );
      });
      acknowledged.add(id);
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const goal = acknowledged.size + 5 + ((kill * 7) % 23);
      let alive = true;
      const writer = async (): Promise<void> => {
        while (alive)
          await batch().catch(() => {
            alive = false;
          });
      };
      const writers = [writer(), writer(), writer()];
      while (acknowledged.size < goal) await wait(1);
      await killServer();
      await Promise.all(writers);
      const rows = await untilBack(() =>
        database.asOrganisation(organisation, (tx) =>
          tx.query<{ id: string; events: number }>(
            `SELECT p.id, (SELECT count(*)::int FROM event e WHERE e.organisation_id = p.organisation_id AND e.person_id = p.id) AS events FROM person p`,
          ),
        ),
      );
      const kept = new Set(rows.map(({ id }) => id));
      expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
      expect(rows.filter(({ id, events }) => events !== 3 || !asked.has(id))).toEqual([]);
      if (kill % 3 === 2) {
        // And by a process that begins anew.
        await database.close();
        database = await open();
      }
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS * 5);
  }, 600_000);
});
