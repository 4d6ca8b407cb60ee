import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../../simulators/index.ts';
import { until } from '../../support/patience.js';
import { disposable } from '../disposable.js';
import { makeOktaWorld } from '../okta-world.js';
import { evidenceSince, never, readAll, wholeDelta } from '../reading.js';

describe('lists of Okta', () => {
  it('the next page comes while the one before is used, and is asked for once', async () => {
    await using world = await makeOktaWorld({ people: 520 });
    await using connector = disposable(await world.connect());
    const asked = (): number => world.okta.requests.count('users.list');
    const first = await connector.use.fetchPage(null, never);
    await until('the next page to be asked for', () => asked() === 2);
    const second = await connector.use.fetchPage(first.nextCursor, never);
    const third = await connector.use.fetchPage(second.nextCursor, never);
    const ids = [first, second, third].flatMap((page) => page.records.map((one) => one.externalId));
    expect([new Set(ids).size, third.nextCursor, asked()]).toEqual([ids.length, null, 3]);
  });

  it('the plain list leaves deprovisioned people out; they are evidence instead', async () => {
    await using world = await makeOktaWorld({ people: 100 });
    await using connector = disposable(await world.connect());
    const since = new Date(world.clock.now());
    world.clock.advance(1_000);
    const [gone] = world.company.deprovision([world.company.person(8)]);
    const { records } = await readAll(connector.use);
    expect(records.map((one) => one.externalId)).not.toContain(world.id(8));
    const reading = await connector.use.readOne(world.id(gone?.n ?? -1), never);
    expect(reading).toMatchObject({ kind: 'found', record: { status: 'deprovisioned' } });
    const evidence = await evidenceSince(connector.use, since);
    expect(evidence).toContainEqual(expect.objectContaining({ externalId: world.id(8), verdict: 'deprovisioned' }));
  });

  it('erased people are told by the System Log, by successes alone', async () => {
    await using world = await makeOktaWorld({ people: 100 });
    await using connector = disposable(await world.connect());
    const since = new Date(world.clock.now());
    world.clock.advance(1_000);
    world.company.erase([world.company.person(8)]);
    world.clock.advance(1_000);
    expect(await connector.use.readOne(world.id(8), never)).toMatchObject({ kind: 'missing', positive: false });
    const evidence = await evidenceSince(connector.use, since);
    expect(evidence.filter((one) => one.verdict === 'deleted').map((one) => one.externalId)).toContain(world.id(8));
    world.okta.faults.add({ route: 'logs', times: 'forever', do: { kind: 'change', change: failedEvents } });
    const failed = await evidenceSince(connector.use, since);
    expect(failed.filter((one) => one.verdict === 'deleted')).toEqual([]);
  });

  it('asks the System Log for no more than the 90 days that it keeps', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    await using connector = disposable(await world.connect());
    await evidenceSince(connector.use, new Date(0));
    const asked = world.okta.requests.entries.find((one) => one.route === 'logs');
    const since = new URL(asked?.url ?? '', world.okta.url).searchParams.get('since') ?? '';
    expect(world.clock.now() - Date.parse(since)).toBe(90 * 86_400_000);
    expect(asked?.status).toBe(200);
  });

  it('people who are not there differ from people whom the role may not see, and neither is proof', async () => {
    await using world = await makeOktaWorld({ people: 50 });
    world.okta.tokenRole.sees = (person) => person.n !== 7;
    await using connector = disposable(await world.connect());
    expect(await connector.use.readOne(world.id(7), never)).toMatchObject({ kind: 'missing', positive: false });
  });

  it.each([false, true])('properties without a value are null, written or left out (%p)', async (writeNulls) => {
    await using world = await makeOktaWorld({ people: 100 });
    world.okta.settings.writeNulls = writeNulls;
    await using connector = disposable(await world.connect());
    const { records, faulty } = await readAll(connector.use);
    expect(faulty).toEqual([]);
    expect(records.find((one) => one.externalId === world.id(0))?.manager).toBeNull();
  });

  it.each([
    ['id', 'id'],
    ['email', 'email'],
    ['employeeNumber', 'text'],
    ['name', 'text'],
  ] as const)('managerId holding a manager’s %s is taken as %s', async (managerAs, by) => {
    await using world = await makeOktaWorld({ people: 30 });
    world.okta.settings.managerAs = managerAs;
    await using connector = disposable(await world.connect());
    const reading = await connector.use.readOne(world.id(5), never);
    expect(reading).toMatchObject({ kind: 'found', record: { manager: { by } } });
  });

  it('a single read is never answered from a cache', async () => {
    await using world = await makeOktaWorld({ people: 30 });
    await using connector = disposable(await world.connect());
    const title = async (): Promise<unknown> => {
      const reading = await connector.use.readOne(world.id(5), never);
      return reading.kind === 'found' ? reading.record.title : reading;
    };
    const before = await title();
    world.company.edit([world.company.person(5)]);
    expect(await title()).not.toBe(before);
    expect(await title()).toBe(world.company.person(5).title);
  });

  it('finds a newcomer by address while the search still lags behind', async () => {
    await using world = await makeOktaWorld({ people: 30 });
    world.okta.settings.searchLagMs = 3_600_000;
    await using connector = disposable(await world.connect());
    const [joined] = world.company.join(1);
    const reading = await connector.use.readByEmail(joined?.email ?? '', never);
    expect(reading).toMatchObject({ kind: 'found', record: { externalId: world.id(joined?.n ?? -1) } });
  });

  it('F-18 the answer of a redirect is left unread, and the error holds no address', async () => {
    await using world = await makeOktaWorld({ people: 30 });
    await using connector = disposable(await world.connect());
    world.okta.faults.add({ route: 'users.list', do: { kind: 'redirect', status: 302, to: 'stranger' } });
    const outcome = readAll(connector.use);
    await expect(outcome).rejects.toMatchObject({ failure: 'bad_response' });
    await expect(outcome).rejects.not.toThrow(world.okta.stranger.url);
  });
});

describe('the application as scope', () => {
  it('with implicit access is no scope, whichever way it is met', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    const scope = { provider: 'okta', kind: 'application' } as const;
    await using connector = disposable(await world.connect({ scope }));
    await connector.use.probe(never);
    world.company.application.implicit = true;
    await expect(connector.use.probe(never)).rejects.toMatchObject({ failure: 'unauthorized' });
    await expect(readAll(connector.use)).rejects.toMatchObject({ failure: 'unauthorized' });
  });

  it('that is deleted puts nobody out of scope', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect({ scope: { provider: 'okta', kind: 'application' } }));
    world.company.application.deleted = true;
    await expect(connector.use.readOne(world.id(3), never)).rejects.toMatchObject({ failure: 'unauthorized' });
    await expect(readAll(connector.use)).rejects.toMatchObject({ failure: 'unauthorized' });
  });

  it('out of it is not gone: who is deprovisioned is told so, though the assignment is gone too', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect({ scope: { provider: 'okta', kind: 'application' } }));
    const assigned = (await readAll(connector.use)).records.map((one) => one.externalId);
    const leaver = world.company.employed().find((person) => person.n > 0 && assigned.includes(world.id(person.n)));
    const outsider = world.company.employed().find((person) => !assigned.includes(world.id(person.n)));
    if (!leaver || !outsider) throw new Error('somebody within and somebody without were expected');
    world.company.deprovision([leaver]);
    expect(await connector.use.readOne(world.id(leaver.n), never)).toMatchObject({
      kind: 'found',
      record: { status: 'deprovisioned', scope: { in: true } },
    });
    expect(await connector.use.readOne(world.id(outsider.n), never)).toMatchObject({
      kind: 'found',
      record: { scope: { in: false, because: 'Not assigned to the application “Rollcall” in Okta.' } },
    });
  });
});

describe('groups as scope', () => {
  it('one that is deleted between two runs stops the connection, naming it', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    const scope = { provider: 'okta', kind: 'groups', of: ['Design', 'Sales'] } as const;
    await using connector = disposable(await world.connect({ scope }));
    world.okta.faults.add({
      route: 'groups.get',
      subject: world.okta.ids.group('Sales'),
      times: 'forever',
      do: { kind: 'status', status: 404 },
    });
    await expect(connector.use.probe(never)).rejects.toThrow(world.okta.ids.group('Sales'));
    await expect(connector.use.probe(never)).rejects.toMatchObject({ failure: 'unauthorized' });
  });

  it('somebody in two of them is read twice and is one person', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    const both = { provider: 'okta', kind: 'groups', of: ['Everyone', 'Design'] } as const;
    await using connector = disposable(await world.connect({ scope: both }));
    const { records } = await readAll(connector.use);
    const ids = records.map((one) => one.externalId);
    expect(ids.length).toBeGreaterThan(new Set(ids).size);
    for (const id of new Set(ids)) {
      const [first, ...others] = records.filter((one) => one.externalId === id);
      expect(first?.traits?.group).toMatch(/^00g/u);
      for (const other of others) expect({ ...other, traits: null }).toEqual({ ...first, traits: null });
    }
  });
});

describe('the delta of Okta', () => {
  it('polls the log by the link that it was given, and ends although there is always a next one', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect());
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.okta.requests.reset();
    const first = await wholeDelta(connector.use, cursor ?? '');
    await wholeDelta(connector.use, first.cursor);
    const polls = world.okta.requests.entries
      .filter((one) => one.route === 'logs')
      .map((one) => new URL(one.url, world.okta.url));
    expect(polls.length).toBe(2);
    for (const { searchParams } of polls) {
      expect(searchParams.has('after')).toBe(true);
      expect(searchParams.has('since')).toBe(false);
      expect(searchParams.has('until')).toBe(false);
    }
  });

  it('meets who was changed in the overlap once more only if they changed again', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect());
    world.company.edit([world.company.person(3)]);
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.clock.advance(1_000);
    world.company.edit([world.company.person(4)]);
    const first = await wholeDelta(connector.use, cursor ?? '');
    expect(first.ids).toEqual([world.id(4)]);
    world.clock.advance(1_000);
    world.company.edit([world.company.person(4), world.company.person(3)]);
    expect(new Set((await wholeDelta(connector.use, first.cursor)).ids)).toEqual(new Set([world.id(3), world.id(4)]));
  });

  it('meets what the log tells late', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    world.okta.settings.logLagMs = 120_000;
    await using connector = disposable(await world.connect());
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.clock.advance(1_000);
    world.company.erase([world.company.person(9)]);
    const first = await wholeDelta(connector.use, cursor ?? '');
    expect(first.ids).toEqual([]);
    world.clock.advance(121_000);
    expect((await wholeDelta(connector.use, first.cursor)).ids).toEqual([world.id(9)]);
  });

  it.each(['application', 'everyone'] as const)('a group that is assigned or taken away: scope %s', async (kind) => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect({ scope: { provider: 'okta', kind } }));
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.clock.advance(1_000);
    const [n] = [...world.company.application.groups];
    world.company.unassignGroup(world.company.group(n ?? -1));
    expect((await wholeDelta(connector.use, cursor ?? '')).everything).toBe(kind === 'application');
  });

  it('names who is assigned or taken out of the application', async () => {
    await using world = await makeOktaWorld({ people: 60 });
    await using connector = disposable(await world.connect({ scope: { provider: 'okta', kind: 'application' } }));
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.clock.advance(1_000);
    const outsider = world.company.employed().find((person) => !world.company.application.direct.has(person.n));
    if (!outsider) throw new Error('somebody was expected');
    world.company.assign(outsider);
    expect(await wholeDelta(connector.use, cursor ?? '')).toMatchObject({
      ids: [world.id(outsider.n)],
      everything: false,
    });
  });

  it('of more than 1,000 people asks for a full read instead', async () => {
    await using world = await makeOktaWorld({ people: 1_300 });
    await using connector = disposable(await world.connect());
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.clock.advance(1_000);
    world.company.edit(world.company.employed().slice(0, 1_100));
    expect((await wholeDelta(connector.use, cursor ?? '')).everything).toBe(true);
  });

  it('F-71 a polling link that Okta forgot is an expired cursor', async () => {
    await using world = await makeOktaWorld({ people: 30 });
    await using connector = disposable(await world.connect());
    const cursor = await connector.use.deltaStart(new Date(world.clock.now()), never);
    world.okta.faults.add({ route: 'logs', times: 'forever', do: { kind: 'status', status: 400, code: 'E0000053' } });
    await expect(wholeDelta(connector.use, cursor ?? '')).rejects.toMatchObject({ failure: 'cursor_expired' });
  });
});

describe('the quota of an Okta organisation', () => {
  it('is used up to our share and no further, waiting for the next window', async () => {
    await using world = await makeOktaWorld({ people: 1_900 });
    world.okta.settings.rateLimits['users'] = 6;
    await using connector = disposable(await world.connect({ quotaShare: 50 }));
    expect((await readAll(connector.use)).coverage).toBe('complete');
    expect(world.okta.requests.entries.filter((one) => one.status === 429)).toEqual([]);
    const minutes = Map.groupBy(
      world.okta.requests.entries.filter((one) => one.route === 'users.list'),
      (one) => Math.floor((one.at - (world.okta.requests.entries[0]?.at ?? 0)) / 60_000),
    );
    expect(Math.max(...[...minutes.values()].map((some) => some.length))).toBeLessThanOrEqual(3);
    expect(world.waits.length).toBeGreaterThan(1);
  });

  it('a limit on concurrency is met by back-off, not by its suggested reset', async () => {
    await using world = await makeOktaWorld({ people: 30 });
    await using connector = disposable(await world.connect());
    world.okta.faults.add({ route: 'users.list', do: { kind: 'throttle', how: 'concurrency', resetIn: 600 } });
    await readAll(connector.use);
    expect(world.waits).toEqual([500]);
  });
});

/** The same events, failed. */
function failedEvents(answer: Answer): Answer {
  const { reply } = answer;
  if (!reply) return answer;
  return { ...answer, reply: { ...reply, body: reply.body.toString().replaceAll('"SUCCESS"', '"FAILURE"') } };
}
