import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeCount, here, later, lineOf, one, openHolds, openNotices, some } from '../support/story-people.js';
import { Story, StoryService } from '../support/story-world.js';

describe('when the provider misbehaves', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('more than 1 % unknown: joiners and movers applied, removals held, also when the faults are not new', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const faulty = some(story, 2).map((person) => story.server.ids.person(person.n));
    story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'garble', what: 'e-mail invalid', ids: faulty },
    });
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 0 });
    const [ana] = some(story, 1, 5);
    if (!ana) throw new Error('nobody');
    story.company.suspend(ana);
    story.company.join(1);
    expect((await later(story)).counts).toMatchObject({ add: 1, archive: 0, held: 1 });
    expect((await here(story, ana)).state).toBe('active');
    expect(await activeCount(story)).toBe(31);
  });

  it('row 13: an unknown one is left as it is, counted and listed in every run', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const ana = one(some(story, 1));
    const before = await here(story, ana);
    story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'garble', what: 'e-mail invalid', ids: [story.server.ids.person(ana.n)] },
    });
    for (let turn = 0; turn < 2; turn += 1) {
      const run = await later(story);
      expect(run.counts).toMatchObject({ skip: 1, archive: 0 });
      expect(await here(story, ana)).toEqual(before);
    }
  });

  it('row 9: one person whom the listing forgot stays, and is told', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const ana = one(some(story, 1));
    story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'omit', ids: [story.server.ids.person(ana.n)] },
    });
    const run = await later(story);
    expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 0, held: 0, skip: 1 } });
    expect(await lineOf(story, run, ana)).toMatchObject([{ kind: 'skip', code: 'still_in_directory' }]);
    expect((await here(story, ana)).state).toBe('active');
    story.server.faults.clear();
    expect((await later(story)).counts).toMatchObject({ skip: 0 });
  });

  it('more contradictions than max(1, 0.1 %): nobody goes for absence, explicit statuses still act, one notice until mended', async () => {
    await using story = await Story.synced(world, { people: 100 });
    const [ana, ben, cat, dan] = some(story, 4);
    if (!ana || !ben || !cat || !dan) throw new Error('nobody');
    story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'omit', ids: [ana, ben].map((person) => story.server.ids.person(person.n)) },
    });
    story.company.suspend(cat);
    story.company.erase(dan);
    await later(story);
    expect((await here(story, cat)).state).toBe('archived');
    expect((await here(story, dan)).state).toBe('active');
    await later(story);
    expect(await openNotices(story)).toEqual(expect.arrayContaining(['inconsistent_read']));
    expect(await story.rows("SELECT 1 FROM notice WHERE kind = 'inconsistent_read'")).toHaveLength(1);
    story.server.faults.clear();
    await later(story);
    expect((await here(story, dan)).state).toBe('archived');
    expect(await openNotices(story)).not.toContain('inconsistent_read');
    expect(await openHolds(story)).toEqual([]);
  });

  it('two missing reads for a bare 404: the first says nothing, the second an interval later does', async () => {
    await using google = await StoryService.start('google');
    await using story = await Story.begin(google, { people: 30 });
    await story.firstSync();
    if ('deletedAnswer' in story.server.settings) story.server.settings.deletedAnswer = 404;
    const ana = one(story.company.purge(some(story, 1)));
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 0 });
    await story.sync();
    expect((await here(story, ana)).state).toBe('active');
    expect((await later(story)).counts).toMatchObject({ archive: 1 });
    expect((await here(story, ana)).state).toBe('archived');
  });
});
