import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  activeCount,
  ask,
  byEmail,
  here,
  later,
  lineOf,
  linkedTo,
  one,
  openConflicts,
  some,
  theHold,
} from '../support/story-people.js';
import type { RunRow } from '../../src/runs/runs.types.js';
import type { Person } from '../simulators/index.ts';
import { HOUR, Story, StoryService } from '../support/story-world.js';

const DAY = 24 * HOUR;

async function invited(
  story: Story,
  email: string,
  state = 'active',
  names: Record<string, unknown> = {},
): Promise<string> {
  return (await ask<{ id: string }>(story, 'POST', '/api/v1/people', { email, state, ...names })).id;
}

async function resolved(story: Story, as: string): Promise<number> {
  const conflict = one(await openConflicts(story));
  return (await story.organisation.api('POST', `/api/v1/conflicts/${conflict.id}/resolve`, { as })).status;
}

/** Somebody is erased, archived, and made again under a new id. */
async function recreatedAfter(
  story: Story,
  days: number,
  change: Partial<Person> = {},
): Promise<{ old: Person; id: string; anew: Person; run: RunRow }> {
  const old = one(some(story, 1));
  const { id } = await here(story, old);
  story.company.erase(old);
  story.world.clock.advance(HOUR);
  await story.sync();
  expect((await byEmail(story, old.email))[0]).toMatchObject({ id, state: 'archived' });
  story.world.clock.advance(days * DAY);
  const { given, family, email, employeeNumber } = old;
  const anew = one(story.company.join(1, { given, family, email, login: email, employeeNumber, ...change }));
  const run = await story.sync();
  return { old, id, anew, run };
}

describe('which person is this record', () => {
  let world: StoryService;
  beforeAll(async () => {
    world = await StoryService.start('okta');
  });
  afterAll(() => world[Symbol.asyncDispose]());

  it('rule 1: whatever the e-mail says, the linked person is the one', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    story.company.marry(ana);
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ id, email: ana.email });
    expect(await activeCount(story)).toBe(12);
  });

  it('rule 2, row 2: a pending candidate in a verified domain is linked and active, and keeps the address as it is spelt', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const ana = one(some(story, 1));
    const spelt = ana.email.toUpperCase();
    const id = await invited(story, spelt, 'pending');
    await story.firstSync();
    expect(await here(story, ana)).toMatchObject({ id, state: 'active', email: spelt });
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ id, email: ana.email });
  });

  it('rule 2: a candidate in an unverified domain waits for approval, and is linked once it is given', async () => {
    await using story = await Story.begin(world, { people: 12 });
    await story.rows('DELETE FROM domain RETURNING id');
    const [ana, ben] = [one(some(story, 2)), one(some(story, 2), 1)];
    const id = await invited(story, ana.email);
    const other = await invited(story, ben.email);
    const shown = await story.ended(await story.runs.preview(story.caller, story.connectionId));
    expect(await lineOf(story, shown, ana)).toEqual([
      { kind: 'link', disposition: 'approve', code: 'link_needs_approval' },
    ]);
    await story.ended(await story.runs.confirm(story.caller, shown.id, [story.server.ids.person(ana.n)]));
    expect(await here(story, ana)).toMatchObject({ id });
    expect(await linkedTo(story, ben)).toBeNull();
    expect((await byEmail(story, ben.email)).map((person) => person.id)).toEqual([other]);
    const run = await story.sync();
    expect(await lineOf(story, run, ben)).toMatchObject([{ disposition: 'approve' }]);
    await ask(story, 'POST', `/api/v1/runs/${run.id}/approve-links`, { links: [story.server.ids.person(ben.n)] });
    await world.runner.runAllDue();
    expect(await here(story, ben)).toMatchObject({ id: other });
  });

  it('rule 2: an admin is never linked without an approval, verified domain or not', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const ana = one(some(story, 1));
    const id = await invited(story, ana.email);
    await ask(story, 'PUT', `/api/v1/people/${id}/admin`, { on: true });
    const shown = await story.ended(await story.runs.preview(story.caller, story.connectionId));
    expect(await lineOf(story, shown, ana)).toEqual([
      { kind: 'link', disposition: 'approve', code: 'link_needs_approval' },
    ]);
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect(await linkedTo(story, ana)).toBeNull();
    expect(await byEmail(story, ana.email)).toMatchObject([{ id, isAdmin: true, state: 'active' }]);
  });

  it('rule 2: nor is somebody who gets in when all else is broken, or who runs the installation', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const [ana, ben] = [one(some(story, 2)), one(some(story, 2), 1)];
    const [glass, operator] = [await invited(story, ana.email), await invited(story, ben.email)];
    const { id: organisation } = story.organisation;
    await story.rows(
      `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{}') RETURNING person_id`,
      [organisation, glass],
    );
    await world.service.database.asMigrate((tx) =>
      tx.execute('UPDATE organisation SET is_installation = true WHERE id = $1', [organisation]),
    );
    await world.service.database.asWorker((worker) =>
      worker.execute(`INSERT INTO operator (organisation_id, person_id, made_by) VALUES ($1, $2, '{}')`, [
        organisation,
        operator,
      ]),
    );
    const shown = await story.ended(await story.runs.preview(story.caller, story.connectionId));
    for (const who of [ana, ben])
      expect(await lineOf(story, shown, who)).toEqual([
        { kind: 'link', disposition: 'approve', code: 'link_needs_approval' },
      ]);
    await story.ended(await story.runs.confirm(story.caller, shown.id, []));
    expect([await linkedTo(story, ana), await linkedTo(story, ben)]).toEqual([null, null]);
    await world.service.database.asMigrate(async (tx) => {
      await tx.execute('DELETE FROM operator');
      await tx.execute('UPDATE organisation SET is_installation = false');
    });
  });

  it('rule 3: somebody re-created with the same name within 30 days is the same person; keys end, and it counts as a removal', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    const anew = one(story.company.recreate(ana));
    await story.rows(
      `INSERT INTO api_key (organisation_id, id, name, lookup, digest, scopes, networks, person_id, created_by, expires_at)
       VALUES ($1, gen_random_uuid(), 'hers', gen_random_uuid()::text, '\\x00', '{}', '{}', $2, '{}', now() + interval '1 day') RETURNING id`,
      [story.organisation.id, id],
    );
    world.clock.advance(HOUR);
    const run = await story.sync();
    expect(await here(story, anew)).toMatchObject({ id, state: 'active' });
    expect(await linkedTo(story, ana)).toBeNull();
    expect(await story.rows('SELECT 1 FROM api_key WHERE person_id = $1 AND revoked_at IS NULL', [id])).toEqual([]);
    expect(await lineOf(story, run, anew)).toMatchObject([{ kind: 'relink', disposition: 'apply' }]);
    expect(await story.rows('SELECT removal FROM planned_change WHERE run_id = $1 AND removal', [run.id])).toHaveLength(
      1,
    );
    expect(await activeCount(story)).toBe(12);
  });

  it('rule 3: more re-created ones than a run may remove are held, and relinked once they are approved', async () => {
    await using story = await Story.synced(world, { people: 30 });
    const gone = some(story, 8);
    const anew = story.company.recreate(gone);
    expect(await later(story)).toMatchObject({ counts: { relink: 0, archive: 0, held: 8 } });
    const relinks = await theHold(story);
    await ask(story, 'POST', `/api/v1/holds/${relinks.id}/approve`, { version: relinks.version, people: 'all' });
    await world.runner.runAllDue();
    const states = await Promise.all(anew.map(async (person) => (await linkedTo(story, person))?.state ?? 'nobody'));
    expect(states).toEqual(anew.map(() => 'active'));
    expect(await activeCount(story)).toBe(30);
  });

  it('rule 3: after 30 days an admin is asked; `same_person` ties them and ends their keys', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const { id, anew, run } = await recreatedAfter(story, 31);
    expect(await lineOf(story, run, anew)).toMatchObject([{ kind: 'conflict' }]);
    expect(await openConflicts(story)).toMatchObject([{ kind: 'recreated' }]);
    expect(await resolved(story, 'same_person')).toBe(200);
    await world.runner.runAllDue();
    expect(await here(story, anew)).toMatchObject({ id, state: 'active' });
    expect(await openConflicts(story)).toEqual([]);
  });

  it('rule 3: neither name nor number agree; `new_person` makes another one and leaves the first archived', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const { id, old, anew } = await recreatedAfter(story, 1, {
      given: 'Quite',
      family: 'Another',
      employeeNumber: 'X1',
    });
    expect(await openConflicts(story)).toMatchObject([{ kind: 'recreated' }]);
    expect(await resolved(story, 'new_person')).toBe(200);
    await world.runner.runAllDue();
    const both = await byEmail(story, old.email);
    expect(both.map((person) => person.state).toSorted()).toEqual(['active', 'archived']);
    expect((await here(story, anew)).id).not.toBe(id);
  });

  it('rule 3: `same_person` for the last active admin is refused, and nothing is half done', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id } = await here(story, ana);
    await ask(story, 'PUT', `/api/v1/people/${id}/admin`, { on: true });
    const anew = one(story.company.recreate(ana));
    for (let turn = 0; turn < 3; turn += 1) {
      world.clock.advance(2 * HOUR);
      await story.sync();
    }
    const [person] = await byEmail(story, ana.email);
    expect(person).toMatchObject({ id, state: 'active', isAdmin: true });
    const conflicts = await openConflicts(story);
    expect(conflicts).toHaveLength(1);
    const status = await resolved(story, 'same_person');
    await world.runner.runAllDue();
    const after = one(await byEmail(story, ana.email));
    expect({ status, linked: (await linkedTo(story, anew))?.id ?? null, admin: after.isAdmin }).toEqual({
      status: 422,
      linked: null,
      admin: true,
    });
  });

  it('row 5: somebody whom an admin archived before any record came stays archived, and is linked once the admin restores them', async () => {
    await using story = await Story.begin(world, { people: 12 });
    const ana = one(some(story, 1));
    const id = await invited(story, ana.email);
    await ask(story, 'POST', `/api/v1/people/${id}/archive`);
    await story.firstSync();
    expect(await byEmail(story, ana.email)).toMatchObject([{ id, state: 'archived' }]);
    expect((await story.sync()).counts).toMatchObject({ add: 0, link: 0, restore: 0 });
    await ask(story, 'POST', `/api/v1/people/${id}/restore`);
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ id, state: 'active' });
  });

  it('row 14: two newcomers with one address are nobody, until one of them leaves', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const email = 'shared@example.com';
    const ben = one(story.company.join(1, { email, login: 'one@example.com' }));
    const cat = one(story.company.join(1, { email, login: 'two@example.com' }));
    const run = await story.sync();
    expect(run.counts).toMatchObject({ add: 0 });
    expect(await openConflicts(story)).toMatchObject([{ kind: 'same_address' }]);
    story.company.leave(ben);
    await later(story);
    expect(await here(story, cat)).toMatchObject({ email, state: 'active' });
    expect(await openConflicts(story)).toEqual([]);
  });

  it('row 14: the linked one lives on, the newcomer with the same address is not created', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id, version } = await here(story, ana);
    const cat = one(story.company.join(1, { email: ana.email, login: 'two@example.com' }));
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ id, version, state: 'active' });
    expect(await linkedTo(story, cat)).toBeNull();
    story.company.edit(cat, { email: 'free@example.com' });
    await story.sync();
    expect(await here(story, cat)).toMatchObject({ email: 'free@example.com' });
    expect(await openConflicts(story)).toEqual([]);
  });

  it('row 17: a new address that is somebody else’s stays out, everything else is updated, and later it is given', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const before = await here(story, ana);
    const manual = await invited(story, 'taken@example.com');
    story.company.edit(ana, { email: 'taken@example.com', given: 'Renamed' });
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ email: before.email, firstName: 'Renamed' });
    expect(await openConflicts(story)).toMatchObject([{ kind: 'address_taken' }]);
    await ask(story, 'PATCH', `/api/v1/people/${manual}`, { email: 'elsewhere@example.com' });
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ email: 'taken@example.com' });
    expect(await openConflicts(story)).toEqual([]);
  });

  it.each([2, 3])('row 18: a ring of %i exchanges addresses in one run, and all ids stay', async (size) => {
    await using story = await Story.synced(world, { people: 12 });
    const ring = some(story, size);
    const before = await Promise.all(ring.map((person) => here(story, person)));
    story.company.exchangeAddresses(...ring);
    const run = await story.sync();
    const after = await Promise.all(ring.map((person) => here(story, person)));
    expect(after.map(({ id, email }) => ({ id, email }))).toEqual(
      ring.map((person, at) => ({ id: one(before, at).id, email: person.email })),
    );
    expect(run.counts.update).toBeGreaterThanOrEqual(size);
    expect(await openConflicts(story)).toEqual([]);
  });

  it('row 19: back, but the address is another’s by now: restored without touching it', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const { id, email } = await here(story, ana);
    story.company.suspend(ana);
    await story.sync();
    await invited(story, 'taken@example.com');
    story.company.unsuspend(ana);
    story.company.edit(ana, { email: 'taken@example.com' });
    await story.sync();
    expect(await here(story, ana)).toMatchObject({ id, email, state: 'active' });
    expect(await openConflicts(story)).toMatchObject([{ kind: 'address_taken' }]);
  });

  it('row 15: one external id twice with different content is read directly, and that decides', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const id = story.server.ids.person(ana.n);
    story.server.faults.add({
      route: 'users.list',
      page: 'first',
      do: {
        kind: 'change',
        change: (answer) => {
          const { listing } = answer;
          const right = listing?.items.find((item) => item.id === id);
          if (listing === null || right === undefined) return answer;
          const body = JSON.parse(right.json.toString()) as { profile: object };
          const wrong = { ...body, profile: { ...body.profile, firstName: 'Wrong' } };
          const twice = { ...right, json: Buffer.from(JSON.stringify(wrong)) };
          return { ...answer, listing: { ...listing, items: [...listing.items, twice] } };
        },
      },
    });
    const run = await story.sync();
    expect(run).toMatchObject({ state: 'succeeded', errorCode: null });
    expect(await here(story, ana)).toMatchObject({ firstName: ana.given, state: 'active' });
  });

  it('former addresses are history: never matched, never blocking', async () => {
    await using story = await Story.synced(world, { people: 12 });
    const ana = one(some(story, 1));
    const former = ana.email;
    const { id } = await here(story, ana);
    story.company.marry(ana);
    await story.sync();
    expect(await story.rows('SELECT email FROM former_address WHERE person_id = $1', [id])).toEqual([
      { email: former },
    ]);
    const heir = one(story.company.join(1, { email: former, login: former }));
    await story.sync();
    expect((await here(story, heir)).id).not.toBe(id);
    expect(await openConflicts(story)).toEqual([]);
  });
});
