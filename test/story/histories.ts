import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Crashes } from '../support/crashes.js';
import { rowsOf } from '../support/rows-of.js';
import { StoryService, type ProviderName } from '../support/story-world.js';
import { history, liveThrough } from './history.js';

const HISTORIES = Number(process.env['STORY_HISTORIES'] ?? 200);
const SEED = Number(process.env['STORY_SEED'] ?? 20261122);

/** A history with faults and crashes ends as the same history without them, and the invariants hold all along. */
export function histories(provider: ProviderName): void {
  describe(`histories of companies in ${provider}`, () => {
    let world: StoryService;
    let crashes: Crashes;

    beforeAll(async () => {
      world = await StoryService.start(provider);
      crashes = new Crashes(world.service.database);
      await watchAdmins(world);
    });
    afterAll(() => world[Symbol.asyncDispose]());

    it(`${HISTORIES / 2} of them end the same with troubles and without`, async () => {
      const { database, organisation } = world.service;
      const bystander = await rowsOf(database, organisation.id);
      await fc.assert(
        fc.asyncProperty(history, async (one) => {
          const calm = await liveThrough(world, one, crashes, false);
          const troubled = await liveThrough(world, one, crashes, true);
          expect(calm.broken).toEqual([]);
          expect(troubled.broken).toEqual([]);
          expect(troubled.answers).toEqual(calm.answers);
          expect(troubled.state).toEqual(calm.state);
          expect(await withoutAdmin(world)).toEqual([]);
        }),
        { numRuns: Math.ceil(HISTORIES / 2), seed: SEED, endOnFailure: process.env['STORY_SHRINK'] === undefined },
      );
      expect(await rowsOf(database, organisation.id)).toEqual(bystander);
    }, 1_800_000);
  });
}

/** Notes each commit after which an organisation that had an active admin has none. */
async function watchAdmins(world: StoryService): Promise<void> {
  await world.service.database.asMigrate(async (tx) => {
    await tx.query('CREATE TABLE story_without_admin (organisation_id uuid NOT NULL)');
    await tx.query(
      `CREATE FUNCTION story_admin_left() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
       BEGIN
         IF OLD.is_admin AND OLD.state = 'active' AND NOT EXISTS (
           SELECT FROM person WHERE organisation_id = OLD.organisation_id AND is_admin AND state = 'active')
         THEN INSERT INTO story_without_admin VALUES (OLD.organisation_id); END IF;
         RETURN NULL;
       END $$`,
    );
    await tx.query(
      `CREATE CONSTRAINT TRIGGER story_admin_left AFTER UPDATE ON person DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION story_admin_left()`,
    );
  });
}

function withoutAdmin(world: StoryService): Promise<object[]> {
  return world.service.database.asMigrate((tx) => tx.query('SELECT organisation_id FROM story_without_admin'));
}
