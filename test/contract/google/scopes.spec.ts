import { describe, expect, it } from '@jest/globals';
import type { GoogleScope } from '../../../src/connectors/google/settings.js';
import { expected, type ExpectedScope, type Person } from '../../simulators/index.js';
import { belonging, googleWorld, never, readAll, type GoogleWorld } from './world.js';

async function inScope(world: GoogleWorld, scope: GoogleScope): Promise<string[]> {
  return belonging((await readAll(await world.connect({ scope }))).records);
}

function model(world: GoogleWorld, scope: Omit<ExpectedScope, 'provider'>): string[] {
  return expected(world.company, { provider: 'google', ...scope })
    .map((person) => person.externalId)
    .sort();
}

function groups(world: GoogleWorld, ...names: string[]): GoogleScope {
  return { kind: 'groups', groups: names.map((name) => world.google.ids.group(name)), excluded: [] };
}

function ids(world: GoogleWorld, people: readonly Person[]): string[] {
  return people.map((person) => world.google.ids.person(person.n)).sort();
}

function employed(world: GoogleWorld, from: number, to: number): Person[] {
  return world.company.employed().slice(from, to);
}

describe('scope: units', () => {
  it('takes in a unit and what is below it', async () => {
    await using world = await googleWorld({ people: 300 });
    const path = world.company.unitPath(world.company.units[2]!.n);
    const scope: GoogleScope = { kind: 'units', units: [world.google.ids.unit(path)], excluded: [] };
    expect(await inScope(world, scope)).toEqual(model(world, { kind: 'units', of: [path] }));
    expect(model(world, { kind: 'units', of: [path] }).length).toBeGreaterThan(0);
  });

  it('does not take /Salesforce for a part of /Sales', async () => {
    await using world = await googleWorld();
    const [ana, ben] = employed(world, 5, 7);
    world.company.addUnit('Sal', '/Employees');
    world.company.addUnit('Salt', '/Employees');
    world.company.changeUnit([ana!], '/Employees/Sal');
    world.company.changeUnit([ben!], '/Employees/Salt');
    expect(await inScope(world, { kind: 'units', units: ['/Employees/Sal'], excluded: [] })).toEqual(
      ids(world, [ana!]),
    );
  });

  it('follows a unit that is renamed or moved, when it is named by its id', async () => {
    await using world = await googleWorld({ people: 300 });
    const unit = world.company.units.find((one) => one.parent === 1)!;
    const id = world.google.ids.unit(world.company.unitPath(unit.n));
    const before = model(world, { kind: 'units', of: [world.company.unitPath(unit.n)] });
    world.company.changeUnitItself(unit, { name: 'Renamed', parent: '/' });
    expect(before.length).toBeGreaterThan(0);
    expect(await inScope(world, { kind: 'units', units: [id], excluded: [] })).toEqual(before);
  });

  it('F-41 a unit that was named by its path and renamed stops the sync until somebody looks', async () => {
    await using world = await googleWorld({ people: 300 });
    const unit = world.company.units.find((one) => one.parent === 1)!;
    const path = world.company.unitPath(unit.n);
    world.company.changeUnitItself(unit, { name: 'Renamed' });
    const connector = await world.connect({ scope: { kind: 'units', units: [path], excluded: [] } });
    await expect(connector.probe(never)).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining(path),
    });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unauthorized' });
  });

  it('starts anew when a unit is renamed during the read', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const unit = world.company.units.find((one) => one.parent === 1)!;
    const id = world.google.ids.unit(world.company.unitPath(unit.n));
    const connector = await world.connect({ scope: { kind: 'units', units: [id], excluded: [] } });
    let page = await connector.fetchPage(null, never);
    world.company.changeUnitItself(unit, { name: 'Renamed' });
    page = await connector.fetchPage(page.nextCursor, never);
    await expect(connector.fetchPage(page.nextCursor, never)).rejects.toMatchObject({ failure: 'cursor_expired' });
    expect(belonging((await readAll(connector)).records)).toEqual(
      model(world, { kind: 'units', of: [world.company.unitPath(unit.n)] }),
    );
  });

  it('a direct read goes by the units as they are now', async () => {
    await using world = await googleWorld();
    const [ana] = employed(world, 5, 6);
    const path = world.company.unitPath(ana!.unit);
    const connector = await world.connect({
      scope: { kind: 'units', units: [world.google.ids.unit(path)], excluded: [] },
    });
    const id = world.google.ids.person(ana!.n);
    expect(await connector.readOne(id, never)).toMatchObject({ kind: 'found', record: { scope: { in: true } } });
    world.company.addUnit('Elsewhere', '/');
    world.company.changeUnit([ana!], '/Elsewhere');
    expect(await connector.readOne(id, never)).toMatchObject({
      kind: 'found',
      record: { scope: { in: false, because: expect.stringContaining(path) } },
    });
  });
});

describe('scope: groups', () => {
  it('takes in the members of each group', async () => {
    await using world = await googleWorld({ people: 900 });
    const [one, other] = world.company.groups.filter((group) => group.kind === 'ordinary').map((group) => group.name);
    expect(await inScope(world, groups(world, one!, other!))).toEqual(
      model(world, { kind: 'groups', of: [one!, other!] }),
    );
  });

  it('a group may be named by its address', async () => {
    await using world = await googleWorld();
    const group = world.company.addGroup('Readers', employed(world, 3, 9));
    expect(await inScope(world, { kind: 'groups', groups: [group.email.toUpperCase()], excluded: [] })).toEqual(
      ids(world, employed(world, 3, 9)),
    );
  });

  it('reads all pages of a group of more than 200', async () => {
    await using world = await googleWorld({ people: 700 });
    const group = world.company.addGroup('Many', employed(world, 0, 450));
    expect(await inScope(world, groups(world, group.name))).toEqual(ids(world, employed(world, 0, 450)));
    expect(world.google.requests.count('groups.members')).toBe(3);
  });

  it('F-43 walks nested groups, cuts cycles and a group within itself', async () => {
    await using world = await googleWorld();
    const a = world.company.addGroup('A', employed(world, 1, 3));
    const b = world.company.addGroup('B', employed(world, 3, 6));
    const c = world.company.addGroup('C', employed(world, 6, 8));
    world.company.nest(b, a);
    world.company.nest(a, b);
    world.company.nest(c, b);
    world.company.nest(c, c);
    expect(await inScope(world, groups(world, 'A'))).toEqual(ids(world, employed(world, 1, 8)));
    expect(world.google.requests.count('groups.members')).toBe(3);
  });

  it('F-43 walks groups nested 500 deep', async () => {
    await using world = await googleWorld();
    const [ana] = employed(world, 5, 6);
    const chain = Array.from({ length: 500 }, (_, i) => world.company.addGroup(`Deep ${i}`));
    for (let i = 1; i < chain.length; i++) world.company.nest(chain[i]!, chain[i - 1]!);
    world.company.addToGroup(chain[499]!, ana!);
    expect(await inScope(world, groups(world, 'Deep 0'))).toEqual(ids(world, [ana!]));
  });

  it('a member of type CUSTOMER is everybody, also in a nested group', async () => {
    await using world = await googleWorld();
    world.company.addGroup('All', [], { wholeCustomer: true });
    const outer = world.company.addGroup('Outer', []);
    world.company.nest(world.company.group('All'), outer);
    expect(await inScope(world, groups(world, 'Outer'))).toEqual(model(world, { kind: 'everyone' }));
    const connector = await world.connect({ scope: groups(world, 'Outer') });
    const [ana] = employed(world, 5, 6);
    expect(await connector.readOne(world.google.ids.person(ana!.n), never)).toMatchObject({
      record: { scope: { in: true } },
    });
  });

  it('external members are nobody of ours', async () => {
    await using world = await googleWorld();
    world.company.addGroup('Mixed', employed(world, 2, 4), { external: ['guest@elsewhere.example'] });
    expect(await inScope(world, groups(world, 'Mixed'))).toEqual(ids(world, employed(world, 2, 4)));
  });

  it('named exclusions win over membership', async () => {
    await using world = await googleWorld();
    const [ana, ben] = employed(world, 2, 4);
    world.company.addGroup('Two', [ana!, ben!]);
    const scope: GoogleScope = { ...groups(world, 'Two'), excluded: [ben!.email] };
    expect(await inScope(world, scope)).toEqual(ids(world, [ana!]));
    const reading = await (await world.connect({ scope })).readOne(world.google.ids.person(ben!.n), never);
    expect(reading).toMatchObject({ record: { scope: { in: false, because: expect.stringContaining('name') } } });
  });

  it.each(['members', 'groups.get'] as const)(
    'F-07 a 403 on one group fails the run, and nobody is taken for out (%s)',
    async (where) => {
      await using world = await googleWorld();
      const inner = world.company.addGroup('Inner', employed(world, 5, 9));
      const outer = world.company.addGroup('Outer', employed(world, 2, 5));
      world.company.nest(inner, outer);
      const connector = await world.connect({ scope: groups(world, 'Outer') });
      const fault = { times: 'forever', do: { kind: 'status', status: 403 } } as const;
      if (where === 'members')
        world.google.faults.add({ route: 'groups.members', subject: world.google.ids.group('Inner'), ...fault });
      else world.google.faults.add({ route: 'groups.get', ...fault });
      await expect(connector.fetchPage(null, never)).rejects.toMatchObject({
        failure: where === 'members' ? 'unavailable' : 'unauthorized',
      });
    },
  );

  it('F-08 a nested group that is gone is passed over, once Google confirms it', async () => {
    await using world = await googleWorld();
    const inner = world.company.addGroup('Inner', employed(world, 5, 9));
    world.company.nest(inner, world.company.addGroup('Outer', employed(world, 2, 5)));
    const id = world.google.ids.group('Inner');
    const scope = groups(world, 'Outer');
    const take = world.google.faults.add({
      route: ['groups.members', 'groups.get'],
      subject: id,
      times: 'forever',
      do: { kind: 'status', status: 404 },
    });
    expect(await inScope(world, scope)).toEqual(ids(world, employed(world, 2, 5)));
    take();
    // The members are said to be nowhere while the group itself is there: nothing can be made of that.
    world.google.faults.add({
      route: 'groups.members',
      subject: id,
      times: 'forever',
      do: { kind: 'status', status: 404 },
    });
    await expect(readAll(await world.connect({ scope }))).rejects.toMatchObject({ failure: 'unavailable' });
  });

  it('a group of the scope that was deleted stops the sync until somebody looks', async () => {
    await using world = await googleWorld();
    const group = world.company.addGroup('Doomed', employed(world, 2, 5));
    const connector = await world.connect({ scope: groups(world, 'Doomed') });
    expect((await connector.probe(never)).scopeObjects).toEqual([
      { kind: 'group', id: world.google.ids.group('Doomed'), name: 'Doomed', size: 3 },
    ]);
    world.company.deleteGroup(group);
    await expect(connector.probe(never)).rejects.toMatchObject({ failure: 'unauthorized' });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unauthorized' });
  });

  it('a direct read finds direct and nested membership anew each time', async () => {
    await using world = await googleWorld();
    const [ana, ben, eve] = employed(world, 2, 5);
    const inner = world.company.addGroup('Inner', [ben!]);
    const outer = world.company.addGroup('Outer', [ana!]);
    world.company.nest(inner, outer);
    const connector = await world.connect({ scope: groups(world, 'Outer') });
    const verdict = async (person: Person): Promise<unknown> => {
      const reading = await connector.readOne(world.google.ids.person(person.n), never);
      return reading.kind === 'found' ? reading.record.scope.in : reading.kind;
    };
    expect([await verdict(ana!), await verdict(ben!), await verdict(eve!)]).toEqual([true, true, false]);
    world.company.removeFromGroup(outer, ana!);
    world.company.removeFromGroup(inner, ben!);
    world.company.addToGroup(inner, eve!);
    expect([await verdict(ana!), await verdict(ben!), await verdict(eve!)]).toEqual([false, false, true]);
    world.company.unnest(inner, outer);
    world.clock.advance(120_000);
    expect(await verdict(eve!)).toBe(false);
  });

  it('a verdict is as old as the membership that it rests on', async () => {
    await using world = await googleWorld({ people: 1_203 });
    world.company.addGroup('Readers', employed(world, 3, 9));
    const connector = await world.connect({ scope: groups(world, 'Readers') });
    const began = world.clock.now();
    const first = await connector.fetchPage(null, never);
    world.clock.advance(60_000);
    const second = await connector.fetchPage(first.nextCursor, never);
    expect(second.observedAt.getTime()).toBe(began);
  });

  it('pages of members that go in a circle fail the run', async () => {
    await using world = await googleWorld({ people: 700 });
    world.company.addGroup('Many', employed(world, 0, 450));
    world.google.faults.add({ route: 'groups.members', times: 'forever', do: { kind: 'next', to: 'start' } });
    await expect(readAll(await world.connect({ scope: groups(world, 'Many') }))).rejects.toMatchObject({
      failure: 'bad_response',
    });
  });
});
