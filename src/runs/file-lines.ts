import { derivedId } from '../common/ids.js';
import { reason } from '../sync/reasons.js';
import type { FilePerson, FileRow, RowDecision } from '../sync/file-rows.js';
import type { Reason } from '../sync/model.js';
import { PLACE, plannedLine, type PlannedAfter, type PlannedChange } from './plan.types.js';

/**
 * Ids of the people whom a file would add, by address: the same in its preview and in the run, and known to rows before and
 * behind that name them as a manager.
 */
export class NewcomerIds {
  /** Managers are named time and again. */
  private known = new Map<string, string>();

  constructor(private readonly importId: string) {}

  /** @param emailCanonical Of the newcomer. */
  of(emailCanonical: string): string {
    let id = this.known.get(emailCanonical);
    if (id === undefined) {
      id = derivedId(this.importId, `newcomer ${emailCanonical}`);
      if (this.known.size >= MOST_KNOWN) this.known.clear();
      this.known.set(emailCanonical, id);
    }
    return id;
  }
}

const MOST_KNOWN = 4_000;

/** Whether a decision needs a line: nobody would ask about a row that changes nothing and says nothing. */
export function isWorthALine({ change, fault, notes, kept }: RowDecision): boolean {
  return change !== null || fault !== null || notes.length > 0 || kept.length > 0;
}

/** The stored line of a row. Lines are in the order of the file, and `reason.facts.line` says which row. @param personId Whom it is about, who may be a newcomer. */
export function fileLine(
  seq: number,
  personId: string | null,
  row: FileRow,
  person: FilePerson | null,
  decision: RowDecision,
): PlannedChange {
  const { change, removal } = decision;
  const added = change?.kind === 'add';
  const place = removal ? PLACE.leaver : added ? PLACE.joiner : PLACE.mover;
  return plannedLine({
    seq,
    kind: change?.kind ?? 'skip',
    situation: decision.fault === null ? 'file_row' : 'file_fault',
    personId,
    label: labelOf(row, person),
    reason: reasonOf(row, decision),
    before: change?.before ?? null,
    after: afterOf(decision),
    removal,
    place: change === null ? 0 : place,
  });
}

function afterOf({ change, invites }: RowDecision): PlannedAfter | null {
  if (change === null) return null;
  const { archiveReason, expectedVersion, after } = change;
  return {
    ...after,
    ...(archiveReason === undefined ? {} : { archiveReason }),
    ...(expectedVersion === null ? {} : { expectedVersion }),
    ...(invites ? { invites } : {}),
  };
}

/** Why, with what is to be said of the row besides. */
function reasonOf({ line }: FileRow, { change, fault, notes, kept }: RowDecision): Reason {
  if (fault !== null) return reason('file_faulty', { line, field: fault.field, because: fault.text });
  const more = {
    ...(notes.length > 0 ? { notes: notes.map(({ code }) => code).join(',') } : {}),
    ...(kept.length > 0 ? { kept: kept.join(',') } : {}),
  };
  if (change !== null) return { ...change.reason, facts: { ...change.reason.facts, ...more } };
  const because = notes[0]?.text ?? 'A directory keeps in step what differs.';
  return reason('file_left', { line, because, ...more });
}

function labelOf({ email, values }: FileRow, person: FilePerson | null): string {
  const first = values.firstName ?? person?.firstName ?? '';
  const last = values.lastName ?? person?.lastName ?? '';
  const name = [first, last].filter((part) => part !== '').join(' ');
  return name === '' ? email : `${name} <${email}>`;
}
