import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  activeCount,
  ask,
  byEmail,
  here,
  later,
  lineOf,
  linkedTo,
  one,
  openConflicts,
  openHolds,
  openNotices,
  secondSynced,
  some,
} from '../support/story-people.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { Story, StoryService } from '../support/story-world.js';

async function removed(story: Story, people: 'keep' | 'archive'): Promise<{ shown: RunRow; run: RunRow }> {
  const shown = await story.ended(await story.runs.remove(story.caller, story.connectionId, people));
  expect(shown).toMatchObject({ state: 'ready', kind: 'removal' });
  const run = await story.ended(await story.runs.confirm(story.caller, shown.id, []));
  return { shown, run };
}

describe('deleting a connection', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('is shown first, and keeps its people as they are, unlinked', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { shown, run } = await removed(story, 'keep');
    expect(shown.counts).toMatchObject({ archive: 0 });
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(await activeCount(story)).toBe(12);
    expect(await linkedTo(story, ana)).toBeNull();
    expect((await story.organisation.api<{ items: unknown[] }>('GET', '/api/v1/connections')).body.items).toEqual([]);
    expect(await story.rows('SELECT credentials FROM connection')).toEqual([{ credentials: null }]);
  });

  it('archives those whom no other connection employs, after the preview that named them; the last admin and the protected stay', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    await ask(story, 'PUT', `/api/v1/people/${(await here(story, ana)).id}/protected`, { on: true });
    await ask(story, 'PUT', `/api/v1/people/${(await here(story, ben)).id}/admin`, { on: true });
    const { shown, run } = await removed(story, 'archive');
    expect(shown.counts).toMatchObject({ archive: 10, skip: 2 });
    for (const plan of [shown, run]) {
      expect(await lineOf(story, plan, ana)).toEqual([{ kind: 'skip', disposition: 'skip', code: 'protected' }]);
      expect(await lineOf(story, plan, ben)).toEqual([{ kind: 'skip', disposition: 'skip', code: 'last_admin' }]);
    }
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null, counts: { archive: 10, stale: 0 } });
    const left = await story.rows<{ email: string }>("SELECT email FROM person WHERE state = 'active' ORDER BY email");
    expect(left.map((person) => person.email).toSorted()).toEqual([ana.email, ben.email].toSorted());
  });

  it('the run that deleted a connection cannot be undone as a whole, and says what to do instead', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const { run } = await removed(story, 'archive');
    await expect(story.runs.undo(story.caller, run.id)).rejects.toMatchObject({ code: 'run.connection_deleted' });
  });

  it('who came after the preview is not archived by it', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const shown = await story.ended(await story.runs.remove(story.caller, story.connectionId, 'archive'));
    const joined = one(story.company.join(1));
    await later(story);
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await byEmail(story, joined.email)).toMatchObject([{ state: 'active' }]);
    expect(await activeCount(story)).toBe(1);
  });

  it('whom another connection employs stays, and that one owns them from then on', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await using second = await secondSynced(story, { people: 12 });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    second.company.edit(second.company.person(ana.n), { given: 'Lower' });
    second.company.suspend(second.company.person(ben.n));
    await second.sync();
    const { run } = await removed(story, 'archive');
    expect(run).toMatchObject({ state: 'succeeded' });
    expect((await second.here(ben)).state).toBe('archived');
    expect(await activeCount(story)).toBe(11);
    world.clock.advance(3_600_000);
    expect(await second.sync()).toMatchObject({ state: 'succeeded' });
    expect((await second.here(ana)).firstName).toBe('Lower');
  });

  it.each([
    ['paused', 29, 12],
    ['paused', 31, 0],
    ['attention', 29, 12],
    ['attention', 31, 0],
  ] as const)(
    'one that is %s for %d days employs %d of twelve: after 30 nothing is inferred from it',
    async (why, days, left) => {
      await using story = await Story.synced(world, { people: 12 });
      await using second = await secondSynced(story, { people: 12 });
      const since = new Date(world.clock.now()).toISOString();
      if (why === 'paused') await ask(story, 'POST', `/api/v1/connections/${second.connectionId}/pause`);
      else
        await story.rows('UPDATE connection SET attention = $2::jsonb WHERE id = $1', [
          second.connectionId,
          JSON.stringify({ code: 'unauthorized', message: 'Renew the token.', since }),
        ]);
      world.clock.advance(days * 24 * 3_600_000);
      const { shown, run } = await removed(story, 'archive');
      expect(shown.counts).toMatchObject({ archive: 12 - left });
      expect(run).toMatchObject({ state: 'succeeded', errorCode: null, counts: { archive: 12 - left, stale: 0 } });
      expect(await activeCount(story)).toBe(left);
    },
  );

  it('nothing runs for it any more, whatever waited', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await removed(story, 'keep');
    const answer = await story.organisation.api('POST', `/api/v1/connections/${story.connectionId}/runs`, {});
    expect(answer.status).toBe(404);
  });

  it('nothing of it waits for an admin any more: its hold, conflicts and notices are over', async () => {
    await using story = await Story.synced(world, { people: 12 });
    story.company.suspend(some(story, 6));
    const email = 'shared@example.com';
    story.company.join(1, { email, login: 'one@example.com' });
    story.company.join(1, { email, login: 'two@example.com' });
    await later(story);
    expect(await openHolds(story)).toHaveLength(1);
    expect(await openConflicts(story)).toHaveLength(1);
    expect(await openNotices(story)).toContain('held');
    await removed(story, 'keep');
    expect(await openHolds(story)).toEqual([]);
    expect(await openConflicts(story)).toEqual([]);
    expect(await openNotices(story)).toEqual([]);
    expect(await activeCount(story)).toBe(12);
  });
});
