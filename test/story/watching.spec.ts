import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Idempotency } from '../../src/auth/idempotency.service.js';
import { Metrics } from '../../src/common/metrics.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { ScheduleService } from '../../src/schedule/schedule.service.js';
import { Watching } from '../../src/schedule/watching.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

const DAY = 24 * 3_600_000;

let world: RunWorld;
let watching: Watching;
beforeAll(async () => {
  world = await startRunWorld({ people: 60 });
  watching = world.service.app.get(Watching, { strict: false });
  await world.firstSync();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** The value of a gauge of this connection, as whoever scrapes it reads it. */
async function gauge(name: string, labels = `connection="${world.connectionId}"`): Promise<number | null> {
  const text = await world.service.app.get(Metrics, { strict: false }).metrics();
  const line = text.split('\n').find((one) => one.startsWith(`${name}{`) && one.includes(labels));
  return line === undefined ? null : Number(line.split(' ').at(-1));
}

const noticesOf = (kind: string): Promise<{ mended: boolean }[]> =>
  world.rows('SELECT mended_at IS NOT NULL AS mended FROM notice WHERE kind = $1 ORDER BY opened_at', [kind]);

describe('S-24 the health of a connection is seen without looking', () => {
  it('metrics tell the last complete read, failures, what is held and what is open, by ids alone', async () => {
    expect(await gauge('rollcall_connection_last_complete_read_timestamp_seconds')).toBeGreaterThan(
      Date.now() / 1000 - 600,
    );
    for (const name of ['failures', 'needs_attention', 'overdue', 'held', 'conflicts'])
      expect([name, await gauge(`rollcall_connection_${name}`)]).toEqual([name, 0]);
    const text = await world.service.app.get(Metrics, { strict: false }).metrics();
    expect(text).toContain(`organisation="${world.caller.organisationId}"`);
    expect(text).toContain('rollcall_runs{state="queued"} 0');
    for (const person of (await world.people()).slice(0, 20)) expect(text).not.toContain(person.email);
    expect(text).not.toContain(world.service.organisation.slug);
  });

  it.each([
    ['no complete read', `last_full_at = now() - interval '73 hours'`],
    ['no complete read ever', `last_full_at = NULL, created_at = now() - interval '73 hours'`],
    ['nothing but failures', `failing_since = now() - interval '181 minutes', failures = 5`],
    ['nobody who carries it out', `next_run_at = now() - interval '181 minutes'`],
  ])('three intervals with %s are told once, until a run succeeds', async (_what, how) => {
    const before = await noticesOf('overdue');
    await world.rows(`UPDATE connection SET ${how} RETURNING id`);
    expect(await watching.look()).toBe(1);
    expect(await watching.look()).toBe(0);
    expect(await noticesOf('overdue')).toEqual([...before, { mended: false }]);
    expect(await gauge('rollcall_connection_overdue')).toBe(1);
    expect(await gauge('rollcall_notices_open', 'kind="overdue"')).toBe(1);
    const listed = await world.service.api<{ items: { kind: string; message: string }[] }>('GET', '/api/v1/notices');
    expect(listed.body.items.map(({ kind }) => kind)).toContain('overdue');
    expect(await world.sync()).toMatchObject({ state: 'succeeded' });
    expect(await watching.look()).toBe(1);
    expect(await noticesOf('overdue')).toEqual([...before, { mended: true }]);
    expect(await gauge('rollcall_connection_overdue')).toBe(0);
  });

  it.each([
    [
      'almost three intervals',
      `last_full_at = now() - interval '71 hours', failing_since = now() - interval '179 minutes'`,
    ],
    ['a pause', `last_full_at = now() - interval '300 hours', state = 'paused'`],
    ['a stop', `last_full_at = now() - interval '300 hours', stopped_at = now()`],
  ])('%s is no news', async (_what, how) => {
    await world.rows(`UPDATE connection SET ${how} RETURNING id`);
    expect(await watching.look()).toBe(0);
    await world.rows(
      `UPDATE connection SET last_full_at = now(), failing_since = NULL, state = 'active', stopped_at = NULL RETURNING id`,
    );
  });
});

describe('S-23 a refused credential', () => {
  it('is told once, stops the automatic tries, and is over when a run succeeds', async () => {
    if (!('tokenRole' in world.directory)) throw new Error('this is a story of Okta');
    const role = { ...world.directory.tokenRole };
    Object.assign(world.directory.tokenRole, { users: false });
    const schedule = world.service.app.get(ScheduleService, { strict: false });
    for (let turn = 0; turn < 3; turn += 1) expect((await world.sync()).state).toBe('failed');
    expect(await noticesOf('needs_attention')).toEqual([{ mended: false }]);
    expect(await gauge('rollcall_connection_needs_attention')).toBe(1);
    const audited = await world.rows(`SELECT 1 AS one FROM audit_entry WHERE action = 'connection.attention'`);
    expect(audited).toHaveLength(1);
    const runs = async (): Promise<number> => (await world.rows('SELECT id FROM run')).length;
    const before = await runs();
    await world.rows(`UPDATE connection SET next_run_at = now() - interval '1 day' RETURNING id`);
    for (let turn = 0; turn < 5; turn += 1) await schedule.look();
    await world.runner.idle();
    expect(await runs()).toBe(before);
    Object.assign(world.directory.tokenRole, role);
    expect(await world.sync()).toMatchObject({ state: 'succeeded' });
    expect(await noticesOf('needs_attention')).toEqual([{ mended: true }]);
    expect(await gauge('rollcall_connection_needs_attention')).toBe(0);
  });
});

describe('S-16 a schedule that is due again and again', () => {
  it('asks for one run behind the one that is at work, however often it looks', async () => {
    const schedule = world.service.app.get(ScheduleService, { strict: false });
    const { service, runs, caller, connectionId } = world;
    const { Asking } = await import('../../src/schedule/asking.js');
    const asking = service.app.get(Asking, { strict: false });
    await runs.resync(caller, connectionId);
    const [atWork] = await world.rows<{ id: string }>(
      `UPDATE run SET state = 'reading', started_at = now() WHERE state = 'queued' RETURNING id`,
    );
    expect(atWork).toBeDefined();
    for (let tick = 0; tick < 10; tick += 1) {
      await world.rows(`UPDATE connection SET next_run_at = now() - interval '1 minute' RETURNING id`);
      await asking.askForDue();
    }
    expect(await world.rows(`SELECT id FROM run WHERE state = 'queued'`)).toHaveLength(1);
    await schedule.look();
    await world.runner.runAllDue();
    expect(await world.rows(`SELECT id FROM run WHERE state IN ('queued', 'reading')`)).toEqual([]);
  });
});

describe('S-31 clocks', () => {
  it('a host clock that jumps ahead by a year takes nothing away that the database’s clock still keeps', async () => {
    await using other = await startRunWorld({ people: 20 });
    await other.firstSync();
    const runs = (): Promise<unknown[]> => other.rows('SELECT id FROM run ORDER BY id');
    const before = await runs();
    expect(before.length).toBeGreaterThan(0);
    const { ManualClock } = await import('../../src/common/clock.js');
    const { DueRepository } = await import('../../src/schedule/due.repository.js');
    const { RunsHousekeeping } = await import('../../src/runs/housekeeping.service.js');
    const { Erasure } = await import('../../src/people/erasure.service.js');
    const { Leftovers } = await import('../../src/schedule/leftovers.js');
    const get = other.service.app;
    const ahead = new Cleaning(
      other.service.database,
      get.get(DueRepository, { strict: false }),
      get.get(RunsHousekeeping, { strict: false }),
      get.get(Idempotency, { strict: false }),
      get.get(Leftovers, { strict: false }),
      get.get(Erasure, { strict: false }),
      new ManualClock(new Date(Date.now() + 365 * DAY)),
    );
    await ahead.cleanAll();
    expect(await runs()).toEqual(before);
    await other.rows(`UPDATE run SET finished_at = finished_at - interval '91 days' RETURNING id`);
    await ahead.cleanAll();
    expect(await runs()).toEqual([]);
  });

  it('an answer that is kept for retries is kept for two days', async () => {
    const cleaning = world.service.app.get(Cleaning, { strict: false });
    const kept = (): Promise<unknown[]> => world.rows('SELECT key FROM idempotency_key');
    await world.service.api('POST', '/api/v1/teams', { name: 'Kept' }, { headers: { 'idempotency-key': 'kept' } });
    await world.rows(`UPDATE idempotency_key SET created_at = now() - interval '47 hours' RETURNING key`);
    await cleaning.cleanAll();
    expect(await kept()).toEqual([{ key: 'kept' }]);
    await world.rows(`UPDATE idempotency_key SET created_at = now() - interval '49 hours' RETURNING key`);
    await cleaning.cleanAll();
    expect(await kept()).toEqual([]);
  });

  it('people of a connection that is silent for 30 days are told to be nobody’s, until it speaks again', async () => {
    const cleaning = world.service.app.get(Cleaning, { strict: false });
    await world.rows(`UPDATE connection SET state = 'paused', paused_at = now() - interval '31 days' RETURNING id`);
    for (let turn = 0; turn < 2; turn += 1) await cleaning.cleanAll();
    expect(await noticesOf('unowned')).toEqual([{ mended: false }]);
    await world.rows(`UPDATE connection SET state = 'active', paused_at = NULL RETURNING id`);
    await cleaning.cleanAll();
    expect(await noticesOf('unowned')).toEqual([{ mended: true }]);
  });
});
