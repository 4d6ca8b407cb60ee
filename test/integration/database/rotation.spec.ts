import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { parseSecretKey } from '../../../src/common/secret-key.js';
import type { Database } from '../../../src/database/database.service.js';
import { Secrets } from '../../../src/database/secrets.service.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';

const ORGANISATIONS = 12;
const newKey = () => parseSecretKey(randomBytes(32).toString('base64'), 'test');

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const placeOf = (organisationId: string) => ({
  table: 'connection',
  column: 'credentials',
  rowId: organisationId,
  organisationId,
});

/** The database, to a process that is killed before its n-th organisation. */
function dyingAt(database: Database, call: number): Database {
  let calls = 0;
  const dying = Object.create(database) as Database;
  dying.asOrganisation = (...given) => {
    calls += 1;
    return calls === call ? Promise.reject(new Error('killed')) : database.asOrganisation(...given);
  };
  return dying;
}

describe('K-02 rotation of the secret key', () => {
  it('broken off anywhere and begun again ends, and whatever was sealed opens at every moment', async () => {
    const [before, after] = [newKey(), newKey()];
    const old = new Secrets({ current: before, previous: [] });
    // Instances are given the new key first, then made to use it: at no moment one of them is without.
    const running = new Secrets({ current: before, previous: [after] });
    const rotating = new Secrets({ current: after, previous: [before] });
    const sealed = new Map<string, Buffer>();
    for (let at = 0; at < ORGANISATIONS; at += 1) {
      const id = await insertOrganisation(test.database);
      sealed.set(id, await test.database.asOrganisation(id, (tx) => old.seal(tx, placeOf(id), `secret of ${id}`)));
    }
    const allOpen = async (by: Secrets): Promise<void> => {
      for (const [id, envelope] of sealed) {
        const text = await test.database.asOrganisation(id, (tx) => by.open(tx, placeOf(id), envelope));
        expect(text).toBe(`secret of ${id}`);
      }
    };
    for (const call of [1, 2, 5, 3]) {
      await expect(rotating.rewrap(dyingAt(test.database, call))).rejects.toThrow('killed');
      await allOpen(running);
      await allOpen(rotating);
    }
    await Promise.all([rotating.rewrap(test.database), rotating.rewrap(test.database), allOpen(running)]);
    const onlyNew = new Secrets({ current: after, previous: [] });
    await onlyNew.assertKnown(test.database);
    await allOpen(onlyNew);
    await expect(allOpen(old)).rejects.toMatchObject({ code: 'secret_key.unknown' });
    await expect(old.assertKnown(test.database)).rejects.toMatchObject({ code: 'secret_key.unknown' });
  });

  it('new secrets that are sealed meanwhile open with the new key alone', async () => {
    const [before, after] = [newKey(), newKey()];
    const rotating = new Secrets({ current: after, previous: [before] });
    const old = new Secrets({ current: before, previous: [] });
    const id = await insertOrganisation(test.database);
    await test.database.asOrganisation(id, (tx) => old.seal(tx, placeOf(id), 'first'));
    const late = await test.database.asOrganisation(id, (tx) => rotating.seal(tx, placeOf(id), 'late'));
    await test.database.asOrganisation(id, (tx) => rotating.addKey(tx, id));
    const { count } = await test.database.asOrganisation(id, (tx) =>
      tx.one<{ count: number }>(`SELECT count(*)::int AS count FROM data_key WHERE secret_key_id = $1`, [after.id]),
    );
    expect(count).toBe(1);
    await rotating.rewrap(test.database);
    const onlyNew = new Secrets({ current: after, previous: [] });
    const text = await test.database.asOrganisation(id, (tx) => onlyNew.open(tx, placeOf(id), late));
    expect(text).toBe('late');
  });
});
