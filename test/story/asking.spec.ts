import { describe, expect, it } from '@jest/globals';
import { Asking } from '../../src/schedule/asking.js';
import { startRunWorld } from '../support/run-world.js';

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

  it('a preview is confirmed while a resync waits: that resync is the run that was confirmed', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    const waiting = await world.runs.resync(world.caller, world.connectionId);
    const confirmed = await world.runs.confirm(world.caller, shown.id, []);
    expect(confirmed).toMatchObject({
      id: waiting.id,
      state: 'queued',
      kind: 'full',
      confirms: shown.id,
      subjects: [],
    });
    expect(await world.ended(waiting)).toMatchObject({
      state: 'succeeded',
      kind: 'full',
      counts: { add: shown.counts.add },
    });
    expect(await world.rows('SELECT state FROM connection')).toEqual([{ state: 'active' }]);
  });

  it('a resync of some people that waits takes up a confirmed preview of everybody', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    const waiting = await world.runs.resync(world.caller, world.connectionId, ['00u1']);
    world.company.join(1);
    const run = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(run).toMatchObject({ id: waiting.id, state: 'succeeded', kind: 'full', counts: { add: 1 } });
  });

  it('a preview that waits gives way to the confirmation of the one that was looked at, and says so', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    const shown = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    const waiting = await world.runs.preview(world.caller, world.connectionId);
    const run = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(run).toMatchObject({ state: 'succeeded', kind: 'full', counts: { add: shown.counts.add } });
    expect(await world.ended(waiting)).toMatchObject({
      state: 'cancelled',
      errorCode: 'run.gave_way',
      errorMessage: expect.stringContaining('confirmed') as unknown,
    });
  });

  it('a resync that waits gives way to a confirmed undo; what was confirmed waits for nothing that was not', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    world.company.suspend(1);
    const taken = await world.sync();
    const shown = await world.ended(await world.runs.undo(world.caller, taken.id));
    const waiting = await world.runs.resync(world.caller, world.connectionId);
    const undone = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(undone).toMatchObject({ state: 'succeeded', kind: 'undo', counts: { restore: 1 } });
    expect(await world.ended(waiting)).toMatchObject({ state: 'cancelled', errorCode: 'run.gave_way' });
  });

  it('of two kinds that were confirmed the second has to wait until the first has begun', async () => {
    await using world = await startRunWorld({ people: 30, directory: 'okta' });
    await world.firstSync();
    world.company.suspend(1);
    const taken = await world.sync();
    const preview = await world.ended(await world.runs.preview(world.caller, world.connectionId));
    const undo = await world.ended(await world.runs.undo(world.caller, taken.id));
    const first = await world.runs.confirm(world.caller, undo.id, []);
    const second = world.runs.confirm(world.caller, preview.id, []);
    await expect(second).rejects.toMatchObject({ code: 'run.other_waiting' });
    expect((await world.runs.confirm(world.caller, undo.id, [])).id).toBe(first.id);
    expect(await world.ended(first)).toMatchObject({ state: 'succeeded', kind: 'undo' });
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
