import { describe, expect, it } from '@jest/globals';
import { ask, later, some, theHold } from '../support/story-people.js';
import { Story, StoryService, type ProviderName } from '../support/story-world.js';

interface Trait {
  kind: string;
  value: string;
  held: number;
  others: number;
}

async function traitsOf(story: Story): Promise<Trait[]> {
  const { shared } = (await theHold(story)) as unknown as { shared: Trait[] };
  return shared.map(({ kind, value, held, others }) => ({ kind, value, held, others }));
}

async function withWorld(provider: ProviderName, work: (world: StoryService) => Promise<void>): Promise<void> {
  await using world = await StoryService.start(provider);
  await work(world);
}

describe('what those held share that the others lack', () => {
  it('the unit, and the units above it', () =>
    withWorld('google', async (world) => {
      await using story = await Story.begin(world, { people: 30 });
      const moved = some(story, 6);
      const bought = story.company.addUnit('Bought', '/');
      story.company.changeUnit(moved.slice(0, 3), story.company.addUnit('North', bought.n).n);
      story.company.changeUnit(moved.slice(3), story.company.addUnit('South', bought.n).n);
      await story.firstSync();
      story.company.suspend(moved);
      expect(await later(story)).toMatchObject({ counts: { archive: 0, held: 6 } });
      expect(await traitsOf(story)).toContainEqual({ kind: 'unit', value: '/Bought', held: 6, others: 0 });
    }));

  it('the group of the scope that was emptied', () =>
    withWorld('okta', async (world) => {
      await using story = await Story.begin(world, { people: 30 });
      const staff = story.company.addGroup('Staff', some(story, 20));
      const bought = story.company.addGroup('Bought', some(story, 6, 20));
      const groupIds = [staff, bought].map((group) => story.server.ids.group(group.name));
      await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, {
        scope: { kind: 'groups', groupIds, excluded: [] },
      });
      await story.firstSync();
      story.company.emptyGroup(bought);
      expect(await later(story)).toMatchObject({ counts: { archive: 0, held: 6 } });
      expect(await traitsOf(story)).toContainEqual({ kind: 'group', value: 'Bought', held: 6, others: 0 });
    }));
});
