import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { expected } from '../simulators/index.ts';
import type { RunRow } from '../../src/runs/runs.types.js';
import { activeHere, bookkeepingFaults, businessOf, comparableHere, employedThere } from '../support/business.js';
import { MINUTE, Story, StoryService, type ProviderName } from '../support/story-world.js';
import { wireCases, type FaultCase } from './fault-cases.js';

/** So many people that a directory lists them on three pages. */
const THREE_PAGES = { okta: 430, google: 1_010 } as const;

/** A list that never ends is left here. */
const MOST_PAGES = 60;

/** Answers that never end are given up soon. */
const IMPATIENT = { firstByteMs: 300, pageMs: 600 };

/**
 * F-rows of the wire, one after another on one synced company in which somebody joined, moved and left just before.
 * After each the fault ends, and the next run must bring the company in line.
 */
export function wireFaults(provider: ProviderName, part: { of: number; nth: number }): void {
  const cases = wireCases(provider).filter((_one, at) => at % part.of === part.nth);
  describe(`faults of ${provider}, on the whole service`, () => {
    let world: StoryService;
    let story: Story;

    const beginAnew = async (): Promise<void> => {
      story = await Story.begin(world, {
        people: THREE_PAGES[provider],
        // A case or more a second: its leavers would soon be more than a day's.
        policy: { removalLimitDay: 50 },
      });
      await story.firstSync();
    };

    beforeAll(async () => {
      world = await StoryService.start(provider, {
        schedule: { leaseMs: 1_500, renewEveryMs: 300 },
        directory: { maxPages: MOST_PAGES },
      });
      await beginAnew();
    });
    afterAll(async () => {
      await story[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    });

    it.each(cases)('%s', async (_words, one) => {
      const { company, server } = story;
      world.clock.advance(MINUTE);
      company.join(1);
      company.move(1);
      company.leave(1);
      const before = await businessOf(story);
      const installation = world.installation;
      if (one.row.id === 'F-18') world.installation = { ...installation, ...IMPATIENT };
      one.row.inject({ server, company, provider }, one.page);
      const run = await story.sync();
      await checkOutcome(story, one, run, before);
      if (one.row.id === 'F-23')
        expect(run).toMatchObject({ errorCode: 'bad_response', progress: { pages: MOST_PAGES - 1 } });
      await nobodyLostAccess(story);
      expect(server.stranger.seen).toEqual([]);
      server.faults.clear();
      world.installation = installation;
      world.clock.advance(MINUTE);
      // What equals the directory already needs no other run.
      const equal = run.state === 'succeeded' && /EQUAL|RETRY-OK/u.test(one.row.outcome);
      if (!equal) expect(await story.sync()).toMatchObject({ state: 'succeeded', errorCode: null });
      if ((run.counts.held ?? 0) > 0) {
        // Whoever was held by mistake is free again; who really left waits for an admin, and another company goes on.
        expect(await heldButEmployed(story)).toEqual([]);
        await story[Symbol.asyncDispose]();
        await beginAnew();
        return;
      }
      expect(await comparableHere(story)).toEqual(employedThere(story));
      expect(await bookkeepingFaults(story)).toEqual([]);
    });
  });
}

/** Invariant 1: whoever is employed and in scope keeps access, whatever was answered. */
export async function nobodyLostAccess(story: Story): Promise<void> {
  const employed = new Set(expected(story.company, story.scope).map((person) => person.externalId));
  const archived = await story.rows<{ externalId: string }>(
    `SELECT r.external_id FROM person p JOIN directory_record r ON r.organisation_id = p.organisation_id AND r.person_id = p.id
      WHERE p.state = 'archived'`,
  );
  expect(archived.filter(({ externalId }) => employed.has(externalId))).toEqual([]);
}

async function heldButEmployed(story: Story): Promise<string[]> {
  const employed = new Set(expected(story.company, story.scope).map((person) => person.externalId));
  const held = await story.rows<{ externalId: string }>(
    "SELECT m.external_id FROM hold h JOIN hold_member m ON m.hold_id = h.id WHERE h.state = 'open' AND m.state = 'waiting'",
  );
  return held.map((member) => member.externalId).filter((id) => employed.has(id));
}

export async function checkOutcome(
  story: Story,
  { row }: FaultCase,
  run: RunRow,
  before: Record<string, string>,
): Promise<void> {
  switch (row.outcome) {
    case 'RETRY-OK':
      return expectEqual(story, run);
    case 'EQUAL':
      return expectEqual(story, run);
    case 'CLEAN-ABORT':
      return expectCleanAbort(story, run, before);
    case 'RETRY-OK | CLEAN-ABORT':
      return run.state === 'failed' ? expectCleanAbort(story, run, before) : expectEqual(story, run);
    case 'QUARANTINE':
      return expectQuarantine(story, run, before);
    case 'HOLD':
      return expectHold(story, run);
    case 'CONFLICT':
      return expectConflict(story, run);
    case 'NO REMOVAL':
      expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
      // Who joined is here, unless it is them whom the list left out.
      expect((await activeHere(story)).length).toBeGreaterThanOrEqual(expected(story.company, story.scope).length - 1);
      return;
    case 'SKIP':
      return expectSkip(story, run, row.id);
  }
}

async function expectEqual(story: Story, run: RunRow): Promise<void> {
  expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
  expect(await comparableHere(story)).toEqual(employedThere(story));
}

async function expectCleanAbort(story: Story, run: RunRow, before: Record<string, string>): Promise<void> {
  expect(run.state).toBe('failed');
  expect(await businessOf(story)).toEqual(before);
  const [connection] = await story.rows<{ attention: unknown; failures: number; nextRunAt: Date | null }>(
    'SELECT attention, failures, next_run_at FROM connection WHERE id = $1',
    [story.connectionId],
  );
  expect(connection?.attention).toBeNull();
  expect(connection?.failures).toBeGreaterThan(0);
  expect(connection?.nextRunAt?.getTime()).toBeGreaterThan(run.finishedAt?.getTime() ?? Infinity);
  expect(await staged(story)).toBe(0);
}

async function expectQuarantine(story: Story, run: RunRow, before: Record<string, string>): Promise<void> {
  expect(run.state).toBe('failed');
  expect(await businessOf(story)).toEqual(before);
  const read = (): Promise<{ attention: unknown; nextRunAt: Date | null; notices: number }[]> =>
    story.rows(
      `SELECT attention->>'code' AS attention, next_run_at,
              (SELECT count(*)::int FROM notice WHERE kind = 'needs_attention' AND mended_at IS NULL) AS notices
         FROM connection WHERE id = $1`,
      [story.connectionId],
    );
  const state = [{ attention: run.errorCode, nextRunAt: null, notices: 1 }];
  expect(await read()).toEqual(state);
}

async function expectHold(story: Story, run: RunRow): Promise<void> {
  expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
  expect(run.counts).toMatchObject({ archive: 0, relink: 0 });
  const [held] = await story.rows<{ members: number; notices: number }>(
    `SELECT (SELECT count(*)::int FROM hold h JOIN hold_member m ON m.hold_id = h.id WHERE h.state = 'open' AND m.state = 'waiting') AS members,
            (SELECT count(*)::int FROM notice WHERE kind = 'held' AND mended_at IS NULL) AS notices`,
  );
  expect(held?.members).toBe(run.counts.held);
  expect(held?.members).toBeGreaterThan(0);
  expect(held?.notices).toBe(1);
}

async function expectConflict(story: Story, run: RunRow): Promise<void> {
  expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
  const open = await story.rows<{ kind: string }>('SELECT kind FROM conflict WHERE resolved_at IS NULL');
  expect(open.length).toBeGreaterThan(0);
}

/** One object is cleaned or unknown; everybody else is as they should be, and no removal follows from it. */
async function expectSkip(story: Story, run: RunRow, id: string): Promise<void> {
  expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
  const there = new Map(employedThere(story).map((person) => [person.externalId, JSON.stringify(person)]));
  const here = await comparableHere(story);
  const others = here.filter((person) => JSON.stringify(person) !== there.get(person.externalId ?? ''));
  expect({ id, others: others.length <= 1 }).toEqual({ id, others: true });
  expect(here.length).toBeGreaterThanOrEqual(there.size - 1);
  const [bodies] = await story.rows<{ bad: number }>(
    String.raw`SELECT count(*)::int AS bad FROM directory_record WHERE body::text ~ '\\u0000|\\ud8|\u202e'`,
  );
  expect(bodies?.bad).toBe(0);
}

async function staged(story: Story): Promise<number> {
  const rows = await story.rows(
    `SELECT 1 AS one FROM staged_page UNION ALL SELECT 1 FROM staged_record UNION ALL SELECT 1 FROM staged_evidence`,
  );
  return rows.length;
}
