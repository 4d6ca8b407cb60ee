import type { ConflictFound, Decision, Facts, PersonFacts, Policy, Reference, Situation } from './facts.js';
import type { FieldDiff } from './fields.js';
import type { Change, PersonFields, Reason } from './model.js';
import { reason } from './reasons.js';

/** What every reaction works on. */
export interface Context {
  facts: Facts;
  policy: Policy;
  reference: Reference;
  situation: Situation;
}

interface Extras {
  conflict?: ConflictFound | null;
  settles?: boolean;
}

/** A change that is applied, unless the guard holds it. */
export function applied(context: Context, made: Omit<Change, 'id'>, diff: FieldDiff | null, extras: Extras): Decision {
  const found = extras.conflict ?? null;
  return {
    externalId: context.facts.externalId,
    situation: context.situation,
    disposition: 'apply',
    change: made,
    conflict: found,
    removal: false,
    reason: made.reason,
    settles: (extras.settles ?? true) && found === null && !awaitsTeam(context, diff),
    ...unmatched(diff),
  };
}

/** Nothing happens, and this is why. */
export function skip(context: Context, why: Reason, settles: boolean): Decision {
  return {
    externalId: context.facts.externalId,
    situation: context.situation,
    disposition: 'skip',
    change: null,
    conflict: null,
    removal: false,
    reason: why,
    settles,
    ...unmatched(null),
  };
}

/** An override stands against the change; the facts that it stands against are in the hash, so the record settles. */
export function overridden(context: Context, kind: string): Decision {
  return skip(context, reason('overridden', { change: kind }), true);
}

/** Nothing happens until an admin decides. */
export function asked(context: Context, found: ConflictFound, diff: FieldDiff | null = null): Decision {
  const base = skip(context, reason(CONFLICT_REASONS[found.kind]), false);
  return { ...base, disposition: 'conflict', conflict: found, ...unmatched(diff) };
}

const CONFLICT_REASONS = {
  same_address: 'same_address',
  address_taken: 'address_taken',
  recreated: 'recreated',
  candidate_linked: 'candidate_linked',
} as const;

/** A missing team is made first; until then the decision is not whole. */
export function awaitsTeam(context: Context, diff: FieldDiff | null): boolean {
  return context.policy.createMissingTeams && diff !== null && diff.unmatchedTeam !== null;
}

export function unmatched(diff: FieldDiff | null): { unmatchedTeam: string | null; unmatchedTitle: string | null } {
  return { unmatchedTeam: diff?.unmatchedTeam ?? null, unmatchedTitle: diff?.unmatchedTitle ?? null };
}

interface Moved {
  before: Partial<PersonFields>;
  after: Partial<PersonFields>;
}

export const NOTHING: Moved = { before: {}, after: {} };

export function stateTo(person: PersonFacts, state: PersonFields['state']): Moved {
  return { before: { state: person.state }, after: { state } };
}

/** A change of somebody who exists: what moves, and the fields that follow the record. */
export function change(
  kind: Change['kind'],
  person: PersonFacts,
  why: Reason,
  moved: Moved,
  diff: FieldDiff | null,
): Omit<Change, 'id'> {
  return {
    kind,
    personId: person.id,
    reason: why,
    before: { ...moved.before, ...diff?.before },
    after: { ...moved.after, ...diff?.after },
    expectedVersion: person.version,
  };
}

/** The word for a field in a sentence. */
export const FIELD_WORDS: Record<FieldDiff['changed'][number], string> = {
  email: 'e-mail',
  firstName: 'first name',
  lastName: 'last name',
  team: 'team',
  position: 'position',
  manager: 'manager',
  employeeNumber: 'employee number',
  extras: 'further attributes',
};
