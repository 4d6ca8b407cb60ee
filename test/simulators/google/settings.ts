import type { KeyObject } from 'node:crypto';

const PREFIX = 'https://www.googleapis.com/auth/';

/** Scopes by what they are for; each is read-only, as one would ask. */
export const GOOGLE_SCOPES: readonly string[] = [
  'admin.directory.user.readonly',
  'admin.directory.group.readonly',
  'admin.directory.group.member.readonly',
  'admin.directory.orgunit.readonly',
  'admin.directory.userschema.readonly',
  'admin.directory.domain.readonly',
  'admin.directory.customer.readonly',
  'admin.reports.audit.readonly',
].map((scope) => PREFIX + scope);

export type Area = 'users' | 'groups' | 'members' | 'units' | 'schemas' | 'domains' | 'customers' | 'reports';

const ENOUGH: Readonly<Record<Area, readonly string[]>> = {
  users: ['admin.directory.user.readonly', 'admin.directory.user'],
  groups: ['admin.directory.group.readonly', 'admin.directory.group'],
  members: [
    'admin.directory.group.member.readonly',
    'admin.directory.group.member',
    'admin.directory.group.readonly',
    'admin.directory.group',
  ],
  units: ['admin.directory.orgunit.readonly', 'admin.directory.orgunit'],
  schemas: ['admin.directory.userschema.readonly', 'admin.directory.userschema'],
  domains: ['admin.directory.domain.readonly', 'admin.directory.domain'],
  customers: ['admin.directory.customer.readonly', 'admin.directory.customer'],
  reports: ['admin.reports.audit.readonly'],
};

export function allows(scopes: ReadonlySet<string>, area: Area): boolean {
  return ENOUGH[area].some((scope) => scopes.has(PREFIX + scope));
}

export const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform';

export interface ServiceAccount {
  readonly email: string;
  /** The numeric id that a super admin delegates to. */
  readonly clientId: string;
  readonly keys: KeyObject[];
  /** Domain-wide delegation: exactly these; empty when there is none. */
  delegated: string[];
  /** Holds an admin role itself, without a subject. */
  hasRole: boolean;
}

/** Custom attributes that the customer made. */
export interface CustomSchema {
  name: string;
  displayName: string;
  fields: {
    name: string;
    displayName: string;
    type: 'BOOL' | 'DATE' | 'DOUBLE' | 'EMAIL' | 'INT64' | 'PHONE' | 'STRING';
    multiValued?: boolean;
  }[];
}

/** How this customer behaves; everything may be changed while it is being served. */
export interface GoogleSettings {
  /** What a direct read of somebody deleted says. */
  deletedAnswer: 404 | 412 | 403 | 410;
  /** The delegation is there, but the customer's app access control refuses. */
  accessDenied: boolean;
  /** The Admin SDK API is not enabled in the project of the service account. */
  apiDisabled: boolean;
  /** The customer switched API access off. */
  apiBlocked: boolean;
  /** Queries a minute and user. */
  perMinute: number;
  /** How far `query` lags behind, in milliseconds. */
  searchLagMs: number;
  /** After how many milliseconds a listing that is still being paged fails; 60 minutes. */
  listingMs: number;
  /** The customer's id, where it is not the company's own. */
  customerId: string | null;
  unverifiedDomains: string[];
  /** What the admin may read; the subject is an admin only if it is number 0 or in `admins`. */
  privileges: Record<Area, boolean>;
  customSchemas: CustomSchema[];
  admins: number[];
}

export function googleDefaults(): GoogleSettings {
  return {
    deletedAnswer: 404,
    accessDenied: false,
    apiDisabled: false,
    apiBlocked: false,
    perMinute: 1_000_000,
    searchLagMs: 0,
    listingMs: 3_600_000,
    customerId: null,
    unverifiedDomains: [],
    privileges: {
      users: true,
      groups: true,
      members: true,
      units: true,
      schemas: true,
      domains: true,
      customers: true,
      reports: true,
    },
    customSchemas: [
      {
        name: 'Work',
        displayName: 'Work',
        fields: [
          { name: 'Site', displayName: 'Work site', type: 'STRING' },
          { name: 'Remote', displayName: 'Works remotely', type: 'BOOL' },
        ],
      },
      {
        name: 'Safety',
        displayName: 'Safety roles',
        fields: [{ name: 'Badges', displayName: 'Badges', type: 'STRING', multiValued: true }],
      },
    ],
    admins: [],
  };
}
