import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BUSINESS } from '../support/business.js';
import { HOUR, Story, StoryService } from '../support/story-world.js';

/** Tables in which each run leaves a line or two, however large the directory is. */
const A_LINE_A_RUN = ['audit_entry', 'connection', 'domain', 'idempotency_key', 'instance', 'run'];

const RUNS = Number(process.env['STORY_UNCHANGED_RUNS'] ?? 3);

describe.each(['okta', 'google'] as const)('an unchanged directory of %s', (provider) => {
  let world: StoryService;

  beforeAll(async () => {
    world = await StoryService.start(provider);
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('costs nothing: no row written, no event, nothing left that grows with the directory', async () => {
    const grown: Record<string, number>[] = [];
    for (const people of [60, 600]) {
      await using story = await Story.begin(world, { people, everybodyEmployed: false });
      await story.firstSync();
      // What the first run could not settle, as a manager who came later, is settled now.
      await story.sync();
      const before = await footprint(story);
      for (let run = 1; run <= RUNS; run += 1) {
        world.clock.advance(HOUR);
        const unchanged = await story.sync();
        expect(unchanged).toMatchObject({ state: 'succeeded', errorCode: null });
        expect(unchanged.counts).toMatchObject({ add: 0, link: 0, update: 0, restore: 0, archive: 0, held: 0 });
      }
      const after = await footprint(story);
      // Versions of rows, too: a row that was written as it was would have another one.
      for (const table of BUSINESS)
        expect({ table, rows: after.versions[table] }).toEqual({ table, rows: before.versions[table] });
      expect(after.sizes).toMatchObject({
        staged_page: 0, staged_record: 0, staged_evidence: 0,
        planned_change: before.sizes['planned_change'], plan_batch: before.sizes['plan_batch'], event: before.sizes['event'],
      }); // prettier-ignore
      grown.push(
        Object.fromEntries(
          Object.keys(after.sizes).map((table) => [table, (after.sizes[table] ?? 0) - (before.sizes[table] ?? 0)]),
        ),
      );
    }
    const [small, large] = grown;
    // Ten times the people, the same lines.
    expect(large).toEqual(small);
    for (const [table, more] of Object.entries(large ?? {}))
      expect({ table, more, fits: more === 0 || A_LINE_A_RUN.includes(table) }).toEqual({ table, more, fits: true });
  });

  it('stays so while it is not unchanged: one edit writes one person', async () => {
    await using story = await Story.synced(world, { people: 60 });
    const before = await footprint(story);
    story.company.edit(story.company.employed().slice(5, 6), { family: 'Novak-Horvat' });
    world.clock.advance(HOUR);
    expect((await story.sync()).counts).toMatchObject({ update: 1 });
    const after = await footprint(story);
    expect(after.sizes['event']).toBe((before.sizes['event'] ?? 0) + 1);
    expect(after.versions['person']).not.toEqual(before.versions['person']);
    expect(Object.keys(differing(before.people, after.people))).toHaveLength(1);
  });
});

interface Footprint {
  /** Rows of each table. */
  sizes: Record<string, number>;
  /** A digest of which version of which row stands, by table. */
  versions: Record<string, string>;
  /** Version of each person's row. */
  people: Record<string, string>;
}

function footprint(story: Story): Promise<Footprint> {
  return story.world.service.database.asMigrate(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organisation_id'
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY c.relname`,
    );
    const found: Footprint = { sizes: {}, versions: {}, people: {} };
    for (const { name } of tables) {
      const { n, versions } = await tx.one<{ n: number; versions: string }>(
        `SELECT count(*)::int AS n, coalesce(md5(string_agg(ctid::text || ' ' || xmin::text, ',' ORDER BY ctid)), '') AS versions
           FROM "${name}" WHERE organisation_id = $1`,
        [story.organisation.id],
      );
      found.sizes[name] = n;
      found.versions[name] = versions;
    }
    const rows = await tx.query<{ id: string; version: string }>(
      'SELECT id, xmin::text AS version FROM person WHERE organisation_id = $1',
      [story.organisation.id],
    );
    found.people = Object.fromEntries(rows.map(({ id, version }) => [id, version]));
    return found;
  });
}

function differing(before: Record<string, string>, after: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(after).filter(([id, version]) => before[id] !== version));
}
