import { describe, expect, it } from '@jest/globals';
import { expected } from '../simulators/company/expected.ts';
import { startRunWorld } from '../support/run-world.js';

const active = (people: { state: string }[]): number => people.filter((person) => person.state === 'active').length;

describe.each(['okta', 'google'] as const)('leavers and joiners in %s', (directory) => {
  it('row 7, 6, 1, 3: who left or was suspended is archived, who joined is added, who moved is updated', async () => {
    await using world = await startRunWorld({ people: 200, directory });
    await world.firstSync();
    const before = active(await world.people());
    world.company.leave(2);
    world.company.suspend(2);
    world.company.join(5);
    world.company.edit(3);
    const run = await world.sync();
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(run.counts).toMatchObject({ add: 5, archive: 4, held: 0 });
    expect(active(await world.people())).toBe(before + 1);
    const again = await world.sync();
    expect(again.counts).toMatchObject({ add: 0, update: 0, archive: 0, held: 0 });
  });

  it('holds the leavers and admits the joiners when a third of the company vanishes', async () => {
    await using world = await startRunWorld({ people: 300, directory });
    await world.firstSync();
    const before = active(await world.people());
    world.company.leave(100);
    const left = before - expected(world.company, { provider: directory, kind: 'everyone' }).length;
    world.company.join(5);
    const run = await world.sync();
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(run.counts).toMatchObject({ add: 5, archive: 0, held: left });
    expect(active(await world.people())).toBe(before + 5);
    const holds = await world.rows<{ state: string; n: number }>(
      'SELECT h.state, (SELECT count(*)::int FROM hold_member m WHERE m.hold_id = h.id) AS n FROM hold h',
    );
    expect(holds).toEqual([{ state: 'open', n: left }]);
    expect(await world.rows("SELECT kind FROM notice WHERE mended_at IS NULL AND kind = 'held'")).toHaveLength(1);
  });
});
