import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PeopleFactsRepository } from '../../src/people/people-facts.repository.js';
import { PeopleFacts } from '../../src/people/people-facts.service.js';
import { RecordsRepository } from '../../src/people/records.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { fillOrganisation } from '../support/many-people.js';
import { scansOf } from '../support/scans.js';

const PEOPLE = 40_000;
/** Rows of a file that are decided together. */
const PAGE = 2_000;

let db: TestDatabase;
let organisationId: string;
beforeAll(async () => {
  db = await openTestDatabase();
  await fillOrganisation(db.database, PEOPLE);
  ({ organisationId } = await fillOrganisation(db.database, PEOPLE));
  await db.database.asMigrate((tx) => tx.script('ANALYZE'));
}, 300_000);
afterAll(() => db.close());

const facts = new PeopleFacts(new PeopleFactsRepository(), new RecordsRepository());
const some = (column: string, n: number): Promise<string[]> =>
  db.database.asOrganisation(organisationId, async (tx) =>
    (await tx.query<{ value: string }>(`SELECT ${column} AS value FROM person ORDER BY id LIMIT $1`, [n])).map(
      ({ value }) => value,
    ),
  );

describe(`a page of a file, with ${PEOPLE} people of two organisations each`, () => {
  it.each([1, PAGE])('finds whom %i addresses belong to, and what directories keep of them', async (n) => {
    const addresses = await some('email_canonical', n);
    const { role, statements, whole } = await scansOf(db, organisationId, ['person', 'directory_record'], (tx) =>
      facts.byAddress(tx, addresses),
    );
    expect([role, statements, whole]).toEqual(['rollcall_app', 2, []]);
  });

  it.each([1, PAGE])('finds namesakes of %i newcomers', async (n) => {
    const names = await some('sort_name', n);
    const { statements, whole } = await scansOf(db, organisationId, ['person'], (tx) => facts.sameNames(tx, names));
    expect([statements, whole]).toEqual([1, []]);
  });
});
