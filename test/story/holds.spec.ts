import { describe, expect, it } from '@jest/globals';
import { expected } from '../simulators/company/expected.ts';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

const active = async (world: RunWorld): Promise<number> =>
  (await world.people()).filter((person) => person.state === 'active').length;

interface Hold {
  id: string;
  version: number;
  waiting: number;
}

async function holdOf(world: RunWorld): Promise<Hold> {
  const { body } = await world.service.api<{ items: Hold[] }>('GET', '/api/v1/holds');
  const [hold] = body.items;
  if (hold === undefined) throw new Error('there is no hold');
  return hold;
}

describe.each(['okta', 'google'] as const)('a hold of %s', (directory) => {
  it('applies who is approved and still gone, after each was witnessed', async () => {
    await using world = await startRunWorld({ people: 120, directory });
    await world.firstSync();
    const gone = world.company.leave(30).filter((person) => person.n !== 0);
    await world.sync();
    const hold = await holdOf(world);
    const before = await active(world);
    expect(hold.waiting).toBeGreaterThan(20);
    const back = gone[0];
    expect(back).toBeDefined();
    const approved = await world.service.api('POST', `/api/v1/holds/${hold.id}/approve`, {
      version: hold.version,
      people: 'all',
    });
    expect(approved.status).toBe(202);
    await world.runner.runAllDue();
    expect(await active(world)).toBe(before - hold.waiting);
    expect(await active(world)).toBe(expected(world.company, { provider: directory, kind: 'everyone' }).length);
    expect(await world.rows("SELECT 1 FROM hold WHERE state = 'open'")).toEqual([]);
    expect(await world.rows("SELECT 1 FROM notice WHERE kind = 'held' AND mended_at IS NULL")).toEqual([]);
  });

  it('F-75: who came back before the approval was applied stays', async () => {
    await using world = await startRunWorld({ people: 120, directory });
    await world.firstSync();
    const gone = world.company.suspend(30);
    await world.sync();
    const hold = await holdOf(world);
    const before = await active(world);
    await world.service.api('POST', `/api/v1/holds/${hold.id}/approve`, { version: hold.version, people: 'all' });
    world.company.unsuspend(gone);
    await world.runner.runAllDue();
    expect(await active(world)).toBe(before);
    expect(await world.rows("SELECT 1 FROM hold WHERE state = 'open'")).toEqual([]);
  });

  it('S-09: an approval of an older version is refused, and added people need a new one', async () => {
    await using world = await startRunWorld({ people: 120, directory });
    await world.firstSync();
    world.company.suspend(30);
    await world.sync();
    const hold = await holdOf(world);
    world.company.suspend(5);
    await world.sync();
    const grown = await holdOf(world);
    expect(grown.version).toBe(hold.version + 1);
    const refused = await world.service.api<{ code: string }>('POST', `/api/v1/holds/${hold.id}/approve`, {
      version: hold.version,
      people: 'all',
    });
    expect([refused.status, refused.body.code]).toEqual([409, 'hold.changed']);
  });

  it('a rejected removal is ruled out until the facts differ', async () => {
    await using world = await startRunWorld({ people: 60, directory });
    await world.firstSync();
    world.company.suspend(20);
    await world.sync();
    const hold = await holdOf(world);
    const rejected = await world.service.api('POST', `/api/v1/holds/${hold.id}/reject`, {
      version: hold.version,
      people: 'all',
    });
    expect(rejected.status).toBe(200);
    const before = await active(world);
    const run = await world.sync();
    expect(run.counts).toMatchObject({ archive: 0, held: 0 });
    expect(await active(world)).toBe(before);
    const overrides = await world.service.api<{ items: { id: string }[] }>('GET', '/api/v1/overrides?limit=200');
    expect(overrides.body.items).toHaveLength(hold.waiting);
    const one = overrides.body.items[0];
    const released = await world.service.api('POST', `/api/v1/overrides/${one?.id}/release`);
    expect(released.status).toBe(200);
    expect((await world.sync()).counts).toMatchObject({ archive: 1, held: 0 });
  });
});
