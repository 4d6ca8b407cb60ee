import type { Policy } from './facts.js';

/** What the guard looks at: counts, so that it needs nothing of a plan's size. */
export interface GuardInput {
  /** Active people linked to the connection at the start of the plan. */
  activeLinked: number;
  /**
   * Removals that the plan would apply now: archives of people who are not archived, and relinks; without those that
   * an admin approved and without those that wait in the connection's hold.
   */
  fresh: { byAbsence: number; other: number };
  /** Removals of the plan that wait in the hold already, unapproved. They wait on, whatever is said here. */
  waiting: { byAbsence: number; other: number };
  /** Removals that were applied to the connection's people within 24 hours before the plan; approved ones left out. */
  removedLastDay: number;
  /** Row 9: people who the read missed and the witness found in scope and employed. */
  contradictions: number;
  /** Null for a delta, a push or an undo: they list nobody, so that nothing can be missing from them. */
  read: {
    records: number;
    /** Of these, in scope; records that cannot be judged count as in scope. */
    inScope: number;
    unknown: number;
    /** Living records that the mirror held before the read. */
    mirrorRecords: number;
  } | null;
}

export type GuardCauseCode =
  'run_limit' | 'half_or_more' | 'day_limit' | 'empty_read' | 'halved_read' | 'unknown_records' | 'contradictions';

/** Why removals do not go now, as data and as a sentence. */
export interface GuardCause {
  code: GuardCauseCode;
  /** What was counted, and the most that would have passed. */
  count: number;
  limit: number;
  text: string;
}

/**
 * - `apply`: all go, but for those that wait in the hold.
 * - `hold`: all become part of the hold.
 * `absences` says the same for removals by absence; `drop` leaves them out of this run, unsettled, approved ones with them.
 */
export interface GuardVerdict {
  removals: 'apply' | 'hold';
  absences: 'apply' | 'hold' | 'drop';
  causes: GuardCause[];
}

/** Removals that one run may apply: `max(3, 5 %)` by default. Equal passes, one more holds. */
export function runLimit(activeLinked: number, policy: Policy): number {
  return Math.max(3, shareOf(activeLinked, policy.removalLimitRun));
}

/** Removals that 24 hours may bring: `max(5, 10 %)` by default. */
export function dayLimit(activeLinked: number, policy: Policy): number {
  return Math.max(5, shareOf(activeLinked, policy.removalLimitDay));
}

/** Contradictions between a read and its witness that are still taken for chance: `max(1, 0.1 %)`. */
export function contradictionLimit(activeLinked: number): number {
  return Math.max(1, Math.floor(activeLinked / 1000));
}

/** Unknown records that a read may have: 1 % of what was read, and never more than 50. */
export function unknownLimit(records: number): number {
  return Math.min(50, Math.floor(records / 100));
}

/**
 * Judges the removals of a plan. Joiners and movers are never its business. Approved removals go whatever the limits say,
 * once they were witnessed; but where `absences` are dropped, those by absence are too, and stay approved for the next
 * run. Rejected ones are overrides and never reach a plan.
 */
export function guard(input: GuardInput, policy: Policy): GuardVerdict {
  const contradicted = contradictionCause(input);
  const absent = contradicted === null ? input.fresh.byAbsence + input.waiting.byAbsence : 0;
  const removals = input.fresh.other + input.waiting.other + absent;
  const causes = removals === 0 ? [] : [...limitCauses(input, removals, policy), ...readCauses(input)];
  const held = causes.length > 0;
  if (contradicted !== null) causes.push(contradicted);
  return {
    removals: held ? 'hold' : 'apply',
    absences: contradicted !== null ? 'drop' : held ? 'hold' : 'apply',
    causes,
  };
}

function limitCauses(input: GuardInput, removals: number, policy: Policy): GuardCause[] {
  const { activeLinked } = input;
  const causes: GuardCause[] = [];
  const run = runLimit(activeLinked, policy);
  if (removals > run) {
    causes.push({
      code: 'run_limit',
      count: removals,
      limit: run,
      text: `${people(removals)} of ${activeLinked} would be removed; one run may remove ${run}.`,
    });
  }
  if (activeLinked >= 2 && removals * 2 >= activeLinked) {
    causes.push({
      code: 'half_or_more',
      count: removals,
      limit: Math.ceil(activeLinked / 2) - 1,
      text: `${people(removals)} of ${activeLinked} would be removed: half of them or more.`,
    });
  }
  const day = dayLimit(activeLinked, policy);
  const inDay = removals + input.removedLastDay;
  if (inDay > day) {
    causes.push({
      code: 'day_limit',
      count: inDay,
      limit: day,
      text: `${people(inDay)} would have been removed within 24 hours; a day may remove ${day}.`,
    });
  }
  return causes;
}

function readCauses(input: GuardInput): GuardCause[] {
  const { read } = input;
  if (read === null) return [];
  const causes: GuardCause[] = [];
  if (read.records === 0 || read.inScope === 0) {
    const text = read.records === 0 ? 'The directory showed nobody at all.' : 'Nobody in the directory is in scope.';
    causes.push({ code: 'empty_read', count: 0, limit: 1, text });
  } else if (read.records * 2 <= read.mirrorRecords) {
    const least = Math.floor(read.mirrorRecords / 2) + 1;
    const text = `The directory showed ${read.records} of ${read.mirrorRecords} known records: half of them or fewer.`;
    causes.push({ code: 'halved_read', count: read.records, limit: least, text });
  }
  const unknown = unknownLimit(read.records);
  if (read.unknown > unknown) {
    const text = `${read.unknown} of ${read.records} records could not be judged; more than 1 % or 50 is too many.`;
    causes.push({ code: 'unknown_records', count: read.unknown, limit: unknown, text });
  }
  return causes;
}

function contradictionCause(input: GuardInput): GuardCause | null {
  const limit = contradictionLimit(input.activeLinked);
  if (input.contradictions <= limit) return null;
  return {
    code: 'contradictions',
    count: input.contradictions,
    limit,
    text: `${people(input.contradictions)} missing from the listing are still in the directory; nobody is removed for absence in this run.`,
  };
}

/** Whole people in a percentage, rounded down; safe for percentages with decimals. */
function shareOf(people: number, percent: number): number {
  return Math.floor((people * Math.round(percent * 1000)) / 100_000);
}

function people(count: number): string {
  return count === 1 ? '1 person' : `${count} people`;
}
