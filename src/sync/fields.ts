import type { Facts, ManagedField, Observation, OtherConnection, Policy, Reference } from './facts.js';
import type { AttributeValue, DirectoryRecord, PersonFields } from './model.js';
import { standingOverride } from './overrides.js';
import { isEmpty, ownedValue } from './ownership.js';
import { positionOf, positionThatStays, teamOf } from './team-position.js';

/** What the directory-managed fields of a person become, and what of the record matches nothing here. */
export interface FieldDiff {
  /** Only fields that differ. */
  before: Partial<PersonFields>;
  after: Partial<PersonFields>;
  changed: ManagedField[];
  unmatchedTeam: string | null;
  unmatchedTitle: string | null;
}

type WithRecord = Observation & { record: DirectoryRecord };

/** A value for a field: what it becomes, or `undefined` for "leave it". */
type Next<T> = T | undefined;

interface Look {
  person: PersonFields;
  record: DirectoryRecord;
  policy: Policy;
  reference: Reference;
  others: readonly OtherConnection[];
  /** Managed here, and no override stands against it. */
  mayChange(field: ManagedField): boolean;
}

/**
 * The managed fields in which a person differs from a record. The manager is not among them: who manages whom is
 * decided once everybody exists (`managers.ts`).
 *
 * @param withEmail False where the e-mail must stay in this step: a link (identity rule 2), or an address that is
 *   somebody else's (rows 17 and 19).
 */
export function diffFields(
  person: PersonFields,
  observed: WithRecord,
  facts: Facts,
  policy: Policy,
  reference: Reference,
  withEmail: boolean,
): FieldDiff {
  const look: Look = {
    person,
    record: observed.record,
    policy,
    reference,
    others: facts.others,
    mayChange: (field) => policy.managed.includes(field) && standingOverride(facts, `update:${field}`) === null,
  };
  const diff: FieldDiff = { before: {}, after: {}, changed: [], unmatchedTeam: null, unmatchedTitle: null };
  if (withEmail) diffEmail(look, facts, diff);
  put(
    diff,
    look,
    'firstName',
    'firstName',
    nextText(look, 'firstName', (record) => record.firstName),
  );
  put(
    diff,
    look,
    'lastName',
    'lastName',
    nextText(look, 'lastName', (record) => record.lastName),
  );
  put(
    diff,
    look,
    'employeeNumber',
    'employeeNumber',
    nextText(look, 'employeeNumber', (r) => r.employeeNumber),
  );
  const team = nextTeam(look, diff);
  put(diff, look, 'team', 'teamId', team);
  put(diff, look, 'position', 'positionId', nextPosition(look, team === undefined ? person.teamId : team, diff));
  diffExtras(look, diff);
  return diff;
}

/** Of a person of whom nothing is known yet. */
export function emptyFields(): PersonFields {
  return {
    state: 'active',
    email: '',
    emailCanonical: '',
    firstName: null,
    lastName: null,
    teamId: null,
    positionId: null,
    managerId: null,
    employeeNumber: null,
    attributes: {},
    isAdmin: false,
    isProtected: false,
  };
}

/** The managed fields of somebody new: as a person who had nothing, so that nothing is left to update after. */
export function fieldsOfNewPerson(
  observed: WithRecord,
  facts: Facts,
  policy: Policy,
  reference: Reference,
): { fields: PersonFields; diff: FieldDiff } {
  const blank: PersonFields = {
    ...emptyFields(),
    state: policy.newPeopleAre,
    email: observed.record.email ?? '',
    emailCanonical: observed.emailCanonical ?? '',
  };
  const alone: Facts = { ...facts, others: [], overrides: [] };
  const diff = diffFields(blank, observed, alone, policy, reference, false);
  return { fields: { ...blank, ...diff.after }, diff };
}

/** Whether the record's address is to become the person's, were it free: another canonical one, or another spelling. */
export function wantsAddress(person: PersonFields, observed: Observation, facts: Facts, policy: Policy): boolean {
  const { record, emailCanonical } = observed;
  if (record === null || record.email === null || emailCanonical === null) return false;
  if (!policy.managed.includes('email') || standingOverride(facts, 'update:email') !== null) return false;
  const owned = ownedValue('email', (other) => other.email, record, facts.others, policy.rank);
  if (owned.by !== 'us') return false;
  return person.emailCanonical !== emailCanonical || person.email !== record.email;
}

function diffEmail(look: Look, facts: Facts, diff: FieldDiff): void {
  const { person, record } = look;
  const observed = facts.observed;
  if (observed === null || record.email === null || observed.emailCanonical === null) return;
  if (!wantsAddress(person, observed, facts, look.policy)) return;
  diff.changed.push('email');
  if (person.email !== record.email) {
    diff.before.email = person.email;
    diff.after.email = record.email;
  }
  if (person.emailCanonical !== observed.emailCanonical) {
    diff.before.emailCanonical = person.emailCanonical;
    diff.after.emailCanonical = observed.emailCanonical;
  }
}

function nextText(
  look: Look,
  field: ManagedField,
  pick: (record: DirectoryRecord) => string | null,
): Next<string | null> {
  const owned = ownedValue(field, pick, look.record, look.others, look.policy.rank);
  if (owned.by === 'us') return String(owned.value);
  return owned.by === 'nobody' && look.policy.emptyAttribute === 'clear' ? null : undefined;
}

function nextTeam(look: Look, diff: FieldDiff): Next<string | null> {
  if (!look.mayChange('team')) return undefined;
  const department = nextText(look, 'team', (record) => record.department);
  if (department === undefined || department === null) return department;
  const team = teamOf(department, look.reference);
  if (team !== null) return team;
  diff.unmatchedTeam = department;
  return undefined;
}

function nextPosition(look: Look, teamId: string | null, diff: FieldDiff): Next<string | null> {
  if (!look.mayChange('position')) return undefined;
  const title = nextText(look, 'position', (record) => record.title);
  if (title === undefined || title === null) return title;
  const position = positionOf(title, teamId, look.reference);
  if (position !== null) return position;
  diff.unmatchedTitle = title;
  return positionThatStays(look.person.positionId, teamId, look.reference);
}

type PlainField = 'firstName' | 'lastName' | 'employeeNumber' | 'teamId' | 'positionId';

function put(diff: FieldDiff, look: Look, field: ManagedField, key: PlainField, next: Next<string | null>): void {
  if (next === undefined || next === look.person[key] || !look.mayChange(field)) return;
  diff.before[key] = look.person[key];
  diff.after[key] = next;
  diff.changed.push(field);
}

/** Attributes are changed as a whole; those that no mapping of ours names stay as they are. An empty one is left out. */
function diffExtras(look: Look, diff: FieldDiff): void {
  if (!look.mayChange('extras')) return;
  const { person, record, policy } = look;
  const next = new Map(Object.entries(person.attributes));
  let differs = false;
  for (const name of Object.keys(record.extras)) {
    const owned = ownedValue('extras', (other) => valueOf(other.extras, name), record, look.others, policy.rank);
    if (owned.by === 'theirs' || (owned.by === 'nobody' && policy.emptyAttribute === 'keep')) continue;
    const value = owned.by === 'us' ? owned.value : null;
    if (same(valueOf(person.attributes, name), value)) continue;
    differs = true;
    if (isEmpty(value)) next.delete(name);
    else next.set(name, value);
  }
  if (!differs) return;
  diff.before.attributes = person.attributes;
  diff.after.attributes = Object.fromEntries(next);
  diff.changed.push('extras');
}

function valueOf(attributes: Record<string, AttributeValue>, name: string): AttributeValue {
  return Object.hasOwn(attributes, name) ? (attributes[name] ?? null) : null;
}

function same(a: AttributeValue, b: AttributeValue): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  return JSON.stringify(a) === JSON.stringify(b);
}
