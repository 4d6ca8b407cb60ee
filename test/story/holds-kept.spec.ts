import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  activeCount,
  decideHold,
  employedCount,
  here,
  later,
  memberStates,
  one,
  openHolds,
  openNotices,
  some,
  theHold,
} from '../support/story-people.js';
import type { Person } from '../simulators/index.ts';
import { ScheduleService } from '../../src/schedule/schedule.service.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { HOUR, Story, StoryClock, StoryService } from '../support/story-world.js';

/** Eight at once are suspended, more than a run may take: all of them are held. */
async function eightHeld(story: Story): Promise<Person[]> {
  const gone = some(story, 8);
  story.company.suspend(gone);
  expect((await later(story)).counts).toMatchObject({ archive: 0, held: 8 });
  return gone;
}

describe('the hold', () => {
  let world: StoryService;
  beforeAll(async () => {
    // What is over is over by the database's clock as well.
    const clock = new StoryClock();
    clock.advance(-100 * 24 * HOUR);
    world = await StoryService.start('okta', {}, { clock });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('equal passes: three of twenty go', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 3));
    expect((await later(story)).counts).toMatchObject({ archive: 3, held: 0 });
  });

  it('one more than the limit of a run holds: four of twenty', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 4));
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 4 });
  });

  it('24 hours: what earlier runs took away counts', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 3));
    expect((await later(story)).counts).toMatchObject({ archive: 3 });
    story.company.suspend(some(story, 2));
    expect((await later(story)).counts).toMatchObject({ archive: 2 });
    story.company.suspend(some(story, 1));
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 1 });
  });

  it('24 hours: after the window a run may take as many again', async () => {
    await using story = await Story.synced(world, { people: 20 });
    story.company.suspend(some(story, 3));
    expect((await later(story)).counts).toMatchObject({ archive: 3 });
    story.company.suspend(some(story, 3));
    expect((await later(story, 25)).counts).toMatchObject({ archive: 3, held: 0 });
  });

  it('half of them or more are held, however few they are', async () => {
    await using story = await Story.synced(world, { people: 4 });
    story.company.suspend(some(story, 2));
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 2 });
  });

  it('an empty read is always held, in the smallest organisation too', async () => {
    await using story = await Story.synced(world, { people: 1 });
    story.server.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'keep', count: 0 } });
    const run = await later(story);
    expect(run.counts).toMatchObject({ archive: 0 });
    expect(await activeCount(story)).toBe(1);
  });

  it('approving some takes those alone; who is added later waits for an approval of their own', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = some(story, 10);
    story.company.suspend(gone);
    await later(story);
    const chosen = gone.slice(0, 4).map((person) => story.server.ids.person(person.n));
    await decideHold(story, 'approve', chosen);
    story.company.suspend(some(story, 2));
    await world.runner.runAllDue();
    expect(await memberStates(story)).toEqual({ applied: 4, waiting: 8 });
    expect(await activeCount(story)).toBe(26);
    await decideHold(story, 'approve');
    await world.runner.runAllDue();
    expect(await memberStates(story)).toEqual({ applied: 12 });
    expect(await activeCount(story)).toBe(employedCount(story));
    expect(await openHolds(story)).toEqual([]);
  });

  /** Four who are gone and four whom the listing leaves out until it is mended, all of them held by a first run. */
  async function heldByWrongReads(
    story: Story,
  ): Promise<{ gone: string[]; missed: string[]; mendListing: () => void }> {
    await story.firstSync();
    const ids = (people: Person[]): string[] => people.map((person) => story.server.ids.person(person.n));
    const gone = ids(story.company.erase(some(story, 4)));
    const missed = ids(some(story, 4));
    const mendListing = story.server.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'omit', ids: missed },
    });
    expect((await later(story)).counts).toMatchObject({ held: 8 });
    return { gone, missed, mendListing };
  }

  it('a run that contradicts itself takes nobody out of the hold who did not reappear', async () => {
    await using story = await Story.begin(world, { people: 30 });
    const { missed } = await heldByWrongReads(story);
    const before = await theHold(story);
    await decideHold(story, 'approve', missed);
    await later(story);
    expect(await openNotices(story)).toContain('inconsistent_read');
    expect(await memberStates(story)).toEqual({ waiting: 4, reappeared: 4 });
    expect(await theHold(story)).toMatchObject({ id: before.id });
  });

  it('a run that contradicts itself takes nobody away for absence, whoever approved: that waits for the next run', async () => {
    await using story = await Story.begin(world, { people: 30 });
    const { gone, mendListing } = await heldByWrongReads(story);
    await decideHold(story, 'approve');
    const run = await later(story);
    expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 0 } });
    expect(await activeCount(story)).toBe(30);
    expect(await memberStates(story)).toEqual({ approved: 4, reappeared: 4 });
    expect(await openNotices(story)).toContain('inconsistent_read');
    const said = await story.rows<{ text: string }>(
      `SELECT reason->>'text' AS text FROM planned_change WHERE run_id = $1 AND external_id = ANY($2::text[])`,
      [run.id, gone],
    );
    expect(said).toHaveLength(4);
    for (const { text } of said) expect(text).toMatch(/not confirmed yet: .* approved, .* next run/);
    mendListing();
    expect((await later(story)).counts).toMatchObject({ archive: 4 });
    expect(await memberStates(story)).toEqual({ applied: 4, reappeared: 4 });
    expect(await activeCount(story)).toBe(26);
  });

  it('an approval waits for the witness: a bare 404 is confirmed by the next complete read an interval later', async () => {
    await using google = await StoryService.start('google');
    await using story = await Story.begin(google, { people: 30 });
    await story.firstSync();
    const gone = story.company.purge(some(story, 8));
    if ('deletedAnswer' in story.server.settings) story.server.settings.deletedAnswer = 404;
    await later(story);
    expect((await theHold(story)).waiting).toBe(8);
    await decideHold(story, 'approve');
    await google.runner.runAllDue();
    expect(await activeCount(story)).toBe(30);
    expect(await memberStates(story)).toEqual({ approved: 8 });
    await later(story);
    expect(await memberStates(story)).toEqual({ applied: 8 });
    expect(await activeCount(story)).toBe(30 - gone.length);
  });

  it('a person whom an admin cuts now leaves the hold, whatever it says', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = await eightHeld(story);
    const { id } = await here(story, one(gone));
    await ask(story, 'POST', `/api/v1/people/${id}/archive`);
    expect((await here(story, one(gone))).state).toBe('archived');
    await later(story);
    expect((await theHold(story)).waiting).toBe(7);
  });

  it('a rejected removal whose facts change is planned again', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = await eightHeld(story);
    await decideHold(story, 'reject');
    expect(await openHolds(story)).toEqual([]);
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 0 });
    story.company.unsuspend(gone);
    await later(story);
    story.company.suspend(one(gone));
    expect((await later(story)).counts).toMatchObject({ archive: 1, held: 0 });
  });

  it('72 hours after the last approval or look it asks again, once, and a look puts it off', async () => {
    await using story = await Story.synced(world, { people: 30 });
    await eightHeld(story);
    const cleaning = world.service.app.get(Cleaning, { strict: false });
    world.clock.advance(71 * HOUR);
    await cleaning.cleanAll();
    expect(await openNotices(story)).toEqual(['held']);
    await ask(story, 'GET', `/api/v1/holds/${(await theHold(story)).id}`);
    world.clock.advance(71 * HOUR);
    await cleaning.cleanAll();
    expect(await openNotices(story)).toEqual(['held']);
    world.clock.advance(2 * HOUR);
    await cleaning.cleanAll();
    await cleaning.cleanAll();
    expect(await openNotices(story)).toEqual(['held', 'hold_asks_again']);
    await later(story);
    expect(await openNotices(story)).toEqual(['held', 'hold_asks_again']);
    await decideHold(story, 'reject');
    expect(await openNotices(story)).toEqual([]);
  });

  it('an approval that nobody could carry out for 72 hours is void', async () => {
    await using story = await Story.synced(world, { people: 30 });
    await eightHeld(story);
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/stop`, { reason: 'a test' });
    await decideHold(story, 'approve');
    await world.runner.runAllDue();
    world.clock.advance(73 * HOUR);
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/unstop`);
    await world.runner.runAllDue();
    expect(await activeCount(story)).toBe(30);
    expect(await memberStates(story)).toEqual({ waiting: 8 });
  });

  it('row 10: protected people and the last active admin stay, with a notice that ends when it is mended', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const [ana, ben, cat] = some(story, 3);
    if (!ana || !ben || !cat) throw new Error('nobody');
    const protectedOne = await here(story, ana);
    await ask(story, 'PUT', `/api/v1/people/${protectedOne.id}/protected`, { on: true });
    for (const admin of [ben, cat])
      await ask(story, 'PUT', `/api/v1/people/${(await here(story, admin)).id}/admin`, { on: true });
    story.company.suspend([ana, ben, cat]);
    await later(story);
    const states = await Promise.all([ana, ben, cat].map(async (person) => (await here(story, person)).state));
    expect(states[0]).toBe('active');
    expect(states.slice(1).toSorted()).toEqual(['active', 'archived']);
    expect(await openNotices(story)).toEqual(expect.arrayContaining(['last_admin', 'protected']));
    await ask(story, 'PUT', `/api/v1/people/${protectedOne.id}/protected`, { on: false });
    await later(story);
    expect((await here(story, ana)).state).toBe('archived');
    expect(await openNotices(story)).toContain('last_admin');
    expect(await openNotices(story)).not.toContain('protected');
  });

  it('the schedule asks for nothing while a hold is open but what is due', async () => {
    await using story = await Story.synced(world, { people: 30 });
    story.company.suspend(some(story, 8));
    world.clock.advance(2 * HOUR);
    await world.service.app.get(ScheduleService, { strict: false }).look();
    await world.runner.runAllDue();
    expect((await theHold(story)).waiting).toBe(8);
    expect(await activeCount(story)).toBe(30);
  });

  it('rejecting some and approving the rest decides each, and a person who is protected meanwhile stays', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = await eightHeld(story);
    const ids = gone.map((person) => story.server.ids.person(person.n));
    await decideHold(story, 'reject', ids.slice(0, 2));
    const { id } = await here(story, one(gone, 7));
    await ask(story, 'PUT', `/api/v1/people/${id}/protected`, { on: true });
    await decideHold(story, 'approve');
    await world.runner.runAllDue();
    const states = await Promise.all(gone.map(async (person) => (await here(story, person)).state));
    expect(states).toEqual(['active', 'active', 'archived', 'archived', 'archived', 'archived', 'archived', 'active']);
    expect(await openHolds(story)).toEqual([]);
    expect((await later(story)).counts).toMatchObject({ archive: 0, held: 0 });
  });

  it('whose facts change after the approval is not taken by it: they wait for another', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = await eightHeld(story);
    await decideHold(story, 'approve');
    story.company.deprovision(gone);
    world.clock.advance(HOUR);
    await world.runner.runAllDue();
    expect(await activeCount(story)).toBe(30);
    expect((await theHold(story)).waiting).toBe(8);
  });

  it('one whose facts change after the approval waits as well, few as they are', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = await eightHeld(story);
    await decideHold(story, 'approve');
    story.company.deprovision(one(gone));
    world.clock.advance(HOUR);
    await world.runner.runAllDue();
    expect((await here(story, one(gone))).state).toBe('active');
    expect((await theHold(story)).waiting).toBe(1);
    expect(await memberStates(story)).toEqual({ applied: 7, waiting: 1 });
  });
});
