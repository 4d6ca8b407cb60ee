import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeCount, employedCount, here, later, linkedTo, one, openHolds, some } from '../support/story-people.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

async function laterDelta(story: Story): Promise<RunRow> {
  story.world.clock.advance(HOUR);
  return story.delta();
}

async function ping(story: Story, externalIds: string[]): Promise<RunRow> {
  story.world.clock.advance(HOUR);
  return story.ended(await story.runs.resync(story.caller, story.connectionId, externalIds));
}

describe('a delta, and a push', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('names joiners, movers and those who were suspended or deprovisioned, and each is read directly', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const [ana, ben, cat] = some(story, 3);
    if (!ana || !ben || !cat) throw new Error('nobody');
    story.company.edit(ana, { given: 'Renamed' });
    story.company.suspend(ben);
    story.company.leave(cat);
    story.company.join(2);
    const run = await laterDelta(story);
    expect(run).toMatchObject({
      state: 'succeeded',
      kind: 'delta',
      coverage: 'partial',
      counts: { add: 2, archive: 2 },
    });
    expect((await here(story, ana)).firstName).toBe('Renamed');
    expect(await activeCount(story)).toBe(employedCount(story));
  });

  it('names somebody who was deleted for ever: the System Log is the evidence, and they are out at once', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(story.company.erase(some(story, 1)));
    const run = await laterDelta(story);
    expect(run).toMatchObject({ state: 'succeeded', kind: 'delta' });
    expect((await here(story, ana)).state).toBe('archived');
  });

  it('never makes a leaver of anybody whom it does not name', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.server.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'keep', count: 0 } });
    expect((await laterDelta(story)).counts).toMatchObject({ archive: 0, held: 0 });
    expect(await activeCount(story)).toBe(20);
  });

  it('takes nobody out of a hold whom it did not read, and adds to it', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 6));
    await later(story);
    expect(one(await openHolds(story)).waiting).toBe(6);
    story.company.edit(some(story, 1), { given: 'Renamed' });
    await laterDelta(story);
    expect(one(await openHolds(story)).waiting).toBe(6);
    story.company.unsuspend(story.company.people.filter((person) => person.state === 'suspended').slice(0, 2));
    await laterDelta(story);
    expect(one(await openHolds(story)).waiting).toBe(4);
  });

  it('counts for the limits like every run: many small ones are no way around them', async () => {
    await using story = await Story.synced(world, { people: 20 });
    for (let turn = 0; turn < 8; turn += 1) {
      story.company.suspend(some(story, 1));
      await laterDelta(story);
    }
    expect(await activeCount(story)).toBe(15);
    expect(one(await openHolds(story)).waiting).toBe(3);
  });

  it('a ping is never believed by itself: who is said to be gone and is not, stays', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    story.company.suspend(ben);
    await ping(
      story,
      [ana, ben].map((person) => story.server.ids.person(person.n)),
    );
    expect([(await here(story, ana)).state, (await here(story, ben)).state]).toEqual(['active', 'archived']);
    await ping(story, ['00uneverheardof00000']);
    expect(await activeCount(story)).toBe(19);
  });

  it('a ping about somebody new adds them, and the next full read changes nothing', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(story.company.join(1));
    await ping(story, [story.server.ids.person(ana.n)]);
    expect((await linkedTo(story, ana))?.state).toBe('active');
    expect((await later(story)).counts).toMatchObject({ add: 0, update: 0, archive: 0 });
  });

  it('a bare 404 to a ping is no evidence', async () => {
    await using google = await StoryService.start('google');
    await using story = await Story.begin(google, { people: 20 });
    await story.firstSync();
    if ('deletedAnswer' in story.server.settings) story.server.settings.deletedAnswer = 404;
    const ana = one(story.company.purge(some(story, 1)));
    await ping(story, [story.server.ids.person(ana.n)]);
    await ping(story, [story.server.ids.person(ana.n)]);
    expect((await here(story, ana)).state).toBe('active');
  });
});
