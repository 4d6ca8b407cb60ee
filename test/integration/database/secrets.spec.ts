import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { parseSecretKey } from '../../../src/common/secret-key.js';
import { Secrets } from '../../../src/database/secrets.service.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';

const newKey = () => parseSecretKey(randomBytes(32).toString('base64'), 'test');
const old = newKey();

describe('stored secrets', () => {
  let test: TestDatabase;
  const secrets = new Secrets({ current: old, previous: [] });
  const placeOf = (organisationId: string, rowId = 'row') => ({
    table: 'connection',
    column: 'credentials',
    rowId,
    organisationId,
  });

  beforeAll(async () => {
    test = await openTestDatabase();
  });
  afterAll(() => test.close());

  it('K-01 open where they were sealed, and nowhere else', async () => {
    const one = await insertOrganisation(test.database);
    const other = await insertOrganisation(test.database);
    const sealed = await test.database.asOrganisation(one, (tx) => secrets.seal(tx, placeOf(one), 'canary'));
    await test.database.asOrganisation(other, (tx) => secrets.seal(tx, placeOf(other), 'canary'));
    await expect(test.database.asOrganisation(one, (tx) => secrets.open(tx, placeOf(one), sealed))).resolves.toBe(
      'canary',
    );
    await expect(
      test.database.asOrganisation(one, (tx) => secrets.open(tx, placeOf(one, 'other'), sealed)),
    ).rejects.toMatchObject({ code: 'secret.unreadable' });
    await expect(
      test.database.asOrganisation(other, (tx) => secrets.open(tx, placeOf(other), sealed)),
    ).rejects.toMatchObject({ code: 'secret.unreadable' });
  });

  it('use one data key when several are sealed at once for the first time', async () => {
    const id = await insertOrganisation(test.database);
    const sealed = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        test.database.asOrganisation(id, (tx) => secrets.seal(tx, placeOf(id), `secret ${i}`)),
      ),
    );
    const opened = await test.database.asOrganisation(id, async (tx) => {
      const texts: string[] = [];
      for (const envelope of sealed) texts.push(await secrets.open(tx, placeOf(id), envelope));
      return texts;
    });
    expect(opened).toEqual(sealed.map((_, i) => `secret ${i}`));
  });

  it('still open after a new data key was begun', async () => {
    const id = await insertOrganisation(test.database);
    const [before, after] = await test.database.asOrganisation(id, async (tx) => {
      const first = await secrets.seal(tx, placeOf(id), 'first');
      await secrets.addKey(tx, id);
      const second = await secrets.seal(tx, placeOf(id), 'second');
      return [await secrets.open(tx, placeOf(id), first), await secrets.open(tx, placeOf(id), second)];
    });
    expect([before, after]).toEqual(['first', 'second']);
  });

  it('K-02 open under a new secret key once wrapped anew, and the former key is needed no more', async () => {
    const id = await insertOrganisation(test.database);
    const sealed = await test.database.asOrganisation(id, (tx) => secrets.seal(tx, placeOf(id), 'kept'));
    const current = newKey();
    const both = new Secrets({ current, previous: [old] });
    const onlyNew = new Secrets({ current, previous: [] });
    await expect(onlyNew.assertKnown(test.database)).rejects.toMatchObject({ code: 'secret_key.unknown' });
    expect(await both.rewrap(test.database)).toBeGreaterThan(0);
    expect(await both.rewrap(test.database)).toBe(0);
    await onlyNew.assertKnown(test.database);
    await expect(test.database.asOrganisation(id, (tx) => onlyNew.open(tx, placeOf(id), sealed))).resolves.toBe('kept');
    await expect(test.database.asOrganisation(id, (tx) => secrets.open(tx, placeOf(id), sealed))).rejects.toMatchObject(
      { code: 'secret_key.unknown' },
    );
  });
});
