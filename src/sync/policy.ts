import type { ManagedField, Policy } from './facts.js';

/** Every field that a mapping can manage. */
export const MANAGED_FIELDS: readonly ManagedField[] = [
  'email',
  'firstName',
  'lastName',
  'team',
  'position',
  'manager',
  'employeeNumber',
  'extras',
];

/** The settings of a connection that nobody changed: the table at the end of the specification. */
export const defaultPolicy: Policy = {
  newPeopleAre: 'active',
  notStartedCountsAsEmployed: false,
  suspendedMeansLeaver: true,
  archivedMeansLeaver: true,
  createMissingTeams: false,
  emptyAttribute: 'clear',
  managed: MANAGED_FIELDS,
  removalLimitRun: 5,
  removalLimitDay: 10,
  rank: 1,
};

const DAY_SECONDS = 86_400;

/**
 * What each setting may be. Whoever takes settings in checks them against this table; the guard's limits can be raised
 * to half, never switched off.
 */
export const SETTING_RANGES = {
  intervalSeconds: { default: 3600, min: 300, max: DAY_SECONDS },
  /** Share of the interval by which a run may start earlier or later. */
  jitter: { default: 0.1, min: 0.1, max: 0.1 },
  fullReadSeconds: { default: DAY_SECONDS, min: 300, max: DAY_SECONDS },
  leaseSeconds: { default: 60, min: 60, max: 60 },
  renewalSeconds: { default: 15, min: 15, max: 15 },
  removalLimitRunPercent: { default: 5, min: 1, max: 50 },
  removalLimitDayPercent: { default: 10, min: 1, max: 50 },
  quotaSharePercent: { default: 50, min: 1, max: 90 },
  keptDays: { default: 90, min: 7, max: 400 },
  /** Null: never. */
  eraseAfterDays: { default: null, min: 7, max: 3650 },
} as const;

/** A removal that is counted for the limit of a day happened within this time. */
export const REMOVAL_WINDOW_MS = DAY_SECONDS * 1000;

/** A recreated account is the same person only if the old record went no longer ago than this. */
export const RELINK_WINDOW_MS = 30 * DAY_SECONDS * 1000;

/** A connection that is paused or needs attention keeps its verdict for this long. */
export const VERDICT_WINDOW_MS = 30 * DAY_SECONDS * 1000;

/** A hold asks again this long after the last approval or look. */
export const HOLD_ASKS_AGAIN_MS = 72 * 3600 * 1000;

/** What is wrong with the settings that the guard rests on, a sentence each; none when they may be used. */
export function faultsOfPolicy(policy: Policy): string[] {
  const faults: string[] = [];
  const limits = [
    ['removal limit of a run', policy.removalLimitRun, SETTING_RANGES.removalLimitRunPercent],
    ['removal limit of a day', policy.removalLimitDay, SETTING_RANGES.removalLimitDayPercent],
  ] as const;
  for (const [name, value, range] of limits) {
    if (!(value >= range.min && value <= range.max)) {
      faults.push(`The ${name} must be from ${range.min} to ${range.max} percent.`);
    }
  }
  if (!Number.isInteger(policy.rank) || policy.rank < 1) faults.push('The rank must be a whole number from 1.');
  return faults;
}
