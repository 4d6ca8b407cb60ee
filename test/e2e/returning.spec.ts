import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { PeopleWriter } from '../../src/people/people-writer.service.js';
import type { Change, Origin } from '../../src/people/people.types.js';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

async function change(organisationId: string, personId: string, kind: Change['kind'], origin: Origin): Promise<void> {
  const archiveReason = origin === 'directory' ? ('directory' as const) : kind === 'restore' ? ('all' as const) : ('admin' as const); // prettier-ignore
  const one: Change = {
    ...{ id: newId(), kind, personId, before: null, expectedVersion: null, reason: { code: kind, text: 'a test' } },
    ...{ after: kind === 'archive' ? { state: 'archived' as const } : {} },
    ...(kind === 'relink' ? {} : { archiveReason }),
  };
  const results = await service.database.asOrganisation(organisationId, (tx) =>
    service.app.get(PeopleWriter, { strict: false }).apply(tx, [one], { origin, actor: { kind: 'system' } }),
  );
  expect([...results.values()]).toEqual(['applied']);
}

/** An operator who also gets in when all else is broken. */
async function somebody() {
  const { organisationId, personId } = await service.operator();
  await service.database.asOrganisation(organisationId, (tx) =>
    tx.execute(`INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{}')`, [
      organisationId,
      personId,
    ]),
  );
  const has = () =>
    service.database.asOrganisation(organisationId, (tx) =>
      tx.one(
        `SELECT EXISTS (SELECT FROM operator WHERE person_id = $1 AND ended_at IS NULL) AS operator,
                EXISTS (SELECT FROM break_glass WHERE person_id = $1) AS break_glass`,
        [personId],
      ),
    );
  return { organisationId, personId, has };
}

describe('S-10, S-22 nobody has more than anybody again because a directory says that they work here', () => {
  it('no operator, and nobody of the break-glass list, who left and came back by it; and the log says so', async () => {
    const { organisationId, personId, has } = await somebody();
    await change(organisationId, personId, 'archive', 'directory');
    expect(await has()).toEqual({ operator: true, breakGlass: true });
    await change(organisationId, personId, 'restore', 'directory');
    expect(await has()).toEqual({ operator: false, breakGlass: false });
    const told = await service.database.asOrganisation(organisationId, (tx) =>
      tx.query(
        `SELECT action, detail FROM audit_entry WHERE subject_id = $1 AND action IN ('operator.ended', 'break_glass.ended') ORDER BY action`,
        [personId],
      ),
    );
    expect(told).toEqual([
      { action: 'break_glass.ended', detail: { because: 'returned' } },
      { action: 'operator.ended', detail: { because: 'returned' } },
    ]);
  });

  it('nor whose account was made again', async () => {
    const { organisationId, personId, has } = await somebody();
    await change(organisationId, personId, 'relink', 'directory');
    expect(await has()).toEqual({ operator: false, breakGlass: false });
  });

  it('but who is brought back by hand is what they were', async () => {
    const { organisationId, personId, has } = await somebody();
    await change(organisationId, personId, 'archive', 'admin');
    await change(organisationId, personId, 'restore', 'admin');
    expect(await has()).toEqual({ operator: true, breakGlass: true });
  });
});

it('the service ends operators of the organisation that it serves, and of no other', async () => {
  const { personId, has } = await somebody();
  const other = await service.newOrganisation();
  const end = (organisationId: string) =>
    service.database.asOrganisation(organisationId, (tx) =>
      tx.query('SELECT person_id FROM end_operators($1::uuid[], now())', [[personId]]),
    );
  expect(await end(other.id)).toEqual([]);
  expect(await has()).toMatchObject({ operator: true });
  await expect(
    service.database.asWorker((tx) => tx.query('SELECT * FROM end_operators($1::uuid[], now())', [[personId]])),
  ).rejects.toThrow(/permission denied/);
});
