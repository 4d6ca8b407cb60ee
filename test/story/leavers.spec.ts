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

  it('O-75 A-04 sessions of who left or was suspended are over with the run, those of the others go on', async () => {
    await using world = await startRunWorld({ people: 40, directory });
    await world.firstSync();
    const { service } = world;
    const people = await world.rows<{ id: string }>(`SELECT id FROM person WHERE state = 'active'`);
    const sessions = await Promise.all(people.map(({ id }) => service.session({ personId: id })));
    const statuses = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>();
      for (const { api, personId } of sessions) found.set(personId, (await api('GET', '/api/v1/me/sessions')).status);
      return found;
    };
    expect(new Set((await statuses()).values())).toEqual(new Set([200]));
    world.company.leave(1);
    world.company.suspend(1);
    expect(await world.sync()).toMatchObject({ state: 'succeeded', errorCode: null });
    const archived = await world.rows<{ id: string }>(
      `SELECT id FROM person WHERE state = 'archived' AND archived_at IS NOT NULL`,
    );
    const out = new Set(archived.map(({ id }) => id));
    const after = await statuses();
    expect([...after.values()].filter((status) => status === 401)).toHaveLength(2);
    for (const [personId, status] of after)
      expect([personId, status]).toEqual([personId, out.has(personId) ? 401 : 200]);
    expect(
      await world.rows(`SELECT DISTINCT ended_because AS because FROM session WHERE ended_at IS NOT NULL`),
    ).toEqual([{ because: 'archived' }]);
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
