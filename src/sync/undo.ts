import type { ManagedField, PersonFacts } from './facts.js';
import type { AttributeValue, Change, PersonFields } from './model.js';
import { reason, type ReasonCode } from './reasons.js';
import type { OverrideKind } from './overrides.js';

/** A change that a run applied, with the record that it came from. */
export interface AppliedChange extends Change {
  externalId: string | null;
}

/** What an undo does to one person, in one step. */
export interface UndoStep {
  personId: string;
  externalId: string | null;
  change: Omit<Change, 'id'>;
  /** It archives somebody who is not archived: counts for the guard and for the last-admin rule. */
  removal: boolean;
  /** The record goes back to nobody (`to` null), or the person back to an earlier record. */
  untie: { externalId: string; to: string | null } | null;
  /**
   * Overrides to leave, lest the next run do the same again. They stand against the record as it is now; where there is
   * none, as for a file of people, nothing comes again by itself.
   */
  overrides: OverrideKind[];
}

/** What an undo leaves alone, and why. */
export interface UndoSkip {
  personId: string;
  field: keyof PersonFields | null;
  because: 'changed_since' | 'erased' | 'protected';
}

export interface UndoPlan {
  steps: UndoStep[];
  skipped: UndoSkip[];
  removals: number;
}

/**
 * The plan that takes a run back. Each field goes back to what it was, unless something changed it since; that is listed
 * and left. Nobody who was added is deleted: they are archived, for the reason `undo`. Nobody becomes an admin again by
 * it, but whoever it made one is none any more. The plan is subject to the guard and the last-admin rule like any other.
 *
 * @param applied The changes of the run in the order in which they were applied; several of one person are taken together.
 * @param people The people concerned, as they are now; who is missing was erased.
 */
export function planUndo(applied: Iterable<AppliedChange>, people: ReadonlyMap<string, PersonFacts>): UndoPlan {
  const byPerson = new Map<string, AppliedChange[]>();
  for (const change of applied) {
    const changes = byPerson.get(change.personId);
    if (changes === undefined) byPerson.set(change.personId, [change]);
    else changes.push(change);
  }
  const plan: UndoPlan = { steps: [], skipped: [], removals: 0 };
  for (const [personId, changes] of byPerson) {
    const person = people.get(personId);
    if (person === undefined) plan.skipped.push({ personId, field: null, because: 'erased' });
    else undoPerson(person, changes, plan);
  }
  plan.removals = plan.steps.filter((step) => step.removal).length;
  return plan;
}

/** Several changes of one person as one; the later entry wins. */
function merged(parts: readonly Partial<PersonFields>[]): Partial<PersonFields> {
  const whole: Partial<PersonFields> = {};
  for (const part of parts) Object.assign(whole, part);
  return whole;
}

function undoPerson(person: PersonFacts, changes: readonly AppliedChange[], plan: UndoPlan): void {
  const main = changes.find((change) => change.kind !== 'update') ?? changes[0];
  if (main === undefined) return;
  const before = merged(changes.toReversed().map((change) => change.before ?? {}));
  const after = merged(changes.map((change) => change.after));
  const back = lifecycleBack(person, main, before, after);
  if (back === 'changed_since') {
    plan.skipped.push({ personId: person.id, field: 'state', because: 'changed_since' });
    if (main.kind === 'add') return;
  }
  const moves = back === 'changed_since' ? NO_MOVES : back;
  if (moves.kind === 'archive' && person.state !== 'archived' && person.isProtected) {
    plan.skipped.push({ personId: person.id, field: null, because: 'protected' });
    return;
  }
  const fields = main.kind === 'add' ? NO_FIELDS : fieldsBack(person, before, after, plan);
  const untie = tieBack(main);
  const nothing = moves.kind === 'update' && fields.changed.length === 0 && Object.keys(moves.after).length === 0;
  if (nothing && untie === null) return;
  const change: Omit<Change, 'id'> = {
    kind: moves.kind,
    personId: person.id,
    reason: reason(UNDONE[main.kind]),
    before: { ...moves.before, ...fields.before },
    after: { ...moves.after, ...fields.after },
    expectedVersion: person.version,
  };
  if (moves.archiveReason !== undefined) change.archiveReason = moves.archiveReason;
  plan.steps.push({
    personId: person.id,
    externalId: main.externalId,
    change,
    removal: moves.kind === 'archive' && person.state !== 'archived',
    untie,
    overrides:
      main.externalId === null
        ? []
        : untie === null
          ? [...moves.overrides, ...overridesOf(fields.changed)]
          : [main.kind === 'relink' ? 'relink' : 'link'],
  });
}

interface Moves {
  kind: 'update' | 'archive' | 'restore';
  before: Partial<PersonFields>;
  after: Partial<PersonFields>;
  archiveReason?: 'directory' | 'csv' | 'undo';
  overrides: OverrideKind[];
}

const NO_MOVES: Moves = { kind: 'update', before: {}, after: {}, overrides: [] };

/** How the state goes back, or that somebody changed it since. */
function lifecycleBack(
  person: PersonFacts,
  main: AppliedChange,
  before: Partial<PersonFields>,
  after: Partial<PersonFields>,
): Moves | 'changed_since' {
  const leave: Moves = {
    kind: 'archive',
    before: { state: person.state },
    after: { state: 'archived' },
    archiveReason: 'undo',
    overrides: ['restore'],
  };
  switch (main.kind) {
    case 'add':
      return person.state === 'archived' ? 'changed_since' : leave;
    case 'restore':
      if (after.state === undefined) return NO_MOVES;
      if (person.state === 'archived') return 'changed_since';
      // What an undo brought back is archived again for the reason that the undo took away.
      return UNDOING.has(main.reason.code) && main.archiveReason !== undefined
        ? { ...leave, archiveReason: ownReason(main.archiveReason) }
        : leave;
    case 'archive': {
      // A run archives for the directory's reason or the file's; an undo, taken back in its turn, for its own.
      const why = ownReason(main.archiveReason);
      if (person.state !== 'archived' || !person.archiveReasons.includes(why)) return 'changed_since';
      const alone = person.archiveReasons.every((one) => one === why);
      const state = before.state ?? 'active';
      const demoted = alone && person.isAdmin;
      const moved = alone
        ? {
            before: { state: person.state, ...(demoted ? { isAdmin: true } : {}) },
            after: { state, ...(demoted ? { isAdmin: false } : {}) },
          }
        : { before: {}, after: {} };
      return { kind: 'restore', ...moved, archiveReason: why, overrides: ['archive'] };
    }
    case 'link':
    case 'relink': {
      if (before.state === undefined) return NO_MOVES;
      if (person.state !== after.state) return 'changed_since';
      if (before.state === 'archived') return leave;
      return { ...NO_MOVES, before: { state: person.state }, after: { state: before.state } };
    }
    case 'update': {
      // A file lets people in who waited; who was archived since is left.
      if (before.state !== 'pending' || after.state !== 'active') return NO_MOVES;
      if (person.state !== 'active') return 'changed_since';
      return { ...NO_MOVES, before: { state: 'active' }, after: { state: 'pending' } };
    }
  }
}

/** The reason that a run gave, or took away. */
function ownReason(reason: AppliedChange['archiveReason']): 'directory' | 'csv' | 'undo' {
  return reason === 'undo' || reason === 'csv' ? reason : 'directory';
}

function tieBack(main: AppliedChange): UndoStep['untie'] {
  if (main.externalId === null || (main.kind !== 'link' && main.kind !== 'relink')) return null;
  const previous = main.reason.facts?.['previousExternalId'];
  return { externalId: main.externalId, to: typeof previous === 'string' ? previous : null };
}

interface FieldsBack {
  before: Partial<PersonFields>;
  after: Partial<PersonFields>;
  changed: (keyof PersonFields)[];
}

const NO_FIELDS: FieldsBack = { before: {}, after: {}, changed: [] };

const PLAIN = [
  'email',
  'emailCanonical',
  'firstName',
  'lastName',
  'teamId',
  'positionId',
  'managerId',
  'employeeNumber',
] as const satisfies (keyof PersonFields)[];

function fieldsBack(
  person: PersonFacts,
  before: Partial<PersonFields>,
  after: Partial<PersonFields>,
  plan: UndoPlan,
): FieldsBack {
  const back: FieldsBack = { before: {}, after: {}, changed: [] };
  const addressMoved = after.emailCanonical !== undefined && after.emailCanonical !== person.emailCanonical;
  for (const field of PLAIN) {
    if (!(field in after) || !(field in before)) continue;
    const isAddress = field === 'email' || field === 'emailCanonical';
    if (person[field] !== after[field] || (isAddress && addressMoved)) {
      plan.skipped.push({ personId: person.id, field, because: 'changed_since' });
      continue;
    }
    Object.assign(back.before, { [field]: person[field] });
    Object.assign(back.after, { [field]: before[field] });
    back.changed.push(field);
  }
  if (before.isAdmin === false && after.isAdmin === true && person.isAdmin) {
    back.before.isAdmin = true;
    back.after.isAdmin = false;
    back.changed.push('isAdmin');
  }
  if (before.attributes !== undefined && after.attributes !== undefined) {
    attributesBack(person, before.attributes, after.attributes, back, plan);
  }
  return back;
}

/** Attributes go back one by one: another one may have been changed since. */
function attributesBack(
  person: PersonFacts,
  before: Record<string, AttributeValue>,
  after: Record<string, AttributeValue>,
  back: FieldsBack,
  plan: UndoPlan,
): void {
  const next = new Map(Object.entries(person.attributes));
  let undone = 0;
  let left = 0;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (same(before[name], after[name])) continue;
    if (!same(person.attributes[name], after[name])) {
      left++;
      continue;
    }
    undone++;
    const value = before[name];
    if (value === undefined) next.delete(name);
    else next.set(name, value);
  }
  if (left > 0) plan.skipped.push({ personId: person.id, field: 'attributes', because: 'changed_since' });
  if (undone === 0) return;
  back.before.attributes = person.attributes;
  back.after.attributes = Object.fromEntries(next);
  back.changed.push('attributes');
}

function same(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

const MANAGED: Partial<Record<keyof PersonFields, ManagedField>> = {
  email: 'email',
  emailCanonical: 'email',
  firstName: 'firstName',
  lastName: 'lastName',
  teamId: 'team',
  positionId: 'position',
  managerId: 'manager',
  employeeNumber: 'employeeNumber',
  attributes: 'extras',
};

function overridesOf(changed: readonly (keyof PersonFields)[]): OverrideKind[] {
  const fields = new Set<ManagedField>();
  for (const field of changed) {
    const managed = MANAGED[field];
    if (managed !== undefined) fields.add(managed);
  }
  return [...fields].map((field) => `update:${field}` as const);
}

const UNDONE: Record<Change['kind'], ReasonCode> = {
  add: 'undone_add',
  archive: 'undone_archive',
  restore: 'undone_restore',
  link: 'undone_link',
  relink: 'undone_link',
  update: 'undone_update',
};

/** Why a change was made that takes another one back. */
const UNDOING: ReadonlySet<string> = new Set(Object.values(UNDONE));
