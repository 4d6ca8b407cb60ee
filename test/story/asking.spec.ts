import { describe, expect, it, jest } from '@jest/globals';
import { Asking } from '../../src/schedule/asking.js';
import { startRunWorld } from '../support/run-world.js';

jest.setTimeout(60_000);

describe('asking for runs', () => {
  it('F-65: ten resyncs at once are one run', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const asked = await Promise.all(
      Array.from({ length: 10 }, () => world.runs.resync(world.caller, world.connectionId)),
    );
    expect(new Set(asked.map((run) => run.id)).size).toBe(1);
    await world.runner.runAllDue();
    expect(await world.rows("SELECT 1 FROM run WHERE kind = 'full' AND confirms IS NULL")).toHaveLength(1);
  });

  it('F-66, S-16: however often it is due, one run waits', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const asking = world.service.app.get(Asking, { strict: false });
    for (let tick = 0; tick < 10; tick += 1) {
      await world.rows("UPDATE connection SET next_run_at = '2020-01-01' RETURNING id");
      expect(await asking.askForDue()).toBe(1);
    }
    expect(await world.rows("SELECT trigger FROM run WHERE state = 'queued'")).toEqual([{ trigger: 'schedule' }]);
    expect(await asking.askForDue()).toBe(0);
  });

  it('S-07: after a change of scope, mapping or policy the next run is a preview', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const changed = await world.service.api('PATCH', `/api/v1/connections/${world.connectionId}`, {
      policy: { newPeopleAre: 'pending' },
    });
    expect(changed.status).toBe(200);
    world.company.suspend(1);
    const run = await world.sync();
    expect(run).toMatchObject({ state: 'ready', kind: 'preview' });
    expect((await world.people()).filter((person) => person.state === 'archived')).toEqual([]);
    expect(await world.ended(await world.runs.confirm(world.caller, run.id, []))).toMatchObject({
      state: 'succeeded',
      counts: { archive: 1 },
    });
  });

  it('a simulation shows what other settings would do and changes nothing', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const before = await world.people();
    const run = await world.ended(
      await world.runs.simulate(world.caller, world.connectionId, { policy: { newPeopleAre: 'pending' } }),
    );
    expect(run).toMatchObject({ state: 'ready', kind: 'simulation' });
    expect(await world.people()).toEqual(before);
    expect((await world.sync()).counts).toMatchObject({ add: 0, update: 0, archive: 0 });
  });

  it('what is confirmed has no removals that the preview did not show', async () => {
    await using world = await startRunWorld({ people: 60, directory: 'okta' });
    await world.firstSync();
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    world.company.suspend(1);
    world.company.join(1);
    const run = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(run.counts).toMatchObject({ archive: 0, add: 1 });
    expect((await world.sync()).counts).toMatchObject({ archive: 1 });
  });

  it('Stop: a switch that is thrown ends the run at its next page, and nothing is taken up before it is lifted', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const asked = await world.runs.resync(world.caller, world.connectionId);
    await world.service.api('POST', `/api/v1/connections/${world.connectionId}/stop`, { reason: 'a look first' });
    await world.runner.runAllDue();
    expect(await world.ended(asked)).toMatchObject({ state: 'queued' });
  });
});
