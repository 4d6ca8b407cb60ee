import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ConnectorError } from '../../src/connectors/errors.js';
import { FAULT_ROWS, type FaultRow, type PagePosition } from '../simulators/index.ts';
import { disposable } from './disposable.js';
import { byId, everyWordOf, never, readAll, type WholeRead } from './reading.js';
import type { Provider, World } from './world.js';

/** Two seconds of real time for each page: the tests of whole runs meet it. */
const ELSEWHERE = new Set(['F-70']);

interface Case {
  row: FaultRow;
  page: PagePosition | undefined;
}

function casesOf(provider: Provider): [string, Case][] {
  return FAULT_ROWS.filter(
    (row) => row.by === 'wire' && row.providers.includes(provider.name) && !ELSEWHERE.has(row.id),
  ).flatMap((row) =>
    (row.pages ?? [undefined]).map((page): [string, Case] => [
      `${row.id} ${row.variant}${page === undefined ? '' : ` on the ${page} page`}: ${row.outcome}`,
      { row, page },
    ]),
  );
}

/** Every row of the fault matrix that the wire can bring about, as far as a connector answers for it. */
export function faultContract(provider: Provider): void {
  describe('faults', () => {
    let world: World;
    let whole: WholeRead;

    beforeAll(async () => {
      world = await provider.makeWorld({ people: provider.threePages });
      await using connector = disposable(await world.connect());
      whole = await readAll(connector.use);
    });
    afterEach(() => {
      world.server.faults.clear();
      world.waits.length = 0;
    });
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
    });

    it.each(casesOf(provider))('%s', async (_words, { row, page }) => {
      const ofGroup = row.id === 'F-07' || row.id === 'F-08';
      const scope = ofGroup ? { scope: world.groupScope } : {};
      await using connector = disposable(await world.connect({ ...scope, impatient: row.id === 'F-18' }));
      const before = await connector.use.probe(never);
      row.inject({ server: world.server, company: world.company, provider: world.provider }, page);
      const outcome = await readAll(connector.use, { limits: { pages: 40 } }).catch((error: unknown) => error);
      checkOutcome(row, outcome, whole);
      if (row.id === 'F-39') expect((await connector.use.probe(never)).tenant).not.toBe(before.tenant);
      expect(world.server.stranger.seen).toEqual([]);
      for (const secret of world.secrets) expect(everyWordOf(outcome)).not.toContain(secret);
    });
  });
}

/** What a connector owes for the outcome that the matrix wants of the whole service. */
function checkOutcome(row: FaultRow, outcome: unknown, whole: WholeRead): void {
  switch (row.outcome) {
    case 'CLEAN-ABORT':
      expect(outcome).toBeInstanceOf(ConnectorError);
      expect((outcome as ConnectorError).failure).not.toBe('unauthorized');
      return;
    case 'QUARANTINE':
      // Another tenant reads well; the probe tells it.
      if (row.id === 'F-39') return;
      expect(outcome).toBeInstanceOf(ConnectorError);
      expect((outcome as ConnectorError).failure).toBe('unauthorized');
      return;
    case 'RETRY-OK | CLEAN-ABORT':
      if (!(outcome instanceof ConnectorError)) return expectSame(outcome, whole);
      expect(outcome.failure).not.toBe('unauthorized');
      return;
    case 'RETRY-OK':
    case 'EQUAL':
      return expectSame(outcome, whole);
    case 'SKIP':
      return expectOnlyOneSpoilt(outcome, whole);
    case 'HOLD':
    case 'CONFLICT':
    case 'NO REMOVAL':
      // What is served is taken as it is; the engine decides about it.
      if (outcome instanceof Error) throw outcome;
      expect((outcome as WholeRead).coverage).toBe('complete');
      return;
  }
}

function expectSame(outcome: unknown, whole: WholeRead): void {
  if (outcome instanceof Error) throw outcome;
  const read = outcome as WholeRead;
  expect(read.coverage).toBe('complete');
  expect(read.faulty).toEqual([]);
  expect(byId(read.records)).toEqual(byId(whole.records));
}

/** One object is faulty or cleaned; everybody else is as ever, and nothing of it could hurt a database. */
function expectOnlyOneSpoilt(outcome: unknown, whole: WholeRead): void {
  if (outcome instanceof Error) throw outcome;
  const read = outcome as WholeRead;
  expect(read.coverage).toBe('complete');
  expect(read.records.length + read.faulty.length).toBe(whole.records.length);
  const now = byId(read.records);
  const others = [...byId(whole.records)].filter(
    ([id, record]) => JSON.stringify(now.get(id)) !== JSON.stringify(record),
  );
  expect(others.length).toBeLessThanOrEqual(1);
  for (const fault of read.faulty) expect(fault.fault).toMatch(/^[A-Z].*\.$/);
  const text = JSON.stringify([...read.records, ...read.faulty]);
  expect(text).not.toMatch(/\\u0000|\\ud8|\u202e/i);
  expect(text.isWellFormed()).toBe(true);
}
