import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExpectedScope } from '../simulators/index.ts';
import { bookkeepingFaults, businessOf, comparableHere, employedThere } from '../support/business.js';
import { HOUR, Story, StoryService, type ProviderName } from '../support/story-world.js';
import { companyCases, deltaCases, scopeCases, type FaultCase } from './fault-cases.js';
import { checkOutcome, nobodyLostAccess } from './wire-faults.js';

/** Groups are of about twenty, so that the limits mean something. */
const PEOPLE = 240;

/** What the catalogue's rows are about: the group Design, the unit of sales, or the application. */
function scopeFor({ row }: FaultCase, provider: ProviderName): ExpectedScope {
  if (row.by !== 'scope' && row.id !== 'F-07' && row.id !== 'F-08') return { provider, kind: 'everyone' };
  if (/unit/.test(row.variant)) return { provider, kind: 'units', of: ['/Employees/Sales'] };
  if (/app/.test(row.variant)) return { provider, kind: 'application' };
  return { provider, kind: 'groups', of: ['Design'] };
}

/** Rows in which what is served is true, and those that need a scope: each on a company of its own. */
export function livedFaults(provider: ProviderName): void {
  describe(`what a company of ${provider} lives through`, () => {
    let world: StoryService;
    let story: Story;

    beforeAll(async () => {
      world = await StoryService.start(provider);
    });
    afterEach(() => story[Symbol.asyncDispose]());
    afterAll(() => world[Symbol.asyncDispose]());

    it.each([...companyCases(provider), ...scopeCases(provider)])('%s', async (_words, one) => {
      story = await Story.begin(world, { people: PEOPLE, scope: scopeFor(one, provider) });
      await story.firstSync();
      const before = await businessOf(story);
      world.clock.advance(HOUR);
      one.row.inject({ server: story.server, company: story.company, provider }, one.page);
      let run = await story.sync();
      if (one.row.outcome === 'EQUAL') {
        // Where nothing but absence speaks, a second complete read an interval later has to agree.
        world.clock.advance(HOUR);
        run = await story.sync();
      }
      // Units are known by their ids, so that a new name or place takes nobody out.
      if (/the unit is/.test(one.row.variant))
        expect(run).toMatchObject({ state: 'succeeded', counts: { archive: 0, held: 0 } });
      else await checkOutcome(story, one, run, before);
      if (one.row.outcome !== 'HOLD' && one.row.by !== 'scope') await nobodyLostAccess(story);
      if (one.row.id === 'F-38') expect(run.counts).toMatchObject({ add: 0, archive: 0, relink: 0 });
      expect(await bookkeepingFaults(story)).toEqual([]);
    });

    it.each([
      [4, 0],
      [5, 0],
      [6, 6],
    ])('F-34 of a hundred people %i leave at once: %i wait for an admin', async (leave, held) => {
      story = await Story.begin(world, { people: 100 });
      await story.firstSync();
      world.clock.advance(HOUR);
      story.company.leave(leave);
      story.company.join(1);
      expect((await story.sync()).counts).toMatchObject({ add: 1, held, archive: leave - held });
    });

    it.each(deltaCases(provider))('%s (incremental)', async (_words, { row }) => {
      story = await Story.begin(world, { people: 40 });
      await story.firstSync();
      const { company, server } = story;
      world.clock.advance(HOUR);
      company.join(1);
      // The probe asks the log, too; it is the incremental read whose marker is refused.
      if (row.variant === 'the marker is rejected')
        server.faults.add({ route: 'logs', after: 1, do: { kind: 'expired cursor' } });
      else row.inject({ server, company, provider });
      const delta = await story.delta();
      expect(delta).toMatchObject({ state: 'succeeded', errorCode: null });
      // Nobody is removed because an incremental read did not name them.
      expect(delta.kind === 'full' ? 0 : delta.counts.archive).toBe(0);
      server.faults.clear();
      for (let read = 1; read <= 2; read += 1) {
        world.clock.advance(HOUR);
        expect(await story.sync()).toMatchObject({ state: 'succeeded', errorCode: null });
      }
      expect(await comparableHere(story)).toEqual(employedThere(story));
    });
  });
}
