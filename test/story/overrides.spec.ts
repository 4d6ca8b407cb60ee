import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, here, later, linkedTo, one, openNotices, some } from '../support/story-people.js';
import { Story, StoryService } from '../support/story-world.js';

interface Override {
  id: string;
  kind: string;
  cause: string;
}

async function overrides(story: Story): Promise<Override[]> {
  return (await ask<{ items: Override[] }>(story, 'GET', '/api/v1/overrides')).items;
}

describe('overrides and archive reasons', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('an admin’s restore clears all reasons and leaves an override, until the facts differ', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    await later(story);
    const { id } = await here(story, ana);
    await ask(story, 'POST', `/api/v1/people/${id}/restore`);
    expect(await here(story, ana)).toMatchObject({ state: 'active', archiveReasons: [] });
    expect(await overrides(story)).toMatchObject([{ kind: 'archive', cause: 'restored' }]);
    await later(story);
    await later(story);
    expect((await here(story, ana)).state).toBe('active');
    story.company.leave(ana);
    await later(story);
    expect((await here(story, ana)).state).toBe('archived');
    expect(await overrides(story)).toEqual([]);
  });

  it('an override stands when a listing leaves somebody out who is as before', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    await later(story);
    await ask(story, 'POST', `/api/v1/people/${(await here(story, ana)).id}/restore`);
    await later(story);
    const mendListing = story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'omit', ids: [story.server.ids.person(ana.n)] },
    });
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 0 });
    mendListing();
    await later(story);
    expect((await here(story, ana)).state).toBe('active');
    expect(await overrides(story)).toMatchObject([{ kind: 'archive', cause: 'restored' }]);
  });

  it('an override that an admin releases lets the change happen', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    await later(story);
    const { id } = await here(story, ana);
    await ask(story, 'POST', `/api/v1/people/${id}/restore`);
    await later(story);
    const [standing] = await overrides(story);
    await ask(story, 'POST', `/api/v1/overrides/${standing?.id}/release`);
    await later(story);
    expect((await here(story, ana)).state).toBe('archived');
  });

  it('row 5: archived by the directory and by an admin: the directory takes back its own reason alone', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    await later(story);
    const { id } = await here(story, ana);
    await ask(story, 'POST', `/api/v1/people/${id}/archive`);
    expect((await here(story, ana)).archiveReasons.toSorted()).toEqual(['admin', 'directory']);
    story.company.unsuspend(ana);
    await later(story);
    expect((await here(story, ana)).state).toBe('archived');
    expect((await here(story, ana)).archiveReasons).toContain('admin');
    expect(await openNotices(story)).toContain('archived_by_admin');
    await ask(story, 'POST', `/api/v1/people/${id}/restore`);
    await later(story);
    expect(await here(story, ana)).toMatchObject({ state: 'active', archiveReasons: [] });
    expect(await openNotices(story)).not.toContain('archived_by_admin');
  });

  it('row 4: back with the same id, team, position and history, and as no admin', async () => {
    await using story = await Story.synced(world, { people: 20, policy: { createMissingTeams: true } });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    for (const person of [ana, ben])
      await ask(story, 'PUT', `/api/v1/people/${(await here(story, person)).id}/admin`, { on: true });
    const before = await here(story, ana);
    story.company.suspend(ana);
    await later(story);
    story.company.unsuspend(ana);
    await later(story);
    expect(await here(story, ana)).toMatchObject({
      id: before.id,
      state: 'active',
      teamId: before.teamId,
      managerId: before.managerId,
      isAdmin: false,
    });
  });

  it('row 20: whoever was never linked to the connection is never touched', async () => {
    await using story = await Story.begin(world, { people: 20 });
    const { id } = await ask<{ id: string }>(story, 'POST', '/api/v1/people', {
      email: 'byhand@elsewhere.example',
      state: 'active',
    });
    const [before] = await story.rows('SELECT * FROM person WHERE id = $1', [id]);
    await story.firstSync();
    story.company.suspend(some(story, 2));
    await later(story);
    expect(await story.rows('SELECT * FROM person WHERE id = $1', [id])).toEqual([before]);
  });

  it('rows 11 and 12: not employed or out of scope, never linked: nobody, and no trace of who they are', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const staged = one(story.company.stage(1));
    const suspended = one(story.company.join(1));
    story.company.suspend(suspended);
    const run = await later(story);
    expect(run.counts).toMatchObject({ add: 0 });
    expect([await linkedTo(story, staged), await linkedTo(story, suspended)]).toEqual([null, null]);
    story.company.unsuspend(suspended);
    story.company.begin(staged);
    expect((await later(story)).counts).toMatchObject({ add: 2 });
  });
});
