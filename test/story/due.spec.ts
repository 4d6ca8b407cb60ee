import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApplication } from '../../src/application.js';
import { systemClock } from '../../src/common/clock.js';
import { DatabaseClock } from '../../src/database/database-clock.js';
import { Asking } from '../../src/schedule/asking.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { ScheduleService } from '../../src/schedule/schedule.service.js';
import { insertConnection } from '../support/people.js';
import { startService } from '../support/service.js';
import { activeCount, ask, openNotices, some } from '../support/story-people.js';
import { HOUR, Story, StoryClock, StoryService } from '../support/story-world.js';

interface Brief {
  kind: string;
  state: string;
  trigger: string;
}

describe('the schedule', () => {
  let world: StoryService;
  beforeAll(async () => {
    const clock = new StoryClock();
    clock.advance(-200 * 24 * HOUR);
    world = await StoryService.start('okta', {}, { clock });
  });
  afterAll(() => world[Symbol.asyncDispose]());

  const tick = async (hours: number): Promise<void> => {
    world.clock.advance(hours * HOUR);
    await world.service.app.get(ScheduleService, { strict: false }).look();
    await world.runner.runAllDue();
  };
  const runs = (story: Story): Promise<Brief[]> =>
    story.rows<Brief>("SELECT kind, state, trigger FROM run WHERE trigger = 'schedule' ORDER BY asked_at, id");

  it('asks for nothing before a preview was confirmed', async () => {
    await using story = await Story.begin(world, { people: 10 });
    await tick(5);
    expect(await runs(story)).toEqual([]);
  });

  it('deltas when they are due, and a full read at least once a day', async () => {
    await using story = await Story.synced(world, { people: 10 });
    for (let hour = 0; hour < 13; hour += 1) await tick(2.4);
    const kinds = (await runs(story)).map((run) => run.kind);
    expect(kinds.filter((kind) => kind === 'full').length).toBeGreaterThanOrEqual(1);
    expect(kinds.filter((kind) => kind === 'delta').length).toBeGreaterThanOrEqual(9);
    const [at] = await story.rows<{ lastFullAt: Date }>('SELECT last_full_at FROM connection');
    expect(world.clock.now() - new Date(at?.lastFullAt ?? 0).getTime()).toBeLessThan(26 * HOUR);
  });

  it('nothing while it is paused, or needs attention; at once when it is resumed', async () => {
    await using story = await Story.synced(world, { people: 10 });
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/pause`);
    story.company.suspend(some(story, 1));
    await tick(48);
    expect(await runs(story)).toEqual([]);
    expect(await activeCount(story)).toBe(10);
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/resume`);
    await tick(0.01);
    expect(await activeCount(story)).toBe(9);
    story.server.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 403 } });
    await tick(48);
    await tick(48);
    expect((await runs(story)).filter((run) => run.state === 'failed')).toHaveLength(1);
    expect(await openNotices(story)).toContain('needs_attention');
  });

  it('a directory that is away is tried again by back-off, and nobody is told to act', async () => {
    await using story = await Story.synced(world, { people: 10 });
    story.server.faults.add({ times: 'forever', do: { kind: 'status', status: 503 } });
    await tick(2);
    await tick(0.02);
    await tick(0.05);
    const failed = (await runs(story)).filter((run) => run.state === 'failed');
    expect(failed.length).toBeGreaterThanOrEqual(2);
    expect(await openNotices(story)).toEqual([]);
    story.server.faults.clear();
    story.company.suspend(some(story, 1));
    await tick(5);
    expect(await activeCount(story)).toBe(9);
  });

  it('after 30 days without a word its people are unowned: one notice, until it is read again', async () => {
    await using story = await Story.synced(world, { people: 10 });
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/pause`);
    const cleaning = world.service.app.get(Cleaning, { strict: false });
    world.clock.advance(29 * 24 * HOUR);
    await cleaning.cleanAll();
    expect(await openNotices(story)).not.toContain('unowned');
    world.clock.advance(2 * 24 * HOUR);
    await cleaning.cleanAll();
    await cleaning.cleanAll();
    expect((await openNotices(story)).filter((kind) => kind === 'unowned')).toHaveLength(1);
    expect(await activeCount(story)).toBe(10);
    await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/resume`);
    await tick(1);
    await cleaning.cleanAll();
    expect(await openNotices(story)).not.toContain('unowned');
  });
});

describe('S-31 the schedule of a machine whose clock is wrong', () => {
  it.each([
    ['an hour ahead', HOUR, "now() + interval '30 minutes'", 0],
    ['an hour behind', -HOUR, "now() - interval '30 minutes'", 1],
  ])('%s goes by the clock of the database', async (_name, ahead, due, asked) => {
    await using service = await startService();
    const { database, secrets, config, organisation } = service;
    const connectionId = await insertConnection(database, organisation.id);
    await database.asOrganisation(organisation.id, (tx) =>
      tx.execute(`UPDATE connection SET next_run_at = ${due} WHERE id = $1`, [connectionId]),
    );
    const clock = new DatabaseClock(database, { now: () => new Date(systemClock.now().getTime() + ahead) });
    await clock.follow();
    const elsewhere = { ...config, server: { ...config.server, port: 0 } };
    const machine = await startApplication({ config: elsewhere, store: { database, secrets, clock } });
    try {
      expect(await machine.app.get(Asking, { strict: false }).askForDue()).toBe(asked);
    } finally {
      await machine.stop();
    }
  });
});
