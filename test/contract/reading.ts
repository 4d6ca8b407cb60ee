import type { Connector, Cursor, Evidence, Page } from '../../src/connectors/connector.js';
import { readDirectory, type ReadOptions } from '../../src/connectors/read-directory.js';
import type { DirectoryRecord, FaultyRecord } from '../../src/sync/model.js';
import type { ExpectedPerson } from '../simulators/index.ts';

export const never = new AbortController().signal;

export interface WholeRead {
  records: DirectoryRecord[];
  faulty: FaultyRecord[];
  pages: Page[];
  coverage: 'partial' | 'complete';
  restarts: number;
}

/** A full read as the service does it, kept whole. */
export async function readAll(connector: Connector, options: Partial<ReadOptions> = {}): Promise<WholeRead> {
  const read = readDirectory(connector, { signal: never, ...options });
  const pages: Page[] = [];
  let restarts = 0;
  for await (const event of read) {
    if (event.kind === 'restarted') {
      restarts += 1;
      pages.length = 0;
    } else {
      pages.push(event.page);
    }
  }
  const all = pages.flatMap((page) => page.records);
  return {
    records: all.filter((record): record is DirectoryRecord => !('fault' in record)),
    faulty: all.filter((record): record is FaultyRecord => 'fault' in record),
    pages,
    coverage: read.coverage,
    restarts,
  };
}

/** By id, each once, whatever the order of the pages. */
export function byId(records: readonly DirectoryRecord[]): Map<string, DirectoryRecord> {
  return new Map(
    [...records].sort((a, b) => (a.externalId < b.externalId ? -1 : 1)).map((one) => [one.externalId, one]),
  );
}

/** Who is in scope and employed, as far as the reference model tells of them. */
export function peopleOf(records: readonly DirectoryRecord[]): unknown[] {
  return [...byId(records).values()]
    .filter((record) => record.scope.in && record.status === 'employed')
    .map(({ externalId, email, firstName, lastName, department, title, employeeNumber }) => ({
      externalId,
      email,
      firstName,
      lastName,
      department,
      title,
      employeeNumber,
    }));
}

/** The same of the reference model; what is empty is null. */
export function expectedPeople(people: readonly ExpectedPerson[]): unknown[] {
  const text = (value: string): string | null => (value.trim() === '' ? null : value.trim());
  return people
    .map((person) => ({
      externalId: person.externalId,
      email: text(person.email),
      firstName: text(person.given),
      lastName: text(person.family),
      department: text(person.department),
      title: text(person.title),
      employeeNumber: text(person.employeeNumber),
    }))
    .sort((a, b) => (a.externalId < b.externalId ? -1 : 1));
}

/** Everybody whom a delta names from a cursor on. */
export async function wholeDelta(
  connector: Connector,
  from: Cursor,
): Promise<{ ids: string[]; everything: boolean; cursor: Cursor }> {
  const ids: string[] = [];
  let everything = false;
  for (let cursor = from; ;) {
    const page = await connector.fetchDelta(cursor, never);
    ids.push(...page.externalIds);
    everything ||= page.everything;
    cursor = page.nextCursor;
    if (page.done) return { ids, everything, cursor };
  }
}

export async function evidenceSince(connector: Connector, since: Date): Promise<Evidence[]> {
  const all: Evidence[] = [];
  for await (const batch of connector.leavers(since, never)) all.push(...batch);
  return all;
}

/** Everything that an error could tell somebody, as one text. */
export function everyWordOf(error: unknown): string {
  const words: string[] = [];
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    words.push(one.message, String(one.stack), JSON.stringify(one));
  }
  return words.join('\n');
}
