import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isError, messageOf, RollcallError } from '../../../src/common/errors.js';
import { newId } from '../../../src/common/ids.js';
import type { Database } from '../../../src/database/database.service.js';
import { openEmbedded } from '../../support/embedded.js';
import { insertOrganisation } from '../../support/database.js';
import { until, within } from '../../support/patience.js';

/** TEST_SERVER_KILLS=200 makes those of S-29. */
const KILLS = Number(process.env['TEST_SERVER_KILLS'] ?? 8);

/** What a request is told while the server dies, and until it is back. */
const DEATH: readonly string[] = ['database.unavailable', 'database.commit_unknown'];

let folder: string;
let database: Database;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-kills-'));
  await chmod(folder, 0o755);
  database = await open();
});
afterEach(async () => {
  await within('the database to close', database.close());
  await rm(folder, { recursive: true, force: true });
});

function open(): Promise<Database> {
  return openEmbedded(folder);
}

async function killServer(): Promise<void> {
  const text = await readFile(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8');
  const pid = Number(text.split('\n')[0]);
  // 0 would be ourselves.
  if (!Number.isInteger(pid) || pid < 2) throw new Error(`postmaster.pid has no process: ${text}`);
  process.kill(pid, 'SIGKILL');
}

/** Several who write at once and never give up: what the server's death breaks is followed by another batch. */
class Writers {
  readonly asked = new Set<string>();
  readonly acknowledged = new Set<string>();
  /** Batches that the server's death broke, or its absence. */
  broken = 0;
  private lastFault = 'nothing';
  private unexpected: Error | null = null;
  private stopped = true;
  private working: Promise<void>[] = [];

  constructor(private readonly organisation: string) {}

  start(many: number): void {
    this.stopped = false;
    this.working = Array.from({ length: many }, () => this.write());
  }

  /** @throws what a batch failed with, unless it was the death of the server. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.working);
    this.assertWell();
  }

  assertWell(): void {
    if (this.unexpected !== null) throw this.unexpected;
  }

  get story(): string {
    return `${this.acknowledged.size} acknowledged, ${this.broken} broken, the last one by: ${this.lastFault}`;
  }

  private async write(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.batch();
      } catch (error) {
        this.lastFault = messageOf(error);
        if (error instanceof RollcallError && DEATH.includes(error.code)) this.broken += 1;
        else this.unexpected ??= isError(error) ? error : new Error(String(error));
        await wait(20);
      }
    }
  }

  /** As a run applies one: several rows of several tables, whole or not at all. */
  private async batch(): Promise<void> {
    const id = newId();
    this.asked.add(id);
    await database.asOrganisation(this.organisation, async (tx) => {
      await tx.execute(
        `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
         VALUES ($1, $2, 'active', 'manual', $3, $3, 'x')`,
        [this.organisation, id, `${id}@acme.example`],
      );
      await tx.execute(
        `INSERT INTO event (organisation_id, id, type, person_id, payload) SELECT $1, gen_random_uuid(), 'x', $2, '{}' FROM generate_series(1, 3)`,
        [this.organisation, id],
      );
    });
    this.acknowledged.add(id);
  }
}

interface Found {
  /** When the server that tells it began: what died may answer for a while, on connections that it had. */
  server: Date;
  people: { id: string; events: number }[];
}

async function look(organisation: string): Promise<Found> {
  return database.asOrganisation(organisation, async (tx) => ({
    server: (await tx.one<{ since: Date }>('SELECT pg_postmaster_start_time() AS since')).since,
    people: await tx.query(
      `SELECT p.id, (SELECT count(*)::int FROM event e WHERE e.organisation_id = p.organisation_id AND e.person_id = p.id) AS events FROM person p`,
    ),
  }));
}

/** What is there once another server answers than the one that died. */
async function foundAfter(dead: Date | null, organisation: string): Promise<Found> {
  let found: Found | null = null;
  let fault = 'the one that died still answers';
  await until(
    () => `the server to come back: ${fault}`,
    async () => {
      found = await look(organisation).catch((error: unknown) => {
        fault = messageOf(error);
        return null;
      });
      return found !== null && found.server.getTime() !== dead?.getTime();
    },
    20,
  );
  if (found === null) throw new Error('there is no server');
  return found;
}

describe('S-29 the embedded server, killed in the middle of work', () => {
  it(
    `keeps every commit that was acknowledged and nothing half done, ${KILLS} times over`,
    async () => {
      const organisation = await insertOrganisation(database);
      const writers = new Writers(organisation);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const { server } = await foundAfter(null, organisation);
        await killedWhile(writers, 5 + ((kill * 7) % 23));
        const { people } = await foundAfter(server, organisation);
        const kept = new Set(people.map(({ id }) => id));
        expect([...writers.acknowledged].filter((id) => !kept.has(id))).toEqual([]);
        expect(people.filter(({ id, events }) => events !== 3 || !writers.asked.has(id))).toEqual([]);
        if (kill % 3 === 2) {
          // And by a process that begins anew.
          await within('the database to close', database.close());
          database = await within('the database to open', open());
        }
      }
      expect(writers.acknowledged.size).toBeGreaterThan(KILLS * 5);
    },
    300_000 + KILLS * 30_000,
  );

  /** Once so many more batches are acknowledged; until the writers have felt it. */
  async function killedWhile(writers: Writers, more: number): Promise<void> {
    const goal = writers.acknowledged.size + more;
    writers.start(3);
    try {
      await until(
        () => `${goal} batches: ${writers.story}`,
        () => {
          writers.assertWell();
          return writers.acknowledged.size >= goal;
        },
        1,
      );
      const before = writers.broken;
      await killServer();
      await until(
        () => `a batch that breaks: ${writers.story}`,
        () => writers.broken > before,
      );
    } finally {
      await within(`the writers to end: ${writers.story}`, writers.stop());
    }
  }
});
