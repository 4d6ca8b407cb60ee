import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import { PLACE, plannedLine, type PlannedChange } from '../../src/runs/plan.types.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

const plans = new PlanRepository();
const PERSON = newId();
const organisationId = newId();

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
  await db.database.asOrganisation(organisationId, (tx) =>
    tx.execute(`INSERT INTO organisation (id, slug, name) VALUES ($1, 'acme', 'Acme')`, [organisationId]),
  );
});
afterAll(() => db.close());

const added = (seq: number): PlannedChange =>
  plannedLine({
    seq,
    kind: 'add',
    situation: 'new',
    externalId: 'x1',
    personId: newId(),
    label: 'Ana <ana@acme.example>',
    reason: { code: 'added', text: 'New in the directory.' },
    after: { firstName: 'Ana', lastName: null, managerId: newId(), awaitedManager: 'm1', expectedVersion: null },
    place: PLACE.joiner,
  });
const updated = (seq: number): PlannedChange =>
  plannedLine({
    seq,
    kind: 'update',
    situation: 'changed',
    externalId: 'x2',
    personId: PERSON,
    label: 'Ivo <ivo@acme.example>',
    reason: {
      code: 'updated',
      text: 'Changed in the directory: first name.',
      facts: { fields: 'first name', line: 2 },
    },
    before: { firstName: 'Iva' },
    after: { firstName: 'Ivo', expectedVersion: 3 },
    place: PLACE.mover,
  });

/** Of these lines as a plan of their own. */
function hashOf(lines: PlannedChange[]): Promise<string> {
  const runId = newId();
  return db.database.asOrganisation(organisationId, async (tx) => {
    await plans.store(tx, organisationId, runId, lines);
    return (await plans.hash(tx, organisationId, runId)).toString('hex');
  });
}

describe('S-25 the hash of a plan', () => {
  it('is that of another plan that does the same: ids of newcomers, versions, wording and the order of keys are no part', async () => {
    const { after, ...rest } = updated(2);
    const again = {
      ...rest,
      label: 'Ivo',
      reason: { ...rest.reason, text: 'In other words.' },
      after: Object.fromEntries(Object.entries({ ...after, expectedVersion: 4 }).toReversed()),
    };
    expect(await hashOf([added(1), again])).toBe(await hashOf([added(1), updated(2)]));
  });

  it.each<[string, Partial<PlannedChange>]>([
    ['another person', { personId: newId() }],
    ['another record', { externalId: 'x3' }],
    ['another value', { after: { firstName: 'Ivan', expectedVersion: 3 } }],
    ['a value more', { after: { firstName: 'Ivo', lastName: null, expectedVersion: 3 } }],
    ['another value before', { before: { firstName: 'Ivica' } }],
    ['a manager', { after: { firstName: 'Ivo', managerId: PERSON, expectedVersion: 3 } }],
    ['another disposition', { disposition: 'hold' }],
    ['a removal', { removal: true }],
    ['another kind', { kind: 'restore' }],
    ['another situation', { situation: 'back' }],
    ['another reason', { reason: { code: 'restored', text: 'Back.' } }],
    ['other facts', { reason: { code: 'updated', text: '', facts: { fields: 'first name', line: 3 } } }],
  ])('%s, another hash', async (_name, over) => {
    expect(await hashOf([added(1), { ...updated(2), ...over }])).not.toBe(await hashOf([added(1), updated(2)]));
  });

  it('a line more, fewer, or in another place, another hash; no line at all has one', async () => {
    const hashes = await Promise.all([
      hashOf([added(1), updated(2)]),
      hashOf([updated(1), added(2)]),
      hashOf([updated(1)]),
      hashOf([added(1), updated(2), updated(3)]),
      hashOf([]),
    ]);
    expect(new Set(hashes).size).toBe(5);
    for (const hash of hashes) expect(hash).toMatch(/^[\da-f]{64}$/u);
  });
});
