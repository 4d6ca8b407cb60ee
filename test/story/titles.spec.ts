import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ask, here, later, one, some } from '../support/story-people.js';
import { Story, StoryService } from '../support/story-world.js';

async function made(story: Story, path: string, body: Record<string, unknown>): Promise<string> {
  return (await ask<{ id: string }>(story, 'POST', `/api/v1/${path}`, body)).id;
}

/** Two frameworks with a team each, and a position in each of them. */
async function frameworks(
  story: Story,
): Promise<{ engineering: string; sales: string; engineer: string; seller: string }> {
  const one_ = await made(story, 'frameworks', { name: 'Engineering' });
  const two = await made(story, 'frameworks', { name: 'Sales' });
  return {
    engineering: await made(story, 'teams', { name: 'Platform Crew', frameworkId: one_ }),
    sales: await made(story, 'teams', { name: 'Field Crew', frameworkId: two }),
    engineer: await made(story, 'positions', { frameworkId: one_, name: 'Senior Engineer' }),
    seller: await made(story, 'positions', { frameworkId: two, name: 'Account Executive' }),
  };
}

async function inbox(story: Story): Promise<{ title: string; people: number }[]> {
  return (await ask<{ items: { title: string; people: number }[] }>(story, 'GET', '/api/v1/title-inbox?limit=200'))
    .items;
}

describe('team and position', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('department and title by name, case and spacing folded; no match lands in the title inbox', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const known = await frameworks(story);
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    story.company.edit(ana, { department: ' platform  CREW', title: 'senior   engineer' });
    story.company.edit(ben, { department: 'Platform Crew', title: 'Wizard of Things' });
    await story.firstSync();
    expect(await here(story, ana)).toMatchObject({ teamId: known.engineering, positionId: known.engineer });
    expect(await here(story, ben)).toMatchObject({ teamId: known.engineering, positionId: null });
    expect((await inbox(story)).find((one_) => one_.title === 'Wizard of Things')).toMatchObject({ people: 1 });
  });

  it('an alias is applied to everyone, backwards too, and is no change of mapping', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const known = await frameworks(story);
    const crew = some(story, 3);
    for (const person of crew) story.company.edit(person, { department: 'Plattform', title: 'Ingenieur' });
    await story.firstSync();
    expect((await here(story, one(crew))).teamId).toBeNull();
    await ask(story, 'POST', '/api/v1/aliases', { kind: 'team', name: 'Plattform', teamId: known.engineering });
    await ask(story, 'POST', '/api/v1/aliases', { kind: 'position', name: 'ingenieur', positionId: known.engineer });
    const run = await later(story);
    expect(run).toMatchObject({ state: 'succeeded', kind: 'full', counts: { update: 3 } });
    for (const person of crew)
      expect(await here(story, person)).toMatchObject({ teamId: known.engineering, positionId: known.engineer });
    expect((await inbox(story)).some((entry) => entry.title === 'Ingenieur')).toBe(false);
    expect((await later(story)).counts).toMatchObject({ update: 0 });
  });

  it('a position of another framework than the new team’s is cleared; else it stays', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const known = await frameworks(story);
    const ana = one(some(story, 1));
    story.company.edit(ana, { department: 'Platform Crew', title: 'Senior Engineer' });
    await story.firstSync();
    story.company.edit(ana, { title: 'Unheard Of' });
    await later(story);
    expect(await here(story, ana)).toMatchObject({ teamId: known.engineering, positionId: known.engineer });
    story.company.edit(ana, { department: 'Field Crew' });
    await later(story);
    expect(await here(story, ana)).toMatchObject({ teamId: known.sales, positionId: null });
  });

  it('a team that does not exist is made only where the connection says so, once', async () => {
    await using story = await Story.synced(world, { people: 12, policy: { createMissingTeams: true } });
    const teams = await story.rows<{ name: string; origin: string }>('SELECT name, origin FROM team ORDER BY name');
    expect(new Set(teams.map((team) => team.name))).toEqual(
      new Set(story.company.employed().map((person) => person.department)),
    );
    expect(new Set(teams.map((team) => team.origin))).toEqual(new Set(['directory']));
    story.company.edit(some(story, 2), { department: 'Brand New' });
    await later(story);
    expect(await story.rows("SELECT 1 FROM team WHERE name = 'Brand New'")).toHaveLength(1);
    expect((await here(story, one(some(story, 1)))).teamId).not.toBeNull();
  });

  it('a missing attribute is an empty one: empty clears, or is kept by setting', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const known = await frameworks(story);
    const ana = one(some(story, 1));
    story.company.edit(ana, { department: 'Platform Crew' });
    await story.firstSync();
    expect((await here(story, ana)).teamId).toBe(known.engineering);
    story.company.edit(ana, { department: '' });
    await later(story);
    expect((await here(story, ana)).teamId).toBeNull();
  });

  it('empty is kept where the setting says so', async () => {
    await using story = await Story.begin(world, { people: 12, policy: { emptyAttribute: 'keep' } });
    const known = await frameworks(story);
    const ana = one(some(story, 1));
    story.company.edit(ana, { department: 'Platform Crew' });
    await story.firstSync();
    story.company.edit(ana, { department: '' });
    await later(story);
    expect((await here(story, ana)).teamId).toBe(known.engineering);
  });

  it('a team that gets the department’s name has its people from the next run on', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const known = await frameworks(story);
    const ana = one(some(story, 1));
    story.company.edit(ana, { department: 'Another Crew' });
    await story.firstSync();
    expect((await here(story, ana)).teamId).toBeNull();
    await ask(story, 'PATCH', `/api/v1/teams/${known.engineering}`, { name: 'Another Crew' });
    await later(story);
    expect((await here(story, ana)).teamId).toBe(known.engineering);
  });
});
