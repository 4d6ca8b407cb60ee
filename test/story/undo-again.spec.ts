import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { activeCount, ask, here, later, lineOf, linkedTo, one, some } from '../support/story-people.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

async function undone(story: Story, run: RunRow): Promise<RunRow> {
  const shown = await story.ended(await story.runs.undo(story.caller, run.id));
  expect(shown).toMatchObject({ state: 'ready', errorCode: null });
  const confirmed = await story.ended(await story.runs.confirm(story.caller, shown.id, []));
  expect(confirmed).toMatchObject({ state: 'succeeded', errorCode: null });
  return confirmed;
}

describe('undo', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('restores what the run changed, skips and lists what was changed since, and leaves overrides', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const [ana, ben, cat] = some(story, 3);
    if (!ana || !ben || !cat) throw new Error('nobody');
    const before = await here(story, ana);
    story.company.edit(ana, { given: 'Renamed', family: 'Too' });
    story.company.suspend(ben);
    const [joined] = story.company.join(1);
    if (!joined) throw new Error('nobody');
    const run = await later(story);
    const shown = await story.ended(await story.runs.undo(story.caller, run.id));
    expect((await here(story, ben)).state).toBe('archived');
    await ask(story, 'PATCH', `/api/v1/people/${(await here(story, ana)).id}`, {
      version: (await here(story, ana)).version,
      firstName: 'Byhand',
    }).catch(() => null);
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await here(story, ana)).toMatchObject({ lastName: before.lastName });
    expect((await here(story, ben)).state).toBe('active');
    expect(await here(story, joined)).toMatchObject({ state: 'archived', archiveReasons: ['undo'] });
    const next = await later(story);
    expect(next.counts).toMatchObject({ add: 0, archive: 0, restore: 0 });
    expect(await here(story, ana)).toMatchObject({ lastName: before.lastName });
    expect((await here(story, ben)).state).toBe('active');
    expect((await here(story, joined)).state).toBe('archived');
    story.company.edit(ana, { family: 'Another' });
    await later(story);
    expect((await here(story, ana)).lastName).toBe('Another');
  });

  it('undone twice is undone once', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 2));
    const run = await later(story);
    await undone(story, run);
    expect(await activeCount(story)).toBe(20);
    const again = await undone(story, run);
    expect(again.counts).toMatchObject({ archive: 0, restore: 0, update: 0 });
    expect(await activeCount(story)).toBe(20);
  });

  it('the last active admin stays, and the preview says so', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const [ana, ben] = story.company.join(2);
    if (!ana || !ben) throw new Error('nobody');
    const run = await later(story);
    await ask(story, 'PUT', `/api/v1/people/${(await here(story, ana)).id}/admin`, { on: true });
    const shown = await story.ended(await story.runs.undo(story.caller, run.id));
    expect(shown.counts).toMatchObject({ archive: 1, skip: 1 });
    expect(await lineOf(story, shown, ana)).toEqual([{ kind: 'skip', disposition: 'skip', code: 'last_admin' }]);
    const confirmed = await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(confirmed.counts).toMatchObject({ archive: 1, skip: 1, stale: 0 });
    expect(await here(story, ana)).toMatchObject({ state: 'active', isAdmin: true });
    expect((await here(story, ben)).state).toBe('archived');
  });

  it('an undo can be undone: whom it archived is back, whom it brought back is archived again', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ben = one(some(story, 1));
    story.company.suspend(ben);
    const joined = one(story.company.join(1));
    const run = await later(story);
    const undo = await undone(story, run);
    expect([(await here(story, ben)).state, (await here(story, joined)).state]).toEqual(['active', 'archived']);
    await undone(story, undo);
    expect([(await here(story, ben)).state, (await here(story, joined)).state]).toEqual(['archived', 'active']);
    await later(story);
    expect([(await here(story, ben)).state, (await here(story, joined)).state]).toEqual(['archived', 'active']);
  });

  it('a link is taken back: the record is nobody’s, the person stays as they were, and the next run does not repeat it', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const email = 'known@example.com';
    const { id } = await ask<{ id: string }>(story, 'POST', '/api/v1/people', { email, state: 'pending' });
    const joined = one(story.company.join(1, { email, login: email }));
    const run = await later(story);
    expect(await here(story, joined)).toMatchObject({ id, state: 'active' });
    await undone(story, run);
    expect(await linkedTo(story, joined)).toBeNull();
    expect(await story.rows('SELECT state FROM person WHERE id = $1', [id])).toEqual([{ state: 'pending' }]);
    await later(story);
    expect(await linkedTo(story, joined)).toBeNull();
  });

  it('exchanged addresses go back together', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ring = some(story, 3);
    const before = await Promise.all(ring.map((person) => here(story, person)));
    story.company.exchangeAddresses(...ring);
    const run = await later(story);
    await undone(story, run);
    const after = await Promise.all(ring.map((person) => here(story, person)));
    expect(after.map((person) => person.email)).toEqual(before.map((person) => person.email));
    await later(story);
    expect((await Promise.all(ring.map((person) => here(story, person)))).map((person) => person.email)).toEqual(
      before.map((person) => person.email),
    );
  });

  it('the first import is undone under the guard: its preview shows the removals, and confirming it takes them', async () => {
    await using story = await Story.begin(world, { people: 20 });
    const first = await story.firstSync();
    const shown = await story.ended(await story.runs.undo(story.caller, first.id));
    expect(shown.counts).toMatchObject({ held: 20, archive: 0 });
    world.clock.advance(HOUR);
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await activeCount(story)).toBe(0);
  });
});
