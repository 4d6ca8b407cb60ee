import { emptyFields } from '../sync/fields.js';
import type { ArchiveReason, Change, Origin, PersonFields, PersonRow } from './people.types.js';

/** Sources that speak for a directory or a provider rather than for an admin. */
const AUTOMATIC: ReadonlySet<Origin> = new Set<Origin>(['directory', 'scim', 'sso']);

/**
 * The person as the change makes them. Pure. The state derives: archived while any reason stands (S-11); a source adds
 * and takes away its own reason alone, and only `all` clears the others.
 */
export function nextRow(change: Change, current: PersonRow | null, origin: Origin, now: Date): PersonRow {
  const base = current ?? emptyRow(change.personId, origin);
  const archiveReasons = reasonsAfter(change, base.archiveReasons);
  const state = stateAfter(change, base, archiveReasons);
  const next: PersonRow = {
    ...base,
    archiveReasons,
    archivedAt: state === 'archived' ? (base.archivedAt ?? now) : null,
    archivedFrom: state === 'archived' ? archivedFrom(base) : null,
    version: base.version + 1,
  };
  setDefined(next, change.after);
  next.state = state;
  next.isAdmin = next.isAdmin && !losesPrivileges(change, base, state, origin);
  return next;
}

/** Nobody becomes more than a member again because a directory says that they work here (S-10, S-22). */
export function losesPrivileges(
  { kind }: Change,
  current: Pick<PersonRow, 'state'>,
  state: PersonRow['state'],
  origin: Origin,
): boolean {
  const returns = current.state === 'archived' && state !== 'archived';
  return (returns && AUTOMATIC.has(origin)) || kind === 'relink';
}

/** The fields that differ, by name; the state and what it derives from included. */
export function changedFields(current: PersonRow | null, next: PersonRow): (keyof PersonRow)[] {
  const fields: (keyof PersonRow)[] = [
    'state', 'email', 'firstName', 'lastName', 'teamId', 'positionId', 'managerId', 'employeeNumber', 'attributes',
    'isAdmin', 'isProtected', 'archiveReasons',
  ]; // prettier-ignore
  const before = current ?? emptyRow(next.id, next.origin);
  return fields.filter((field) => !same(before[field], next[field]));
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === 'object' && typeof b === 'object' && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function reasonsAfter(change: Change, standing: readonly ArchiveReason[]): ArchiveReason[] {
  const reason = change.archiveReason;
  if (reason === undefined) return [...standing];
  if (change.kind === 'restore' && reason === 'all') return [];
  if (change.kind === 'restore' || change.kind === 'relink') return standing.filter((one) => one !== reason);
  if (reason === 'all') throw new TypeError('only a restore is about all archive reasons');
  return standing.includes(reason) ? [...standing] : [...standing, reason].sort();
}

function stateAfter(change: Change, base: PersonRow, reasons: readonly ArchiveReason[]): PersonRow['state'] {
  if (reasons.length > 0) return 'archived';
  const wanted = change.after.state;
  if (wanted !== undefined && wanted !== 'archived') return wanted;
  return base.state === 'archived' ? (base.archivedFrom ?? 'active') : base.state;
}

function archivedFrom(base: PersonRow): PersonRow['archivedFrom'] {
  return base.state === 'archived' ? base.archivedFrom : base.state;
}

function setDefined(row: Record<keyof PersonFields, unknown>, fields: Partial<PersonFields>): void {
  for (const field of Object.keys(fields) as (keyof PersonFields)[])
    if (fields[field] !== undefined) row[field] = fields[field];
}

function emptyRow(id: string, origin: Origin): PersonRow {
  return { ...emptyFields(), id, origin, archiveReasons: [], archivedAt: null, archivedFrom: null, version: 0 };
}
