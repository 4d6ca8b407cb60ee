import { z } from 'zod';
import { RollcallError } from '../common/errors.js';
import { invalidInput } from '../common/invalid-input.js';
import type { ConnectorKind } from '../connectors/kind.js';
import { defaultPolicy, SETTING_RANGES } from '../sync/policy.js';
import type { ConnectionSettings, PolicySettings, SettingsChange } from './connections.types.js';

const percent = (range: { min: number; max: number }) => z.number().int().min(range.min).max(range.max);
const minutes = (range: { min: number; max: number }) =>
  z
    .number()
    .int()
    .min(range.min / 60)
    .max(range.max / 60);

/** The ranges of the specification; each left out stays as it is, or is the default. */
export const PolicyChange = z
  .strictObject({
    newPeopleAre: z.enum(['active', 'pending']),
    notStartedCountsAsEmployed: z
      .boolean()
      .describe('Whether people who were made ahead of their first day are here already.'),
    suspendedMeansLeaver: z.boolean(),
    archivedMeansLeaver: z.boolean(),
    createMissingTeams: z.boolean().describe('Whether a department that is no team here is made one.'),
    emptyAttribute: z.enum(['clear', 'keep']),
    removalLimitRun: percent(SETTING_RANGES.removalLimitRunPercent).describe('Percent; three people may always go.'),
    removalLimitDay: percent(SETTING_RANGES.removalLimitDayPercent).describe(
      'Percent in 24 hours; five people may always go.',
    ),
  })
  .partial();

export const ScheduleChange = z
  .strictObject({
    intervalMinutes: minutes(SETTING_RANGES.intervalSeconds),
    fullReadMinutes: minutes(SETTING_RANGES.fullReadSeconds).describe('A full read at least this often.'),
  })
  .partial();

export const QuotaShare = percent(SETTING_RANGES.quotaSharePercent);

/** What a person is here, by right and not by attribute: letters and digits only, lower case. */
const RESERVED = new Set([
  'admin',
  'admins',
  'administrator',
  'archivereasons',
  'archived',
  'id',
  'isadmin',
  'isadministrator',
  'isoperator',
  'isowner',
  'isprotected',
  'issuperadmin',
  'issuperuser',
  'operator',
  'organisation',
  'organisationid',
  'organizationid',
  'origin',
  'owner',
  'permission',
  'permissions',
  'personid',
  'platformadmin',
  'platformoperator',
  'privileges',
  'protected',
  'role',
  'roles',
  'scope',
  'scopes',
  'state',
  'superadmin',
  'superuser',
]);

/** The settings that a new connection has before anybody chose. */
export function defaultSettings(kind: ConnectorKind): ConnectionSettings {
  const { newPeopleAre, notStartedCountsAsEmployed, suspendedMeansLeaver, archivedMeansLeaver } = defaultPolicy;
  const { createMissingTeams, emptyAttribute, removalLimitRun, removalLimitDay } = defaultPolicy;
  const policy: PolicySettings = {
    newPeopleAre,
    notStartedCountsAsEmployed,
    suspendedMeansLeaver,
    archivedMeansLeaver,
    createMissingTeams,
    emptyAttribute,
    removalLimitRun,
    removalLimitDay,
  };
  return {
    scope: kind.defaultScope,
    mapping: kind.defaultMapping,
    policy,
    schedule: {
      intervalMinutes: SETTING_RANGES.intervalSeconds.default / 60,
      fullReadMinutes: SETTING_RANGES.fullReadSeconds.default / 60,
    },
    quotaShare: SETTING_RANGES.quotaSharePercent.default,
  };
}

/**
 * Settings with a change made, checked whole.
 *
 * @throws {RollcallError} `request.invalid` naming the fields, or `connection.mapping_reserved`.
 */
export function changeSettings(
  kind: ConnectorKind,
  before: ConnectionSettings,
  change: SettingsChange,
): ConnectionSettings {
  return {
    scope: change.scope === undefined ? before.scope : accept(kind.scope, change.scope, 'scope'),
    mapping: change.mapping === undefined ? before.mapping : acceptMapping(kind, change.mapping),
    policy: { ...before.policy, ...given(accept(PolicyChange, change.policy ?? {}, 'policy')) },
    schedule: { ...before.schedule, ...given(accept(ScheduleChange, change.schedule ?? {}, 'schedule')) },
    quotaShare:
      change.quotaShare === undefined ? before.quotaShare : accept(QuotaShare, change.quotaShare, 'quotaShare'),
  };
}

/** Which of the parts that decide about people differ: the next run is a preview when any does. */
export function decidingParts(
  before: ConnectionSettings,
  after: ConnectionSettings,
): ('scope' | 'mapping' | 'policy')[] {
  return (['scope', 'mapping', 'policy'] as const).filter((part) => canonical(before[part]) !== canonical(after[part]));
}

/** Checks a value against the schema of a kind of directory, naming the faults as those of a request. */
export function accept<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw faultsOf(parsed.error, field);
}

export function faultsOf(error: z.ZodError, field: string): RollcallError {
  return invalidInput(error.issues.map((issue) => ({ message: issue.message, path: [field, ...issue.path] })));
}

function acceptMapping(kind: ConnectorKind, mapping: unknown): ConnectionSettings['mapping'] {
  const names = [...keysOf(mapping), ...keysOf((mapping as { extras?: unknown } | null)?.extras)];
  const reserved = names.find((name) => RESERVED.has(name.toLowerCase().replace(/[^a-z0-9]/g, '')));
  if (reserved !== undefined) {
    throw new RollcallError(
      'connection.mapping_reserved',
      'A directory may not decide who is an admin, protected, or in which state; give the extra another name.',
    );
  }
  return accept(kind.mapping, mapping, 'mapping');
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Without the keys that were left out, which would otherwise overwrite what is there with nothing. */
function given<T extends object>(change: T): { [Key in keyof T]: NonNullable<T[Key]> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: NonNullable<T[Key]>;
  };
}

/** Equal for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
