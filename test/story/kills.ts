import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../simulators/index.ts';
import { bookkeepingFaults, comparableHere, employedThere } from '../support/business.js';
import { BREAKPOINTS, Breakpoints } from '../support/breakpoints.js';
import { until } from '../support/patience.js';
import { compileService, ServiceProcess, type CompiledService } from '../support/service-process.js';
import { LiveClock, Story, StoryService, type ProviderName } from '../support/story-world.js';

const KILLS = Number(process.env['STORY_KILLS'] ?? 104);
const SEED = Number(process.env['STORY_SEED'] ?? 1);

/** So many deaths of one run: those who take it over die as well. */
const DEATHS_OF_A_RUN = 4;

const OVER = new Set(['succeeded', 'failed', 'cancelled', 'ready']);

/** kill -9 of the service, at each place in turn and at random, until it was killed often enough. */
export function kills(provider: ProviderName, share: number): void {
  describe(`a service that reads ${provider} and is killed`, () => {
    let compiled: CompiledService;
    let world: StoryService;
    let story: Story;
    let points: Breakpoints;
    /** The one that works, and one that is ready to take its place. */
    let next: Promise<ServiceProcess>;
    const started: ServiceProcess[] = [];
    const random = new Random(SEED);

    const begin = async (): Promise<ServiceProcess> => {
      const one = await ServiceProcess.start(compiled, environment(world, story));
      started.push(one);
      // It waits until it is needed.
      one.kill('SIGSTOP');
      return one;
    };
    const replace = async (): Promise<ServiceProcess> => {
      const fresh = await next;
      fresh.kill('SIGCONT');
      next = begin();
      return fresh;
    };

    beforeAll(async () => {
      compiled = compileService();
      world = await StoryService.start(provider, {}, { clock: new LiveClock() });
      story = await Story.begin(world, { people: 60, policy: { removalLimitRun: 50, removalLimitDay: 50 } });
      await story.firstSync();
      points = await Breakpoints.set(world.service.databaseUrl);
      next = begin();
    });
    afterAll(async () => {
      await next;
      for (const one of started) one.kill();
      await Promise.all(started.map((one) => one.ended()));
      await points.close();
      await story[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
      compiled[Symbol.dispose]();
    });

    it(`F-59 converges after each of ${share} kills, with one event for each change`, async () => {
      let working = await replace();
      const reached = new Set<string>();
      const places = random.sample([...BREAKPOINTS], BREAKPOINTS.length);
      for (let killed = 0; killed < share;) {
        live(story, random);
        const run = await story.runs.resync(story.caller, story.connectionId);
        for (let deaths = 0; deaths < DEATHS_OF_A_RUN && killed < share; deaths += 1) {
          const place = random.chance(0.25) ? undefined : places[killed % places.length];
          if (place === undefined) await sleep(random.int(250));
          else {
            await points.hold(place);
            await until(
              () => `the run to come to ${place}, or to its end; the service said: ${working.output}`,
              async () => (await points.reached()) || OVER.has((await story.known(run.id)).state),
            );
            if (await points.reached()) reached.add(place);
          }
          working.kill();
          await working.ended();
          killed += 1;
          await points.release();
          await expireLease(story);
          working = await replace();
          if (OVER.has((await story.known(run.id)).state)) break;
        }
        await until(
          () => `the run to end; the service said: ${working.output}`,
          async () => OVER.has((await story.known(run.id)).state),
        );
        expect(await story.known(run.id)).toMatchObject({ state: 'succeeded', errorCode: null });
        expect(await comparableHere(story)).toEqual(employedThere(story));
        expect(await bookkeepingFaults(story)).toEqual([]);
        expect(await leftovers(story)).toEqual({ staged: 0, unsettled: 0, active: 0 });
      }
      working.kill();
      // Most places were really come to; an `until` that never met any would prove nothing.
      expect(reached.size).toBeGreaterThan(Math.min(share, BREAKPOINTS.length) / 3);
    }, 900_000);
  });
}

export const sharesOfKills = (): { okta: number; google: number } => ({
  okta: Math.ceil(KILLS / 2),
  google: Math.floor(KILLS / 2),
});

export function environment(world: StoryService, story: Pick<Story, 'server'>): Record<string, string> {
  const prefix = `ROLLCALL_CONNECTORS_${world.provider.toUpperCase()}`;
  return {
    ROLLCALL_ENV: 'test',
    PORT: '0',
    ROLLCALL_SERVER_METRICS_PORT: 'null',
    ROLLCALL_LOG_LEVEL: 'info',
    DATABASE_URL: world.service.databaseUrl,
    ROLLCALL_DATABASE_CONNECT_TIMEOUT_MS: '60000',
    ROLLCALL_SECRET_KEY: world.service.secretKey,
    ROLLCALL_SCHEDULE_LOOK_EVERY_MS: '50',
    ROLLCALL_SCHEDULE_LEASE_MS: '2000',
    ROLLCALL_SCHEDULE_RENEW_EVERY_MS: '500',
    [`${prefix}_INSECURE_LOOPBACK`]: 'true',
    [`${prefix}_BASE_URL`]: story.server.url,
    [`${prefix}_TOKEN_URL`]: story.server.tokenUrl,
  };
}

/** Something of everything, so that each place of a run is come to. Nobody is away too often for the limits. */
function live({ company }: Story, random: Random): void {
  company.join(2);
  company.move(2);
  company.marry(1);
  const pair = random.sample(company.employed().slice(1), 2);
  company.exchangeAddresses(...pair);
  company.leave(1);
  company.suspend(1);
  company.unsuspend(1);
  company.returnBack(1);
}

/** As when the time of the lease is over. */
async function expireLease(story: Story): Promise<void> {
  await story.rows('UPDATE connection SET lease_expires_at = now() WHERE id = $1 AND lease_expires_at > now()', [
    story.connectionId,
  ]);
}

async function leftovers(story: Story): Promise<Record<string, number> | undefined> {
  const [left] = await story.rows<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM staged_page) + (SELECT count(*)::int FROM staged_record) + (SELECT count(*)::int FROM staged_evidence) AS staged,
            (SELECT count(*)::int FROM directory_record WHERE settled_hash IS DISTINCT FROM observed_hash AND gone_at IS NULL) AS unsettled,
            (SELECT count(*)::int FROM run WHERE state IN ('queued', 'reading', 'planning', 'applying')) AS active`,
  );
  return left;
}
