import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Applier } from '../../src/runs/applying.js';
import { Finisher } from '../../src/runs/finishing.js';
import { Guard } from '../../src/runs/guarding.js';
import { Planner } from '../../src/runs/planning.js';
import { Prober } from '../../src/runs/probing.js';
import { Reader } from '../../src/runs/reading.js';
import { Verifier } from '../../src/runs/verifying.js';
import { Witness } from '../../src/runs/witnessing.js';
import {
  activeCount,
  ask,
  byEmail,
  employedCount,
  here,
  later,
  one,
  openHolds,
  some,
  theHold,
} from '../support/story-people.js';
import { comparableHere, employedThere, bookkeepingFaults } from '../support/business.js';
import { Story, StoryService } from '../support/story-world.js';

type Methods = Record<string, (...given: unknown[]) => unknown>;

/** Something happens the first time that a run comes to a phase. */
function whenItComesTo(of: object, method: string, happens: () => Promise<unknown>): { happened: boolean } {
  const methods = of as Methods;
  const original = methods[method];
  if (original === undefined) throw new Error(`there is no ${method}`);
  const seen = { happened: false };
  jest.spyOn(methods, method).mockImplementation(async function (this: unknown, ...given: unknown[]) {
    if (!seen.happened) {
      seen.happened = true;
      await happens();
    }
    return original.apply(this, given);
  });
  return seen;
}

const PHASES: [string, object, string, boolean][] = [
  ['probe', Prober.prototype, 'probe', false],
  ['read', Reader.prototype, 'readAll', false],
  ['verify', Verifier.prototype, 'verify', false],
  ['witness', Witness.prototype, 'confirm', false],
  ['plan', Planner.prototype, 'decideAll', false],
  ['guard', Guard.prototype, 'judge', false],
  ['hold', Guard.prototype, 'updateHold', false],
  ['apply', Applier.prototype, 'applyAll', false],
  ['finish', Finisher.prototype, 'succeed', true],
];

async function changed(story: Story): Promise<void> {
  story.company.suspend(some(story, 2));
  story.company.erase(some(story, 1));
  story.company.join(2);
  story.company.edit(some(story, 1, 3), { given: 'Renamed' });
  await Promise.resolve();
}

async function isInLine(story: Story): Promise<void> {
  expect(await later(story)).toMatchObject({ state: 'succeeded', errorCode: null });
  expect(await comparableHere(story)).toEqual(employedThere(story));
  expect(await bookkeepingFaults(story)).toEqual([]);
}

describe('stopping', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it.each(PHASES)(
    'a run that is cancelled as it comes to %s ends so, and the next one does the rest',
    async (_phase, of, method, done) => {
      await using story = await Story.begin(world, { people: 20 });
      await story.firstSync();
      await changed(story);
      world.clock.advance(3_600_000);
      const asked = await story.runs.resync(story.caller, story.connectionId);
      const seen = whenItComesTo(of, method, () => ask(story, 'POST', `/api/v1/runs/${asked.id}/cancel`));
      const run = await story.ended(asked);
      expect(seen.happened).toBe(true);
      expect(run).toMatchObject({ state: 'cancelled', errorCode: 'run.cancelled' });
      expect(run.counts.archive ?? 0).toBe(done ? 3 : 0);
      expect(await activeCount(story)).toBe(done ? employedCount(story) : 20);
      jest.restoreAllMocks();
      await isInLine(story);
    },
  );

  it.each(PHASES)(
    'a stop switch that is thrown as a run comes to %s ends it, and nothing is taken up before it is lifted',
    async (_phase, of, method, done) => {
      await using story = await Story.begin(world, { people: 20 });
      await story.firstSync();
      await changed(story);
      world.clock.advance(3_600_000);
      const asked = await story.runs.resync(story.caller, story.connectionId);
      whenItComesTo(of, method, () =>
        ask(story, 'POST', `/api/v1/connections/${story.connectionId}/stop`, { reason: 'a test' }),
      );
      expect(await story.ended(asked)).toMatchObject({ state: 'cancelled', errorCode: 'run.stopped' });
      jest.restoreAllMocks();
      const waiting = await story.ended(await story.runs.resync(story.caller, story.connectionId));
      expect(waiting.state).toBe('queued');
      expect(await activeCount(story)).toBe(done ? employedCount(story) : 20);
      await ask(story, 'POST', `/api/v1/connections/${story.connectionId}/unstop`);
      await world.runner.runAllDue();
      await isInLine(story);
    },
  );

  it('settings that are changed as a run comes to apply end it: nothing is applied under old ones', async () => {
    await using story = await Story.synced(world, { people: 20 });
    await changed(story);
    world.clock.advance(3_600_000);
    const asked = await story.runs.resync(story.caller, story.connectionId);
    whenItComesTo(Applier.prototype, 'applyAll', () =>
      ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, { policy: { newPeopleAre: 'pending' } }),
    );
    expect(await story.ended(asked)).toMatchObject({ state: 'cancelled', errorCode: 'run.outdated' });
    expect(await activeCount(story)).toBe(20);
    jest.restoreAllMocks();
    expect((await later(story)).state).toBe('ready');
  });

  it('somebody whom an admin edits between plan and apply is decided anew, and nothing of the edit is lost', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    story.company.edit(ana, { given: 'Renamed' });
    const asked = await story.runs.resync(story.caller, story.connectionId);
    whenItComesTo(Applier.prototype, 'applyAll', () =>
      ask(story, 'PUT', `/api/v1/people/${id}/protected`, { on: true }),
    );
    const run = await story.ended(asked);
    expect(run.counts).toMatchObject({ stale: 1, update: 0 });
    jest.restoreAllMocks();
    await later(story);
    expect(await here(story, ana)).toMatchObject({ firstName: 'Renamed' });
    expect(await story.rows('SELECT is_protected FROM person WHERE id = $1', [id])).toEqual([{ isProtected: true }]);
  });

  it('somebody who is protected between plan and apply is not archived', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    story.company.suspend(ana);
    const asked = await story.runs.resync(story.caller, story.connectionId);
    whenItComesTo(Applier.prototype, 'applyAll', () =>
      ask(story, 'PUT', `/api/v1/people/${id}/protected`, { on: true }),
    );
    await story.ended(asked);
    jest.restoreAllMocks();
    expect((await here(story, ana)).state).toBe('active');
    await later(story);
    expect((await here(story, ana)).state).toBe('active');
  });

  it('an address that an admin gives away between plan and apply is nobody else’s', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const email = 'contested@example.com';
    const joined = one(story.company.join(1, { email, login: email }));
    const asked = await story.runs.resync(story.caller, story.connectionId);
    whenItComesTo(Applier.prototype, 'applyAll', () =>
      ask(story, 'POST', '/api/v1/people', { email, state: 'active' }),
    );
    expect(await story.ended(asked)).toMatchObject({ state: 'succeeded' });
    jest.restoreAllMocks();
    await later(story);
    const [person] = await byEmail(story, email);
    expect((await byEmail(story, email)).length).toBe(1);
    expect((await here(story, joined)).id).toBe(person?.id);
  });

  it('the organisation’s switch stops all of its connections, and nobody else’s', async () => {
    await using story = await Story.synced(world, { people: 20 });
    await ask(story, 'POST', '/api/v1/organisation/stop', { reason: 'a test' });
    story.company.suspend(some(story, 1));
    const run = await story.ended(await story.runs.resync(story.caller, story.connectionId));
    expect(run.state).toBe('queued');
    await ask(story, 'POST', '/api/v1/organisation/resume');
    await world.runner.runAllDue();
    expect(await activeCount(story)).toBe(19);
  });

  it('cut now: an admin archives a person at once, whatever a hold says, and the directory does not bring them back', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const gone = some(story, 6);
    story.company.suspend(gone);
    await later(story);
    const { id } = await here(story, one(gone));
    await ask(story, 'POST', `/api/v1/people/${id}/archive`);
    expect((await here(story, one(gone))).state).toBe('archived');
    story.company.unsuspend(gone);
    const run = await later(story);
    expect(run.counts).toMatchObject({ restore: 0 });
    expect((await here(story, one(gone))).archiveReasons).toContain('admin');
    expect(await openHolds(story)).toEqual([]);
    await expect(theHold(story)).rejects.toThrow();
  });
});
