import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, here, one, secondSynced, some } from '../support/story-people.js';
import { Story, StoryService } from '../support/story-world.js';

describe('a field that the mapping of a higher connection leaves out', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('is the next one’s, even while the mirror still holds what was read before', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const named = some(story, 12).filter((person) => person.family !== '');
    const [ana, ben] = [one(named), one(named, 1)];
    second.company.edit(second.company.person(ana.n), { given: 'Lower' });
    await second.sync();
    expect((await here(story, ana)).firstName).toBe(ana.given);
    const path = `/api/v1/connections/${story.connectionId}`;
    const shown = await ask<{ settings: { mapping: Record<string, unknown> } }>(story, 'GET', path);
    await ask(story, 'PATCH', path, { mapping: { ...shown.settings.mapping, firstName: null } });
    second.company.edit(second.company.person(ben.n), { given: 'Lowest', family: 'Not here' });
    await second.sync();
    expect(await here(story, ben)).toMatchObject({ firstName: 'Lowest', lastName: ben.family });
  });
});
