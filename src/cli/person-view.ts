import { RollcallError } from '../common/errors.js';
import { PeopleService } from '../people/people.service.js';
import { positions, teams } from './naming.js';
import type { Output } from './output.js';
import { nameOf } from './people-listing.js';
import type { Session } from './session.js';
import { fitted, minute, plain, second, shortly } from './text.js';
import type { PersonView, TimelineView, WhyView } from './views.js';

/** Fields of a person in words, in the order in which people look for them. */
const FIELDS: Readonly<Record<string, string>> = {
  state: 'state',
  email: 'e-mail',
  firstName: 'first name',
  lastName: 'last name',
  teamId: 'team',
  positionId: 'position',
  managerId: 'manager',
  employeeNumber: 'employee no.',
  attributes: 'attributes',
  isAdmin: 'admin',
  isProtected: 'protected',
};

export function showPerson(output: Output, person: PersonView): void {
  const kept = person.managedFields.map(({ field }) => FIELDS[field] ?? field.replace('attributes.', ''));
  const former = person.formerAddresses.map(({ email, until }) => `${email} (until ${minute(until)})`);
  output.line(`${output.bold(fitted(nameOf(person), 60))}  ${person.state}${person.isAdmin ? ', admin' : ''}${person.isProtected ? ', protected' : ''}`);
  output.facts({
    id: person.id,
    'e-mail': person.email,
    ...(former.length > 0 ? { 'before that': former.join(', ') } : {}),
    team: person.team?.name,
    position: person.position?.name,
    manager: person.manager?.name,
    reports: person.reports,
    'employee no.': person.employeeNumber,
    ...Object.fromEntries(Object.entries(person.attributes).map(([name, value]) => [name, inWords(value)])),
    origin: person.origin,
    'kept in step': kept.join(', ') || null,
    directories: person.records.map((one) => `${one.connection} ${one.externalId}`).join(', ') || null,
    ...(person.archivedAt === null ? {} : { archived: `${minute(person.archivedAt)} UTC (${person.archiveReasons.join(', ')})` }),
  });
} // prettier-ignore

/** One thing that happened: when, by which rule, by whom; and with names, what it changed. */
export function showEntry(output: Output, one: TimelineView, names?: ReadonlyMap<string, string>): void {
  const who = one.run?.connection ?? one.by?.kind ?? one.origin;
  output.line(`  ${output.dim(second(one.at))}  ${fitted(`${one.reason.text} (${who})`, output.width - 23)}`);
  if (names === undefined) return;
  const { before, after } = one;
  const word = (value: unknown): string => (typeof value === 'string' ? (names.get(value) ?? value) : inWords(value));
  for (const [field, label] of Object.entries(FIELDS)) {
    if (!(field in after) || (before === null && isEmpty(after[field]))) continue;
    const change = before === null ? word(after[field]) : `${word(before[field])} → ${word(after[field])}`;
    output.line(`    ${output.dim(fitted(`${label}: ${change}`, output.width - 4))}`);
  }
}

/** Of somebody new, what they do not have is not told. */
function isEmpty(value: unknown): boolean {
  return value === null || value === false || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
} // prettier-ignore

/** `site=Porto badge=B1` for attributes, `a, b` for lists. */
function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => shortly(one)).join(', ') || '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'object' || value === null) return shortly(value);
  const words = Object.entries(value).map(([name, inner]) => `${name}=${inWords(inner)}`);
  return words.join(' ') || '–';
}

/** What the ids in a timeline are called: teams, positions, managers. */
export async function namesIn(
  session: Session,
  organisationId: string,
  entries: readonly TimelineView[],
): Promise<Map<string, string>> {
  const named = [...(await teams(session, organisationId)), ...(await positions(session, organisationId))];
  const names = new Map(named.map((one) => [one.id, one.name]));
  const managers = entries.flatMap(({ before, after }) => [before?.['managerId'], after['managerId']]);
  for (const id of new Set(managers)) {
    if (typeof id === 'string') names.set(id, await managerCalled(session, organisationId, id));
  }
  return names;
}

async function managerCalled(session: Session, organisationId: string, id: string): Promise<string> {
  try {
    return nameOf(await session.service(PeopleService).show(organisationId, id));
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'person.not_found') return 'somebody who is not kept';
    throw error;
  }
}

export function showWhy(output: Output, { answer, person, records, questions }: WhyView): void {
  output.line(output.bold(answer));
  if (person !== null) output.line(`  ${plain(nameOf(person))} <${plain(person.email)}>, ${person.state}`);
  for (const record of records) {
    const said = record.decision;
    output.line(`  ${output.dim(`${record.connection}, ${record.externalId}, seen ${minute(record.observedAt)} UTC`)}`);
    if (said !== null) output.line(`    ${minute(said.at)}  ${said.reason.text}${said.disposition === 'hold' ? ' (held)' : ''}`);
  }
  for (const one of questions) output.line(`  ${output.warn('!')} ${one.what}: ${one.kind}, since ${minute(one.since)} UTC, ${one.id}`);
} // prettier-ignore
