import type { Person } from '../company/model.ts';
import { CUSTOM_ATTRIBUTES } from './schema.ts';

/** What the admin role behind a credential lets it see. */
export interface Role {
  users: boolean;
  groups: boolean;
  apps: boolean;
  logs: boolean;
  schemas: boolean;
  /** A resource set narrows lists silently, and answers 404 for everybody else. */
  sees: ((person: Person) => boolean) | null;
}

export function readOnlyRole(): Role {
  return { users: true, groups: true, apps: true, logs: true, schemas: true, sees: null };
}

/** A service app: who may ask for tokens, signed how, for what. */
export interface ServiceApp {
  readonly clientId: string;
  readonly keys: Record<string, unknown>[];
  scopes: string[];
  /** "Require Demonstrating Proof of Possession". */
  dpop: boolean;
  role: Role;
}

export const OKTA_SCOPES: readonly string[] = [
  'okta.users.read',
  'okta.groups.read',
  'okta.apps.read',
  'okta.logs.read',
  'okta.schemas.read',
  'okta.userTypes.read',
];

/** How this organisation behaves; everything may be changed while it is being served. */
export interface OktaSettings {
  /** How far `search` lags behind, in milliseconds. */
  searchLagMs: number;
  /** When events show up in the System Log, in milliseconds after they happened. */
  logLagMs: number;
  /** Write properties that have no value as null instead of leaving them out. */
  writeNulls: boolean;
  /** What the free text `managerId` holds. */
  managerAs: 'id' | 'login' | 'email' | 'employeeNumber' | 'name';
  /** Requests a minute and bucket, as this credential's share shows them. */
  rateLimit: number;
  /** By bucket, where it differs: `users`, `user`, `groups`, `apps`, `logs`, … */
  rateLimits: Record<string, number>;
  concurrencyLimit: number;
  /** The organisation's id, where it is not the company's own. */
  organisationId: string | null;
  pipeline: 'idx' | 'v1';
  /** Custom attributes of the schema of people, by name. */
  customAttributes: Record<string, object>;
}

export function oktaDefaults(): OktaSettings {
  return {
    searchLagMs: 0,
    logLagMs: 0,
    writeNulls: false,
    managerAs: 'id',
    rateLimit: 1_000_000,
    rateLimits: {},
    concurrencyLimit: 75,
    organisationId: null,
    pipeline: 'idx',
    customAttributes: { ...CUSTOM_ATTRIBUTES },
  };
}
