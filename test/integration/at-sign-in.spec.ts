import { describe, expect, it, jest } from '@jest/globals';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { PeopleLifecycle } from '../../src/people/people-lifecycle.service.js';
import { ReadingAtSignIn } from '../../src/runs/at-sign-in.service.js';
import { externalId, type Person } from '../simulators/index.ts';
import { startRunWorld, type RunWorld } from '../support/run-world.js';

jest.setTimeout(60_000);

describe.each(['okta', 'google'] as const)('at the door of %s', (directory) => {
  it('says what the directory says now, and asks nobody when a run has just been there', async () => {
    await using world = await startRunWorld({ people: 30, directory });
    await world.firstSync();
    const [, ada, bea, cem] = world.company.employed() as [Person, Person, Person, Person];
    const door = atTheDoorOf(world, directory);

    const asked = world.directory.requests.entries.length;
    expect(await door.look(ada)).toMatchObject({
      says: 'employed',
      connection: { confirmed: true, ready: true },
      record: { personId: await idOf(world, ada), held: false, conflict: false, keptIn: false, keptOut: false },
    });
    expect(world.directory.requests.entries.length).toBe(asked);

    await forget(world);
    expect(await door.look(ada)).toMatchObject({ says: 'employed' });
    expect(world.directory.requests.entries.length).toBeGreaterThan(asked);

    world.company.suspend([ada]);
    world.company.leave([bea]);
    world.company.erase([cem]);
    expect(await door.look(ada)).toMatchObject({ says: 'not_employed', record: { personId: await idOf(world, ada) } });
    expect((await door.look(bea))?.says).not.toBe('employed');
    expect(await door.look(cem)).toMatchObject({ says: 'gone' });
    // Nothing is applied at the door.
    expect((await world.people()).filter(({ state }) => state === 'archived')).toEqual([]);
  });

  it('lines 8 and 13: a run of that one takes in who joined and brings back who returned', async () => {
    await using world = await startRunWorld({ people: 30, directory });
    await world.firstSync();
    const [dora] = world.company.join(1) as [Person];
    const ada = world.company.employed()[1] as Person;
    world.company.suspend([ada]);
    const door = atTheDoorOf(world, directory);
    await door.reading.askForRun(door.who(ada));
    await world.runner.runAllDue();
    expect((await world.people()).find(({ email }) => same(email, ada))?.state).toBe('archived');

    expect(await door.look(dora)).toMatchObject({ says: 'employed', record: null });
    await door.reading.settle(door.who(dora), 30_000);
    expect(await door.look(dora)).toMatchObject({ says: 'employed', record: { personId: await idOf(world, dora) } });

    world.company.unsuspend([ada]);
    expect(await door.look(ada)).toMatchObject({ says: 'employed' });
    await door.reading.settle(door.who(ada), 30_000);
    expect((await world.people()).find(({ email }) => same(email, ada))?.state).toBe('active');
    const runs = await world.rows<{ kind: string; trigger: string; askedBy: unknown }>(
      `SELECT kind, trigger, asked_by FROM run WHERE trigger = 'push' ORDER BY asked_at`,
    );
    expect(runs).toEqual(Array(3).fill({ kind: 'delta', trigger: 'push', askedBy: { kind: 'system' } }));
  });

  it('line 3b: what an admin brought somebody back against is said, until the directory says something else', async () => {
    await using world = await startRunWorld({ people: 30, directory });
    await world.firstSync();
    const ada = world.company.employed()[1] as Person;
    world.company.suspend([ada]);
    await world.sync();
    const id = await idOf(world, ada);
    await world.service.app.get(PeopleLifecycle, { strict: false }).restore(world.caller, id);
    const door = atTheDoorOf(world, directory);
    expect(await door.look(ada)).toMatchObject({ says: 'not_employed', record: { personId: id, keptIn: true } });
    world.company.leave([ada]);
    world.company.erase([ada]);
    expect(await door.look(ada)).toMatchObject({ says: 'gone', record: { keptIn: false } });
  });

  it('asks no connection whose runs would apply nothing', async () => {
    await using world = await startRunWorld({ people: 20, directory });
    const ada = world.company.employed()[1] as Person;
    const door = atTheDoorOf(world, directory);
    const asked = world.directory.requests.entries.length;
    const notAsked = (confirmed: boolean): unknown => ({
      says: 'not_asked',
      because: null,
      connection: { confirmed, ready: false },
      record: confirmed ? expect.anything() : null,
    });
    expect(await door.look(ada)).toEqual(notAsked(false));
    expect(world.directory.requests.entries.length).toBe(asked);

    await world.firstSync();
    const connections = world.service.app.get(ConnectionsService, { strict: false });
    const by = { by: { kind: 'operator' as const } };
    const { id } = world.service.organisation;
    await connections.pause(id, world.connectionId, by);
    expect(await door.look(ada)).toEqual(notAsked(true));
    await connections.resume(id, world.connectionId, by);
    await connections.stop(id, world.connectionId, 'a fire', by);
    expect(await door.look(ada)).toEqual(notAsked(true));
    expect(await door.reading.look({ ...door.who(ada), connectionId: id })).toBeNull();
  });

  it('P3 a directory that gives no answer is unknown, with the cause', async () => {
    await using world = await startRunWorld({ people: 20, directory });
    await world.firstSync();
    const ada = world.company.employed()[1] as Person;
    const door = atTheDoorOf(world, directory);
    await forget(world);
    world.directory.faults.add({ times: 'forever', do: { kind: 'hang' } });
    expect(await door.look(ada)).toMatchObject({ says: 'unknown', because: 'slow' });
    world.directory.faults.clear();
    world.directory.faults.add({ times: 'forever', do: { kind: 'status', status: 403 } });
    expect(await door.look(ada)).toMatchObject({ says: 'unknown' });
  });
});

function atTheDoorOf(world: RunWorld, directory: 'okta' | 'google') {
  const reading = world.service.app.get(ReadingAtSignIn, { strict: false });
  const who = (person: Person) => ({
    organisationId: world.service.organisation.id,
    connectionId: world.connectionId,
    externalId: externalId(world.company, directory, person),
  });
  return { reading, who, look: (person: Person) => reading.look(who(person)) };
}

const same = (email: string, person: Person): boolean => email.toLowerCase() === person.email.toLowerCase();

async function idOf(world: RunWorld, person: Person): Promise<string> {
  const found = (await world.people()).find(({ email }) => same(email, person));
  if (found === undefined) throw new Error('nobody has this address');
  return found.id;
}

/** What was heard is old by now. */
async function forget(world: RunWorld): Promise<void> {
  await world.rows(`UPDATE directory_record SET observed_at = observed_at - interval '1 hour'`);
}
