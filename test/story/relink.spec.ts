import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  activeCount,
  ask,
  here,
  later,
  lineOf,
  linkedTo,
  one,
  openConflicts,
  some,
  theHold,
} from '../support/story-people.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

describe.each(['okta', 'google'] as const)('rule 3: made anew between two runs, in %s', (provider) => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start(provider);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('one run relinks them, and archives nobody', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    await story.rows(
      `INSERT INTO api_key (organisation_id, id, name, lookup, digest, scopes, networks, person_id, created_by, expires_at)
       VALUES ($1, gen_random_uuid(), 'hers', gen_random_uuid()::text, '\\x00', '{}', '{}', $2, '{}', now() + interval '1 day') RETURNING id`,
      [story.organisation.id, id],
    );
    world.clock.advance(HOUR);
    const anew = one(story.company.recreate(ana));
    const run = await later(story);
    expect(run).toMatchObject({ state: 'succeeded', counts: { add: 0, relink: 1, archive: 0, conflict: 0, held: 0 } });
    expect(await here(story, anew)).toMatchObject({ id, state: 'active', archiveReasons: [] });
    expect(await linkedTo(story, ana)).toBeNull();
    expect(await lineOf(story, run, anew)).toEqual([{ kind: 'relink', disposition: 'apply', code: 'relinked' }]);
    expect(await lineOf(story, run, ana)).toEqual([]);
    expect(await story.rows('SELECT FROM planned_change WHERE run_id = $1 AND removal', [run.id])).toHaveLength(1);
    expect(await story.rows('SELECT FROM api_key WHERE person_id = $1 AND revoked_at IS NULL', [id])).toEqual([]);
    expect(await openConflicts(story)).toEqual([]);
    expect(await activeCount(story)).toBe(12);
    expect(await later(story)).toMatchObject({ counts: { add: 0, relink: 0, archive: 0, restore: 0, conflict: 0 } });
  });

  it('undone, they have their old record again, and the next runs judge it', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    world.clock.advance(HOUR);
    const anew = one(story.company.recreate(ana));
    const run = await later(story);
    expect((await here(story, anew)).id).toBe(id);
    const shown = await story.ended(await story.runs.undo(story.caller, run.id));
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await here(story, ana)).toMatchObject({ id, state: 'active' });
    expect(await linkedTo(story, anew)).toBeNull();
    for (let turn = 0; turn < 3; turn += 1) await later(story, 2);
    expect(await here(story, ana)).toMatchObject({ id, state: 'archived' });
    expect(await linkedTo(story, anew).then((person) => person?.id)).not.toBe(id);
  });

  it('more than a run may remove are held, and one approval relinks them', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const before = some(story, 8);
    const ids = await Promise.all(before.map(async (person) => (await here(story, person)).id));
    world.clock.advance(HOUR);
    const anew = story.company.recreate(before);
    expect(await later(story)).toMatchObject({ counts: { relink: 0, archive: 0, held: 8 } });
    expect(await activeCount(story)).toBe(30);
    const hold = await theHold(story);
    await ask(story, 'POST', `/api/v1/holds/${hold.id}/approve`, { version: hold.version, people: 'all' });
    await world.runner.runAllDue();
    expect(await Promise.all(anew.map(async (person) => (await here(story, person)).id))).toEqual(ids);
    expect(await activeCount(story)).toBe(30);
    expect(await openConflicts(story)).toEqual([]);
  });

  it('where neither name nor number agree, an admin is asked, and whoever went is archived in the same run', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    world.clock.advance(HOUR);
    const { email } = ana;
    story.company.erase(ana);
    const anew = one(
      story.company.join(1, { email, login: email, given: 'Quite', family: 'Another', employeeNumber: 'X1' }),
    );
    expect(await later(story)).toMatchObject({ counts: { relink: 0, archive: 1, conflict: 1 } });
    expect(await here(story, ana)).toMatchObject({ id, state: 'archived' });
    expect(await linkedTo(story, anew)).toBeNull();
    expect(await openConflicts(story)).toMatchObject([{ kind: 'recreated' }]);
  });
});
