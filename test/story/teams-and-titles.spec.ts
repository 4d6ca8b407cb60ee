import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, here, later, one, some } from '../support/story-people.js';
import { Story, StoryService } from '../support/story-world.js';

interface InboxLine {
  title: string;
  people: number;
  suggestions: { positionId: string }[];
}

async function inbox(story: Story): Promise<InboxLine[]> {
  return (await ask<{ items: InboxLine[] }>(story, 'GET', '/api/v1/title-inbox?limit=200')).items;
}

const teams = (story: Story): Promise<{ id: string; name: string }[]> =>
  story.rows('SELECT id, name FROM team ORDER BY name');

describe('teams and titles', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('a missing team is made once, where the connection says so, and its people arrive in it', async () => {
    await using story = await Story.begin(world, { people: 12, policy: { createMissingTeams: true } });
    const [ana, ben, cat] = some(story, 3);
    if (!ana || !ben || !cat) throw new Error('nobody');
    story.company.edit(ana, { department: 'Wind Power' });
    story.company.edit(ben, { department: ' wind  power ' });
    const run = await story.firstSync();
    const made = (await teams(story)).filter((team) => team.name.toLowerCase().includes('wind'));
    expect(made).toHaveLength(1);
    expect([(await here(story, ana)).teamId, (await here(story, ben)).teamId]).toEqual([one(made).id, one(made).id]);
    expect(await story.rows("SELECT FROM planned_change WHERE run_id = $1 AND kind = 'team'", [run.id])).toHaveLength(
      (await teams(story)).length,
    );
    const before = await teams(story);
    await later(story);
    expect(await teams(story)).toEqual(before);
    story.company.edit(cat, { department: 'Tidal Power' });
    await later(story);
    expect(await teams(story)).toHaveLength(before.length + 1);
    expect((await here(story, cat)).teamId).toBe((await teams(story)).find((team) => team.name === 'Tidal Power')?.id);
  });

  it('S-25 a plan that makes teams has the hash that its preview had', async () => {
    await using story = await Story.begin(world, { people: 12, policy: { createMissingTeams: true } });
    const shown = await story.ended(await story.runs.preview(story.caller, story.connectionId));
    const run = await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await teams(story)).not.toHaveLength(0);
    expect(run.planHash).toEqual(shown.planHash);
  });

  it('no team is made where the connection does not say so', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const ana = one(some(story, 1));
    story.company.edit(ana, { department: 'Wind Power' });
    await story.firstSync();
    expect(await teams(story)).toEqual([]);
    expect((await here(story, ana)).teamId).toBeNull();
    const { id } = await ask<{ id: string }>(story, 'POST', '/api/v1/teams', { name: 'wind power' });
    await later(story);
    expect((await here(story, ana)).teamId).toBe(id);
  });

  it('a title that matches nothing waits in the inbox with its head-count, until an alias gives everybody the position', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const windy = some(story, 3);
    story.company.edit(windy, { title: 'Wind Whisperer' });
    await story.firstSync();
    expect((await inbox(story)).find((line) => line.title === 'Wind Whisperer')).toMatchObject({ people: 3 });
    const framework = await ask<{ id: string }>(story, 'POST', '/api/v1/frameworks', { name: 'Power' });
    const position = await ask<{ id: string }>(story, 'POST', '/api/v1/positions', {
      frameworkId: framework.id,
      name: 'Whisperer of Wind',
    });
    await later(story);
    const waiting = (await inbox(story)).find((line) => line.title === 'Wind Whisperer');
    expect(waiting?.suggestions.map((suggestion) => suggestion.positionId)).toContain(position.id);
    await ask(story, 'POST', '/api/v1/aliases', { kind: 'position', name: 'wind whisperer', positionId: position.id });
    await later(story);
    const positions = await Promise.all(windy.map(async (person) => (await here(story, person)).positionId));
    expect(positions).toEqual(windy.map(() => position.id));
    expect((await inbox(story)).map((line) => line.title)).not.toContain('Wind Whisperer');
  });
});
