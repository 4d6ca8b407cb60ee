import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { bookkeepingFaults, comparableHere, employedThere } from '../support/business.js';
import { until } from '../support/patience.js';
import { compileService, ServiceProcess, type CompiledService } from '../support/service-process.js';
import { LiveClock, Story, StoryService } from '../support/story-world.js';
import { environment } from './kills.js';

const CONNECTIONS = Number(process.env['STORY_CONNECTIONS'] ?? 50);
/** So long that nobody who is merely slow loses one. */
const LEASE_MS = 6_000;

interface Owned {
  organisationId: string;
  id: string;
  state: string;
  attempts: number;
  owner: string | null;
}

interface Instance {
  process: ServiceProcess;
  id: string;
}

/** One directory, and many organisations that read it. */
describe('two instances on one database', () => {
  let compiled: CompiledService;
  let world: StoryService;
  const stories: Story[] = [];
  const processes: ServiceProcess[] = [];

  /** Two of them, with the names under which they hold leases. */
  const startTwo = async (): Promise<[Instance, Instance]> => [await start(), await start()];
  const start = async (): Promise<Instance> => {
    const first = stories[0];
    if (first === undefined) throw new Error('there is no company yet');
    const before = await instances();
    const process = await ServiceProcess.start(compiled, {
      ...environment(world, first),
      ROLLCALL_SCHEDULE_LEASE_MS: String(LEASE_MS),
      // Who is stopped while taking a run keeps it from others until the database ends the transaction.
      ROLLCALL_DATABASE_IDLE_IN_TRANSACTION_MS: '10000',
      ROLLCALL_SCHEDULE_PARALLEL_RUNS: '8',
    });
    processes.push(process);
    await until('the instance to tell that it is there', async () => (await instances()).length > before.length);
    const id = (await instances()).find((one) => !before.includes(one));
    if (id === undefined) throw new Error('it told nobody that it is there');
    return { process, id };
  };

  beforeAll(async () => {
    compiled = compileService();
    world = await StoryService.start('okta', {}, { clock: new LiveClock() });
    for (let n = 0; n < CONNECTIONS; n += 1) {
      const story = await Story.begin(world, { people: 12, seed: 3, sharing: stories[0] });
      await story.firstSync();
      stories.push(story);
    }
  });
  afterEach(async () => {
    for (const one of processes.splice(0)) {
      one.kill();
      await one.ended();
    }
    await world.service.database.asMigrate((tx) => tx.query('DELETE FROM instance'));
  });
  afterAll(async () => {
    for (const story of stories) await story[Symbol.asyncDispose]();
    await world[Symbol.asyncDispose]();
    compiled[Symbol.dispose]();
  });

  it(`${CONNECTIONS} connections due at once: each runs once, and both instances work`, async () => {
    await startTwo();
    // Nobody can be through with all of them before the other one has begun.
    const server = stories[0]?.server;
    server?.setLatency(150);
    stories[0]?.company.join(1);
    const since = await makeDue();
    const owners = new Map<string, Set<string>>();
    await until('all runs to succeed', async () => {
      for (const run of await runsSince(since)) {
        if (run.owner !== null) owners.set(run.id, (owners.get(run.id) ?? new Set()).add(run.owner));
      }
      return (await runsSince(since)).filter((run) => run.state === 'succeeded').length >= CONNECTIONS;
    });
    server?.setLatency(0);
    const runs = await runsSince(since);
    expect(runs).toHaveLength(CONNECTIONS);
    expect(new Set(runs.map((run) => run.organisationId)).size).toBe(CONNECTIONS);
    expect(runs.filter((run) => run.attempts !== 1 || run.state !== 'succeeded')).toEqual([]);
    for (const seen of owners.values()) expect(seen.size).toBe(1);
    expect(new Set([...owners.values()].flatMap((seen) => [...seen])).size).toBe(2);
    await expectAllWell();
  });

  it('F-59 one of them is killed: its runs are taken over within twice the lease', async () => {
    const [survivor, victim] = await startTwo();
    const server = stories[0]?.server;
    server?.setLatency(150);
    stories[0]?.company.join(1);
    const since = await makeDue();
    // Both are at work.
    await until('both to be at work', () => bothWork(since));
    victim.process.kill();
    await victim.process.ended();
    const dead = Date.now();
    const left = (await heldBy(victim)).toSorted();
    expect(left.length).toBeGreaterThan(0);
    await until('the runs of the dead one to be taken over', async () => (await heldBy(victim)).length === 0);
    const takenOverWithin = Date.now() - dead;
    server?.setLatency(0);
    await until('all runs to succeed', () => allSucceeded(since));
    const runs = await runsSince(since);
    expect(runs).toHaveLength(CONNECTIONS);
    expect(
      runs
        .filter((run) => run.attempts > 1)
        .map((run) => run.id)
        .toSorted(),
    ).toEqual(left);
    expect(takenOverWithin).toBeLessThan(2 * LEASE_MS);
    expect(survivor.process.output).not.toMatch(/"level":(50|60)/);
    await expectAllWell();
  });

  it('F-60 SIGTERM in the middle of runs: it ends in time, gives its leases back, and the other one goes on', async () => {
    const [survivor, leaver] = await startTwo();
    const server = stories[0]?.server;
    server?.setLatency(150);
    stories[0]?.company.leave(1);
    const since = await makeDue();
    await until('both to be at work', () => bothWork(since));
    leaver.process.kill('SIGTERM');
    // By itself: past its time it would have cut off what was left, and later ended with 1.
    expect(await leaver.process.ended()).toBe(0);
    expect(leaver.process.output).toMatch(/"msg":"stopped"/);
    // It took itself off the list, and left no lease behind for anybody to wait out.
    expect(await instances()).toEqual([survivor.id]);
    expect(await heldBy(leaver)).toEqual([]);
    server?.setLatency(0);
    await until('all runs to succeed', () => allSucceeded(since));
    expect(await runsSince(since)).toHaveLength(CONNECTIONS);
    expect(survivor.process.output).not.toMatch(/"level":(50|60)/);
    await expectAllWell();
  });

  it('S-15 one that slept past its lease wakes up: what it still wanted to write is refused', async () => {
    const [sleeper, other] = await startTwo();
    const server = stories[0]?.server;
    server?.setLatency(150);
    stories[0]?.company.marry(1);
    const since = await makeDue();
    await until('the sleeper to have runs', async () => (await heldBy(sleeper)).length > 0);
    sleeper.process.kill('SIGSTOP');
    const left = await heldBy(sleeper);
    await until('the runs of the sleeper to be taken over', async () => (await heldBy(sleeper)).length === 0);
    server?.setLatency(0);
    await until('all runs to succeed', () => allSucceeded(since));
    const before = await eventsOf(since);
    sleeper.process.kill('SIGCONT');
    // It notices, drops what it had, and takes up what comes next like anybody else.
    other.process.kill();
    await other.process.ended();
    const next = await makeDue();
    await until(
      'the next runs to succeed',
      async () => (await runsSince(next)).length >= CONNECTIONS && (await allSucceeded(next)),
    );
    expect(await eventsOf(since)).toEqual(before);
    expect((await runsSince(since)).filter((run) => left.includes(run.id) && run.attempts !== 2)).toEqual([]);
    await expectAllWell();
  });

  /** From this moment on every connection is due, at once. */
  async function makeDue(): Promise<Date> {
    const since = await world.service.database.now();
    await world.service.database.asMigrate((tx) =>
      tx.query("UPDATE connection SET next_run_at = now() - interval '1 second'"),
    );
    return since;
  }

  async function bothWork(since: Date): Promise<boolean> {
    return new Set((await runsSince(since)).flatMap((run) => run.owner ?? [])).size === 2;
  }

  async function allSucceeded(since: Date): Promise<boolean> {
    return (await runsSince(since)).every((run) => run.state === 'succeeded');
  }

  function runsSince(since: Date): Promise<Owned[]> {
    return world.service.database.asMigrate((tx) =>
      tx.query<Owned>(
        `SELECT r.organisation_id, r.id, r.state, r.attempts,
                CASE WHEN r.state IN ('reading', 'planning', 'applying') AND c.lease_expires_at > now() THEN c.lease_owner END AS owner
           FROM run r JOIN connection c ON c.organisation_id = r.organisation_id AND c.id = r.connection_id
          WHERE r.asked_at >= $1 ORDER BY r.id`,
        [new Date(since.getTime() - 50)],
      ),
    );
  }

  /** Runs under way whose connection is that instance's, its lease run out or not. */
  async function heldBy({ id }: Instance): Promise<string[]> {
    const held = await world.service.database.asMigrate((tx) =>
      tx.query<{ id: string }>(
        `SELECT r.id FROM run r JOIN connection c ON c.organisation_id = r.organisation_id AND c.id = r.connection_id
          WHERE c.lease_owner = $1 AND r.state IN ('reading', 'planning', 'applying')`,
        [id],
      ),
    );
    return held.map((run) => run.id);
  }

  function eventsOf(since: Date): Promise<object[]> {
    return world.service.database.asMigrate((tx) =>
      tx.query(
        'SELECT organisation_id, run_id, count(*)::int AS n FROM event WHERE at >= $1 GROUP BY 1, 2 ORDER BY 1, 2',
        [since],
      ),
    );
  }

  async function instances(): Promise<string[]> {
    const rows = await world.service.database.asMigrate((tx) => tx.query<{ id: string }>('SELECT id FROM instance'));
    return rows.map((row) => row.id);
  }

  async function expectAllWell(): Promise<void> {
    for (const story of stories) {
      expect(await comparableHere(story)).toEqual(employedThere(story));
      expect(await bookkeepingFaults(story)).toEqual([]);
    }
  }
});
