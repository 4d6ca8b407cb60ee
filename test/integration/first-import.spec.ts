import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as wait } from 'node:timers/promises';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

const PEOPLE = 10_000;
const FLUSHED_WITHIN_MS = 60_000;

interface Scans {
  index: string;
  scans: number;
}

/** How often statements and checks of foreign keys looked into each index of people; entries made are not counted. */
async function scansOfPeople(world: RunWorld): Promise<Scans[]> {
  return world.service.database.asMigrate((tx) =>
    tx.query<Scans>(
      `SELECT indexrelname AS index, idx_scan AS scans FROM pg_stat_user_indexes WHERE relname = 'person' ORDER BY idx_scan DESC`,
    ),
  );
}

describe('a first import', () => {
  let world: RunWorld;
  beforeAll(async () => {
    world = await startRunWorld({ people: PEOPLE });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('checks whom records and reports refer to through the primary key, though the tables were empty', async () => {
    const { counts } = await world.firstSync();
    const added = counts.add ?? 0;
    expect(added).toBeGreaterThan(PEOPLE * 0.9);
    // Sessions tell their numbers when they have been idle for a while.
    const until = Date.now() + FLUSHED_WITHIN_MS;
    const total = (all: Scans[]): number => all.reduce((sum, { scans }) => sum + scans, 0);
    let scans = await scansOfPeople(world);
    while (total(scans) < 2 * added && Date.now() < until) {
      await wait(100);
      scans = await scansOfPeople(world);
    }
    expect(total(scans)).toBeGreaterThanOrEqual(2 * added);
    // Those that were checked before the planner looked, a few batches, may have gone another way.
    const others = scans.filter(({ index }) => index !== 'person_pkey' && index !== 'person_address');
    expect(total(others)).toBeLessThan(0.3 * added);
  }, 120_000);
});
