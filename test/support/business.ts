import { isDeepStrictEqual } from 'node:util';
import { expected } from '../simulators/index.ts';
import { rowsOf } from './rows-of.js';
import type { Story } from './story-world.js';

/** Tables that a run may change only when it applies a plan. */
export const BUSINESS = [
  'alias',
  'api_key',
  'conflict',
  'directory_record',
  'event',
  'former_address',
  'framework',
  'hold',
  'hold_member',
  'override',
  'person',
  'person_token',
  'position',
  'team',
] as const;

/** A digest of every business table of the organisation, and of what moves on with a run that succeeded. */
export async function businessOf(story: Story): Promise<Record<string, string>> {
  const all = await rowsOf(story.world.service.database, story.organisation.id);
  const [mark] = await story.rows<{ mark: string }>(
    `SELECT concat_ws(' ', cursor::text, last_full_at, confirmed_version, settings_version, tenant) AS mark FROM connection WHERE id = $1`,
    [story.connectionId],
  );
  const [audit] = await story.rows<{ n: number }>(
    "SELECT count(*)::int AS n FROM audit_entry WHERE subject_kind = 'person'",
  );
  return {
    ...Object.fromEntries(BUSINESS.map((table) => [table, all[table] ?? 'there is no such table'])),
    marker: mark?.mark ?? '',
    audit: String(audit?.n),
  };
}

export interface Here {
  id: string;
  externalId: string | null;
  email: string;
  state: string;
  firstName: string | null;
  lastName: string | null;
  employeeNumber: string | null;
  /** Whoever left is nobody's manager: the reports keep the name until an admin gives them another one. */
  manager: string | null;
}

export function peopleHere(story: Story): Promise<Here[]> {
  return story.rows<Here>(
    `SELECT p.id, r.external_id, p.email, p.state, p.first_name, p.last_name, p.employee_number, mr.external_id AS manager
       FROM person p
       LEFT JOIN directory_record r ON r.organisation_id = p.organisation_id AND r.person_id = p.id
       LEFT JOIN person m ON m.organisation_id = p.organisation_id AND m.id = p.manager_id AND m.state = 'active'
       LEFT JOIN directory_record mr ON mr.organisation_id = p.organisation_id AND mr.person_id = m.id
      ORDER BY r.external_id, p.id`,
  );
}

export async function activeHere(story: Story): Promise<Here[]> {
  return (await peopleHere(story)).filter((person) => person.state === 'active');
}

type Comparable = Omit<Here, 'id' | 'state'>;

/** Those who are active here, in a form that `employedThere` has, too. */
export async function comparableHere(story: Story): Promise<Comparable[]> {
  return (await activeHere(story)).map(({ id: _id, state: _state, ...rest }) => rest).toSorted(byRecord);
}

/** The reference model's people. Names as they come, apart from white space, are for the connectors' own tests. */
export function employedThere(story: Story): Comparable[] {
  const there = expected(story.company, story.scope);
  const idOf = new Map(there.map((person) => [person.n, person.externalId]));
  return there
    .map((person) => ({
      externalId: person.externalId,
      email: person.email,
      firstName: person.given || null,
      lastName: person.family || null,
      employeeNumber: person.employeeNumber,
      manager: person.manager === null ? null : (idOf.get(person.manager) ?? null),
    }))
    .toSorted(byRecord);
}

function byRecord(a: { externalId: string | null }, b: { externalId: string | null }): number {
  return (a.externalId ?? '') < (b.externalId ?? '') ? -1 : 1;
}

/**
 * What is wrong with the books: one audit entry and one event for each change, one version for each event, and events
 * that, put together, give the person as they are.
 */
export async function bookkeepingFaults(story: Story): Promise<string[]> {
  const faults: string[] = [];
  const [counts] = await story.rows<{ events: number; ids: number; entries: number }>(
    `SELECT (SELECT count(*)::int FROM event) AS events, (SELECT count(DISTINCT id)::int FROM event) AS ids,
            (SELECT count(*)::int FROM audit_entry WHERE subject_kind = 'person') AS entries`,
  );
  if (counts?.events !== counts?.ids) faults.push(`${counts?.events} events have ${counts?.ids} ids`);
  if (counts?.events !== counts?.entries) faults.push(`${counts?.events} events, ${counts?.entries} audit entries`);
  const people = await story.rows<Replayed & { id: string }>(
    `SELECT id, ${Object.values(REPLAYED).join(', ')} FROM person`,
  );
  const events = await story.rows<{
    personId: string;
    payload: { version: number; state: string; changed: Partial<Replayed> };
  }>('SELECT person_id, payload FROM event ORDER BY seq');
  const told = Map.groupBy(events, (event) => event.personId);
  for (const person of people) {
    const own = told.get(person.id) ?? [];
    const versions = own.map((event) => event.payload.version);
    if (versions.some((version, at) => version !== at + 1))
      faults.push(`${person.email} had versions ${versions.join()}`);
    const replayed: Record<string, unknown> = { isAdmin: false, archiveReasons: [] };
    for (const { payload } of own)
      Object.assign(replayed, payload.changed, { version: payload.version, state: payload.state });
    for (const field of Object.keys(REPLAYED) as (keyof Replayed)[]) {
      if (!isDeepStrictEqual(replayed[field] ?? null, person[field] ?? null))
        faults.push(
          `${person.email}: ${field} is ${JSON.stringify(person[field])}, told ${JSON.stringify(replayed[field])}`,
        );
    }
  }
  for (const id of told.keys()) if (!people.some((person) => person.id === id)) faults.push(`events of nobody: ${id}`);
  return faults;
}

/** Fields of a person that events tell of, and their columns. */
const REPLAYED = {
  state: 'state',
  email: 'email',
  firstName: 'first_name',
  lastName: 'last_name',
  isAdmin: 'is_admin',
  teamId: 'team_id',
  positionId: 'position_id',
  managerId: 'manager_id',
  employeeNumber: 'employee_number',
  archiveReasons: 'archive_reasons',
  version: 'version',
} as const;

type Replayed = Record<keyof typeof REPLAYED, unknown> & { email: string };
