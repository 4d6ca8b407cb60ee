import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../../src/common/clock.js';
import { newId } from '../../../src/common/ids.js';
import { PeopleFactsRepository } from '../../../src/people/people-facts.repository.js';
import { nameOf, PeopleFacts } from '../../../src/people/people-facts.service.js';
import { RecordsRepository } from '../../../src/people/records.repository.js';
import type { FilePerson } from '../../../src/sync/file-rows.types.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';
import { insertConnection, PeopleWorld, recordOf } from '../../support/people.js';

let db: TestDatabase;
let world: PeopleWorld;
const facts = new PeopleFacts(new PeopleFactsRepository(), new RecordsRepository());
const clock = new ManualClock('2026-03-01T08:00:00Z');

beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  world = new PeopleWorld(db.database, await insertOrganisation(db.database), clock);
});

async function insert(email: string, columns: Record<string, unknown> = {}): Promise<string> {
  const row: Record<string, unknown> = { state: 'active', origin: 'manual', sort_name: email, ...columns };
  const id = newId();
  const names = Object.keys(row);
  await db.database.asOrganisation(world.organisationId, (tx) =>
    tx.execute(
      `INSERT INTO person (organisation_id, id, email, email_canonical, ${names.join(', ')})
       VALUES ($1, $2, $3, $3, ${names.map((_, at) => `$${at + 4}`).join(', ')})`,
      [world.organisationId, id, email, ...Object.values(row)],
    ),
  );
  return id;
}

/** The directory has them no more. */
const leave = (externalId: string): Promise<number> =>
  db.database.asOrganisation(world.organisationId, (tx) =>
    tx.execute("UPDATE directory_record SET gone_at = now(), gone_because = 'deleted' WHERE external_id = $1", [
      externalId,
    ]),
  );

const byAddress = (...addresses: string[]): Promise<Map<string, FilePerson>> =>
  db.database.asOrganisation(world.organisationId, (tx) => facts.byAddress(tx, addresses));

const ARCHIVED = { state: 'archived', archive_reasons: '{directory}', archived_from: 'active' };

describe('who has an address', () => {
  it('is the one who is not archived, else who was archived last, and nobody who was erased', async () => {
    await insert('a@acme.example', { ...ARCHIVED, archived_at: '2026-01-01' });
    const living = await insert('a@acme.example');
    await insert('b@acme.example', { ...ARCHIVED, archived_at: '2026-01-01' });
    const last = await insert('b@acme.example', { ...ARCHIVED, archived_at: '2026-02-01', archived_from: 'pending' });
    await insert('c@acme.example', { ...ARCHIVED, archived_at: '2026-02-01', erased_at: '2026-02-02' });
    const found = await byAddress('a@acme.example', 'b@acme.example', 'c@acme.example', 'd@acme.example');
    expect([...found].map(([address, { id, archivedFrom }]) => [address, id, archivedFrom]).sort()).toEqual([
      ['a@acme.example', living, null],
      ['b@acme.example', last, 'pending'],
    ]);
  });

  it('T-01 is nobody of another organisation', async () => {
    await insert('a@acme.example');
    const other = await insertOrganisation(db.database);
    expect(
      await db.database.asOrganisation(other, (tx) => facts.byAddress(tx, ['a@acme.example'])),
    ).toEqual(new Map()); // prettier-ignore
  });

  it('has the fields that a directory keeps in step, by the mapping of the connection', async () => {
    const settings = { mapping: { firstName: 'given', department: 'dep', title: 'job' } };
    const connection = await insertConnection(db.database, world.organisationId, 1, settings);
    const [kept, gone] = [await insert('a@acme.example'), await insert('b@acme.example')];
    await insert('c@acme.example');
    const body = { firstName: 'Ana', department: null, title: 'Lead' };
    await recordOf(db.database, world.organisationId, connection, { externalId: 'a', personId: kept, body });
    await recordOf(db.database, world.organisationId, connection, {
      externalId: 'b',
      personId: gone,
      body,
    });
    await leave('b');
    const found = await byAddress('a@acme.example', 'b@acme.example', 'c@acme.example');
    const managed = (address: string): string[] => [...(found.get(address)?.managed ?? ['nobody'])].sort();
    expect([managed('a@acme.example'), managed('b@acme.example'), managed('c@acme.example')]).toEqual([
      ['firstName', 'position', 'team'],
      [],
      [],
    ]);
  });

  it('stays archived while the directory that did it lists them, and for that reason alone', async () => {
    const connection = await insertConnection(db.database, world.organisationId, 1);
    const cases: [string, string, boolean, boolean][] = [
      ['a@acme.example', '{directory}', false, true],
      ['b@acme.example', '{directory}', true, false],
      ['c@acme.example', '{admin}', false, false],
      ['d@acme.example', '{admin,scim}', false, true],
    ];
    for (const [email, reasons, isGone] of cases) {
      const personId = await insert(email, { ...ARCHIVED, archive_reasons: reasons, archived_at: '2026-02-01' });
      await recordOf(db.database, world.organisationId, connection, { externalId: email, personId });
      if (isGone) await leave(email);
    }
    const found = await byAddress(...cases.map(([email]) => email));
    for (const [email, , , keeps] of cases)
      expect([email, found.get(email)?.directoryKeepsArchived]).toEqual([email, keeps]);
  });
});

it('a name that somebody here has is known, however it is written', async () => {
  await insert('a@acme.example', { first_name: 'Zoë', last_name: 'King', sort_name: nameOf('Zoë', 'King') });
  await insert('b@acme.example', { ...ARCHIVED, archived_at: '2026-02-01', sort_name: nameOf('Bo', 'Berg') });
  const asked = [nameOf('ZOE\u0308', 'king '), nameOf('Bo', 'Berg'), nameOf(null, null)];
  const found = await db.database.asOrganisation(world.organisationId, (tx) => facts.sameNames(tx, asked));
  expect([...found]).toEqual([nameOf('Zoë', 'King')]);
});
