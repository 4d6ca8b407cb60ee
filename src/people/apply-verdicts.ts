import { nextRow } from './apply-next.js';
import type { ArchiveReason, Change, ChangeResult, Origin, PersonRow, Step } from './people.types.js';

/** What is so at the moment of applying: read under lock. */
export interface Ground {
  people: ReadonlyMap<string, PersonRow>;
  /** Changes whose event is there already. */
  known: ReadonlySet<string>;
  /** Canonical address to the person who has it and is not archived. */
  holders: ReadonlyMap<string, string>;
  /** Active admins of the organisation; locked when a change could end one of them. */
  activeAdmins: ReadonlySet<string>;
  /** Teams, positions and people that changes refer to and that are not there any more. */
  missing: ReadonlySet<string>;
  /** Changes whose manager would close a loop. */
  loops: ReadonlySet<string>;
  origin: Origin;
  now: Date;
}

export interface Verdicts {
  results: Map<string, ChangeResult>;
  /** What is to be written, in the order of the changes. */
  steps: Step[];
}

/** Decides for each change whether it still holds. Pure; one that fails never takes another with it. */
export function judge(changes: readonly Change[], ground: Ground): Verdicts {
  const results = new Map<string, ChangeResult>();
  const open: Step[] = [];
  for (const change of changes) {
    if (ground.known.has(change.id)) {
      results.set(change.id, 'already_applied');
      continue;
    }
    const current = ground.people.get(change.personId) ?? null;
    if (ground.loops.has(change.id) || isStale(change, current, ground.missing)) {
      results.set(change.id, 'stale');
      continue;
    }
    const step = { change, current, next: nextRow(change, current, ground.origin, ground.now) };
    if (isShielded(step)) results.set(change.id, 'protected');
    else open.push(step);
  }
  const kept = keepAnAdmin(open, ground.activeAdmins, results);
  const steps = giveAddresses(kept, ground.holders, results);
  for (const { change } of steps) results.set(change.id, 'applied');
  return { results, steps };
}

function isStale(change: Change, current: PersonRow | null, missing: ReadonlySet<string>): boolean {
  if ([change.after.teamId, change.after.positionId, change.after.managerId].some((id) => id && missing.has(id)))
    return true;
  if (change.kind === 'add') return current !== null;
  if (current === null) return true;
  if (change.expectedVersion !== null && change.expectedVersion !== current.version) return true;
  if (change.kind === 'restore') return !current.archiveReasons.some((one) => isCleared(one, change));
  return change.kind === 'archive' && current.archiveReasons.some((reason) => reason === change.archiveReason);
}

function isCleared(reason: ArchiveReason, change: Change): boolean {
  return change.archiveReason === 'all' || change.archiveReason === reason;
}

/** Row 10: a protected person is archived by the hand of an admin (also through a CSV file), never by a sync. */
function isShielded({ change, current, next }: Step): boolean {
  if (!current?.isProtected || !loses(current, next)) return false;
  return change.archiveReason !== 'admin' && change.archiveReason !== 'csv';
}

function loses(current: PersonRow, next: PersonRow): boolean {
  return current.state !== 'archived' && next.state === 'archived';
}

export function isActiveAdmin(row: PersonRow): boolean {
  return row.isAdmin && row.state === 'active';
}

/** S-13: of the changes that would end the last active admin, the last in order is refused, whoever asks. */
function keepAnAdmin(
  steps: readonly Step[],
  activeAdmins: ReadonlySet<string>,
  results: Map<string, ChangeResult>,
): Step[] {
  const left = new Set(activeAdmins);
  return steps.filter(({ change, current, next }) => {
    if (!current || !isActiveAdmin(current) || isActiveAdmin(next)) return true;
    if (left.size <= 1 && left.has(current.id)) {
      results.set(change.id, 'protected');
      return false;
    }
    left.delete(current.id);
    return true;
  });
}

/** The canonical address that the person needs to have alone afterwards; null when they need none or have it now. */
export function wantedAddress({ current, next }: Step): string | null {
  if (next.state === 'archived') return null;
  const keeps = current !== null && current.state !== 'archived' && current.emailCanonical === next.emailCanonical;
  return keeps ? null : next.emailCanonical;
}

/** The address that is free once the step is done. */
export function freedAddress({ current, next }: Step): string | null {
  if (current === null || current.state === 'archived') return null;
  return next.state === 'archived' || next.emailCanonical !== current.emailCanonical ? current.emailCanonical : null;
}

/**
 * Refuses those whose address somebody else keeps. Those who exchange addresses, two or a ring, let each other pass: an
 * address is free when its holder gives it up in this very batch, and that change itself is not refused.
 */
function giveAddresses(
  steps: readonly Step[],
  holders: ReadonlyMap<string, string>,
  results: Map<string, ChangeResult>,
): Step[] {
  let left = [...steps];
  for (;;) {
    const freed = new Set(left.map(freedAddress));
    const taken = new Set<string>();
    const after = left.filter((step) => {
      const wanted = wantedAddress(step);
      if (wanted === null) return true;
      const holder = holders.get(wanted);
      const free = holder === undefined || holder === step.change.personId || freed.has(wanted);
      if (free && !taken.has(wanted)) {
        taken.add(wanted);
        return true;
      }
      results.set(step.change.id, 'address_taken');
      return false;
    });
    if (after.length === left.length) return after;
    left = after;
  }
}
