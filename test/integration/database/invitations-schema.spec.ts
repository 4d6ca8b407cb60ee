import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../../src/common/ids.js';
import type { Tx } from '../../../src/database/tx.js';
import { insertOrganisation, openTestDatabase, type TestDatabase } from '../../support/database.js';

const DIGEST = Buffer.alloc(32, 7);

describe('invitations and imports in the database', () => {
  let test: TestDatabase;
  let mine: string;
  let theirs: string;
  let personId: string;
  beforeAll(async () => {
    test = await openTestDatabase();
    mine = await insertOrganisation(test.database);
    theirs = await insertOrganisation(test.database);
    personId = await asMine((tx) => addPerson(tx, 'ada@acme.example'));
  });
  afterAll(() => test.close());

  const asMine = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => test.database.asOrganisation(mine, work);

  async function addPerson(tx: Tx, email: string): Promise<string> {
    const id = newId();
    await tx.execute(
      `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
       VALUES ($1, $2, 'pending', 'manual', $3, $3, $3)`,
      [mine, id, email],
    );
    return id;
  }

  const invite = (tx: Tx, whom: string, organisationId = mine): Promise<number> =>
    tx.execute(
      `INSERT INTO invitation (organisation_id, id, person_id, email_canonical, is_admin, invited_by, inviter_name, language)
       VALUES ($1, $2, $3, 'ada@acme.example', false, '{"kind": "system"}', 'Grace', 'en')`,
      [organisationId, newId(), whom],
    );

  it('T-01: the app role writes and reads its own organisation’s, and no other’s', async () => {
    const importId = newId();
    await asMine(async (tx) => {
      await invite(tx, personId);
      await tx.execute(
        `INSERT INTO import (organisation_id, id, state, name, digest, options, uploaded_by, file_until)
         VALUES ($1, $2, 'uploaded', 'people.csv', $3, '{}', '{}', now())`,
        [mine, importId, DIGEST],
      );
      await tx.execute(
        'INSERT INTO import_chunk (organisation_id, import_id, number, bytes) VALUES ($1, $2, 0, $3)',
        [mine, importId, Buffer.alloc(1_048_576, 44)], // prettier-ignore
      );
      await tx.execute("INSERT INTO mail_settings (organisation_id, language) VALUES ($1, 'pt')", [mine]);
    });
    const seen = (organisationId: string): Promise<unknown[]> =>
      test.database.asOrganisation(organisationId, (tx) =>
        tx.query(
          `SELECT (SELECT count(*)::int FROM invitation) + (SELECT count(*)::int FROM import)
             + (SELECT count(*)::int FROM import_chunk) + (SELECT count(*)::int FROM mail_settings) AS rows`,
        ),
      );
    expect(await seen(mine)).toEqual([{ rows: 4 }]);
    expect(await seen(theirs)).toEqual([{ rows: 0 }]);
    await expect(test.database.asOrganisation(theirs, (tx) => invite(tx, personId, mine))).rejects.toThrow(
      /row-level security/,
    );
    await asMine(async (tx) => {
      expect(await tx.execute('DELETE FROM import_chunk WHERE organisation_id = $1', [mine])).toBe(1);
      expect(await tx.execute("UPDATE import SET state = 'gone' WHERE organisation_id = $1", [mine])).toBe(1);
    });
  });

  it('I-02: one invitation stands for a person, and a further one once it is over', async () => {
    const whom = await asMine((tx) => addPerson(tx, 'bo@acme.example'));
    await asMine((tx) => invite(tx, whom));
    await expect(asMine((tx) => invite(tx, whom))).rejects.toMatchObject({ constraint: 'invitation_open' });
    await asMine((tx) =>
      tx.execute("UPDATE invitation SET closed_at = now(), closed_because = 'revoked' WHERE person_id = $1", [whom]),
    );
    expect(await asMine((tx) => invite(tx, whom))).toBe(1);
  });

  it.each([
    [
      'both accepted and closed',
      "accepted_at = now(), accepted_by = 'link', closed_at = now(), closed_because = 'revoked'",
    ],
    ['closed for no reason', 'closed_at = now()'],
    ['accepted in no way', 'accepted_at = now()'],
    ['sent without an end', "digest = decode(repeat('00', 32), 'hex'), version = 1"],
    ['of a language without texts', "language = 'it'"],
  ])('I-02: no invitation is %s', async (_, set) => {
    const name = /^invitation_/;
    await expect(asMine((tx) => tx.execute(`UPDATE invitation SET ${set}`))).rejects.toMatchObject({
      constraint: expect.stringMatching(name),
    });
  });

  it('the worker sees that invitations wait, never whose; it counts addresses by digest, and sets limits', async () => {
    const asWorker = <T>(work: (tx: Tx) => Promise<T>): Promise<T> => test.database.asWorker(work);
    expect(
      await asWorker((tx) => tx.query('SELECT organisation_id, id, queued_at, not_before, stopped_at FROM invitation')),
    ).not.toEqual([]);
    for (const column of ['email_canonical', 'person_id', 'digest', 'message', 'inviter_name', 'mail_id'])
      await expect(asWorker((tx) => tx.query(`SELECT ${column} FROM invitation`))).rejects.toThrow(/permission denied/);
    await asWorker(async (tx) => {
      await tx.execute('INSERT INTO invited_address (id, digest, at) VALUES ($1, $2, now())', [newId(), DIGEST]);
      expect(await tx.query('SELECT at FROM invited_address WHERE digest = $1', [DIGEST])).toHaveLength(1);
      expect(await tx.execute('DELETE FROM invited_address WHERE at <= now()')).toBe(1);
      expect(
        await tx.execute('UPDATE organisation SET invites_per_hour = 200, invites_per_day = 2000 WHERE id = $1', [
          mine,
        ]),
      ).toBe(1);
    });
    await expect(asWorker((tx) => tx.query('SELECT bytes FROM import_chunk'))).rejects.toThrow(/permission denied/);
    await expect(asWorker((tx) => tx.execute("UPDATE organisation SET name = 'x'"))).rejects.toThrow(
      /permission denied/,
    );
    await expect(asMine((tx) => tx.query('SELECT 1 FROM invited_address'))).rejects.toThrow(/permission denied/);
  });

  it('the bytes of a file are in no backup: they are unlogged', async () => {
    const [row] = await test.database.asMigrate((tx) =>
      tx.query<{ kind: string }>("SELECT relpersistence AS kind FROM pg_class WHERE relname = 'import_chunk'"),
    );
    expect(row).toEqual({ kind: 'u' });
  });

  it('there is one place for the files of an organisation', async () => {
    const place = (tx: Tx): Promise<number> =>
      tx.execute(
        `INSERT INTO connection (organisation_id, id, provider, name, rank, state, settings)
         VALUES ($1, $2, 'csv', 'Files', 0, 'setup', '{}')`,
        [mine, newId()],
      );
    await asMine(place);
    await expect(asMine(place)).rejects.toMatchObject({ code: '23505' });
  });

  it('the end of an organisation takes these with it', async () => {
    await test.database.asMigrate((tx) =>
      tx.execute("UPDATE organisation SET delete_after = now() - interval '1 second' WHERE id = $1", [mine]),
    );
    await test.database.asWorker((tx) => tx.query('SELECT delete_organisation($1)', [mine]));
    const left = await test.database.asMigrate((tx) =>
      tx.query(
        'SELECT organisation_id FROM invitation UNION ALL SELECT organisation_id FROM import UNION ALL SELECT organisation_id FROM mail_settings',
      ),
    );
    expect(left).toEqual([]);
  });
});
