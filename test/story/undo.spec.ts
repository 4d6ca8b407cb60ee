import { describe, expect, it } from '@jest/globals';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

const states = async (world: RunWorld): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await world.people()).map((person) => [
      person.id,
      `${person.state} ${person.firstName} ${person.lastName} ${person.email}`,
    ]),
  );

describe('undo of a run', () => {
  it('brings back what the run changed, after its preview was confirmed, and the next run leaves it so', async () => {
    await using world = await startRunWorld({ people: 150, directory: 'okta' });
    await world.firstSync();
    const before = await states(world);
    world.company.suspend(2);
    world.company.join(3);
    const run = await world.sync();
    expect(run.counts).toMatchObject({ add: 3, archive: 2 });
    const shown = await world.ended(await world.runs.undo(world.caller, run.id));
    expect(shown).toMatchObject({ state: 'ready', kind: 'undo', errorCode: null });
    expect(await states(world)).not.toEqual(before);
    const undone = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
    expect(undone).toMatchObject({ state: 'succeeded', kind: 'undo', errorCode: null });
    const after = await states(world);
    for (const [id, state] of Object.entries(before)) expect(after[id]).toBe(state);
    expect(Object.entries(after).filter(([id, state]) => !(id in before) && !state.startsWith('archived'))).toEqual([]);
    const again = await world.sync();
    expect(again.counts).toMatchObject({ add: 0, archive: 0, restore: 0 });
    expect(await states(world)).toEqual(after);
  });

  it('a run that changed nobody has nothing to undo', async () => {
    await using world = await startRunWorld({ people: 50, directory: 'okta' });
    await world.firstSync();
    const run = await world.sync();
    await expect(world.runs.undo(world.caller, run.id)).rejects.toMatchObject({ code: 'run.nothing_to_undo' });
  });
});

describe('deleting a connection', () => {
  it.each(['keep', 'archive'] as const)(
    'asks with a preview, and once confirmed its people are left: %s',
    async (people) => {
      await using world = await startRunWorld({ people: 60, directory: 'okta' });
      await world.firstSync();
      const before = (await world.people()).filter((person) => person.state === 'active').length;
      const shown = await world.ended(await world.runs.remove(world.caller, world.connectionId, people));
      expect(shown).toMatchObject({ state: 'ready', kind: 'removal' });
      expect((await world.people()).filter((person) => person.state === 'active')).toHaveLength(before);
      const run = await world.ended(await world.runs.confirm(world.caller, shown.id, []));
      expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
      const left = (await world.people()).filter((person) => person.state === 'active').length;
      expect(left).toBe(people === 'keep' ? before : 0);
      expect(await world.rows('SELECT state FROM connection')).toEqual([{ state: 'deleting' }]);
      expect(await world.rows('SELECT 1 FROM directory_record')).toEqual([]);
    },
  );
});
