import type { ManagedField, OtherConnection } from './facts.js';
import type { AttributeValue, DirectoryRecord } from './model.js';

/** Other connections whose word counts and who know the person, the highest first. */
export function knowers(others: readonly OtherConnection[]): OtherConnection[] {
  return others
    .filter((other) => other.knows && other.trusted)
    .sort((a, b) => a.rank - b.rank || (a.connectionId < b.connectionId ? -1 : 1));
}

/**
 * Who decides about employment besides this connection: while its record lives in scope, only somebody of a higher
 * rank; once it does not know the person any more, the highest of those that do. Null: this one decides.
 */
export function deciderElsewhere(
  others: readonly OtherConnection[],
  rank: number,
  knownHere: boolean,
): OtherConnection | null {
  const highest = knowers(others)[0];
  if (highest === undefined) return null;
  return !knownHere || highest.rank < rank ? highest : null;
}

export function isEmpty(value: AttributeValue): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** Whose value a field takes: ours, nobody's (all are empty), a lower-ranked connection's, or `theirs` (a higher one's: leave it). */
export type Owned = { by: 'us'; value: AttributeValue } | { by: 'nobody' } | { by: 'theirs' };

/**
 * The highest-ranked connection that has a value owns the field. Where this one's is empty, the value of the next
 * lower one that has it is taken over at once, lest it wait for a change of that record.
 */
export function ownedValue(
  field: ManagedField,
  pick: (record: DirectoryRecord) => AttributeValue,
  ours: DirectoryRecord,
  others: readonly OtherConnection[],
  rank: number,
): Owned {
  const value = pick(ours);
  const sayers = knowers(others).filter(
    (other) => other.record !== null && (other.managed === undefined || other.managed.includes(field)),
  );
  const theirs = sayers
    .map((other) => ({ rank: other.rank, value: other.record === null ? null : pick(other.record) }))
    .filter((said) => !isEmpty(said.value));
  if (theirs.some((said) => said.rank < rank)) return { by: 'theirs' };
  if (!isEmpty(value)) return { by: 'us', value };
  const next = theirs[0];
  return next === undefined ? { by: 'nobody' } : { by: 'us', value: next.value };
}
