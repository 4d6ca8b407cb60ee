import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, here, one, secondSynced, some } from '../support/story-people.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

describe('several connections, one of which is in trouble', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('one that needs attention keeps its verdict for 30 days, then the next decides', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    story.server.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 403 } });
    expect(await story.sync()).toMatchObject({ state: 'failed' });
    const ana = one(some(story, 1));
    second.company.suspend(second.company.person(ana.n));
    await second.sync();
    expect((await here(story, ana)).state).toBe('active');
    world.clock.advance(31 * 24 * HOUR);
    await second.sync();
    expect((await second.here(ana)).state).toBe('archived');
  });

  it('a lower one that goes takes no field with it that the higher one owns', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    const before = await here(story, ana);
    world.clock.advance(HOUR);
    second.company.leave(second.company.person(ana.n));
    await second.sync();
    expect(await here(story, ana)).toMatchObject({
      state: 'active',
      firstName: before.firstName,
      managerId: before.managerId,
    });
  });

  it('an empty attribute of the higher one is filled by the next, and taken back when it has one', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    second.company.edit(second.company.person(ana.n), { employeeNumber: 'OTHER-1' });
    await second.sync();
    story.company.edit(ana, { employeeNumber: '' });
    await story.sync();
    const numberOf = async (): Promise<unknown> =>
      (
        await story.rows<{ employeeNumber: string | null }>('SELECT employee_number FROM person WHERE id = $1', [
          (await here(story, ana)).id,
        ])
      )[0];
    expect(await numberOf()).toEqual({ employeeNumber: 'OTHER-1' });
    story.company.edit(ana, { employeeNumber: 'OURS-1' });
    await story.sync();
    expect(await numberOf()).toEqual({ employeeNumber: 'OURS-1' });
  });

  it('whom the higher one holds out of its scope, and the next employs, stays', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, {
      scope: { kind: 'directory', excluded: [ana.email] },
    });
    await story.firstSync();
    expect((await second.here(ana)).state).toBe('active');
    second.company.suspend(second.company.person(ana.n));
    await second.sync();
    expect((await second.here(ana)).state).toBe('archived');
  });

  it('nobody is linked twice, and two unchanged directories leave each other alone', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    await story.sync();
    await second.sync();
    const told = (): Promise<unknown> =>
      story.rows(
        'SELECT (SELECT count(*)::int FROM event) AS events, (SELECT sum(version)::int FROM person) AS versions',
      );
    const before = await told();
    const unsettled = (): Promise<unknown[]> =>
      story.rows('SELECT 1 FROM directory_record WHERE settled_hash IS DISTINCT FROM observed_hash');
    for (let turn = 0; turn < 2; turn += 1) {
      world.clock.advance(HOUR);
      await story.sync();
      await second.sync();
    }
    expect(await told()).toEqual(before);
    expect(await unsettled()).toEqual([]);
  });
});
