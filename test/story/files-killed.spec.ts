import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { LocalPlans } from '../../src/runs/local-plans.js';
import { PlanOrderRepository } from '../../src/runs/plan-order.repository.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import { RunsRepository } from '../../src/runs/runs.repository.js';
import { dieAt } from '../support/die-at.js';
import { Crashes, type CrashMode } from '../support/crashes.js';
import { FileReader, startFileWorld, type FileWorld, type Row } from '../support/file-world.js';

let world: FileWorld;
beforeAll(async () => {
  world = await startFileWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** People of one round: somebody who is let in, somebody who goes, and newcomers with a manager among them. */
const before = (at: string): Row[] => [
  { email: `waits@${at}.example`, state: 'pending' },
  { email: `goes@${at}.example`, state: 'active' },
];
const after = (at: string): Row[] => [
  { email: `waits@${at}.example`, state: 'active', firstName: 'Ana' },
  { email: `goes@${at}.example`, state: 'archived' },
  { email: `new@${at}.example`, state: 'active', manager: `boss@${at}.example`, team: `Team ${at}` },
  { email: `boss@${at}.example`, state: 'pending' },
];

/** What is there of a round, told once each. */
async function told(at: string): Promise<unknown> {
  const [row] = await world.rows(
    `SELECT (SELECT string_agg(split_part(email_canonical, '@', 1) || ' ' || state, ', ' ORDER BY email_canonical) FROM person WHERE email_canonical LIKE $1) AS people,
            (SELECT string_agg(split_part(email_canonical, '@', 1), ', ' ORDER BY email_canonical) FROM invitation WHERE email_canonical LIKE $1) AS invited,
            (SELECT count(*)::int FROM event e JOIN person p ON p.id = e.person_id WHERE p.email_canonical LIKE $1) AS events,
            (SELECT count(*)::int FROM team WHERE name = $2) AS teams`,
    [`%@${at}.example`, `Team ${at}`],
  );
  return row;
}
const WHOLE = {
  people: 'boss pending, goes archived, new active, waits active',
  invited: 'goes, new, waits',
  events: 6,
  teams: 1,
};

async function takeOver(): Promise<void> {
  await world.rows("UPDATE connection SET lease_expires_at = now() - interval '1 second' RETURNING id");
}

describe('V-04, F-59 a process that dies over a file', () => {
  it.each<CrashMode>(['before', 'inside', 'after', 'lost'])(
    'at any transaction (%s) leaves a run that the next one ends, whole and once',
    async (mode) => {
      const crashes = new Crashes(world.service.database);
      let nth = 0;
      do {
        nth += 1;
        const at = `${mode}${nth}`;
        await world.import(world.file(before(at)));
        const importId = world.file(after(at), { createTeams: true });
        const shown = await world.preview(importId);
        // Confirmed by number, for a day of files may take only so many otherwise.
        const asked = await world.ask(importId, shown.id, 1);
        crashes.arm(nth, mode);
        await world.runner.takeUp().catch(() => 0);
        await world.runner.idle();
        crashes.revive();
        await takeOver();
        const run = await world.ended(asked);
        expect([at, run.state, run.errorCode]).toEqual([at, 'succeeded', null]);
        expect([at, await told(at)]).toEqual([at, WHOLE]);
        expect(run.counts).toMatchObject({ add: 2, update: 1, archive: 1, stale: 0 });
      } while (crashes.happened);
      expect(nth).toBeGreaterThan(15);
    },
    110_000,
  );

  it.each<[string, object, string, number]>([
    ['while it is read', FileReader.prototype, 'read', 1],
    ['after it was read', LocalPlans.prototype, 'make', 1],
    ['while the plan is stored', PlanRepository.prototype, 'store', 2],
    ['while the plan is cut into batches', PlanOrderRepository.prototype, 'cutIntoBatches', 1],
    ['before the plan has its hash', RunsRepository.prototype, 'setPlanned', 1],
    ['before the first batch', PlanRepository.prototype, 'markBatch', 1],
    ['within the second batch, with its invitations', FileReader.prototype, 'applied', 2],
    ['before the third batch', PlanRepository.prototype, 'markBatch', 3],
    ['at the very end', FileReader.prototype, 'ended', 1],
  ])('%s loses nothing and does nothing twice, over several batches', async (where, of, method, call) => {
    const at = `many-${method}-${call}`.toLowerCase();
    world.reader.page = 500;
    const rows = Array.from({ length: 1_200 }, (_, n): Row => ({ email: `p${n}@${at}.example`, state: 'active' }));
    const importId = world.file(rows);
    const shown = await world.preview(importId);
    const death = dieAt(of, method, call);
    const asked = await world.ask(importId, shown.id);
    await world.runner.takeUp();
    await world.runner.idle();
    expect([where, death.fired]).toEqual([where, true]);
    jest.restoreAllMocks();
    const run = await world.ended(asked);
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null, counts: { add: 1_200, stale: 0 } });
    expect(run.planHash).toEqual(shown.planHash);
    const [there] = await world.rows(
      `SELECT (SELECT count(*)::int FROM person WHERE email_canonical LIKE $1) AS people,
              (SELECT count(*)::int FROM invitation WHERE email_canonical LIKE $1) AS invited,
              (SELECT count(*)::int FROM event e JOIN person p ON p.id = e.person_id WHERE p.email_canonical LIKE $1) AS events`,
      [`%@${at}.example`],
    );
    expect(there).toEqual({ people: 1_200, invited: 1_200, events: 1_200 });
  });
});
