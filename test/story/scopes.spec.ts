import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeCount, ask, here, later, linkedTo, one, openHolds, openNotices, some } from '../support/story-people.js';
import { HOUR, scopeOf, Story, StoryService, type StoryOptions } from '../support/story-world.js';
import type { Group } from '../simulators/index.ts';

/** A company whose connection takes in one group of six. */
async function scoped(
  world: StoryService,
  options: Partial<StoryOptions> = {},
): Promise<{ story: Story; group: Group }> {
  const story = await Story.begin(world, { people: 20, ...options });
  const group = story.company.addGroup('The crew', some(story, 6));
  await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, {
    scope: scopeOf(story.server, { provider: world.provider, kind: 'groups', of: ['The crew'] }),
  });
  return { story, group };
}

describe.each(['okta', 'google'] as const)('the scope of a connection, %s', (provider) => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start(provider);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('row 8: who leaves the group is archived, naming it; row 4: who is back in it is back', async () => {
    const { story, group } = await scoped(world);
    await using _ = story;
    await story.firstSync();
    expect(await activeCount(story)).toBe(6);
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    story.company.removeFromGroup(group, ana);
    const run = await later(story);
    expect((await here(story, ana)).state).toBe('archived');
    const [line] = await story.rows<{ reason: { code: string; facts: { because: string } } }>(
      "SELECT reason FROM planned_change WHERE run_id = $1 AND kind = 'archive'",
      [run.id],
    );
    expect(line?.reason).toMatchObject({ code: 'out_of_scope' });
    expect(line?.reason.facts.because).toContain('The crew');
    story.company.addToGroup(group, ana);
    await later(story);
    expect(await here(story, ana)).toMatchObject({ id, state: 'active' });
  });

  it('row 12: whoever is out of it and was never linked is nobody, and nothing of them is kept but id, reason and time', async () => {
    const { story } = await scoped(world);
    await using _ = story;
    await story.firstSync();
    const stranger = one(some(story, 1, 10));
    expect(await linkedTo(story, stranger)).toBeNull();
    const kept = await story.rows('SELECT body, email_canonical FROM directory_record WHERE NOT in_scope');
    expect(kept.filter((row) => JSON.stringify(row) !== JSON.stringify({ body: null, emailCanonical: null }))).toEqual(
      [],
    );
  });

  it('a scope group that is deleted: needs attention, nothing applied, one notice', async () => {
    const { story, group } = await scoped(world);
    await using _ = story;
    await story.firstSync();
    story.company.deleteGroup(group);
    expect(await later(story)).toMatchObject({ state: 'failed' });
    expect(await later(story)).toMatchObject({ state: 'failed' });
    expect(await activeCount(story)).toBe(6);
    expect(await openNotices(story)).toEqual(['needs_attention']);
  });

  it('a scope group that is emptied: everybody is held, nobody goes', async () => {
    const { story, group } = await scoped(world);
    await using _ = story;
    await story.firstSync();
    story.company.emptyGroup(group);
    const run = await later(story);
    expect(await activeCount(story)).toBe(6);
    if (run.state === 'succeeded') expect(one(await openHolds(story)).waiting).toBe(6);
    else expect(await openNotices(story)).toEqual(['needs_attention']);
  });

  it('a changed scope is a preview first; its removals are guarded as ever', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.addGroup('The crew', some(story, 6));
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, {
      scope: scopeOf(story.server, { provider, kind: 'groups', of: ['The crew'] }),
    });
    expect(await later(story)).toMatchObject({ state: 'ready', kind: 'preview' });
    await story.firstSync();
    expect(await activeCount(story)).toBe(20);
    expect(one(await openHolds(story)).waiting).toBe(14);
  });

  it('another scope is simulated without being saved, and leaves no trace of what it needs', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.addGroup('The crew', some(story, 6));
    const scope = scopeOf(story.server, { provider, kind: 'groups', of: ['The crew'] });
    world.clock.advance(HOUR);
    const run = await story.ended(await story.runs.simulate(story.caller, story.connectionId, { scope }));
    expect(run).toMatchObject({ state: 'ready', errorCode: null, counts: { held: 14 } });
    expect(await later(story)).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(await activeCount(story)).toBe(20);
  });

  it('somebody excluded by name is out of scope', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, {
      scope: { kind: 'directory', excluded: [ana.email] },
    });
    await story.firstSync();
    expect((await here(story, ana)).state).toBe('archived');
    expect(await activeCount(story)).toBe(19);
  });
});
