import { describe, expect, it } from '@jest/globals';
import { RunsService } from '../../src/runs/runs.service.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

async function delta(world: RunWorld): Promise<RunRow> {
  const { organisationId } = world.caller;
  const runs = world.service.app.get(RunsService, { strict: false });
  const asked = await world.service.database.asOrganisation(organisationId, (tx) =>
    runs.ask(tx, organisationId, world.connectionId, {
      kind: 'delta',
      trigger: 'schedule',
      askedBy: { kind: 'schedule' },
    }),
  );
  return world.ended(asked);
}

describe('a delta of Okta', () => {
  it('reads who changed directly, in few requests, and nobody is missed in it', async () => {
    await using world = await startRunWorld({ people: 300, directory: 'okta' });
    await world.firstSync();
    world.company.suspend(2);
    world.company.edit(4);
    world.company.join(1);
    const run = await delta(world);
    expect(run).toMatchObject({ state: 'succeeded', kind: 'delta', coverage: 'partial', errorCode: null });
    expect(run.counts).toMatchObject({ archive: 2, add: 1 });
    const again = await world.sync();
    expect(again.counts).toMatchObject({ add: 0, update: 0, archive: 0, restore: 0 });
  });

  it('F-71: a marker that the directory does not take makes a full read', async () => {
    await using world = await startRunWorld({ people: 80, directory: 'okta' });
    await world.firstSync();
    await world.rows('UPDATE connection SET cursor = \'{"delta":"no marker of anybody"}\' RETURNING id');
    const run = await delta(world);
    expect([run.state, run.kind, run.coverage]).not.toEqual(['succeeded', 'delta', 'partial']);
    expect(run.counts.archive).toBe(0);
  });

  it('a push of one person reads that one alone, and archives who is suspended', async () => {
    await using world = await startRunWorld({ people: 80, directory: 'okta' });
    await world.firstSync();
    const [gone] = world.company.suspend(1);
    if (gone === undefined || !('person' in world.directory.ids)) throw new Error('nobody was suspended');
    const run = await world.ended(
      await world.runs.resync(world.caller, world.connectionId, [world.directory.ids.person(gone.n)]),
    );
    expect(run).toMatchObject({ state: 'succeeded', kind: 'delta', counts: { archive: 1, add: 0 } });
  });
});
