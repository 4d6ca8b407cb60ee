import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { rowsOf } from '../support/rows-of.js';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import {
  activeCount,
  ask,
  here,
  later,
  lineOf,
  linkedTo,
  one,
  openHolds,
  openNotices,
  some,
} from '../support/story-people.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { dieAt } from '../support/die-at.js';
import { credentialsOf, HOUR, Story, StoryService } from '../support/story-world.js';

/** What a look at the plan may write: the run itself and what stands for it. */
const OF_RUNS = new Set([
  'run',
  'planned_change',
  'plan_batch',
  'audit_entry',
  'connection',
  'staged_page',
  'staged_record',
  'staged_evidence',
  'data_key',
  'idempotency_key',
  'api_key',
]);

async function business(story: Story): Promise<Record<string, string>> {
  const all = await rowsOf(story.world.service.database, story.organisation.id);
  return Object.fromEntries(Object.entries(all).filter(([table]) => !OF_RUNS.has(table)));
}

async function preview(story: Story): Promise<RunRow> {
  return story.ended(await story.runs.preview(story.caller, story.connectionId));
}

async function renewed(story: Story): Promise<void> {
  await story.world.service.app
    .get(ConnectionsService, { strict: false })
    .setCredentials(story.organisation.id, story.connectionId, credentialsOf(story.server), {
      by: { kind: 'operator' },
    });
}

describe('the first run', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('is a preview, however it is asked for, and writes nothing but the plan', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const before = await business(story);
    expect(await story.sync()).toMatchObject({ state: 'ready', kind: 'preview' });
    expect(await business(story)).toEqual(before);
    expect(await activeCount(story)).toBe(0);
  });

  it('S-25: preview, simulation and real run share every line: the same plan hash', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    story.company.edit(ana, { given: 'Renamed' });
    story.company.suspend(ben);
    story.company.join(1);
    const before = await business(story);
    const shown = await preview(story);
    expect(shown.state).toBe('ready');
    expect(await business(story)).toEqual(before);
    const real = await story.sync();
    expect(real.planHash?.toString('hex')).toBe(shown.planHash?.toString('hex'));
    expect(real.counts).toMatchObject({ add: 1, archive: 1, update: 1 });
  });

  it('a simulation of other settings writes nothing, opens no hold and no conflict', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const before = await business(story);
    const [one_] = some(story, 1);
    if (!one_) throw new Error('nobody');
    story.company.suspend(some(story, 8));
    const run = await story.ended(
      await story.runs.simulate(story.caller, story.connectionId, { policy: { removalLimitRun: 50 } }),
    );
    expect(run).toMatchObject({ state: 'ready', kind: 'simulation', errorCode: null });
    expect(run.counts).toMatchObject({ held: 8 });
    expect(await business(story)).toEqual(before);
    expect(await openHolds(story)).toEqual([]);
  });

  it('what is confirmed is read again: joiners and updates come, removals and links that were not shown do not', async () => {
    await using story = await Story.synced(world, { people: 20 });
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, { policy: { newPeopleAre: 'pending' } });
    const shown = await preview(story);
    const [ana, ben] = some(story, 2);
    if (!ana || !ben) throw new Error('nobody');
    const email = 'known@example.com';
    await ask(story, 'POST', '/api/v1/people', { email, state: 'active' });
    const gone = await ask<{ id: string }>(story, 'POST', '/api/v1/people', {
      email: 'left@example.com',
      state: 'active',
    });
    await ask(story, 'POST', `/api/v1/people/${gone.id}/archive`);
    story.company.suspend(ana);
    story.company.edit(ben, { given: 'Renamed' });
    const joined = one(story.company.join(1));
    const known = one(story.company.join(1, { email, login: email }));
    const run = await story.ended(await story.runs.confirm(story.caller, shown.id, 'all'));
    expect(run).toMatchObject({ state: 'succeeded' });
    expect((await here(story, ana)).state).toBe('active');
    expect((await here(story, ben)).firstName).toBe('Renamed');
    expect((await here(story, joined)).state).toBe('pending');
    expect(await linkedTo(story, known)).toBeNull();
    await later(story);
    expect((await here(story, ana)).state).toBe('archived');
    expect(await linkedTo(story, known)).not.toBeNull();
  });

  it('a restore that would also link somebody is a link that was not shown', async () => {
    await using story = await Story.synced(world, { people: 20 });
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    await later(story);
    const { id } = await here(story, ana);
    await story.rows(
      'UPDATE directory_record SET person_id = NULL, linked_at = NULL WHERE person_id = $1 RETURNING external_id',
      [id],
    );
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, { policy: { newPeopleAre: 'pending' } });
    const shown = await preview(story);
    story.company.unsuspend(ana);
    await story.ended(await story.runs.confirm(story.caller, shown.id, 'all'));
    expect(await linkedTo(story, ana)).toBeNull();
    await later(story);
    expect(await here(story, ana)).toMatchObject({ id, state: 'active' });
  });

  it('settings that are changed between preview and confirmation refuse it, and between confirmation and run show a preview', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const shown = await preview(story);
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, { policy: { newPeopleAre: 'pending' } });
    const refused = await story.organisation.api<{ code: string }>('POST', `/api/v1/runs/${shown.id}/confirm`, {});
    expect([refused.status, refused.body.code]).toEqual([409, 'run.outdated']);
    const again = await preview(story);
    const run = await story.runs.confirm(story.caller, again.id, 'all');
    await ask(story, 'PATCH', `/api/v1/connections/${story.connectionId}`, { policy: { newPeopleAre: 'active' } });
    expect(await story.ended(run)).toMatchObject({ state: 'ready', kind: 'preview' });
    expect(await activeCount(story)).toBe(0);
  });

  it('a confirmation is taken up though a resync waits already', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await renewed(story);
    story.company.suspend(some(story, 1));
    const shown = await story.sync();
    expect(shown).toMatchObject({ state: 'ready', kind: 'preview' });
    const { id } = story.organisation;
    await world.service.database.asOrganisation(id, (tx) =>
      story.runs.ask(tx, id, story.connectionId, { kind: 'full', trigger: 'schedule', askedBy: { kind: 'schedule' } }),
    );
    const run = await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 1 } });
  });

  it('renewed credentials of the same tenant: a plan without removals or links applies by itself', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await renewed(story);
    story.company.join(1);
    expect(await later(story)).toMatchObject({ state: 'succeeded', kind: 'full', counts: { add: 1 } });
    story.company.suspend(some(story, 1));
    expect(await later(story)).toMatchObject({ state: 'succeeded', counts: { archive: 1 } });
  });

  it('renewed credentials of the same tenant: a plan with removals is shown first', async () => {
    await using story = await Story.synced(world, { people: 12 });
    await renewed(story);
    const ana = one(some(story, 1));
    story.company.suspend(ana);
    const shown = await later(story);
    expect(shown).toMatchObject({ state: 'ready', kind: 'preview' });
    expect((await here(story, ana)).state).toBe('active');
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect((await here(story, ana)).state).toBe('archived');
    expect(await lineOf(story, shown, ana)).toMatchObject([{ kind: 'archive' }]);
  });

  it.each([
    ['is hashed', 'hash'],
    ['is counted', 'toApply'],
  ])('the same of a delta whose worker dies while its plan %s', async (_when, method) => {
    await using story = await Story.synced(world, { people: 40 });
    await renewed(story);
    story.company.suspend(some(story, 1));
    story.world.clock.advance(HOUR);
    const death = dieAt(PlanRepository.prototype, method);
    const { id } = story.organisation;
    const asked = await world.service.database.asOrganisation(id, (tx) =>
      story.runs.ask(tx, id, story.connectionId, { kind: 'delta', trigger: 'schedule', askedBy: { kind: 'schedule' } }),
    );
    const shown = await story.ended(asked);
    expect(death.fired).toBe(true);
    // A delta knows nobody but those whom it read: taken for a whole read it would hold every removal.
    expect(shown).toMatchObject({ state: 'ready', kind: 'preview', attempts: 2, counts: { archive: 1, held: 0 } });
  });

  it('credentials of another tenant change nothing and ask for attention, once', async () => {
    await using story = await Story.synced(world, { people: 12 });
    if ('organisationId' in story.server.settings) story.server.settings.organisationId = '00osomebodyelse00001';
    await renewed(story);
    story.company.suspend(some(story, 1));
    expect(await later(story)).toMatchObject({ state: 'failed', errorCode: 'other_tenant' });
    expect(await later(story)).toMatchObject({ state: 'failed', errorCode: 'other_tenant' });
    expect(await activeCount(story)).toBe(12);
    expect(await openNotices(story)).toEqual(['needs_attention']);
    if ('organisationId' in story.server.settings) story.server.settings.organisationId = null;
    await renewed(story);
    story.company.unsuspend(story.company.people.filter((person) => person.state === 'suspended'));
    expect(await later(story)).toMatchObject({ state: 'succeeded' });
    expect(await openNotices(story)).toEqual([]);
  });
});
