import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { FactsRepository } from '../../src/runs/facts.repository.js';
import { HoldsRepository } from '../../src/runs/holds.repository.js';
import { PlanRepository } from '../../src/runs/plan.repository.js';
import { QuestionsRepository } from '../../src/runs/questions.repository.js';
import { RunsRepository } from '../../src/runs/runs.repository.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { fillRuns, type FilledRuns } from '../support/many-runs.js';
import { scansOf } from '../support/scans.js';

/** Tables that grow with the people of an organisation, or with every run. */
const LARGE = [
  'person', 'directory_record', 'run', 'planned_change', 'hold', 'hold_member', 'conflict', 'override', 'notice', 'staged_record',
  'staged_evidence',
]; // prettier-ignore
const EACH = 12_000;

let db: TestDatabase;
let large: FilledRuns;

beforeAll(async () => {
  db = await openTestDatabase();
  large = await fillRuns(db.database, EACH);
  await fillRuns(db.database, EACH);
  await db.database.asMigrate((tx) => tx.script('ANALYZE'));
});
afterAll(() => db.close());

const runs = new RunsRepository();
const plans = new PlanRepository();
const holds = new HoldsRepository();
const questions = new QuestionsRepository();
const facts = new FactsRepository();

const LONG_AGO = new Date('2026-06-01T00:00:00Z');
const FIRST = { kind: null, disposition: null, search: null, applied: false, after: 0, limit: 51 };
const RECORDS = ['x1', 'x2', 'x17', 'nobody'];
const ADDRESSES = ['bo.family1@example.com', 'cy.family2@example.com', 'nobody@example.com'];

describe('runs and what they leave, as the role of the application, with two large organisations', () => {
  const org = (): string => large.organisationId;
  const connection = (): string => large.connectionId;
  const run = (): string => large.runId;
  const after = () => ({ at: LONG_AGO, id: newId() });

  it.each<[string, (tx: Tx) => Promise<unknown>]>([
    ['runs', (tx) => runs.list(tx, org(), { connectionId: null, after: null, limit: 51 })],
    ['runs, later', (tx) => runs.list(tx, org(), { connectionId: null, after: { askedAt: LONG_AGO, id: newId() }, limit: 51 })],
    ['runs of a connection', (tx) => runs.list(tx, org(), { connectionId: connection(), after: null, limit: 51 })],
    ['runs of a connection, later', (tx) => runs.list(tx, org(), { connectionId: connection(), after: { askedAt: LONG_AGO, id: newId() }, limit: 51 })],
    ['runs of another connection', (tx) => runs.list(tx, org(), { connectionId: newId(), after: null, limit: 51 })],
    ['a run', (tx) => runs.find(tx, org(), run())],
    ['the queued run', (tx) => runs.findQueued(tx, org(), connection())],
    ['the active run', (tx) => runs.findActive(tx, org(), connection())],
    ['the newest plan', (tx) => runs.newestReady(tx, org(), connection(), 'preview')],
    ['changes', (tx) => plans.list(tx, org(), run(), FIRST)],
    ['changes, later', (tx) => plans.list(tx, org(), run(), { ...FIRST, after: 20_000 })],
    ['changes by kind', (tx) => plans.list(tx, org(), run(), { ...FIRST, kind: 'archive' })],
    ['changes by disposition', (tx) => plans.list(tx, org(), run(), { ...FIRST, disposition: 'hold' })],
    ['changes, a common word', (tx) => plans.list(tx, org(), run(), { ...FIRST, search: 'Ana' })],
    ['changes, a rare word', (tx) => plans.list(tx, org(), run(), { ...FIRST, search: 'Ana Family20 ' })],
    ['changes, no such word', (tx) => plans.list(tx, org(), run(), { ...FIRST, search: 'xyzzy' })],
    ['changes that were committed', (tx) => plans.list(tx, org(), run(), { ...FIRST, applied: true })],
    ['the changes of a batch', (tx) => plans.batches(tx, org(), run())],
    ['holds', (tx) => holds.list(tx, org(), null, 51)],
    ['open holds', (tx) => holds.list(tx, org(), 'open', 51)],
    ['closed holds', (tx) => holds.list(tx, org(), 'closed', 51)],
    ['a hold', (tx) => holds.show(tx, org(), large.holdId)],
    ['the open hold', (tx) => holds.findOpen(tx, org(), connection())],
    ['members', (tx) => holds.members(tx, org(), large.holdId, { state: null, after: '', limit: 51 })],
    ['members who wait, later', (tx) => holds.members(tx, org(), large.holdId, { state: 'waiting', after: 'x2', limit: 51 })],
    ['approved members', (tx) => holds.approved(tx, org(), connection())],
    ['records of approved members', (tx) => holds.approvedRecords(tx, org(), connection())],
    ...[true, false].flatMap((open): [string, (tx: Tx) => Promise<unknown>][] => {
      const which = open ? 'open' : 'all';
      return [
        [`conflicts, ${which}`, (tx) => questions.conflicts(tx, org(), { open, after: null, limit: 51 })],
        [`conflicts, ${which}, later`, (tx) => questions.conflicts(tx, org(), { open, after: after(), limit: 51 })],
        [`notices, ${which}`, (tx) => questions.notices(tx, org(), { open, after: null, limit: 51 })],
        [`notices, ${which}, later`, (tx) => questions.notices(tx, org(), { open, after: after(), limit: 51 })],
        [`overrides, ${which}`, (tx) => questions.overrides(tx, org(), { standing: open, personId: null, after: null, limit: 51 })],
        [`overrides, ${which}, later`, (tx) => questions.overrides(tx, org(), { standing: open, personId: null, after: after(), limit: 51 })],
        [`overrides of a person, ${which}`, (tx) => questions.overrides(tx, org(), { standing: open, personId: large.managerId, after: null, limit: 51 })],
      ];
    }),
    ['a conflict', (tx) => questions.findConflict(tx, org(), large.conflictId)],
    ['notices that end', (tx) => questions.mend(tx, org(), connection(), ['held'], [], new Date())],
    ['subjects', (tx) => facts.subjects(tx, org(), connection(), run(), 'x2', 50)],
    ['people', (tx) => facts.people(tx, org(), large.some.slice(0, 50))],
    ['candidates', (tx) => facts.candidates(tx, org(), connection(), run(), ADDRESSES)],
    ['rivals', (tx) => facts.rivals(tx, org(), connection(), run(), ADDRESSES)],
    ['others', (tx) => facts.others(tx, org(), connection(), large.some.slice(0, 50), LONG_AGO)],
    ['overrides of records', (tx) => facts.overrides(tx, org(), connection(), RECORDS, large.some.slice(0, 50))],
    ['what exists', (tx) => facts.extent(tx, org(), connection())],
    ['approved links', (tx) => facts.approvedLinks(tx, org(), connection(), RECORDS)],
    ['managers', (tx) => facts.managers(tx, org(), connection(), run(), RECORDS, ADDRESSES)],
    ['what is mirrored', (tx) => facts.mirrored(tx, org(), connection(), RECORDS)],
  ])('%s: no table is read whole', async (_name, work) => {
    const { role, statements, whole } = await scansOf(db, org(), LARGE, work);
    expect({ role, whole }).toEqual({ role: 'rollcall_app', whole: [] });
    expect(statements).toBeGreaterThan(0);
  }); // prettier-ignore
});
