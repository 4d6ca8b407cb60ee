import fc from 'fast-check';
import { RollcallError } from '../../src/common/errors.js';
import { HoldsService } from '../../src/runs/holds.service.js';
import { PeopleEditing } from '../../src/people/people-editing.service.js';
import { PeopleLifecycle } from '../../src/people/people-lifecycle.service.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import { expected, type Fault } from '../simulators/index.ts';
import { bookkeepingFaults, businessOf } from '../support/business.js';
import type { Crashes, CrashMode } from '../support/crashes.js';
import { finalState } from '../support/final-state.js';
import { HOUR, MINUTE, Story, type StoryService } from '../support/story-world.js';

/** What goes wrong in one sync. It is over before the next one. */
export type Trouble = { fault: Fault } | { crash: { nth: number; mode: CrashMode }; again: number };

export type Step =
  | { do: 'live'; seed: number; steps: number }
  | { do: 'sync'; trouble: Trouble | null }
  | { do: 'approve' }
  | { do: 'reject' }
  | { do: 'archive' | 'restore' | 'switch admin' | 'switch protected'; nth: number }
  | { do: 'create'; nth: number };

export interface History {
  people: number;
  seed: number;
  steps: Step[];
}

const FAULTS: readonly Fault['do'][] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 401 },
  { kind: 'status', status: 403 },
  { kind: 'throttle', how: 'rate', resetIn: 1 },
  { kind: 'body', body: '<html>maintenance</html>', contentType: 'text/html' },
  { kind: 'truncate', how: 'json' },
  { kind: 'truncate', how: 'content-length' },
  { kind: 'reset', when: 'before headers' },
  { kind: 'reset', when: 'in body' },
  { kind: 'redirect', status: 302, to: 'stranger' },
  { kind: 'next', to: 'here' },
  { kind: 'omit', lastOfPage: true },
  { kind: 'repeat' },
];

const fault: fc.Arbitrary<Fault> = fc.record({
  route: fc.constantFrom('users.list' as const, 'users.get' as const, 'organisation' as const, 'logs' as const),
  times: fc.constantFrom(1, 2, 'forever' as const),
  do: fc.constantFrom(...FAULTS),
});

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  fault.map((one) => ({ fault: one })),
  fc.record({
    crash: fc.record({
      nth: fc.integer({ min: 1, max: 45 }),
      mode: fc.constantFrom<CrashMode>('before', 'inside', 'after', 'lost'),
    }),
    again: fc.integer({ min: 0, max: 20 }),
  }),
);

const nth = fc.nat({ max: 1000 });
const sync = fc.record({ do: fc.constant('sync' as const), trouble: fc.option(trouble, { freq: 4 }) });
const live = fc.record({ do: fc.constant('live' as const), seed: fc.nat(), steps: fc.integer({ min: 1, max: 4 }) });
const admin: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom<Step>({ do: 'approve' }, { do: 'reject' }),
  fc.record({
    do: fc.constantFrom('archive' as const, 'restore' as const, 'switch admin' as const, 'switch protected' as const),
    nth,
  }),
  fc.record({ do: fc.constant('create' as const), nth }),
);

export const history: fc.Arbitrary<History> = fc.record({
  people: fc.integer({ min: 8, max: 30 }),
  seed: fc.integer({ min: 1, max: 10_000 }),
  steps: fc
    .array(fc.tuple(live, fc.option(admin, { freq: 2 }), sync), { minLength: 1, maxLength: 3 })
    .map((rounds) => rounds.flatMap((round) => round.filter((step) => step !== null))),
});

export interface Lived {
  state: Record<string, unknown>;
  /** What the admins' actions came to. */
  answers: string[];
  /** Invariants that did not hold, in words. */
  broken: string[];
}

/** Lives through a history, with its troubles or without them. */
export async function liveThrough(
  world: StoryService,
  { people, seed, steps }: History,
  crashes: Crashes,
  troubled: boolean,
): Promise<Lived> {
  await using story = await Story.begin(world, { people, seed });
  const lived: Lived = { state: {}, answers: [], broken: [] };
  const root = await world.service.app
    .get(PeopleEditing, { strict: false })
    .create(story.caller, { ...NOBODY, email: 'root@home.example', state: 'active' });
  await world.service.app
    .get(PeopleEditing, { strict: false })
    .switchAdmin(story.caller, root.id, { on: true, version: root.version });
  await story.firstSync();
  for (const step of steps) {
    world.clock.advance(2 * HOUR);
    if (step.do === 'live') story.company.live(step.seed, step.steps);
    else if (step.do === 'sync') await syncUntilQuiet(story, troubled ? step.trouble : null, crashes, lived);
    else lived.answers.push(await act(story, step));
  }
  world.clock.advance(2 * HOUR);
  await syncUntilQuiet(story, null, crashes, lived);
  lived.broken.push(...(await bookkeepingFaults(story)), ...(await lostAccess(story)), ...(await writesAgain(story)));
  lived.state = await finalState(story);
  return lived;
}

const NOBODY = {
  firstName: null, lastName: null, teamId: null, positionId: null, managerId: null, employeeNumber: null, attributes: {},
}; // prettier-ignore

/** A sync in trouble, and then as many without as it takes until nothing is left to do. */
async function syncUntilQuiet(story: Story, trouble: Trouble | null, crashes: Crashes, lived: Lived): Promise<void> {
  const byAdmins = await reasonsOfAdmins(story);
  if (trouble !== null) await syncInTrouble(story, trouble, crashes, lived);
  for (let runs = 1; ; runs += 1) {
    story.world.clock.advance(MINUTE);
    const run = await story.sync();
    if (run.state !== 'succeeded') lived.broken.push(`a run without trouble ended ${run.state}: ${run.errorMessage}`);
    const { add = 0, link = 0, relink = 0, update = 0, restore = 0, archive = 0, stale = 0 } = run.counts;
    if (add + link + relink + update + restore + archive + stale === 0) break;
    if (runs < 6) continue;
    lived.broken.push('the sixth run still found something to do');
    break;
  }
  const after = await reasonsOfAdmins(story);
  if (after !== byAdmins) lived.broken.push(`a sync touched what admins archived: ${byAdmins} became ${after}`);
}

async function syncInTrouble(story: Story, trouble: Trouble, crashes: Crashes, lived: Lived): Promise<void> {
  const before = await businessOf(story);
  const asked = await story.runs.resync(story.caller, story.connectionId);
  if ('fault' in trouble) {
    story.server.faults.add(trouble.fault);
    const run = await story.ended(asked);
    story.server.faults.clear();
    if (run.state === 'failed' && JSON.stringify(await businessOf(story)) !== JSON.stringify(before))
      lived.broken.push(`a run that failed (${run.errorCode}) left something behind`);
    return;
  }
  crashes.arm(trouble.crash.nth, trouble.crash.mode);
  await die(story, asked);
  if (trouble.again > 0 && crashes.happened) {
    // Whoever takes over dies as well.
    await takeOver(story, crashes);
    crashes.arm(trouble.again, 'inside');
    await die(story, asked);
  }
  await takeOver(story, crashes);
  await story.ended(asked);
}

/** The worker goes as far as it gets. */
async function die(story: Story, run: RunRow): Promise<void> {
  const { organisationId, connectionId } = run;
  await story.world.runner.runOne({ organisationId, connectionId }).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
}

async function takeOver(story: Story, crashes: Crashes): Promise<void> {
  crashes.revive();
  await story.rows('UPDATE connection SET lease_expires_at = now() WHERE id = $1 AND lease_expires_at IS NOT NULL', [
    story.connectionId,
  ]);
}

/** An admin does something; what came of it, or why it was refused. */
async function act(story: Story, step: Exclude<Step, { do: 'live' | 'sync' }>): Promise<string> {
  const { caller, world } = story;
  const editing = world.service.app.get(PeopleEditing, { strict: false });
  const lifecycle = world.service.app.get(PeopleLifecycle, { strict: false });
  try {
    if (step.do === 'approve' || step.do === 'reject') return await decide(story, step.do);
    if (step.do === 'create') {
      await editing.create(caller, { ...NOBODY, email: `guest${step.nth}@home.example`, state: 'active' });
      return 'created';
    }
    const everybody = await story.rows<{ id: string; version: number; isAdmin: boolean; isProtected: boolean }>(
      'SELECT id, version, is_admin, is_protected FROM person ORDER BY email_canonical, state, version, first_name',
    );
    const { nth: chosen } = step;
    const one = everybody[chosen % everybody.length];
    if (one === undefined) return 'nobody is here';
    if (step.do === 'archive') await lifecycle.archive(caller, one.id);
    else if (step.do === 'restore') await lifecycle.restore(caller, one.id);
    else if (step.do === 'switch admin')
      await editing.switchAdmin(caller, one.id, { on: !one.isAdmin, version: one.version });
    else await editing.switchProtected(caller, one.id, { on: !one.isProtected, version: one.version });
    return `${step.do} done`;
  } catch (error) {
    if (error instanceof RollcallError) return `${step.do} refused: ${error.code}`;
    throw error;
  }
}

async function decide(story: Story, what: 'approve' | 'reject'): Promise<string> {
  const holds = story.world.service.app.get(HoldsService, { strict: false });
  const [hold] = await story.rows<{ id: string; version: number }>("SELECT id, version FROM hold WHERE state = 'open'");
  if (hold === undefined) return 'nothing is held';
  await holds[what](story.caller, hold.id, { version: hold.version, people: 'all' });
  await story.world.runner.runAllDue();
  return `${what} done`;
}

async function reasonsOfAdmins(story: Story): Promise<string> {
  const rows = await story.rows<{ id: string }>(
    "SELECT id FROM person WHERE 'admin' = ANY (archive_reasons) ORDER BY id",
  );
  return rows.map(({ id }) => id).join(' ');
}

/** Invariant 1, at the end: nobody who is employed is archived by the directory, conflicts apart. */
async function lostAccess(story: Story): Promise<string[]> {
  const employed = new Set(expected(story.company, story.scope).map((person) => person.externalId));
  const archived = await story.rows<{ externalId: string }>(
    `SELECT r.external_id FROM person p
       JOIN directory_record r ON r.organisation_id = p.organisation_id AND r.person_id = p.id AND r.gone_at IS NULL
      WHERE p.archive_reasons = ARRAY['directory']
        AND NOT EXISTS (SELECT FROM conflict c WHERE c.organisation_id = p.organisation_id AND c.resolved_at IS NULL
                                                 AND r.external_id IN (c.external_id, c.other_external_id))
        AND NOT EXISTS (SELECT FROM override o WHERE o.organisation_id = p.organisation_id AND o.person_id = p.id AND o.released_at IS NULL)`,
  );
  return archived
    .filter(({ externalId }) => employed.has(externalId))
    .map(({ externalId }) => `${externalId} is employed, and archived`);
}

/** Invariant 3: a run on an unchanged directory writes nothing about anybody. */
async function writesAgain(story: Story): Promise<string[]> {
  const count = async (): Promise<string> => {
    const { person, event, audit, former_address, team, override } = await businessOf(story);
    return JSON.stringify({ person, event, audit, former_address, team, override });
  };
  const before = await count();
  await story.sync();
  return (await count()) === before ? [] : ['a run on an unchanged directory wrote something'];
}
