import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { MirrorRepository } from '../../src/runs/mirror.repository.js';
import { PlanOrderRepository } from '../../src/runs/plan-order.repository.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import { RunsRepository } from '../../src/runs/runs.repository.js';
import { StagingRepository } from '../../src/runs/staging.repository.js';
import { HoldsRepository } from '../../src/runs/holds.repository.js';
import { expected } from '../simulators/company/expected.ts';
import { dieAt } from '../support/die-at.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

async function told(world: RunWorld): Promise<{ events: number; people: number; doubles: number }> {
  const [row] = await world.rows<{ events: number; people: number; doubles: number }>(
    `SELECT (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM person) AS people,
            (SELECT count(*)::int FROM (SELECT id FROM event GROUP BY id HAVING count(*) > 1) d) AS doubles`,
  );
  if (row === undefined) throw new Error('no row');
  return row;
}

const PLACES: [string, object, string, number][] = [
  ['before the second page is stored', StagingRepository.prototype, 'storePage', 2],
  ['after the read', RunsRepository.prototype, 'setCoverage', 1],
  ['while absences are looked for', StagingRepository.prototype, 'stageAbsent', 1],
  ['while the plan is stored', PlanRepository.prototype, 'store', 1],
  ['while the plan is cut into batches', PlanOrderRepository.prototype, 'cutIntoBatches', 1],
  ['while the plan is hashed', PlanRepository.prototype, 'hash', 1],
  ['before the first batch', PlanRepository.prototype, 'markBatch', 1],
  ['within the second batch, after people were written', MirrorRepository.prototype, 'tie', 2],
  ['before the third batch', PlanRepository.prototype, 'markBatch', 3],
  ['while the mirror is settled', MirrorRepository.prototype, 'observe', 1],
  ['at the very end', RunsRepository.prototype, 'end', 1],
];

afterEach(() => {
  jest.restoreAllMocks();
});

describe('F-59, S-17: a worker that dies', () => {
  it.each(PLACES)(
    '%s leaves a run that the next claimer ends, with nothing double and nothing lost',
    async (_where, of, method, call) => {
      await using world = await startRunWorld({ people: 1_100, directory: 'okta' });
      const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
      const death = dieAt(of, method, call);
      const asked = await world.runs.confirm(world.caller, shown.id, 'all');
      const taken = await world.runner.takeUp();
      await world.runner.idle();
      expect([taken, death.fired]).toEqual([1, true]);
      jest.restoreAllMocks();
      const run = await world.ended(asked);
      expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
      const there = expected(world.company, { provider: 'okta', kind: 'everyone' }).length;
      expect(run.counts.add).toBe(there);
      expect(await told(world)).toEqual({ events: there, people: there, doubles: 0 });
      expect((await world.sync()).counts).toMatchObject({ add: 0, update: 0, archive: 0, held: 0 });
    },
  );

  it('S-15: two workers cannot have one lease, and the writes of one that lost it fail', async () => {
    await using world = await startRunWorld({ people: 60, directory: 'okta' });
    const { Claimer } = await import('../../src/runs/claiming.js');
    const claimer = world.service.app.get(Claimer, { strict: false });
    await world.runs.preview(world.caller, world.connectionId);
    const due = { organisationId: world.caller.organisationId, connectionId: world.connectionId };
    const both = await Promise.all([
      claimer.claim(due, world.runner.instance),
      claimer.claim(due, world.runner.instance),
    ]);
    const [first] = both.filter((claim) => claim !== null);
    expect(both.filter((claim) => claim !== null)).toHaveLength(1);
    await world.rows("UPDATE connection SET lease_expires_at = now() - interval '1 second' RETURNING id");
    const second = await claimer.claim(due, world.runner.instance);
    expect(second?.context.lease.ref.fence).toBeGreaterThan(first?.context.lease.ref.fence ?? Infinity);
    await expect(first?.context.lease.write(() => Promise.resolve())).rejects.toThrow(/taken this connection over/);
    await first?.context.lease.release();
    await second?.context.lease.write(() => Promise.resolve());
    await second?.context.lease.release();
  });

  it('what was read under other settings is not gone on with', async () => {
    await using world = await startRunWorld({ people: 450, directory: 'okta' });
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    const death = dieAt(StagingRepository.prototype, 'storePage', 2);
    const asked = await world.runs.confirm(world.caller, shown.id, []);
    await world.runner.takeUp();
    await world.runner.idle();
    jest.restoreAllMocks();
    expect(death.fired).toBe(true);
    const change = { policy: { newPeopleAre: 'pending' } };
    expect((await world.service.api('PATCH', `/api/v1/connections/${world.connectionId}`, change)).status).toBe(200);
    const run = await world.ended(asked);
    expect(run).toMatchObject({ state: 'ready', kind: 'preview', settingsVersion: 2, coverage: 'complete' });
    expect(run.progress).toMatchObject({ pages: 3 });
    const confirmed = await world.ended(await world.runs.confirm(world.caller, run.id, []));
    expect(confirmed).toMatchObject({ state: 'succeeded' });
    expect((await world.people()).every((person) => person.state === 'pending')).toBe(true);
    expect((await world.sync()).counts).toMatchObject({ add: 0, update: 0, archive: 0 });
  });

  it('HOLD: a hold is one, whenever the worker dies', async () => {
    await using world = await startRunWorld({ people: 150, directory: 'okta' });
    await world.firstSync();
    world.company.leave(60);
    const death = dieAt(HoldsRepository.prototype, 'addMembers', 1);
    const asked = await world.runs.resync(world.caller, world.connectionId);
    await world.runner.takeUp();
    await world.runner.idle();
    jest.restoreAllMocks();
    expect(death.fired).toBe(true);
    const run = await world.ended(asked);
    expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 0 } });
    expect(await world.rows("SELECT id FROM hold WHERE state = 'open'")).toHaveLength(1);
  });
});
