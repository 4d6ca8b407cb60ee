import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunRow } from '../../src/runs/runs.types.js';
import { ask, here, linkedTo, one, secondDirectory, secondSynced, some } from '../support/story-people.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

const DAY = 24 * HOUR;

function ends(run: RunRow): void {
  expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
}

describe('several connections', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('a person may be linked to one record of each, and the second directory adds nobody twice', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondDirectory(story, { people: 12 });
    const run = await second.firstSync();
    ends(run);
    expect(run.counts).toMatchObject({ add: 0, link: 12 });
    const ana = one(some(story, 1));
    expect((await second.here(ana)).id).toBe((await here(story, ana)).id);
  });

  it('the highest that has a value owns the field', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    second.company.edit(second.company.person(ana.n), { given: 'Lower' });
    ends(await second.sync());
    expect((await here(story, ana)).firstName).toBe(ana.given);
    story.company.edit(ana, { given: 'Higher' });
    ends(await story.sync());
    expect((await here(story, ana)).firstName).toBe('Higher');
  });

  it('employment: the highest-ranked connection that still knows the person decides', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    second.company.suspend(second.company.person(ana.n));
    ends(await second.sync());
    expect((await here(story, ana)).state).toBe('active');
    story.company.suspend(ben);
    ends(await story.sync());
    ends(await second.sync());
    expect((await here(story, ben)).state).toBe('archived');
  });

  it('one that does not know the person any more passes to the next, who employs them', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    second.company.edit(second.company.person(ana.n), { given: 'Lower' });
    ends(await second.sync());
    world.clock.advance(HOUR);
    story.company.leave(ana);
    ends(await story.sync());
    world.clock.advance(HOUR);
    ends(await second.sync());
    expect(await second.here(ana)).toMatchObject({ state: 'active', firstName: 'Lower' });
  });

  it('one that does not know the person any more passes to the next, who does not employ them', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    second.company.suspend(second.company.person(ana.n));
    ends(await second.sync());
    world.clock.advance(HOUR);
    story.company.leave(ana);
    ends(await story.sync());
    expect((await second.here(ana)).state).toBe('archived');
  });

  it('whom the higher one archived comes back when it does not know them any more and the next employs them', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    ends(await story.sync());
    ends(await second.sync());
    expect((await second.here(ana)).state).toBe('archived');
    world.clock.advance(HOUR);
    story.company.leave(ana);
    ends(await story.sync());
    world.clock.advance(HOUR);
    ends(await second.sync());
    expect((await second.here(ana)).state).toBe('active');
  });

  it('a paused connection keeps its verdict for 30 days, then nothing is inferred from it', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/pause`);
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    second.company.suspend(second.company.person(ana.n));
    ends(await second.sync());
    expect((await here(story, ana)).state).toBe('active');
    world.clock.advance(31 * DAY);
    second.company.suspend(second.company.person(ben.n));
    ends(await second.sync());
    expect([(await here(story, ana)).state, (await here(story, ben)).state]).toEqual(['archived', 'archived']);
  });

  it('the order is changed by a preview, and the other one owns from then on', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const ana = one(some(story, 1));
    second.company.edit(second.company.person(ana.n), { given: 'Lower' });
    ends(await second.sync());
    await ask(story, 'POST', `/api/v1/connections/${second.connectionId}/move`, { rank: 1 });
    expect((await second.sync()).state).toBe('ready');
    expect((await here(story, ana)).firstName).toBe(ana.given);
    ends(await second.firstSync());
    expect((await here(story, ana)).firstName).toBe('Lower');
    ends(await story.firstSync());
    expect((await here(story, ana)).firstName).toBe('Lower');
    expect(await linkedTo(story, ana)).not.toBeNull();
  });
});
