import type { Mapping } from '../connectors/kind.js';
import type { ManagedField, Policy } from '../sync/facts.js';

export type { AttributesView, ConnectionView, SetUpView, TestView } from './connections.dto.js';

/** What decides about people, as an admin sets it. */
export interface PolicySettings {
  newPeopleAre: 'active' | 'pending';
  notStartedCountsAsEmployed: boolean;
  suspendedMeansLeaver: boolean;
  archivedMeansLeaver: boolean;
  createMissingTeams: boolean;
  emptyAttribute: 'clear' | 'keep';
  /** Percent of the active linked people whose removal one run, or a day's runs, may do unasked. */
  removalLimitRun: number;
  removalLimitDay: number;
}

export interface ScheduleSettings {
  intervalMinutes: number;
  /** A full read at least this often. */
  fullReadMinutes: number;
}

/** Everything that an admin sets on a connection; stored as it is in `connection.settings`, and with each run. */
/** The provider of the one place where the files of an organisation queue; no kind of directory. */
export const FILES = 'csv';

export interface ConnectionSettings {
  /** As the kind of directory has it. */
  scope: unknown;
  mapping: Mapping;
  policy: PolicySettings;
  schedule: ScheduleSettings;
  /** Percent of the customer's quota at the directory. */
  quotaShare: number;
}

/** A wish for other settings: what is left out stays. `scope` and `mapping` are given whole. */
export interface SettingsChange {
  scope?: unknown;
  mapping?: unknown;
  policy?: { [Key in keyof PolicySettings]?: PolicySettings[Key] | undefined } | undefined;
  schedule?: { [Key in keyof ScheduleSettings]?: ScheduleSettings[Key] | undefined } | undefined;
  quotaShare?: number | undefined;
}

export type ConnectionState = 'setup' | 'active' | 'paused' | 'deleting';

/** Why a connection needs an admin, with the mend in words. */
export interface Attention {
  code: string;
  message: string;
  /** ISO 8601. */
  since: string;
}

export interface Connection {
  organisationId: string;
  id: string;
  provider: string;
  name: string;
  /** 1 is the highest. */
  rank: number;
  state: ConnectionState;
  settings: ConnectionSettings;
  /** Grows with each change of scope, mapping, policy or rank; while it is not the confirmed one, runs are previews. */
  settingsVersion: number;
  confirmedVersion: number | null;
  /** Ids and public keys, never a secret; null: no credentials. */
  credentialsShown: Record<string, unknown> | null;
  credentialsAt: Date | null;
  tenant: string | null;
  attention: Attention | null;
  /** Set when credentials were renewed: a plan without removals and links may confirm them by itself. */
  unconfirmedSince: Date | null;
  nextRunAt: Date | null;
  lastFullAt: Date | null;
  lastRunAt: Date | null;
  failures: number;
  failingSince: Date | null;
  pausedAt: Date | null;
  stoppedAt: Date | null;
  stopReason: string | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}

/** What stops the syncs of a connection now; the operator's switch first. */
export interface Stop {
  /** `feature`: directory sync is not switched on. `deletion`: that of the organisation was asked for. */
  by: 'installation' | 'deletion' | 'feature' | 'organisation' | 'connection';
  since: Date;
  reason: string | null;
}

/** What becomes of the people of a connection that is deleted. */
export type PeopleOfDeleted = 'keep' | 'archive';

const FIELD_OF: Record<Exclude<keyof Mapping, 'extras'>, ManagedField> = {
  email: 'email',
  firstName: 'firstName',
  lastName: 'lastName',
  department: 'team',
  title: 'position',
  manager: 'manager',
  employeeNumber: 'employeeNumber',
};

/** The settings as the engine takes them: a field that the mapping leaves out belongs to the admins. */
export function policyOf(settings: ConnectionSettings, rank: number): Policy {
  const { mapping } = settings;
  const managed = (Object.keys(FIELD_OF) as (keyof typeof FIELD_OF)[])
    .filter((field) => mapping[field] !== null)
    .map((field) => FIELD_OF[field]);
  return {
    ...settings.policy,
    managed: Object.keys(mapping.extras).length > 0 ? [...managed, 'extras'] : managed,
    rank,
  };
}
