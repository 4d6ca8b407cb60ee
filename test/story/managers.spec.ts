import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  byEmail,
  here,
  later,
  one,
  openConflicts,
  openNotices,
  secondDirectory,
  some,
} from '../support/story-people.js';
import type { Person } from '../simulators/index.ts';
import { Story, StoryService } from '../support/story-world.js';

interface Told {
  events: number;
  entries: number;
  versions: number;
}

async function told(story: Story): Promise<Told> {
  const [row] = await story.rows<Told>(
    `SELECT (SELECT count(*)::int FROM event) AS events, (SELECT sum(version)::int FROM person) AS versions,
            (SELECT count(*)::int FROM audit_entry WHERE action LIKE 'person.%') AS entries`,
  );
  return one(row === undefined ? [] : [row]);
}

/** Somebody who reports to nobody, and somebody who reports to them. */
function pair(story: Story): [Person, Person] {
  const [boss, report] = some(story, 2);
  if (!boss || !report) throw new Error('nobody');
  story.company.edit(boss, { manager: null });
  story.company.edit(report, { manager: boss.n });
  return [boss, report];
}

describe('managers', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('a manager who arrives later in the directory is given to those who name them', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const [report] = some(story, 1);
    if (!report) throw new Error('nobody');
    const boss = one(story.company.stage(1, { manager: null }));
    story.company.edit(report, { manager: boss.n });
    await story.firstSync();
    expect((await here(story, report)).managerId).toBeNull();
    story.company.begin(boss);
    await later(story);
    expect((await here(story, report)).managerId).toBe((await here(story, boss)).id);
  });

  it('a manager whom an admin adds by hand is given to those whose record names the address', async () => {
    await using story = await Story.begin(world, { people: 12 });
    if ('managerAs' in story.server.settings) story.server.settings.managerAs = 'email';
    const [report] = some(story, 1);
    if (!report) throw new Error('nobody');
    const boss = one(story.company.stage(1, { manager: null }));
    story.company.edit(report, { manager: boss.n });
    await story.firstSync();
    expect((await here(story, report)).managerId).toBeNull();
    const { id } = await ask<{ id: string }>(story, 'POST', '/api/v1/people', { email: boss.email, state: 'active' });
    await later(story);
    expect((await here(story, report)).managerId).toBe(id);
  });

  it('a manager who arrives through another connection is given to those whose record names the address', async () => {
    await using story = await Story.begin(world, { people: 12 });
    if ('managerAs' in story.server.settings) story.server.settings.managerAs = 'email';
    const [report] = some(story, 1);
    if (!report) throw new Error('nobody');
    const boss = one(story.company.stage(1, { manager: null }));
    story.company.edit(report, { manager: boss.n });
    await story.firstSync();
    await using second = await secondDirectory(story, { people: 12 });
    second.company.join(1, { email: boss.email, login: boss.email });
    await second.firstSync();
    const [arrived] = await byEmail(story, boss.email);
    await later(story);
    expect((await here(story, report)).managerId).toBe(arrived?.id);
  });

  it('whoever waits for a manager who does not come is no change: no event, no version, no entry', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [, report] = pair(story);
    await later(story);
    const email = 'shared@example.com';
    const boss = one(story.company.join(1, { email, login: 'one@example.com', manager: null }));
    story.company.join(1, { email, login: 'two@example.com', manager: null });
    story.company.edit(report, { manager: boss.n });
    await later(story);
    expect(await openConflicts(story)).toMatchObject([{ kind: 'same_address' }]);
    const before = await told(story);
    await later(story);
    await later(story);
    expect(await told(story)).toEqual(before);
    story.company.edit(boss, { email: 'free@example.com' });
    await later(story);
    expect((await here(story, report)).managerId).toBe((await here(story, boss)).id);
  });

  it('every edge of a loop is refused and listed, and given once the loop is broken', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [boss, report] = pair(story);
    await later(story);
    const other = one(some(story, 1, 2));
    story.company.edit(other, { manager: null });
    await later(story);
    story.company.edit(boss, { manager: other.n });
    story.company.edit(other, { manager: boss.n });
    await later(story);
    expect([(await here(story, boss)).managerId, (await here(story, other)).managerId]).toEqual([null, null]);
    expect(await openNotices(story)).toContain('manager_loop');
    const before = await told(story);
    await later(story);
    expect(await told(story)).toEqual(before);
    story.company.edit(boss, { manager: null });
    await later(story);
    expect((await here(story, other)).managerId).toBe((await here(story, boss)).id);
    expect(await openNotices(story)).not.toContain('manager_loop');
    expect((await here(story, report)).managerId).toBe((await here(story, boss)).id);
  });

  it('“Ana left: seven people need a manager” is a notice, until they have one', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [boss, report] = pair(story);
    for (const person of story.company.people)
      if (person.manager === boss.n && person !== report) story.company.edit(person, { manager: null });
    await later(story);
    story.company.suspend(boss);
    await later(story);
    const notices = await story.rows<{ message: string }>(
      "SELECT message FROM notice WHERE kind = 'manager_left' AND mended_at IS NULL",
    );
    expect(notices).toMatchObject([
      { message: expect.stringMatching(/ left: one person needs a manager\.$/) as unknown },
    ]);
    story.company.edit(report, { manager: null });
    await later(story);
    expect(await openNotices(story)).not.toContain('manager_left');
  });

  it('a manager set by an admin in a field that the directory manages is set back', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [boss, report] = pair(story);
    await later(story);
    const person = await here(story, report);
    const answer = await story.organisation.api('PATCH', `/api/v1/people/${person.id}`, { managerId: null });
    expect([200, 409, 422]).toContain(answer.status);
    await later(story);
    expect((await here(story, report)).managerId).toBe((await here(story, boss)).id);
  });
});
