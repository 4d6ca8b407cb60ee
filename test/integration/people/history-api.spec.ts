import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../src/common/clock.js';
import { newId } from '../../../src/common/ids.js';
import type { PersonDetailView } from '../../../src/people/people.dto.js';
import { adding, BY_SYNC, insertConnection, linkedPerson, peopleWriter, recordOf } from '../../support/people.js';
import { startService, type TestOrganisation, type TestService } from '../../support/service.js';

let service: TestService;
let org: TestOrganisation;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());
beforeEach(async () => {
  org = await service.newOrganisation();
});

type Person = PersonDetailView;

async function create(body: Record<string, unknown>): Promise<Person> {
  const answer = await org.api<Person>('POST', '/api/v1/people', { state: 'active', ...body });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

const query = <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> =>
  service.database.asOrganisation(org.id, (tx) => tx.query<Row>(text, values));

describe('always an answer to why', () => {
  it('the timeline tells each change with who, what and the rule', async () => {
    const ana = await create({ email: 'ana@example.com', firstName: 'Ana' });
    await org.api('PATCH', `/api/v1/people/${ana.id}`, { firstName: 'Anna' });
    await org.api('POST', `/api/v1/people/${ana.id}/archive`);
    const first = await org.api<{ items: Record<string, unknown>[]; next: string }>(
      'GET',
      `/api/v1/people/${ana.id}/timeline?limit=2`,
    );
    expect(first.body.items).toMatchObject([
      {
        type: 'person.archived',
        origin: 'admin',
        state: 'archived',
        reason: { code: 'archived_here', text: 'Archived by an admin.' },
        by: { kind: 'key' },
      },
      { type: 'person.updated', after: { firstName: 'Anna' } },
    ]);
    const rest = await org.api<{ items: unknown[]; next: null }>(
      'GET',
      `/api/v1/people/${ana.id}/timeline?limit=2&cursor=${first.body.next}`,
    );
    expect(rest.body).toMatchObject({ items: [{ type: 'person.added' }], next: null });
  });

  it('tells a change of a run with the run, the record and what it was before', async () => {
    const { person, connection } = await linkedPerson(service.database, org.id);
    const runId = newId();
    await query(
      `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by) VALUES ($1, $2, $3, 'full', 'schedule', 'succeeded', '{}')`,
      [org.id, runId, connection],
    );
    await query(
      `INSERT INTO planned_change (organisation_id, run_id, seq, kind, disposition, situation, external_id, person_id, label, reason, before)
       VALUES ($1, $2, 1, 'update', 'apply', 'changed', 'x1', $3, 'Ana', '{"code": "updated", "text": "Changed in the directory: lastName."}', '{"lastName": "Silva"}')`,
      [org.id, runId, person],
    );
    const change = {
      ...adding('X'),
      kind: 'update' as const,
      personId: person,
      after: { lastName: 'Berg' },
      reason: { code: 'updated', text: '' },
    };
    await service.database.asOrganisation(org.id, (tx) =>
      peopleWriter(systemClock).apply(tx, [change], { ...BY_SYNC, runId }),
    );
    const { body } = await org.api<{ items: unknown[] }>('GET', `/api/v1/people/${person}/timeline?limit=1`);
    expect(body.items).toMatchObject([
      {
        id: change.id, type: 'person.updated', origin: 'directory', situation: 'changed', before: { lastName: 'Silva' }, after: { lastName: 'Berg' },
        reason: { code: 'updated', text: 'Changed in the directory: lastName.' },
        run: { id: runId, kind: 'full', trigger: 'schedule', connection: 'Directory 1', externalId: 'x1' },
      },
    ]); // prettier-ignore
    const why = await org.api<{ records: unknown[] }>('GET', '/api/v1/why?email=ANA.silva@example.com');
    expect(why.body).toMatchObject({
      person: { id: person },
      records: [{ externalId: 'x1', decision: { runId, situation: 'changed' } }],
    });
  });

  it.each([
    ['nobody anywhere', null, 'Nobody here has this address'],
    [
      'a record that is out of scope',
      { inScope: false, outOfScopeBecause: 'Group Sales' },
      'out of scope of Directory 1: Group Sales',
    ],
    ['a record that is not employed', { employed: false }, 'not active in Directory 1'],
    ['a record that waits for its run', {}, 'Not here yet'],
  ])('of %s', async (_name, record, answer) => {
    const connection = await insertConnection(service.database, org.id);
    if (record)
      await recordOf(service.database, org.id, connection, { externalId: 'x9', email: 'who@example.com', ...record });
    const why = await org.api<{ answer: string; person: null }>('GET', '/api/v1/why?email=who@example.com');
    expect(why).toMatchObject({ status: 200, body: { person: null } });
    expect(why.body.answer).toContain(answer);
    if (record) {
      const byId = await org.api<{ answer: string }>('GET', '/api/v1/why?externalId=x9');
      expect(byId.body.answer).toBe(why.body.answer);
    }
  });

  it.each(['', 'email=nobody', 'email=a@b.co&externalId=x'])('?%s is refused', async (search) => {
    expect((await org.api('GET', `/api/v1/why?${search}`)).status).toBe(400);
  });
});

describe('the logs', () => {
  it('the feed tells each change once, in order, from where one stopped', async () => {
    const people: Person[] = [];
    for (let i = 0; i < 5; i += 1) people.push(await create({ email: `p${i}@example.com` }));
    interface Feed { items: { id: string; personId: string; type: string }[]; next: string; more: boolean } // prettier-ignore
    const first = await org.api<Feed>('GET', '/api/v1/events?limit=3');
    expect(first.body).toMatchObject({ more: true });
    const rest = await org.api<Feed>('GET', `/api/v1/events?after=${first.body.next}`);
    expect(rest.body.more).toBe(false);
    expect([...first.body.items, ...rest.body.items].map((event) => event.personId)).toEqual(
      people.map(({ id }) => id),
    );
    const idle = await org.api<Feed>('GET', `/api/v1/events?after=${rest.body.next}`);
    expect(idle.body).toEqual({ items: [], next: rest.body.next, more: false });
    const other = await service.newOrganisation();
    expect((await other.api('GET', `/api/v1/events?after=${rest.body.next}`)).status).toBe(400);
  });

  it('the feed never passes by a change that is still being committed', async () => {
    let finish = (): void => undefined;
    let begun = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const written = new Promise<void>((resolve) => (begun = resolve));
    const slow = service.database.asOrganisation(org.id, async (tx) => {
      await peopleWriter(systemClock).apply(tx, [adding('Slow Sam')], BY_SYNC);
      begun();
      await held;
    });
    await written;
    await create({ email: 'quick@example.com' });
    const reading = org.api<{ items: { data: { changed: { firstName: string } } }[] }>('GET', '/api/v1/events');
    finish();
    await slow;
    expect((await reading).body.items.map((event) => event.data.changed.firstName)).toEqual(['Slow', undefined]);
  });

  it('the audit log is paged, filtered, and its cursor tells nothing (T-08)', async () => {
    const ana = await create({ email: 'ana@example.com' });
    await org.api('PATCH', `/api/v1/people/${ana.id}`, { lastName: 'Canary-4711' });
    await org.api('POST', `/api/v1/people/${ana.id}/archive`);
    interface Page { items: { action: string; fields: string[]; by: unknown }[]; next: string | null } // prettier-ignore
    const search = `subjectKind=person&subjectId=${ana.id}`;
    const first = await org.api<Page>('GET', `/api/v1/audit?${search}&limit=2`);
    expect(first.body.items).toMatchObject([
      { action: 'person.archived' },
      { action: 'person.updated', fields: ['lastName'], by: { kind: 'key' } },
    ]);
    expect(first.text).not.toContain('Canary');
    expect(Buffer.from(first.body.next ?? '', 'base64url').toString('latin1')).not.toMatch(/^\W*\d+\W*$/);
    const rest = await org.api<Page>('GET', `/api/v1/audit?${search}&limit=2&cursor=${first.body.next}`);
    expect(rest.body).toMatchObject({ items: [{ action: 'person.added' }], next: null });
    const other = await service.newOrganisation();
    expect((await other.api('GET', `/api/v1/audit?cursor=${first.body.next}`)).status).toBe(400);
    expect((await org.api('GET', '/api/v1/audit?cursor=bm9uc2Vuc2U')).status).toBe(400);
  });
});
