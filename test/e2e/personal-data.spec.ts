import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AuditVerifier } from '../../src/audit/verify.service.js';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Erasure } from '../../src/people/erasure.service.js';
import { PERSONAL_DATA } from '../../src/people/personal-data.repository.js';
import { PeopleWriter } from '../../src/people/people-writer.service.js';
import { Cleaning } from '../../src/schedule/cleaning.js';
import { dumpOf } from '../support/dump-of.js';
import { NO_PERSONAL_DATA } from '../support/no-personal-data.js';
import { insertConnection } from '../support/people.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

const DAY = 24 * 3_600_000;

describe('personal data', () => {
  const clock = new ManualClock(new Date());
  let service: TestService;
  beforeAll(async () => {
    service = await startService({ clock });
  });
  afterAll(() => service.close());

  const get = <T>(type: abstract new (...parts: never[]) => T): T => service.app.get(type, { strict: false });

  it('G-06 every column of text, bytes or JSON is on the list of personal data, or was found to hold none', async () => {
    const rows = await service.database.asMigrate((tx) =>
      tx.query<{ of: string }>(
        `SELECT c.relname || '.' || a.attname AS of FROM pg_attribute a
           JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type y ON y.oid = a.atttypid
          WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
            AND y.typname IN ('text', '_text', 'varchar', 'jsonb', 'json', 'bytea', '_bytea')`,
      ),
    );
    const personal = PERSONAL_DATA.flatMap(({ table, columns, withheld = [] }) =>
      [...columns, ...withheld].map((column) => `${table}.${column}`),
    );
    const reviewed = Object.entries(NO_PERSONAL_DATA).flatMap(([table, { columns }]) =>
      columns.map((column) => `${table}.${column}`),
    );
    const known = new Set([...personal, ...reviewed]);
    expect(rows.length).toBeGreaterThan(150);
    expect(rows.map(({ of }) => of).filter((of) => !known.has(of))).toEqual([]);
    expect(reviewed.filter((of) => personal.includes(of))).toEqual([]);
  });

  /** Somebody with a canary in every place that the list names; all of them are `mark` with a name behind. */
  async function leave(organisation: TestOrganisation, mark: string): Promise<{ id: string; email: string }> {
    const { api, id: organisationId } = organisation;
    const email = `${mark}.now@acme.example`;
    const body = { email: `${mark}.before@acme.example`, firstName: `${mark}First`, lastName: `${mark}Last` };
    const more = { employeeNumber: `${mark}-number`, attributes: { shoe: `${mark}-shoe` }, state: 'active' };
    const made = await api<{ id: string; version: number }>('POST', '/api/v1/people', { ...body, ...more });
    expect(made.status).toBe(201);
    const { id, version } = made.body;
    expect((await api('PATCH', `/api/v1/people/${id}`, { version, email })).status).toBe(200);
    const connection = await insertConnection(service.database, organisationId);
    const run = newId();
    const provider = newId();
    const hold = newId();
    const session = newId();
    const soon = new Date(clock.now().getTime() + 3_600_000);
    const of = (rest: string): string => `${mark}-${rest}`;
    const json = (rest: string): string => JSON.stringify({ text: of(rest) });
    const reason = (rest: string): string => JSON.stringify({ code: 'left', text: of(rest), facts: { who: of(rest) } });
    await service.database.asOrganisation(organisationId, async (tx) => {
      const add = (table: string, row: Record<string, unknown>): Promise<number> => {
        const whole = { organisation_id: organisationId, ...row };
        const names = Object.keys(whole);
        return tx.execute(
          `INSERT INTO "${table}" (${names.map((name) => `"${name}"`).join()}) VALUES (${names.map((_, at) => `$${at + 1}`).join()})`,
          Object.values(whole),
        );
      };
      const record = {
        connection_id: connection,
        observed_hash: randomBytes(8),
        observed_at: clock.now(),
        employed: false,
      };
      const gone = {
        in_scope: true,
        gone_at: clock.now(),
        body: JSON.stringify({ email: `${mark}.mirror@acme.example` }),
      };
      const words = { fault: of('fault'), unmatched_title: of('title'), unmatched_team: of('team') };
      await add('directory_record', { ...record, ...gone, ...words, external_id: '00gone', person_id: id });
      const out = { in_scope: false, body: json('out'), email_canonical: email, awaited_manager: of('boss') };
      await add('directory_record', { ...record, ...out, external_id: '00out', person_id: id });
      const report = {
        in_scope: true,
        body: JSON.stringify({ title: 'Clerk', manager: { by: 'email', value: email } }),
      };
      await add('directory_record', { ...record, ...report, external_id: '00report', awaited_manager: email });
      await add('run', {
        ...{ id: run, connection_id: connection, kind: 'full', state: 'succeeded', asked_by: '{"kind":"operator"}' },
        trigger: 'manual',
      });
      const line = { run_id: run, kind: 'archive', disposition: 'apply', situation: 'linked_absent_gone' };
      const values = { before: json('before'), after: json('after') };
      await add('planned_change', {
        ...line,
        ...values,
        seq: 1,
        person_id: id,
        label: of('label'),
        reason: reason('r1'),
      });
      await add('planned_change', {
        ...line,
        seq: 2,
        external_id: '00gone',
        label: of('label2'),
        reason: reason('r2'),
      });
      const other = { label: 'Somebody else', reason: reason('r3'), other_person_id: id };
      await add('planned_change', { ...line, ...other, seq: 3, external_id: '00report' });
      const staged = { run_id: run, hash: randomBytes(8), observed_at: clock.now(), employed: true, in_scope: true };
      await add('staged_record', { ...staged, external_id: '00gone', body: json('staged'), email_canonical: email });
      await add('hold', {
        id: hold,
        connection_id: connection,
        state: 'closed',
        cause: '{}',
        shared: JSON.stringify({ text: `Led by ${email}` }),
      });
      const held = { hold_id: hold, external_id: '00gone', person_id: id, kind: 'archive', state: 'applied' };
      await add('hold_member', { ...held, reason: reason('held'), facts_hash: randomBytes(8), added_version: 1 });
      await add('override', {
        ...{ id: newId(), person_id: id, kind: 'archive', cause: 'restored', made_by: '{"kind":"operator"}' },
        released_why: of('released'),
      });
      const question = { connection_id: connection, kind: 'same_address', external_id: '00gone' };
      await add('conflict', { ...question, id: newId(), cause: 'c1', detail: json('conflict') });
      await add('notice', {
        id: newId(),
        kind: 'manager_left',
        cause: 'n1',
        person_id: id,
        message: of('m1'),
        detail: json('d1'),
      });
      const told = {
        message: `Write to ${email}.`,
        detail: JSON.stringify({ to: email }),
      };
      await add('notice', { id: newId(), kind: 'run_failed', cause: 'n2', ...told });
      const live = { authenticated_at: clock.now(), last_used_at: clock.now(), ends_at: soon, address: of('address') };
      const how = {
        kind: 'person',
        person_id: id,
        strength: 'provider',
        digest: randomBytes(32),
        user_agent: of('agent'),
      };
      await add('session', { ...live, ...how, id: session, subject: of('subject'), provider_sid: of('sid') });
      const link = {
        kind: 'link',
        digest: randomBytes(32),
        browser_digest: randomBytes(32),
        made_by: '{"kind":"system"}',
      };
      await add('sign_in_token', { ...link, id: newId(), person_id: id, return_to: of('/back'), expires_at: soon });
      await add('identity_provider', {
        ...{ id: provider, preset: 'generic', name: 'P', issuer: 'https://id.acme.example', client_id: 'c' },
        settings: '{}',
      });
      await add('identity_link', {
        ...{ identity_provider_id: provider, subject: of('sub'), person_id: id, linked_by: 'email' },
        last_used_at: clock.now(),
      });
      await add('sign_in_attempt', {
        ...{ id: newId(), identity_provider_id: provider, purpose: 'test', state_digest: randomBytes(32) },
        ...{ browser_digest: randomBytes(32), nonce: 'n', verifier: randomBytes(8), issuer: 'i', client_id: 'c' },
        ...{ redirect_uri: 'r', return_to: '/', expires_at: soon, result: JSON.stringify({ email, x: of('claim') }) },
      });
      await add('passkey', {
        ...{ id: newId(), person_id: id, credential_id: of('credential'), public_key: randomBytes(8), counter: 0 },
        ...{ transports: ['usb'], name: of('key'), backed_up: false },
      });
      await add('mail', {
        ...{ id: newId(), template: 'new_sign_in', cause: of('cause'), recipient: email, state: 'sent' },
      });
      await add('idempotency_key', {
        ...{ credential_id: newId(), route: 'r', key: of('k').replace(mark, 'k'), body_digest: randomBytes(8) },
        ...{ status: 200, response: JSON.stringify({ id, lastName: of('answer') }), created_at: clock.now() },
      });
    });
    await service.database.asWorker((tx) =>
      tx.execute(
        `INSERT INTO link_request (id, email_canonical, browser_digest, address, created_at) VALUES ($1, $2, $3, $4, $5)`,
        [newId(), email, randomBytes(32), of('network'), new Date(Date.now() - 2 * 3_600_000)],
      ),
    );
    expect((await api('POST', `/api/v1/people/${id}/archive`)).status).toBe(200);
    return { id, email };
  }

  /** What the database says that holds one of somebody's canaries. */
  const traces = async (mark: string): Promise<string[]> =>
    (await dumpOf(service.database)).split('\n').filter((row) => row.toLowerCase().includes(mark));

  it('G-06 G-09 what the export shows is what the erasure takes away, from everywhere; others keep theirs', async () => {
    const acme = await service.newOrganisation();
    const [mark, beside] = [`canary${randomBytes(6).toString('hex')}`, `beside${randomBytes(6).toString('hex')}`];
    const { id, email } = await leave(acme, mark);
    const other = await service.newOrganisation();
    await leave(other, beside);
    const before = await traces(mark);
    const besideBefore = await traces(beside);
    expect(before.length).toBeGreaterThan(25);

    const answer = await acme.api<{ tables: Record<string, unknown[]> }>('GET', `/api/v1/people/${id}/export`);
    expect(answer.status).toBe(200);
    expect(answer.text).not.toContain(beside);
    expect(answer.text).not.toContain('Somebody else');
    expect(answer.text).not.toContain('Clerk');
    const exported = Object.keys(answer.body.tables).sort();
    expect(exported).toEqual(
      [...new Set(['event', ...PERSONAL_DATA.filter((of) => of.exported !== false).map(({ table }) => table)])].sort(),
    );
    for (const [table, rows] of Object.entries(answer.body.tables))
      expect([table, rows.length > 0]).toEqual([table, true]);
    // Every canary of theirs: rows of others that mention them, and answers kept for two days, are erased and not shown.
    const shown = new Set(answer.text.toLowerCase().match(new RegExp(`${mark}[a-z0-9./@-]*[a-z0-9]`, 'gu')));
    const unshown = [
      ...new Set(
        before
          .join('\n')
          .toLowerCase()
          .match(new RegExp(`${mark}[a-z0-9./@-]*[a-z0-9]`, 'gu')),
      ),
    ];
    expect(unshown.filter((word) => !shown.has(word)).sort()).toEqual([`${mark}-answer`, `${mark}-network`, `${mark}-r3`].sort()); // prettier-ignore

    expect(await acme.api('POST', `/api/v1/people/${id}/erase`, { confirm: email })).toMatchObject({ status: 204 });
    await get(Cleaning).cleanAll();
    expect(await traces(mark)).toEqual([]);
    const besideNow = new Set(await traces(beside));
    const lost = besideBefore.filter((row) => !besideNow.has(row));
    // The clean-up's own work: what a run that is over left staged, and a link that was asked for two hours ago.
    const cleaned = lost.flatMap((row) =>
      ['browser_digest', 'contradicted'].filter((column) => row.includes(`"${column}"`)),
    );
    expect(cleaned.sort()).toEqual(['browser_digest', 'contradicted']);

    const heads = { genuine: [], forged: 0, unknownKey: 0 };
    expect(await get(AuditVerifier).verify(acme.id, heads)).toMatchObject({ intact: true });
  });

  it('P10 an erasure is told as an event, in the same transaction, and without anything of the person', async () => {
    const acme = await service.newOrganisation();
    const { id, email } = await leave(acme, `canary${randomBytes(6).toString('hex')}`);
    const asked = await acme.api('POST', `/api/v1/people/${id}/erase`, { confirm: email });
    expect(asked.status).toBe(204);
    const { body } = await acme.api<{ items: { personId: string }[] }>('GET', '/api/v1/events?limit=200');
    const last = body.items.filter(({ personId }) => personId === id).at(-1);
    const { version } = (await acme.api<{ version: number }>('GET', `/api/v1/people/${id}`)).body;
    expect(last).toEqual({
      id: expect.any(String),
      at: expect.any(String),
      type: 'person.erased',
      personId: id,
      runId: null,
      data: { kind: 'erase', origin: 'admin', reason: 'erased_by_admin', state: 'archived', version },
    });
    const written = await service.database.asOrganisation(acme.id, (tx) =>
      tx.query<{ of: string; by: string }>(
        `SELECT 'event' AS of, xmin::text AS by FROM event WHERE type = 'person.erased'
         UNION ALL SELECT 'entry', xmin::text FROM audit_entry WHERE action = 'person.erased'
         UNION ALL SELECT 'person', xmin::text FROM person WHERE erased_at IS NOT NULL`,
      ),
    );
    expect(written.map(({ of }) => of)).toEqual(['event', 'entry', 'person']);
    expect(new Set(written.map(({ by }) => by)).size).toBe(1);
    const timeline = await acme.api<{ items: object[] }>('GET', `/api/v1/people/${id}/timeline`);
    expect(timeline.body.items[0]).toMatchObject({
      type: 'person.erased',
      by: { kind: 'key' },
      reason: { code: 'erased_by_admin', text: 'Erased by an admin.' },
    });
  });

  it('G-06 who was erased can still be read about, and comes back by no way', async () => {
    const acme = await service.newOrganisation();
    const { id, email } = await leave(acme, `canary${randomBytes(6).toString('hex')}`);
    await acme.api('POST', `/api/v1/people/${id}/erase`, { confirm: email.toUpperCase() });
    const shown = await acme.api('GET', `/api/v1/people/${id}`);
    expect(shown.body).toMatchObject({ state: 'archived', email: `erased-${id}@invalid`, firstName: null });
    const timeline = await acme.api<{ items: { after: object }[] }>('GET', `/api/v1/people/${id}/timeline`);
    expect(timeline.status).toBe(200);
    expect(timeline.body.items.map(({ after }) => after)).toEqual([{}, {}, {}, {}]);
    expect((await acme.api('GET', '/api/v1/events')).status).toBe(200);
    expect((await acme.api('GET', `/api/v1/people?q=canary`)).body).toMatchObject({ items: [] });

    const again = await acme.api('POST', `/api/v1/people/${id}/erase`, { confirm: email });
    expect(again).toMatchObject({ status: 409, body: { code: 'person.erased' } });
    const restored = await acme.api('POST', `/api/v1/people/${id}/restore`);
    expect(restored).toMatchObject({ status: 409, body: { code: 'person.erased' } });
    const many = await acme.api('POST', '/api/v1/people/restore', { ids: [id] });
    expect(many.body).toMatchObject({ items: [{ id, result: 'nothing_to_do' }] });
    const change = {
      id: newId(),
      kind: 'restore' as const,
      personId: id,
      before: null,
      after: { state: 'active' as const },
    };
    const results = await service.database.asOrganisation(acme.id, (tx) =>
      get(PeopleWriter).apply(
        tx,
        [{ ...change, expectedVersion: null, reason: { code: 'returned', text: 'x' }, removal: false } as never],
        { origin: 'directory', actor: { kind: 'system' } },
      ),
    );
    expect([...results.values()]).toEqual(['stale']);
  });

  it('G-06 only who is archived, and whom no directory takes in; and only when the address is typed', async () => {
    const acme = await service.newOrganisation();
    const email = `guard${randomBytes(4).toString('hex')}@acme.example`;
    const { body } = await acme.api<{ id: string }>('POST', '/api/v1/people', { email });
    const path = `/api/v1/people/${body.id}`;
    const erase = (confirm = email): Promise<unknown> => acme.api('POST', `${path}/erase`, { confirm });
    expect(await erase()).toMatchObject({ status: 409, body: { code: 'person.not_archived' } });
    await acme.api('POST', `${path}/archive`);
    expect(await erase('another@acme.example')).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    const connection = await insertConnection(service.database, acme.id);
    await service.database.asOrganisation(acme.id, (tx) =>
      tx.execute(
        `INSERT INTO directory_record (organisation_id, connection_id, external_id, person_id, observed_hash, observed_at, employed, in_scope)
         VALUES ($1, $2, 'e', $3, '\\x00', now(), true, true)`,
        [acme.id, connection, body.id],
      ),
    );
    expect(await erase()).toMatchObject({ status: 409, body: { code: 'person.still_in_directory' } });
    await service.database.asOrganisation(acme.id, (tx) => tx.execute('UPDATE directory_record SET in_scope = false'));
    expect(await erase()).toMatchObject({ status: 204 });
    const left = await service.database.asOrganisation(acme.id, (tx) =>
      tx.query('SELECT external_id, person_id, body, email_canonical FROM directory_record'),
    );
    expect(left).toEqual([{ externalId: 'e', personId: null, body: null, emailCanonical: null }]);
  });

  it('G-06 an address that only holds theirs stays in texts about others', async () => {
    const acme = await service.newOrganisation();
    const local = `ann+x.${randomBytes(4).toString('hex')}`;
    const email = `${local}@acme.example`;
    const { body } = await acme.api<{ id: string }>('POST', '/api/v1/people', { email });
    await acme.api('POST', `/api/v1/people/${body.id}/archive`);
    const others = [`jo${email}`, `jo.${email}`, `${email}.au`, `${email}s`, `${local.replace('.', 'y')}@acme.example`];
    const told = `Write to ${email}. Or <${email}>, "${email}"; not to ${others.join(', not to ')}`;
    await service.database.asOrganisation(acme.id, (tx) =>
      tx.execute(
        `INSERT INTO notice (organisation_id, id, kind, cause, message, detail) VALUES ($1, $2, 'k', 'c', $3, $4)`,
        [acme.id, newId(), told, JSON.stringify({ told })],
      ),
    );
    expect(await acme.api('POST', `/api/v1/people/${body.id}/erase`, { confirm: email })).toMatchObject({
      status: 204,
    });
    const expected = `Write to erased. Or <erased>, "erased"; not to ${others.join(', not to ')}`;
    const after = await service.database.asOrganisation(acme.id, (tx) =>
      tx.query('SELECT message, detail FROM notice'),
    );
    expect(after).toEqual([{ message: expected, detail: { told: expected } }]);
  });

  it('G-10 who left is erased when the time is over that the organisation set, and not before', async () => {
    const acme = await service.newOrganisation();
    const people = await Promise.all(
      [0, 1, 2].map(async (n) => {
        const email = `kept${n}${randomBytes(4).toString('hex')}@acme.example`;
        return (await acme.api<{ id: string }>('POST', '/api/v1/people', { email })).body.id;
      }),
    );
    const [early = '', late = '', active = ''] = people;
    for (const id of [early, late]) await acme.api('POST', `/api/v1/people/${id}/archive`);
    const now = clock.now().getTime();
    for (const [id, days] of [
      [early, 31],
      [late, 29],
    ] as const)
      // prettier-ignore
      await service.database.asOrganisation(acme.id, (tx) =>
        tx.execute('UPDATE person SET archived_at = $2 WHERE id = $1', [id, new Date(now - days * DAY)]),
      );
    const erased = (): Promise<{ id: string }[]> =>
      service.database.asOrganisation(acme.id, (tx) => tx.query('SELECT id FROM person WHERE erased_at IS NOT NULL'));
    await get(Cleaning).cleanAll();
    expect(await erased()).toEqual([]);
    const set = await acme.api('PATCH', '/api/v1/organisation', { eraseAfterDays: 30 });
    expect(set.status).toBe(200);
    await get(Cleaning).cleanAll();
    expect(await erased()).toEqual([{ id: early }]);
    expect(await get(Erasure).eraseDue(acme.id, 28, clock.now())).toBe(1);
    expect((await erased()).map(({ id }) => id)).not.toContain(active);
    const known = await service.database.asOrganisation(acme.id, (tx) =>
      tx.query<{ because: string; personId: string }>('SELECT because, person_id FROM erasure ORDER BY at, id'),
    );
    expect(known).toEqual([early, late].map((personId) => ({ because: 'retention', personId })));
  });
});
