import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../src/common/clock.js';
import { newId } from '../../../src/common/ids.js';
import type { Tx } from '../../../src/database/tx.js';
import type { ArchiveReason, Change } from '../../../src/people/people.types.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';
import { adding, archiving, BY_ADMIN, BY_SYNC, insertConnection, PeopleWorld, readdressing, recordOf, restoring, updating } from '../../support/people.js'; // prettier-ignore

let db: TestDatabase;
let world: PeopleWorld;
const clock = new ManualClock('2026-03-01T08:00:00Z');

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  world = new PeopleWorld(db.database, await insertOrganisation(db.database), clock);
});

const known = async (): Promise<string[]> =>
  (await world.query<{ id: string }>('SELECT id FROM event ORDER BY seq')).map((row) => row.id);

describe('P10 a change, its audit entry and its event', () => {
  it('are there together, exactly one each', async () => {
    const changes = [adding('Ana Silva'), adding('Bo Berg')];
    expect(await world.apply(changes)).toEqual(['applied', 'applied']);
    const archive = archiving(changes[0]?.personId ?? '');
    await world.apply([archive]);
    expect(await known()).toEqual([...changes, archive].map((change) => change.id));
    const entries = await world.query('SELECT action, subject_id, detail FROM audit_entry ORDER BY seq');
    expect(entries).toMatchObject([
      { action: 'person.added', subjectId: changes[0]?.personId },
      { action: 'person.added', subjectId: changes[1]?.personId },
      { action: 'person.archived', detail: { change: archive.id, fields: ['state', 'archiveReasons'] } },
    ]);
  });

  it('are none of them there when the transaction fails', async () => {
    const failing = db.database.asOrganisation(world.organisationId, async (tx) => {
      await world.applyIn(tx, [adding('Ana Silva')]);
      throw new Error('killed here');
    });
    await expect(failing).rejects.toThrow('killed here');
    for (const table of ['person', 'person_token', 'event', 'audit_entry'] as const)
      expect(await world.count(table)).toBe(0);
  });

  it('name fields and hold no values in the audit log', async () => {
    const [id = ''] = await world.add('Ana Silva');
    await world.apply([updating(id, { firstName: 'Anaïs', attributes: { salary: 'canary-4711' } })]);
    const [entry] = await world.query<{ text: string }>(
      'SELECT detail::text AS text FROM audit_entry ORDER BY seq DESC LIMIT 1',
    );
    expect(entry?.text).toContain('firstName');
    expect(entry?.text).not.toMatch(/Anaïs|canary/);
  });

  it('G-03 cannot be changed or taken away by the application', async () => {
    await world.add('Ana Silva');
    for (const statement of [
      'UPDATE audit_entry SET action = $1',
      'DELETE FROM audit_entry WHERE action <> $1',
      'DELETE FROM event WHERE type <> $1',
    ]) {
      await expect(world.query(statement, ['x'])).rejects.toThrow('permission denied');
    }
  });
});

describe('applying twice', () => {
  it('is the same as once, for each kind of change', async () => {
    const add = adding('Ana Silva');
    await world.apply([add]);
    const later: Change[] = [
      updating(add.personId, { firstName: 'Anna' }, 1),
      archiving(add.personId),
      restoring(add.personId),
    ];
    for (const change of later) expect(await world.apply([change])).toEqual(['applied']);
    const before = await world.person(add.personId);
    for (const change of [add, ...later]) expect(await world.apply([change])).toEqual(['already_applied']);
    expect(await world.person(add.personId)).toEqual(before);
    expect(await world.count('event')).toBe(4);
  });

  it('in one batch tells of it once', async () => {
    const add = adding('Ana Silva');
    expect(await world.apply([add, add])).toEqual(['applied', 'applied']);
    expect(await world.count('event')).toBe(1);
  });
});

describe('A-16 a change decided on another version', () => {
  it('is stale, and keeps nobody else from theirs', async () => {
    const [ana = '', bo = ''] = await world.add('Ana Silva', 'Bo Berg');
    expect(await world.apply([updating(ana, { firstName: 'X' }, 7), updating(bo, { firstName: 'Y' }, 1)])).toEqual([
      'stale',
      'applied',
    ]);
    expect(await world.person(ana)).toMatchObject({ firstName: 'Ana', version: 1 });
    expect(await world.person(bo)).toMatchObject({ firstName: 'Y', version: 2 });
  });

  it('loses to the first of two who edit at once, twenty times over', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    for (let round = 1; round <= 20; round += 1) {
      const results = await Promise.all(
        ['one', 'two'].map((name) => world.apply([updating(ana, { firstName: `${name}${round}` }, round)])),
      );
      expect(results.flat().sort()).toEqual(['applied', 'stale']);
    }
    expect(await world.count('event')).toBe(21);
  });

  it('two changes of one person in a batch follow each other', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    expect(await world.apply([updating(ana, { firstName: 'A' }, 1), updating(ana, { lastName: 'B' }, 2), updating(ana, { lastName: 'C' }, 2)])).toEqual(['applied', 'applied', 'stale']); // prettier-ignore
  });

  it('is stale when the team, the position or the manager is gone, or the person unknown', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    const gone = newId();
    const changes = [
      updating(ana, { teamId: gone }),
      updating(newId(), { firstName: 'X' }),
      adding('Bo Berg', { managerId: gone }),
      adding('Cy Carl'),
    ];
    expect(await world.apply(changes)).toEqual(['stale', 'stale', 'stale', 'applied']);
  });
});

describe('addresses', () => {
  it('of somebody who is not archived are taken, in the batch too', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    const [bo = ''] = await world.add('Bo Berg');
    const changes = [
      adding('Ana Silva'),
      readdressing(bo, 'Ana.Silva@example.com'),
      adding('New One'),
      adding('New One'),
    ];
    expect(await world.apply(changes)).toEqual(['address_taken', 'address_taken', 'applied', 'address_taken']);
    expect((await world.person(ana)).emailCanonical).toBe('ana.silva@example.com');
    expect(await world.count('event')).toBe(3);
  });

  it('row 16: the former one is kept as history, and is free', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    await world.apply([readdressing(ana, 'Ana.Costa@example.com')]);
    expect(await world.query('SELECT person_id, email FROM former_address')).toEqual([
      { personId: ana, email: 'ana.silva@example.com' },
    ]);
    expect(await world.apply([adding('Ana Silva')])).toEqual(['applied']);
  });

  it.each([2, 3, 50])('row 18: %i people in a ring exchange theirs in one batch', async (size) => {
    const ids = await world.add(...Array.from({ length: size }, (_, index) => `P${index} Ring`));
    const before = await Promise.all(ids.map((id) => world.person(id)));
    const moved = ids.map((id, index) => readdressing(id, before[(index + 1) % size]?.email ?? ''));
    expect(new Set(await world.apply(moved))).toEqual(new Set(['applied']));
    const after = await Promise.all(ids.map((id) => world.person(id)));
    expect(after.map((one) => one.email)).toEqual(before.map((_, index) => before[(index + 1) % size]?.email));
  });

  it('row 18: a ring with somebody who may not move changes nobody in it', async () => {
    const [a = '', b = '', c = ''] = await world.add('A Ring', 'B Ring', 'C Ring');
    const stale = { ...readdressing(c, 'a.ring@example.com'), expectedVersion: 9 };
    expect(await world.apply([readdressing(a, 'b.ring@example.com'), readdressing(b, 'c.ring@example.com'), stale])).toEqual(['address_taken', 'address_taken', 'stale']); // prettier-ignore
    expect(await world.count('event')).toBe(3);
  });

  it('that a leaver or a mover gives up are a joiner’s in the same batch', async () => {
    const [ana = '', bo = ''] = await world.add('Ana Silva', 'Bo Berg');
    const batch = [adding('Ana Silva'), archiving(ana), adding('Bo Berg'), readdressing(bo, 'bo.b@example.com')];
    expect(await world.apply(batch)).toEqual(['applied', 'applied', 'applied', 'applied']);
  });

  it('row 19: somebody who comes back does not get an address that is another’s now', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    await world.apply([archiving(ana)]);
    await world.add('Ana Silva');
    expect(await world.apply([restoring(ana)])).toEqual(['address_taken']);
    const other = { ...restoring(ana), after: { email: 'ana2@example.com', emailCanonical: 'ana2@example.com' } };
    expect(await world.apply([other])).toEqual(['applied']);
  });

  it('A-16 go to one of many who want the same at once, fifty times over', async () => {
    const ids = await world.add(...Array.from({ length: 4 }, (_, index) => `W${index} Want`));
    for (let round = 0; round < 50; round += 1) {
      const address = `wanted${round}@example.com`;
      const wanting = ids.map((id) => world.apply([readdressing(id, address)]));
      const joining = world.apply([adding('Some Body', { email: address })]);
      const results = (await Promise.all([...wanting, joining])).flat();
      expect(results.filter((result) => result === 'applied')).toHaveLength(1);
      expect(results.filter((result) => result === 'address_taken')).toHaveLength(4);
    }
  });
});

describe('S-11 archive reasons are a set', () => {
  const SOURCES: ArchiveReason[] = ['directory', 'scim', 'csv', 'admin'];
  const combinations = Array.from({ length: 16 }, (_, bits) => SOURCES.filter((_source, bit) => bits & (1 << bit)));

  it.each(combinations.map((reasons) => [reasons.join('+') || 'none', reasons] as const))(
    'with %s standing, each source clears its own alone and the state derives',
    async (_name, reasons) => {
      const [id = ''] = await world.add('Ana Silva');
      for (const reason of reasons) expect(await world.apply([archiving(id, reason)])).toEqual(['applied']);
      expect((await world.person(id)).state).toBe(reasons.length > 0 ? 'archived' : 'active');
      for (const [index, reason] of reasons.entries()) {
        expect(await world.apply([archiving(id, reason)])).toEqual(['stale']);
        expect(await world.apply([restoring(id, reason)])).toEqual(['applied']);
        const left = reasons.slice(index + 1);
        expect(await world.person(id)).toMatchObject({
          archiveReasons: [...left].sort(),
          state: left.length > 0 ? 'archived' : 'active',
        });
      }
      expect(await world.apply([restoring(id, 'directory')])).toEqual(['stale']);
    },
  );

  it('an admin’s restore clears all', async () => {
    const [id = ''] = await world.add('Ana Silva');
    for (const reason of SOURCES) await world.apply([archiving(id, reason)]);
    expect(await world.apply([restoring(id, 'all')], BY_ADMIN)).toEqual(['applied']);
    expect(await world.person(id)).toMatchObject({ state: 'active', archiveReasons: [], archivedAt: null });
  });

  it('the events say what happened: one archived, one restored, updates between', async () => {
    const [id = ''] = await world.add('Ana Silva');
    await world.apply([archiving(id, 'directory')]);
    await world.apply([archiving(id, 'admin')]);
    await world.apply([restoring(id, 'directory')]);
    await world.apply([restoring(id, 'admin')]);
    const types = await world.query<{ type: string }>('SELECT type FROM event ORDER BY seq');
    expect(types.map(({ type }) => type)).toEqual([
      'person.added',
      'person.archived',
      'person.updated',
      'person.updated',
      'person.restored',
    ]);
  });
});

describe('leaving', () => {
  it('promise 1: ends the API keys of the person in the same transaction, and nobody else’s', async () => {
    const [ana = '', bo = ''] = await world.add('Ana Silva', 'Bo Berg');
    const insert = `INSERT INTO api_key (organisation_id, id, name, lookup, digest, scopes, networks, person_id, created_by, expires_at)
      VALUES ($1, $2::uuid, 'k', $2::uuid::text, '\\x00', '{}', '{}', $3, '{}', now() + interval '1 day')`;
    for (const person of [ana, bo]) await world.query(insert, [world.organisationId, newId(), person]);
    await world.apply([archiving(ana)]);
    const keys = await world.query<{ personId: string; revokedAt: Date | null }>(
      'SELECT person_id, revoked_at FROM api_key',
    );
    expect(keys.find((key) => key.personId === ana)?.revokedAt).toEqual(clock.now());
    expect(keys.find((key) => key.personId === bo)?.revokedAt).toBeNull();
  });

  it('of a manager is told, with how many people need another, until none does', async () => {
    const [ana = ''] = await world.add('Ana Silva');
    const reports = await world.add(
      ...Array.from({ length: 7 }, (_, i): [string, object] => [`R${i} Port`, { managerId: ana }]),
    );
    const notices = () => world.query<{ message: string; mended: boolean }>(`SELECT message, mended_at IS NOT NULL AS mended FROM notice WHERE kind = 'manager_left'`); // prettier-ignore
    await world.apply([archiving(ana)]);
    expect(await notices()).toEqual([{ message: 'Ana Silva left: seven people need a manager.', mended: false }]);
    const [next = ''] = await world.add('Ned New');
    await world.apply(reports.slice(1).map((id) => updating(id, { managerId: next })));
    expect(await notices()).toEqual([{ message: 'Ana Silva left: one person needs a manager.', mended: false }]);
    await world.apply([archiving(reports[0] ?? '')]);
    expect(await notices()).toMatchObject([{ mended: true }]);
  });

  it('S-10, S-22: who comes back by the directory, or is relinked, is no admin', async () => {
    const [ana = '', bo = ''] = await world.add(
      ['Ana Silva', { isAdmin: true }],
      ['Bo Berg', { isAdmin: true }],
      ['Keeper', { isAdmin: true }],
    );
    await world.apply([archiving(ana)]);
    await world.apply([restoring(ana), { ...updating(bo, {}), kind: 'relink' }]);
    expect([(await world.person(ana)).isAdmin, (await world.person(bo)).isAdmin]).toEqual([false, false]);
  });
});

describe('row 10: protected people', () => {
  it('are never archived by a sync or an undo; an admin can', async () => {
    const [ana = '', bo = ''] = await world.add(
      ['Ana Silva', { isProtected: true }],
      ['Bo Berg', { isProtected: true }],
    );
    expect(await world.apply([archiving(ana), archiving(bo, 'undo')])).toEqual(['protected', 'protected']);
    expect(await world.apply([archiving(ana, 'scim')])).toEqual(['protected']);
    expect(await world.apply([archiving(ana, 'admin')], BY_ADMIN)).toEqual(['applied']);
    expect((await world.person(bo)).state).toBe('active');
  });
});

describe('S-13 the last active admin', () => {
  const demote = (id: string): Change => updating(id, { isAdmin: false });
  const pend = (id: string): Change => updating(id, { state: 'pending' });

  it.each([
    ['archived by a sync', (id: string) => archiving(id), BY_SYNC],
    ['archived by an admin', (id: string) => archiving(id, 'admin'), BY_ADMIN],
    ['demoted', demote, BY_ADMIN],
    ['made pending', pend, BY_ADMIN],
    ['relinked', (id: string): Change => ({ ...updating(id, {}), kind: 'relink' }), BY_SYNC],
  ])('is never %s', async (_name, change, by) => {
    const [ana = ''] = await world.add(['Ana Silva', { isAdmin: true }], 'Bo Berg', [
      'Cy Pending',
      { isAdmin: true, state: 'pending' },
    ]);
    expect(await world.apply([change(ana)], by)).toEqual(['protected']);
    expect(await world.person(ana)).toMatchObject({ state: 'active', isAdmin: true });
  });

  it('stays when a batch would end all of them', async () => {
    const ids = await world.add(
      ...Array.from({ length: 5 }, (_, i): [string, object] => [`A${i} Admin`, { isAdmin: true }]),
    );
    expect(await world.apply(ids.map((id) => archiving(id)))).toEqual([
      ...Array<string>(4).fill('applied'),
      'protected',
    ]);
  });

  it('stays when the last two are ended at once, five hundred times over', async () => {
    const ways = [demote, archiving, (id: string) => archiving(id, 'admin'), pend];
    for (let round = 0; round < 500; round += 1) {
      const fresh = new PeopleWorld(db.database, await insertOrganisation(db.database), clock);
      const [ana = '', bo = ''] = await fresh.add(['Ana Silva', { isAdmin: true }], ['Bo Berg', { isAdmin: true }]);
      const results = await Promise.all([
        fresh.apply([ways[round % 4]?.(ana) ?? demote(ana)]),
        fresh.apply([ways[(round >> 2) % 4]?.(bo) ?? demote(bo)]),
      ]);
      expect(results.flat().sort()).toEqual(['applied', 'protected']);
    }
  });
});

describe('S-12 and settling', () => {
  it('a local change has the person’s records planned again, a sync’s has not', async () => {
    const connection = await insertConnection(db.database, world.organisationId);
    const [ana = '', bo = ''] = await world.add('Ana Silva', 'Bo Berg');
    await recordOf(db.database, world.organisationId, connection, { externalId: 'a', personId: ana });
    await recordOf(db.database, world.organisationId, connection, { externalId: 'b', personId: bo });
    await recordOf(db.database, world.organisationId, connection, {
      externalId: 'c',
      awaitedManager: 'cy@example.com',
    });
    const unsettled = async (): Promise<string[]> =>
      (
        await world.query<{ externalId: string }>(
          'SELECT external_id FROM directory_record WHERE settled_hash IS NULL ORDER BY 1',
        )
      ).map((row) => row.externalId);
    await world.apply([updating(bo, { firstName: 'B' })], BY_SYNC);
    expect(await unsettled()).toEqual([]);
    await world.apply([updating(ana, { isProtected: true })], BY_ADMIN);
    expect(await unsettled()).toEqual(['a']);
    await world.apply([adding('Cy', { email: 'cy@example.com' })], BY_ADMIN);
    expect(await unsettled()).toEqual(['a', 'c']);
  });

  it('T-08 two organisations have the same address, and know nothing of it', async () => {
    const other = new PeopleWorld(db.database, await insertOrganisation(db.database), clock);
    const add = adding('Ana Silva');
    expect(await world.apply([add])).toEqual(['applied']);
    expect(await other.apply([adding('Ana Silva')])).toEqual(['applied']);
    expect(await other.apply([archiving(add.personId)])).toEqual(['stale']);
    expect(await world.person(add.personId)).toMatchObject({ state: 'active', version: 1 });
  });
});

it('a batch of two thousand changes takes as many statements as one of four', async () => {
  const statements = async (size: number): Promise<number> => {
    const ids = await world.add(...Array.from({ length: size }, (_, i) => `P${i} Of${size}`));
    let count = 0;
    await db.database.asOrganisation(world.organisationId, async (tx) => {
      const counting: Tx = {
        query: (text, values) => ((count += 1), tx.query(text, values)),
        one: (text, values) => ((count += 1), tx.one(text, values)),
        maybeOne: (text, values) => ((count += 1), tx.maybeOne(text, values)),
        execute: (text, values) => ((count += 1), tx.execute(text, values)),
        savepoint: (work) => tx.savepoint(() => work(counting)),
      };
      const changes = ids.map((id, index) =>
        index % 2 ? archiving(id) : readdressing(id, `new${index}.${size}@example.com`),
      );
      await world.applyIn(counting, [...changes, ...ids.map((_, i) => adding(`N${i} Of${size}`))]);
    });
    return count;
  };
  const few = await statements(2);
  expect(await statements(1000)).toBe(few);
  expect(few).toBeLessThan(25);
});
