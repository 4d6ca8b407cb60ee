import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/common/clock.js';
import { newId } from '../../../src/common/ids.js';
import { backup, restore } from '../../../src/database/backup.js';
import type { Database } from '../../../src/database/database.service.js';
import type { Tx } from '../../../src/database/tx.js';
import { openTestDatabase } from '../../support/database.js';
import { makeEverything } from '../../support/everything.js';
import { rowsOf } from '../../support/rows-of.js';
import { startService, type TestService } from '../../support/service.js';

const PERMISSION_DENIED = { code: '42501' };
const A_KEY_IS_MISSING = { code: '23503' };
const A_CHECK_FAILED = { code: '23514' };

const now = new Date('2026-11-22T20:00:00Z');
const later = new Date('2026-11-22T20:30:00Z');
const digest = () => randomBytes(32);

/** Adds a row of the organisation of the transaction. */
function add(tx: Tx, organisationId: string, table: string, columns: Record<string, unknown>): Promise<number> {
  const row = { organisation_id: organisationId, ...columns };
  const names = Object.keys(row);
  return tx.execute(
    `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join(', ')})
     VALUES (${names.map((_, at) => `$${at + 1}`).join(', ')})`,
    Object.values(row),
  );
}

/** One of everything that signing in keeps. */
async function addSignIn(tx: Tx, of: string, person: string): Promise<void> {
  const link = newId();
  const provider = newId();
  const session = { authenticated_at: now, last_used_at: now, ends_at: later, address: '192.0.2.1', user_agent: 'a' };
  await add(tx, of, 'set_up_link', {
    id: link,
    digest: digest(),
    kinds: ['sso'],
    note: 'the IT of the customer',
    made_by: {},
    expires_at: later,
  });
  await add(tx, of, 'session', {
    id: newId(),
    kind: 'person',
    digest: digest(),
    person_id: person,
    strength: 'passkey',
    ...session,
  });
  await add(tx, of, 'session', {
    id: newId(),
    kind: 'set_up',
    digest: digest(),
    set_up_link_id: link,
    strength: 'set_up',
    ...session,
  });
  await add(tx, of, 'sign_in_token', {
    id: newId(),
    kind: 'link',
    person_id: person,
    digest: digest(),
    browser_digest: digest(),
    made_by: {},
    expires_at: later,
  });
  await add(tx, of, 'identity_provider', {
    id: provider,
    preset: 'generic',
    name: 'Ours',
    issuer: 'https://login.acme.example',
    client_id: 'rollcall',
    settings: {},
  });
  await add(tx, of, 'sign_in_attempt', {
    id: newId(),
    identity_provider_id: provider,
    purpose: 'sign_in',
    state_digest: digest(),
    browser_digest: digest(),
    nonce: 'n',
    verifier: digest(),
    issuer: 'https://login.acme.example',
    client_id: 'rollcall',
    redirect_uri: 'https://rollcall.example/',
    return_to: '/',
    expires_at: later,
  });
  const linked = { identity_provider_id: provider, person_id: person, last_used_at: now };
  await add(tx, of, 'identity_link', { subject: 's', linked_by: 'email', ...linked });
  await add(tx, of, 'logout_token_seen', { identity_provider_id: provider, jti: digest(), expires_at: later });
  await add(tx, of, 'passkey', {
    id: newId(),
    person_id: person,
    credential_id: 'c',
    public_key: digest(),
    counter: 0,
    transports: [],
    name: 'Key',
    backed_up: false,
  });
  await add(tx, of, 'break_glass', { person_id: person, made_by: {} });
  await add(tx, of, 'support_session', {
    id: newId(),
    operator_id: newId(),
    operator_name: 'An operator',
    reason: 'asked for',
    started_at: now,
    ends_at: later,
  });
  await add(tx, of, 'mail', { id: newId(), template: 't', cause: 'c', recipient: 'r@acme.example', state: 'waiting' });
  await add(tx, of, 'audit_link', { position: 1, seq: 1, hash: digest() });
  await add(tx, of, 'erasure', { id: newId(), person_id: newId(), because: 'admin', by: {}, counts: {} });
}

describe('the tables of signing in', () => {
  let service: TestService;
  let database: Database;
  let own: string;
  let person: string;

  beforeAll(async () => {
    service = await startService();
    database = service.database;
    own = service.organisation.id;
    person = (await makeEverything(database, service.organisation))['people'] ?? '';
    await database.asOrganisation(own, (tx) => addSignIn(tx, own, person));
  });
  afterAll(() => service.close());

  it.each([
    ['the chain of the audit log is only added to', `UPDATE audit_link SET seq = 2`],
    ['the chain of the audit log is only added to', `DELETE FROM audit_link`],
    ['what was erased stays written', `DELETE FROM erasure`],
    [
      'nobody makes an operator',
      `INSERT INTO operator (organisation_id, person_id, made_by) SELECT organisation_id, id, '{}' FROM person LIMIT 1`,
    ],
    ['nobody looks across organisations', `SELECT people_by_address('x')`],
    ['nobody becomes the installation', `UPDATE organisation SET is_installation = true`],
    ['an organisation does not end itself', `SELECT delete_organisation(id) FROM organisation`],
    ['requests for links are of no organisation', `SELECT FROM link_request`],
    ['challenges are of no organisation', `SELECT FROM passkey_challenge`],
  ])('as the app role, %s: %s', async (_, text) => {
    await expect(database.asOrganisation(own, (tx) => tx.execute(text))).rejects.toMatchObject(PERMISSION_DENIED);
  });

  it.each([
    `SELECT 1 FROM session`,
    `SELECT 1 FROM sign_in_token`,
    `SELECT 1 FROM sign_in_attempt`,
    `SELECT 1 FROM passkey`,
    `SELECT recipient FROM mail`,
    `SELECT body FROM mail`,
    `SELECT issuer FROM identity_provider`,
    `SELECT secret FROM identity_provider`,
    `SELECT token FROM domain`,
    `DELETE FROM operator`,
    `SELECT erase_events('${newId()}')`,
  ])('as the worker, refused: %s', async (text) => {
    await expect(database.asWorker((tx) => tx.execute(text))).rejects.toMatchObject(PERMISSION_DENIED);
  });

  it('the worker finds the people of an address in all organisations, by their ids alone', async () => {
    const { email } = await database.asOrganisation(own, (tx) =>
      tx.one<{ email: string }>(`SELECT email FROM person WHERE id = $1`, [person]),
    );
    const of = (address: string) =>
      database.asWorker((tx) => tx.query(`SELECT * FROM people_by_address($1)`, [address]));
    expect(await of(email)).toEqual([{ organisationId: own, personId: person }]);
    expect(await of('nobody@acme.example')).toEqual([]);
  });

  it('erasing takes the values out of one person’s events, in its own organisation alone', async () => {
    const payload = { changed: { email: 'x' }, kind: 'update' };
    const id = newId();
    await database.asOrganisation(own, (tx) =>
      add(tx, own, 'event', { id, type: 'person.updated', person_id: person, payload }),
    );
    const other = await service.newOrganisation();
    const erase = (organisation: string) =>
      database.asOrganisation(organisation, (tx) => tx.one(`SELECT erase_events($1) AS erased`, [person]));
    const kept = () => database.asOrganisation(own, (tx) => tx.one(`SELECT payload FROM event WHERE id = $1`, [id]));
    expect(await erase(other.id)).toEqual({ erased: 0 });
    expect(await kept()).toEqual({ payload });
    expect(await erase(own)).toEqual({ erased: 1 });
    expect(await kept()).toEqual({ payload: { kind: 'update' } });
  });

  it('operators are people of the installation’s own organisation alone, and there is one such organisation', async () => {
    const make = (organisation: string, who: string) =>
      database.asWorker((tx) => add(tx, organisation, 'operator', { person_id: who, made_by: {} }));
    await expect(make(own, person)).rejects.toMatchObject(A_KEY_IS_MISSING);
    const installation = await service.newOrganisation();
    const staff = (await makeEverything(database, installation))['people'] ?? '';
    const choose = (organisation: string) =>
      database.asMigrate((tx) =>
        tx.execute(`UPDATE organisation SET is_installation = true WHERE id = $1`, [organisation]),
      );
    await choose(installation.id);
    expect(await make(installation.id, staff)).toBe(1);
    await expect(choose(own)).rejects.toMatchObject({ code: '23505' });
  });

  it.each([
    ['a session of nobody', 'session', { kind: 'person', strength: 'passkey' }],
    ['a support session of a day', 'support_session', {}],
    ['a set-up link for anything', 'set_up_link', { kinds: ['people'] }],
    ['an active provider that was never tested', 'identity_provider', { state: 'active' }],
  ])('O-33 the database takes no %s', async (_, table, columns) => {
    const whole: Record<string, Record<string, unknown>> = {
      session: {
        digest: digest(),
        authenticated_at: now,
        last_used_at: now,
        ends_at: later,
        address: '192.0.2.1',
        user_agent: 'a',
      },
      support_session: {
        operator_id: newId(),
        operator_name: 'An operator',
        reason: 'asked for',
        started_at: now,
        ends_at: new Date(now.getTime() + 24 * 60 * 60 * 1000),
      },
      set_up_link: { digest: digest(), note: '', made_by: {}, expires_at: later },
      identity_provider: { preset: 'generic', name: 'n', issuer: 'https://i', client_id: 'c', settings: {} },
    };
    await expect(
      database.asOrganisation(own, (tx) => add(tx, own, table, { id: newId(), ...whole[table], ...columns })),
    ).rejects.toMatchObject(A_CHECK_FAILED);
  });

  it('a restore brings nobody back in: sessions and set-up links are ended, what was good once is not there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-sign-in-'));
    const into = await openTestDatabase();
    try {
      const file = join(folder, 'whole.backup');
      await backup(database, systemClock, file);
      await restore(into.database, file);
      const kept = await into.database.asOrganisation(own, async (tx) => ({
        sessions: await tx.query('SELECT DISTINCT ended_because, ended_at IS NOT NULL AS ended FROM session'),
        links: await tx.query('SELECT DISTINCT revoked_by, revoked_at IS NOT NULL AS revoked FROM set_up_link'),
        once: await tx.one(
          'SELECT (SELECT count(*)::int FROM sign_in_token) AS tokens, (SELECT count(*)::int FROM sign_in_attempt) AS attempts',
        ),
        passkeys: await tx.query(`SELECT name FROM passkey WHERE name = 'Key'`),
      }));
      expect(kept).toEqual({
        sessions: [{ endedBecause: 'restored', ended: true }],
        links: [{ revokedBy: { kind: 'system' }, revoked: true }],
        once: { tokens: 0, attempts: 0 },
        passkeys: [{ name: 'Key' }],
      });
    } finally {
      await into.close();
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  it('G-08 an organisation ends after its time, whole, and takes nothing of another with it', async () => {
    const doomed = await service.newOrganisation();
    const who = (await makeEverything(database, doomed))['people'] ?? '';
    await database.asOrganisation(doomed.id, (tx) => addSignIn(tx, doomed.id, who));
    const end = () => database.asWorker((tx) => tx.execute(`SELECT delete_organisation($1)`, [doomed.id]));
    await expect(end()).rejects.toMatchObject({ code: '55000' });
    const before = await rowsOf(database, own);
    await database.asOrganisation(doomed.id, (tx) =>
      tx.execute(`UPDATE organisation SET delete_after = now() - interval '1 second'`),
    );
    await end();
    const left = await rowsOf(database, doomed.id);
    expect(Object.entries(left).filter(([, rows]) => !rows.startsWith('0 '))).toEqual([]);
    expect(await rowsOf(database, own)).toEqual(before);
  });
});
