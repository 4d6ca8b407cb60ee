import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PeopleEditing } from '../../src/people/people-editing.service.js';
import { bookkeepingFaults, businessOf, comparableHere, employedThere } from '../support/business.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { until } from '../support/patience.js';
import { compileService, ServiceProcess } from '../support/service-process.js';
import { HOUR, LiveClock, Story, StoryService } from '../support/story-world.js';
import { environment } from './kills.js';

describe('faults that no directory brings about', () => {
  let world: StoryService;
  let story: Story;

  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterEach(() => story[Symbol.asyncDispose]());
  afterAll(() => world[Symbol.asyncDispose]());

  const begin = async (): Promise<void> => {
    story = await Story.begin(world, { people: 40 });
    await story.firstSync();
    world.clock.advance(HOUR);
    story.company.join(2);
    story.company.move(2);
    story.company.leave(1);
  };
  const mended = async (): Promise<void> => {
    world.clock.advance(HOUR);
    expect(await story.sync()).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(await comparableHere(story)).toEqual(employedThere(story));
    expect(await bookkeepingFaults(story)).toEqual([]);
  };
  const asOwner = (text: string): Promise<unknown> => world.service.database.asMigrate((tx) => tx.query(text));

  it.each([
    ['a name that does not exist', 'https://directory.invalid'],
    ['a private address', 'https://10.0.0.1'],
    ['an address of cloud metadata', 'https://169.254.169.254'],
  ])('F-19 the directory’s name leads to %s: nothing is written, and it is tried again', async (_words, baseUrl) => {
    await begin();
    const before = await businessOf(story);
    const installation = world.installation;
    world.installation = { ...installation, baseUrl };
    const run = await story.sync();
    world.installation = installation;
    expect(run.state).toBe('failed');
    expect(await businessOf(story)).toEqual(before);
    expect(await story.rows('SELECT attention, next_run_at > now() AS again FROM connection')).toEqual([
      { attention: null, again: true },
    ]);
    await mended();
  });

  it('F-50 the directory has the address of an admin of ours: no link and no other role without a word of an admin', async () => {
    story = await Story.begin(world, { people: 40 });
    const [one] = story.company.employed().slice(5);
    const editing = world.service.app.get(PeopleEditing, { strict: false });
    const facts = { firstName: 'Local', lastName: 'Admin', teamId: null, positionId: null, managerId: null };
    const admin = await editing.create(story.caller, {
      ...facts, email: one?.email ?? '', employeeNumber: null, attributes: {}, state: 'active',
    }); // prettier-ignore
    await editing.switchAdmin(story.caller, admin.id, { on: true, version: admin.version });
    const shown = await story.ended(await story.runs.preview(story.caller, story.connectionId));
    expect(shown.counts).toMatchObject({ approve: 1, link: 0 });
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    for (let run = 1; run <= 2; run += 1) {
      const [now] = await story.rows(
        `SELECT is_admin, state, first_name, version, (SELECT count(*)::int FROM directory_record r WHERE r.person_id = p.id) AS links
           FROM person p WHERE id = $1`,
        [admin.id],
      );
      expect(now).toEqual({ isAdmin: true, state: 'active', firstName: 'Local', version: 2, links: 0 });
      expect(await story.rows('SELECT id FROM person WHERE email_canonical = $1', [one?.email])).toHaveLength(1);
      await story.sync();
    }
  });

  it.each([
    ['the staging', 'staged_page', 'INSERT'],
    ['the plan', 'planned_change', 'INSERT'],
    ['apply', 'person', 'INSERT'],
    ['the mirror', 'directory_record', 'INSERT OR UPDATE'],
    ['the audit log', 'audit_entry', 'INSERT'],
    ['the outbox', 'event', 'INSERT'],
  ])(
    'F-64 the disk is full in %s: the run fails, the change is rolled back, and it goes on once there is room',
    async (_words, table, on) => {
      await begin();
      const asked = await story.runs.resync(story.caller, story.connectionId);
      const before = await businessOf(story);
      await asOwner(`CREATE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$`);
      await asOwner(`CREATE TRIGGER disk_full BEFORE ${on} ON ${table} FOR EACH ROW EXECUTE FUNCTION disk_full()`);
      const run = await story.ended(asked);
      await asOwner('DROP FUNCTION disk_full CASCADE');
      expect(run.state).toBe('failed');
      expect(await businessOf(story)).toEqual(before);
      await mended();
    },
  );

  it('F-83 the key that opens the credentials is not the one: nothing is read or written, and the run says why', async () => {
    await begin();
    const before = await businessOf(story);
    story.server.requests.reset();
    await asOwner(`UPDATE data_key SET secret_key_id = 'lost ' || secret_key_id`);
    const run = await story.sync();
    await asOwner(`UPDATE data_key SET secret_key_id = replace(secret_key_id, 'lost ', '')`);
    expect(run).toMatchObject({ state: 'failed' });
    expect(run.errorCode).toMatch(/^secret_key\./);
    expect(story.server.requests.count()).toBe(0);
    expect(await businessOf(story)).toEqual(before);
    const notices = () =>
      story.rows(`SELECT message, mended_at IS NOT NULL AS mended FROM notice WHERE kind = 'run_failed'`);
    expect(await notices()).toEqual([{ message: run.errorMessage, mended: false }]);
    await mended();
    expect(await notices()).toEqual([{ message: run.errorMessage, mended: true }]);
  });
});

describe('the connection to the database breaks', () => {
  it.each(['before', 'in', 'after'] as const)(
    'F-62 %s the COMMIT of a batch: the batch is applied exactly once',
    async (cut) => {
      await using world = await StoryService.start('okta', {}, { clock: new LiveClock() });
      await using story = await Story.begin(world, { people: 40 });
      await story.firstSync();
      using compiled = compileService();
      await using proxy = await CuttingProxy.before(world.service.databaseUrl);
      const service = await ServiceProcess.start(compiled, { ...environment(world, story), DATABASE_URL: proxy.url });
      try {
        story.company.join(3);
        story.company.move(2);
        story.company.leave(1);
        proxy.arm(cut, 'plan_batch SET');
        const run = await story.runs.resync(story.caller, story.connectionId);
        await until(
          () => `the run to end; the service said: ${service.output}`,
          async () => ['succeeded', 'failed'].includes((await story.known(run.id)).state),
        );
        expect(proxy.cuts).toBe(1);
        expect(await story.known(run.id)).toMatchObject({ state: 'succeeded', errorCode: null });
        expect(await comparableHere(story)).toEqual(employedThere(story));
        expect(await bookkeepingFaults(story)).toEqual([]);
      } finally {
        service.kill();
        await service.ended();
      }
    },
  );
});
