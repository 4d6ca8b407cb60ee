import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { OrganisationDeletion } from '../../src/organisations/organisation-deletion.service.js';
import { makeEverything } from '../support/everything.js';
import { rowsOf } from '../support/rows-of.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_DAY = 24 * 3_600_000;
const ORGANISATIONS = '/api/v1/operator/organisations';

let service: TestService;
let deletion: OrganisationDeletion;
let operator: Awaited<ReturnType<TestService['operator']>>;
beforeAll(async () => {
  service = await startService();
  deletion = service.app.get(OrganisationDeletion, { strict: false });
  operator = await service.operator();
});
afterAll(() => service.close());

const within = <T>(of: TestOrganisation, work: (tx: Tx) => Promise<T>): Promise<T> =>
  service.database.asOrganisation(of.id, work);
const ask = (of: TestOrganisation, slug = of.slug) =>
  operator.api<{ deleteAfter: string }>('POST', `${ORGANISATIONS}/${of.id}/deletion`, { slug });
/** As if seven days had passed by every clock. */
const elapse = (of: TestOrganisation): Promise<number> =>
  within(of, (tx) => tx.execute(`UPDATE organisation SET delete_after = clock_timestamp() - interval '1 ms'`));

describe('G-08 an organisation', () => {
  it('is deleted by an operator who has just signed in and types its name, seven days later', async () => {
    const of = await service.newOrganisation();
    expect((await ask(of, 'acme')).body).toMatchObject({ code: 'organisation.deletion_unconfirmed' });
    const stale = await service.operator({ authenticatedAt: new Date(Date.now() - 11 * 60_000) });
    expect((await stale.api('POST', `${ORGANISATIONS}/${of.id}/deletion`, { slug: of.slug })).body).toMatchObject({
      code: 'session.reauthentication_needed',
    });
    const admin = await service.session({ organisationId: of.id });
    expect((await admin.api('POST', `${ORGANISATIONS}/${of.id}/deletion`, { slug: of.slug })).status).toBe(403);
    const before = Date.now();
    const asked = await ask(of);
    const deleteAfter = Date.parse(asked.body.deleteAfter);
    expect(deleteAfter).toBeGreaterThanOrEqual(before + 7 * A_DAY);
    expect(deleteAfter).toBeLessThanOrEqual(Date.now() + 7 * A_DAY);
    expect((await ask(of)).body.deleteAfter).toBe(asked.body.deleteAfter);
    await deletion.deleteDue();
    expect((await of.api('GET', '/api/v1/organisation')).status).toBe(200);
  });

  it('is closed at once: nobody is signed in, nobody is helped, nothing leads there', async () => {
    const of = await service.newOrganisation();
    const person = await service.session({ organisationId: of.id });
    await service.app.get(DomainsService, { strict: false }).verifyAsOperator(of.id, 'closing.example', 'a test');
    await ask(of);
    expect((await person.api('GET', '/api/v1/organisation')).status).toBe(401);
    expect((await person.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    const support = { organisationId: of.id, reason: 'to look at a sync' };
    expect((await operator.api('POST', '/api/v1/operator/support', support)).body).toMatchObject({
      code: 'organisation.deleting',
    });
    const admin = { email: 'a@closing.example' };
    expect((await operator.api('POST', `${ORGANISATIONS}/${of.id}/first-admin`, admin)).body).toMatchObject({
      code: 'organisation.deleting',
    });
  });

  it('takes what programs write until its day, and afterwards says what has become of it', async () => {
    const of = await service.newOrganisation();
    await ask(of);
    const add = (email: string) => of.api('POST', '/api/v1/people', { email });
    expect((await add('before@x.example')).status).toBe(201);
    await elapse(of);
    const after = [
      await add('after@x.example'),
      await of.api('POST', '/api/v1/teams', { name: 'Late' }),
      await of.api('PATCH', '/api/v1/organisation', { name: 'Late' }),
      await of.api('POST', '/api/v1/api-keys', { name: 'late', scopes: ['people:read'] }),
    ];
    expect(after.map(({ status, body }) => [status, body])).toEqual(
      after.map(() => [409, expect.objectContaining({ code: 'organisation.deleting' })]),
    );
    expect((await of.api('GET', '/api/v1/people')).status).toBe(200);
    await deletion.deleteDue();
    expect((await add('gone@x.example')).status).toBe(401);
  });

  it('is kept when somebody thinks again, and open as before', async () => {
    const of = await service.newOrganisation();
    await ask(of);
    const kept = await operator.api('DELETE', `${ORGANISATIONS}/${of.id}/deletion`);
    expect(kept.body).toMatchObject({ deleteAfter: null });
    const person = await service.session({ organisationId: of.id });
    expect((await person.api('GET', '/api/v1/organisation')).status).toBe(200);
    const actions = await within(of, (tx) =>
      tx.query<{ action: string }>(`SELECT action FROM audit_entry WHERE action ~ 'deletion' ORDER BY seq`),
    );
    expect(actions.map(({ action }) => action)).toEqual([
      'organisation.deletion_asked',
      'organisation.deletion_stopped',
    ]);
  });

  it('goes whole, and takes no row of another with it', async () => {
    const [of, other] = [await service.newOrganisation(), await service.newOrganisation()];
    await makeEverything(service.database, of);
    await makeEverything(service.database, other);
    await service.session({ organisationId: of.id });
    await ask(of);
    await elapse(of);
    const before = await rowsOf(service.database, other.id);
    expect(await deletion.deleteDue()).toBe(1);
    const left = await rowsOf(service.database, of.id);
    expect(Object.entries(left).filter(([, rows]) => !rows.startsWith('0 '))).toEqual([]);
    expect(await rowsOf(service.database, other.id)).toEqual(before);
    expect((await of.api('GET', '/api/v1/organisation')).status).toBe(401);
    expect(await deletion.deleteDue()).toBe(0);
    const [entry] = await service.database.asOrganisation(operator.organisationId, (tx) =>
      tx.query(`SELECT subject_id FROM audit_entry WHERE action = 'organisation.deleted' ORDER BY seq DESC LIMIT 1`),
    );
    expect(entry).toEqual({ subjectId: of.id });
  });

  it('the installation’s own never goes', async () => {
    const asked = await operator.api('POST', `${ORGANISATIONS}/${operator.organisationId}/deletion`, { slug: 'x' });
    expect(asked.status).toBe(404);
  });
});

describe('what is written while an organisation ends', () => {
  const WRITES = {
    person: `INSERT INTO person (organisation_id, id, state, origin, email, email_canonical, sort_name)
             VALUES ($1, $2, 'active', 'manual', 'late@x.example', 'late@x.example', 'late')`,
    event: `INSERT INTO event (organisation_id, id, type, person_id, payload) VALUES ($1, $2, 'person.created', $2, '{}')`,
    audit_entry: `INSERT INTO audit_entry (organisation_id, action, actor, subject_kind, subject_id, outcome, detail)
                  VALUES ($1, 'late', '{"kind":"system"}', 'x', $2::uuid::text, 'done', '{}')`,
  };

  it('every table is tied to its organisation by a key, or written to before its end alone', async () => {
    const untied = await service.database.asMigrate((tx) =>
      tx.query<{ name: string }>(
        `WITH RECURSIVE guarded AS (
           SELECT ('public.' || quote_ident(tablename))::regclass::oid AS id FROM pg_policies
            WHERE policyname = 'own' AND with_check LIKE '%delete_after%'
         ), tied AS (
           SELECT c.oid AS id FROM pg_class c WHERE c.oid = 'organisation'::regclass OR c.oid IN (SELECT guarded.id FROM guarded)
           UNION SELECT c.conrelid FROM pg_constraint c JOIN tied ON tied.id = c.confrelid
                  WHERE c.contype = 'f' AND NOT EXISTS (SELECT FROM pg_attribute a
                    WHERE a.attrelid = c.conrelid AND a.attnum = ANY(c.conkey) AND NOT a.attnotnull))
         SELECT c.relname AS name FROM pg_class c JOIN pg_policies p ON p.tablename = c.relname AND p.policyname = 'own'
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.oid NOT IN (SELECT id FROM tied)`,
      ),
    );
    expect(untied).toEqual([]);
  });

  it('and the end waits for whoever writes to those', async () => {
    const guarded = await service.database.asMigrate((tx) =>
      tx.query<{ name: string }>(`SELECT tablename AS name FROM pg_policies WHERE with_check LIKE '%delete_after%'`),
    );
    expect(guarded.length).toBeGreaterThanOrEqual(3);
    for (const { name } of guarded) await service.database.asWorker((tx) => tx.one('SELECT await_writers($1)', [name]));
    await expect(service.database.asWorker((tx) => tx.one(`SELECT await_writers('session')`))).rejects.toThrow(
      'nobody',
    );
  });

  it.each(Object.entries(WRITES))('no %s once its time is over', async (_, write) => {
    const of = await service.newOrganisation();
    await within(of, (tx) => tx.execute(write, [of.id, newId()]));
    await within(of, (tx) => tx.execute(`UPDATE organisation SET delete_after = now() + interval '7 days'`));
    await within(of, (tx) => tx.execute(write.replaceAll('late', 'later'), [of.id, newId()]));
    await elapse(of);
    await expect(
      within(of, (tx) => tx.execute(write.replaceAll('late', 'latest'), [of.id, newId()])),
    ).rejects.toMatchObject({
      code: 'organisation.deleting',
      cause: { message: expect.stringContaining('row-level security') },
    });
    await deletion.deleteDue();
    await expect(within(of, (tx) => tx.execute(write, [of.id, newId()]))).rejects.toMatchObject({
      code: 'organisation.not_found',
      cause: { message: expect.stringContaining('row-level security') },
    });
  });

  it.each(Object.entries(WRITES))('a %s that was under way before is waited for, and goes too', async (_, write) => {
    const of = await service.newOrganisation();
    let ending: Promise<number> | undefined;
    await within(of, async (tx) => {
      await tx.execute(write, [of.id, newId()]);
      await elapse(of);
      ending = deletion.deleteDue();
      await waiting();
    });
    expect(await ending).toBe(1);
    const left = await rowsOf(service.database, of.id);
    expect(Object.entries(left).filter(([, rows]) => !rows.startsWith('0 '))).toEqual([]);
  });

  /** Until the end waits for a lock. */
  async function waiting(): Promise<void> {
    for (;;) {
      const [found] = await service.database.asMigrate((tx) =>
        tx.query(`SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'ShareLock' AND locktype = 'relation' LIMIT 1`),
      );
      if (found) return;
    }
  }
});
