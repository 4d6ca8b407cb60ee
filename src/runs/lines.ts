import { derivedId } from '../common/ids.js';
import type { Decision } from '../sync/facts.js';
import { factsHash } from '../sync/overrides.js';
import type { Subject } from './assembling.js';
import { PLACE, type PlannedAfter, type PlannedChange } from './plan.types.js';

/**
 * Id of the person whom a run would add for a record. Known before anything is stored, so that a joiner can name a
 * manager who joins in the same run; another run gives another id, so that ids are never reused.
 */
export function joinerId(runId: string, externalId: string): string {
  return derivedId(runId, `joiner ${externalId}`);
}

/** Id of a planned change, under which it is applied at most once. */
export function changeId(runId: string, seq: number): string {
  return derivedId(runId, `change ${seq}`);
}

/** What the manager pass found for a record: the new manager's id, or null to take the manager away. */
export interface ManagerChange {
  before: string | null;
  after: string | null;
}

/** The stored line of a decision. */
export function lineOf(
  seq: number,
  runId: string,
  subject: Subject,
  decision: Decision,
  manager: ManagerChange | null,
  ring: string | null,
): PlannedChange {
  const { row, facts } = subject;
  const { change } = decision;
  const personId =
    change === null
      ? (facts.linked?.id ?? null)
      : change.kind === 'add'
        ? joinerId(runId, row.externalId)
        : change.personId;
  const after = afterOf(subject, decision, manager);
  return {
    seq,
    kind: change?.kind ?? (decision.conflict === null ? 'skip' : 'conflict'),
    disposition: decision.disposition,
    situation: decision.situation,
    externalId: row.externalId,
    personId,
    otherPersonId: decision.conflict?.otherPersonId ?? null,
    label: labelOf(subject),
    reason: decision.reason,
    before:
      change === null
        ? null
        : { ...change.before, ...(manager === null || change.kind === 'add' ? {} : { managerId: manager.before }) },
    after,
    removal: decision.removal,
    recordHash: row.hash.toString('base64'),
    settles: decision.settles,
    approved: false,
    place: change === null ? 0 : placeOf(change.kind, decision.removal),
    ring,
  };
}

/** A change of the manager alone, for somebody who is otherwise as the record says. */
export function managerLine(
  seq: number,
  subject: Subject,
  decision: Decision,
  manager: ManagerChange,
  person: { id: string; version: number },
): PlannedChange {
  return {
    seq,
    kind: 'update',
    disposition: 'apply',
    situation: 'changed',
    externalId: subject.row.externalId,
    personId: person.id,
    otherPersonId: null,
    label: labelOf(subject),
    reason: { code: 'updated', text: 'Changed in the directory: manager.', facts: { fields: 'manager' } },
    before: { managerId: manager.before },
    after: { ...notedOf(subject, decision), managerId: manager.after, expectedVersion: person.version },
    removal: false,
    recordHash: subject.row.hash.toString('base64'),
    settles: decision.settles,
    approved: false,
    place: PLACE.mover,
    ring: null,
  };
}

function placeOf(kind: string, removal: boolean): number {
  if (removal) return PLACE.leaver;
  return kind === 'add' ? PLACE.joiner : PLACE.mover;
}

function afterOf(subject: Subject, decision: Decision, manager: ManagerChange | null): PlannedAfter | null {
  const { change, conflict } = decision;
  if (change === null) return conflict === null ? null : { conflict: conflict.cause };
  const after: PlannedAfter = { ...change.after, ...notedOf(subject, decision) };
  if (conflict !== null) after.conflict = conflict.cause;
  if (manager !== null) after.managerId = manager.after;
  if (change.archiveReason !== undefined) after.archiveReason = change.archiveReason;
  if (change.expectedVersion !== null) after.expectedVersion = change.expectedVersion;
  if (change.kind === 'relink' && subject.facts.candidate?.linkedRecord) {
    after.formerExternalId = subject.facts.candidate.linkedRecord.externalId;
  }
  if (decision.removal) {
    after.factsHash = factsHash(change.kind, subject.facts.observed);
    const seen = subject.row.body?.lastSignInAt ?? null;
    if (seen !== null) after.lastSignInAt = seen;
  }
  return after;
}

/** What of the record matches nothing here, for the title inbox and for when the manager arrives. */
export function notedOf(
  subject: Subject,
  decision: Decision,
): Pick<PlannedAfter, 'awaitedManager' | 'unmatchedTitle' | 'unmatchedTeam'> {
  return {
    ...(subject.manager !== null && subject.manager.personId === null
      ? { awaitedManager: subject.manager.awaited }
      : {}),
    ...(decision.unmatchedTitle === null ? {} : { unmatchedTitle: decision.unmatchedTitle }),
    ...(decision.unmatchedTeam === null ? {} : { unmatchedTeam: decision.unmatchedTeam }),
  };
}

/** Whom a line is about, as people read it. */
export function labelOf({ row, facts }: Subject): string {
  const person = facts.linked ?? facts.candidate;
  const first = row.body?.firstName ?? person?.firstName ?? null;
  const last = row.body?.lastName ?? person?.lastName ?? null;
  const name = [first, last].filter((part) => part !== null && part !== '').join(' ');
  const address = row.body?.email ?? person?.email ?? '';
  if (name !== '' && address !== '') return `${name} <${address}>`;
  return name || address || row.externalId;
}
