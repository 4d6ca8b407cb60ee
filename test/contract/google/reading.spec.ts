import { describe, expect, it } from '@jest/globals';
import type { Evidence } from '../../../src/connectors/connector.js';
import { expected, type Company, type Person } from '../../simulators/index.js';
import { until } from '../../support/patience.js';
import { belonging, googleWorld, isRecord, never, readAll, type GoogleWorld } from './world.js';

const MINUTE = 60_000;

function idOf(company: Company, person: Person): string {
  return company.ids.google('person', person.n);
}

function someone(world: GoogleWorld): Person {
  const person = world.company.employed().find((one) => one.n > 5);
  if (person === undefined) throw new TypeError('nobody is employed');
  return person;
}

function userUrls(world: GoogleWorld): URL[] {
  return world.google.requests.entries
    .filter((entry) => entry.route === 'users.list')
    .map((entry) => new URL(entry.url, world.google.url));
}

describe('a full read of Google Workspace', () => {
  it('reads everybody, page after page, as the reference model has them', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const connector = await world.connect();
    const read = await readAll(connector);
    const model = expected(world.company, { provider: 'google', kind: 'everyone' });
    expect(read).toMatchObject({ coverage: 'complete', pages: 3, faulty: [] });
    expect(belonging(read.records)).toEqual(model.map((person) => person.externalId).sort());
    // Three pages and one token: never one request per person.
    expect(connector.requests).toBe(4);
    expect(world.google.requests.count()).toBe(4);
  });

  it('the next page comes while the one before is used, and is asked for once', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const connector = await world.connect();
    const asked = (): number => world.google.requests.count('users.list');
    const first = await connector.fetchPage(null, never);
    await until('the next page to be asked for', () => asked() === 2);
    const second = await connector.fetchPage(first.nextCursor, never);
    const third = await connector.fetchPage(second.nextCursor, never);
    const ids = [first, second, third].flatMap((page) => page.records.map((one) => one.externalId));
    expect([new Set(ids).size, third.nextCursor, asked()]).toEqual([ids.length, null, 3]);
  });

  it('maps each attribute of a person', async () => {
    await using world = await googleWorld();
    const read = await readAll(await world.connect());
    for (const model of expected(world.company, { provider: 'google', kind: 'everyone' })) {
      const record = read.records.find((one) => one.externalId === model.externalId);
      const { manager } = world.company.person(model.n);
      expect(record).toMatchObject({
        email: model.email,
        firstName: model.given,
        lastName: model.family === '' ? null : model.family,
        department: model.department === '' ? null : model.department,
        title: model.title === '' ? null : model.title,
        employeeNumber: model.employeeNumber === '' ? null : model.employeeNumber,
        manager: manager === null ? null : { by: 'email', value: world.company.person(manager).email },
        status: 'employed',
        scope: { in: true },
      });
    }
  });

  it('asks for 500 a page, for what the mapping needs and for the next token, and for no custom schemas', async () => {
    await using world = await googleWorld();
    await readAll(await world.connect());
    const [url] = userUrls(world);
    expect(Object.fromEntries(url?.searchParams ?? [])).toEqual({
      customer: 'my_customer',
      maxResults: '500',
      projection: 'basic',
      fields:
        'nextPageToken,users(id,primaryEmail,suspended,archived,deletionTime,isGuestUser,orgUnitPath,lastLoginTime,' +
        'name,organizations,relations,externalIds)',
    });
  });

  it('never asks for private addresses and telephones', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    await readAll(connector);
    await connector.readOne(idOf(world.company, someone(world)), never);
    expect(world.google.requests.entries.filter((entry) => entry.url.includes('recovery'))).toEqual([]);
  });

  it('keeps all parameters but the page token the same from page to page', async () => {
    await using world = await googleWorld({ people: 1_203 });
    await readAll(await world.connect());
    const about = userUrls(world).map((url) => {
      url.searchParams.delete('pageToken');
      return url.search;
    });
    expect(new Set(about).size).toBe(1);
    expect(about).toHaveLength(3);
  });

  it('asks for custom schemas by name when the mapping uses them, single and multi-valued', async () => {
    await using world = await googleWorld();
    const connector = await world.connect({
      mapping: {
        department: 'customSchemas.Work.Site',
        extras: { remote: 'customSchemas.Work.Remote', badges: 'customSchemas.Safety.Badges' },
      },
    });
    const read = await readAll(connector);
    const [url] = userUrls(world);
    expect(url?.searchParams.get('projection')).toBe('custom');
    expect(url?.searchParams.get('customFieldMask')).toBe('Work,Safety');
    const record = read.records.find((one) => one.externalId === world.google.ids.person(10));
    expect(record?.department).toMatch(/^Site /u);
    expect(record?.extras).toEqual({ remote: true, badges: ['first aid', 'fire warden'] });
  });

  it('F-13 takes a listing without the users key for an empty one, and only at the end', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    world.google.faults.add({ route: 'users.list', do: { kind: 'body', body: '{"kind":"admin#directory#users"}' } });
    expect(await connector.fetchPage(null, never)).toMatchObject({ records: [], nextCursor: null });
    world.google.faults.add({
      route: 'users.list',
      times: 'forever',
      do: { kind: 'body', body: '{"nextPageToken":"more"}' },
    });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'bad_response' });
  });

  it('starts a listing anew that takes longer than 60 minutes, without five tries at the dead page', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const first = await (await world.connect()).fetchPage(null, never);
    // What was asked ahead is over, and is of no use to the one that goes on.
    await until('the next page to be asked for', () => world.google.requests.count('users.list') === 2);
    world.clock.advance(61 * MINUTE);
    const connector = await world.connect();
    const before = world.google.requests.count('users.list');
    await expect(connector.fetchPage(first.nextCursor, never)).rejects.toMatchObject({ failure: 'cursor_expired' });
    expect(world.google.requests.count('users.list')).toBe(before + 1);
    const again = await readAll(connector);
    expect(again.coverage).toBe('complete');
  });

  it('F-11 starts anew when Google forgot the page token, at most twice', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const connector = await world.connect();
    world.google.faults.add({ route: 'users.list', page: 'middle', do: { kind: 'expired cursor' } });
    const read = await readAll(connector);
    expect(read).toMatchObject({ restarts: 1, coverage: 'complete', pages: 3 });
    world.google.faults.add({ route: 'users.list', page: 'last', times: 'forever', do: { kind: 'expired cursor' } });
    await expect(readAll(connector)).rejects.toMatchObject({ failure: 'cursor_expired' });
  });

  it('F-71 takes a cursor of something else for an expired one', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    await expect(connector.fetchPage('rubbish', never)).rejects.toMatchObject({ failure: 'cursor_expired' });
    await expect(connector.fetchPage('1772442000000.rubbish', never)).rejects.toMatchObject({
      failure: 'cursor_expired',
    });
  });

  it('a read goes on in another process where the first one stopped', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const first = await (await world.connect()).fetchPage(null, never);
    const other = await world.connect();
    const second = await other.fetchPage(first.nextCursor, never);
    expect(second.records).toHaveLength(500);
    expect(first.records.filter(isRecord)[0]?.externalId).not.toBe(second.records.filter(isRecord)[0]?.externalId);
  });

  it('leaves guests out of scope and says so', async () => {
    await using world = await googleWorld();
    const guest = idOf(world.company, someone(world));
    world.google.faults.add({
      route: ['users.list', 'users.get'],
      times: 'forever',
      do: { kind: 'set', fields: { isGuestUser: true }, ids: [guest] },
    });
    const connector = await world.connect();
    const { records } = await readAll(connector);
    expect(records.find((record) => record.externalId === guest)?.scope).toEqual({
      in: false,
      because: expect.stringContaining('guest'),
    });
    expect(records.filter((record) => !record.scope.in)).toHaveLength(1);
  });

  it('reads suspended from the plain listing, and archived as such', async () => {
    await using world = await googleWorld();
    const [ana, ben] = world.company.employed().filter((person) => person.n > 5);
    world.company.suspend([ana!]);
    world.company.archive([ben!]);
    const { records } = await readAll(await world.connect());
    const status = (person: Person): string | undefined =>
      records.find((one) => one.externalId === idOf(world.company, person))?.status;
    expect(status(ana!)).toBe('suspended');
    expect(status(ben!)).toBe('archived');
    expect(world.google.requests.count('users.search')).toBe(0);
  });

  it('takes a last sign-in of 1970 for never', async () => {
    await using world = await googleWorld({ people: 300 });
    const { records } = await readAll(await world.connect());
    const never = world.company.people.filter(
      (person) => person.lastSignIn === null && records.some((one) => one.externalId === idOf(world.company, person)),
    );
    expect(never.length).toBeGreaterThan(0);
    for (const person of never)
      expect(records.find((one) => one.externalId === idOf(world.company, person))?.lastSignInAt).toBeNull();
    expect(records.filter((record) => record.lastSignInAt !== null).length).toBeGreaterThan(100);
  });

  it('people who are left out by name are out of scope, by id and by address in any spelling', async () => {
    await using world = await googleWorld();
    const [ana, ben] = world.company.employed().filter((person) => person.n > 5);
    const excluded = [idOf(world.company, ana!), ben!.email.toUpperCase()];
    const { records } = await readAll(await world.connect({ scope: { kind: 'directory', excluded } }));
    const out = records.filter((record) => !record.scope.in).map((record) => record.externalId);
    expect(out.sort()).toEqual([idOf(world.company, ana!), idOf(world.company, ben!)].sort());
  });

  it('says when the answered request began, not the one before it that failed', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    world.google.faults.add({ route: 'users.list', do: { kind: 'status', status: 503 } });
    const page = await connector.fetchPage(null, never);
    expect(world.waits).toEqual([500]);
    expect(page.observedAt.getTime()).toBe(world.clock.now());
  });
});

describe('a direct read', () => {
  it('finds somebody with the verdict', async () => {
    await using world = await googleWorld();
    const person = someone(world);
    const reading = await (await world.connect()).readOne(idOf(world.company, person), never);
    expect(reading).toMatchObject({
      kind: 'found',
      record: { email: person.email, scope: { in: true }, status: 'employed' },
    });
  });

  it.each([404, 403, 412, 410] as const)(
    'F-10 somebody deleted is gone by positive evidence, said with %d',
    async (deletedAnswer) => {
      await using world = await googleWorld({ deletedAnswer });
      const person = someone(world);
      world.company.leave([person]);
      const reading = await (await world.connect()).readOne(idOf(world.company, person), never);
      expect(reading).toMatchObject({ kind: 'missing', positive: true });
    },
  );

  it.each([
    [404, { kind: 'missing', positive: false }],
    [412, { kind: 'missing', positive: true }],
    [403, { kind: 'unknown' }],
  ] as const)('somebody deleted more than 20 days ago: %d', async (deletedAnswer, expectation) => {
    await using world = await googleWorld({ deletedAnswer });
    const person = someone(world);
    world.company.leave([person]);
    world.clock.advance(21 * 24 * 60 * MINUTE);
    expect(await (await world.connect()).readOne(idOf(world.company, person), never)).toMatchObject(expectation);
  });

  it('an id that Google never gave is missing without positive evidence', async () => {
    await using world = await googleWorld();
    expect(await (await world.connect()).readOne('999999999999999999999', never)).toMatchObject({
      kind: 'missing',
      positive: false,
    });
  });

  it('a 403 on one person says nothing about that person', async () => {
    await using world = await googleWorld();
    const id = idOf(world.company, someone(world));
    world.google.faults.add({ route: 'users.get', subject: id, times: 'forever', do: { kind: 'status', status: 403 } });
    expect(await (await world.connect()).readOne(id, never)).toMatchObject({ kind: 'unknown' });
  });

  it('a 412 of another kind says nothing about that person', async () => {
    await using world = await googleWorld();
    const id = idOf(world.company, someone(world));
    const body = JSON.stringify({
      error: { code: 412, message: 'Precondition is not met.', errors: [{ reason: 'conditionNotMet' }] },
    });
    world.google.faults.add({ route: 'users.get', subject: id, do: { kind: 'body', status: 412, body } });
    expect(await (await world.connect()).readOne(id, never)).toMatchObject({ kind: 'unknown' });
  });

  it('an address or alias in place of an id is not taken for that person', async () => {
    await using world = await googleWorld();
    expect(await (await world.connect()).readOne(someone(world).email, never)).toMatchObject({ kind: 'unknown' });
  });

  it('direct reads together ask for the deleted once, and are four at once at most', async () => {
    await using world = await googleWorld({ latency: 5 });
    const people = world.company.employed().slice(6, 18);
    world.company.leave(people);
    const connector = await world.connect();
    const readings = await Promise.all(people.map((person) => connector.readOne(idOf(world.company, person), never)));
    expect(readings.every((reading) => reading.kind === 'missing' && reading.positive)).toBe(true);
    expect(world.google.requests.count('users.deleted')).toBe(1);
    expect(world.google.requests.maxInFlight).toBeLessThanOrEqual(5);
  });

  it.each(['with/slash', '..', '.', '', '😀', 'a b'])(
    'an id such as %j is asked for without leaving its place in the path',
    async (id) => {
      await using world = await googleWorld();
      expect(['missing', 'unknown']).toContain((await (await world.connect()).readOne(id, never)).kind);
      expect(world.google.requests.count('unknown')).toBe(0);
    },
  );
});

describe('a direct read by address', () => {
  it('finds the person in any spelling of the address', async () => {
    await using world = await googleWorld();
    const person = someone(world);
    const reading = await (await world.connect()).readByEmail(` ${person.email.toUpperCase()} `, never);
    expect(reading).toMatchObject({ kind: 'found', record: { externalId: idOf(world.company, person) } });
  });

  it('does not take an alias for the address', async () => {
    await using world = await googleWorld();
    const person = someone(world);
    const before = person.email;
    world.company.marry([person]);
    expect(person.aliases).toContain(before);
    expect(await (await world.connect()).readByEmail(before, never)).toMatchObject({ kind: 'unknown' });
  });

  it('tells somebody deleted from nobody', async () => {
    await using world = await googleWorld();
    const person = someone(world);
    world.company.leave([person]);
    const connector = await world.connect();
    expect(await connector.readByEmail(person.email, never)).toMatchObject({ kind: 'missing', positive: true });
    expect(await connector.readByEmail('nobody.at.all@example.com', never)).toMatchObject({
      kind: 'missing',
      positive: false,
    });
    expect(await connector.readByEmail('no address', never)).toMatchObject({ kind: 'missing', positive: false });
  });
});

describe('evidence in bulk', () => {
  it('lists the deleted by showDeleted, and nobody else', async () => {
    await using world = await googleWorld({ people: 900 });
    const gone = world.company.leave(520);
    const connector = await world.connect();
    const evidence: Evidence[] = [];
    for await (const some of connector.leavers(new Date(world.clock.now() - MINUTE), never)) evidence.push(...some);
    const ids = new Set(evidence.map((one) => one.externalId));
    expect(gone.filter((person) => !ids.has(idOf(world.company, person)))).toEqual([]);
    expect(evidence.every((one) => one.verdict === 'deleted')).toBe(true);
    const living = belonging((await readAll(connector)).records);
    expect(living.filter((id) => ids.has(id))).toEqual([]);
    expect(world.google.requests.count('users.deleted')).toBeGreaterThan(1);
  });

  it('does not take the living for deleted when showDeleted is not heeded', async () => {
    await using world = await googleWorld();
    const users = JSON.stringify({
      users: [{ id: idOf(world.company, someone(world)), primaryEmail: 'x@example.com' }],
    });
    world.google.faults.add({ route: 'users.deleted', do: { kind: 'body', body: users } });
    const evidence: Evidence[] = [];
    for await (const some of (await world.connect()).leavers(new Date(0), never)) evidence.push(...some);
    expect(evidence).toEqual([]);
  });

  it('there is no delta', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    expect(connector.capabilities.delta).toBe(false);
    expect(await connector.deltaStart(new Date(), never)).toBeNull();
    await expect(connector.fetchDelta('anything', never)).rejects.toMatchObject({ failure: 'cursor_expired' });
  });
});
