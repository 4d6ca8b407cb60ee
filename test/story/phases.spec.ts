import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { PlanOrderRepository } from '../../src/runs/plan-order.repository.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import { RunsRepository } from '../../src/runs/runs.repository.js';
import { StagingRepository } from '../../src/runs/staging.repository.js';
import { dieAt } from '../support/die-at.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';
import { rowsOf } from '../support/rows-of.js';

/** What a run may write before it applies: its own row, what it read, what it plans, and that it is at work. */
const WORKING = ['connection', 'evidence', 'plan_batch', 'planned_change', 'run', 'staged_', 'missing_', 'plan_note'];

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld({ people: 200 });
  await world.firstSync();
});
afterEach(() => {
  jest.restoreAllMocks();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

async function business(): Promise<Record<string, string>> {
  const all = await rowsOf(world.service.database, world.caller.organisationId);
  return Object.fromEntries(
    Object.entries(all).filter(([table]) => !WORKING.some((working) => table.startsWith(working))),
  );
}

const PHASES: [string, object, string][] = [
  ['probe', StagingRepository.prototype, 'storePage'],
  ['read', RunsRepository.prototype, 'setCoverage'],
  ['verify', PlanRepository.prototype, 'store'],
  ['plan', PlanOrderRepository.prototype, 'cutIntoBatches'],
  ['guard', PlanRepository.prototype, 'markBatch'],
];

describe('S-01 the phases of a run', () => {
  it.each(PHASES)('nothing but its own papers has changed when it is stopped after %s', async (_phase, of, method) => {
    world.company.join(2);
    world.company.move(2);
    world.company.suspend(1);
    const asked = await world.runs.resync(world.caller, world.connectionId);
    const before = await business();
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['person', 'event', 'audit_entry', 'directory_record']));
    const death = dieAt(of, method);
    await world.runner.takeUp();
    await world.runner.idle();
    expect(death.fired).toBe(true);
    expect(await business()).toEqual(before);
    jest.restoreAllMocks();
    const run = await world.ended(asked);
    expect(run).toMatchObject({ state: 'succeeded', counts: { add: 2, archive: 1 } });
    expect(await business()).not.toEqual(before);
  });

  it('S-18 removals are applied after all additions and updates', async () => {
    world.company.join(3);
    world.company.move(3);
    world.company.suspend(2);
    const run = await world.sync();
    const entries = await world.rows<{ action: string }>(
      `SELECT action FROM audit_entry WHERE run_id = $1 AND action LIKE 'person.%' ORDER BY seq`,
      [run.id],
    );
    const actions = entries.map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(['person.added', 'person.updated', 'person.archived']));
    expect(Math.max(actions.lastIndexOf('person.added'), actions.lastIndexOf('person.updated'))).toBeLessThan(
      actions.indexOf('person.archived'),
    );
  });

  it('S-25 a preview shows the plan that is applied then, by its hash, and writes nothing', async () => {
    await using fresh = await startRunWorld({ people: 90, seed: 11 });
    const rows = (): Promise<Record<string, string>> => rowsOf(fresh.service.database, fresh.caller.organisationId);
    const asked = await fresh.runs.preview(fresh.caller, fresh.connectionId);
    const { person, event, directory_record } = await rows();
    const shown = await fresh.ended(asked);
    expect(await rows()).toMatchObject({ person, event, directory_record });
    const run = await fresh.ended(await fresh.runs.confirm(fresh.caller, shown.id, 'all'));
    expect(run.state).toBe('succeeded');
    expect(shown.planHash?.length).toBe(32);
    expect(run.planHash).toEqual(shown.planHash);
  });
});

describe('S-14 whoever is protected', () => {
  it('is kept by every way that is not an admin’s own: leavers, holds, cuts of the scope, a connection that goes', async () => {
    const external = await world.rows<{ id: string; externalId: string }>(
      `SELECT p.id, r.external_id FROM person p JOIN directory_record r ON r.person_id = p.id WHERE p.state = 'active' ORDER BY p.email_canonical`,
    );
    const victim = world.company.people.find(
      (one) =>
        one.state === 'employed' &&
        one.n !== 0 &&
        external.some(({ externalId }) => externalId === world.directory.ids.person(one.n)),
    );
    if (victim === undefined) throw new Error('nobody is here');
    const id = external.find(({ externalId }) => externalId === world.directory.ids.person(victim.n))?.id ?? '';
    const { api } = world.service;
    expect((await api('PUT', `/api/v1/people/${id}/protected`, { on: true })).status).toBe(200);
    const state = async (): Promise<string | undefined> =>
      (await world.rows<{ state: string }>('SELECT state FROM person WHERE id = $1', [id]))[0]?.state;
    world.company.suspend([victim]);
    await world.sync();
    expect(await state()).toBe('active');
    expect(
      await world.rows(`SELECT 1 AS one FROM notice WHERE kind = 'protected' AND person_id = $1`, [id]),
    ).toHaveLength(1);
    world.company.erase([victim]);
    await world.sync();
    expect(await state()).toBe('active');
    // A hold takes in everybody else.
    world.company.suspend(60);
    await world.sync();
    const { body } = await api<{ items: { id: string; version: number }[] }>('GET', '/api/v1/holds');
    const hold = body.items[0];
    expect(hold).toBeDefined();
    const members = await world.rows('SELECT 1 AS one FROM hold_member WHERE person_id = $1', [id]);
    expect(members).toEqual([]);
    await api('POST', `/api/v1/holds/${hold?.id}/approve`, { version: hold?.version, people: 'all' });
    await world.runner.runAllDue();
    expect(await state()).toBe('active');
    const deletion = await api<{ id: string }>('POST', `/api/v1/connections/${world.connectionId}/deletion`, {
      people: 'archive',
    });
    expect(deletion.status).toBe(202);
    await world.runner.runAllDue();
    await api('POST', `/api/v1/runs/${deletion.body.id}/confirm`, {});
    await world.runner.runAllDue();
    expect(await world.rows(`SELECT id FROM person WHERE state = 'active'`)).toEqual([{ id }]);
    // Who may not administer may not lift it; who may, may.
    const key = await world.service.newKey(world.caller.organisationId, { scopes: ['people:read', 'people:write'] });
    const lift = (options: object) => api('PUT', `/api/v1/people/${id}/protected`, { on: false }, options);
    expect((await lift({ key })).status).toBe(403);
    expect((await lift({})).status).toBe(200);
    const lifted = await world.rows(
      `SELECT detail FROM audit_entry WHERE subject_id = $1 AND action = 'person.updated' AND detail->'fields' ? 'isProtected'`,
      [id],
    );
    expect(lifted).toHaveLength(2);
  });
});
