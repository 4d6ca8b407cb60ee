import type { GoogleScope } from './settings.js';

const PREFIX = 'https://www.googleapis.com/auth/';

/** The OAuth scopes that we ever ask for, all read-only. */
export const OAUTH = {
  users: `${PREFIX}admin.directory.user.readonly`,
  /** Enough for groups and for their members. */
  groups: `${PREFIX}admin.directory.group.readonly`,
  units: `${PREFIX}admin.directory.orgunit.readonly`,
  /** Optional: lets the connection tell which domains Google has verified. */
  domains: `${PREFIX}admin.directory.domain.readonly`,
  /** Optional: lets custom attributes be chosen from a list; no sync asks for it. */
  schemas: `${PREFIX}admin.directory.userschema.readonly`,
} as const;

export type OAuthScope = (typeof OAUTH)[keyof typeof OAUTH];

/** The admin privilege that the delegated subject needs beside each scope, as Google's console words it. */
export const PRIVILEGE: Record<OAuthScope, string> = {
  [OAUTH.users]: 'Users > Read',
  [OAUTH.groups]: 'Groups > Read',
  [OAUTH.units]: 'Organizational Units > Read',
  [OAUTH.domains]: 'Domain Management',
  [OAUTH.schemas]: 'Schema Management',
};

/**
 * What a sync of this scope must be granted, and nothing more: a token request that names one scope too many is
 * refused whole.
 */
export function neededScopes(scope: GoogleScope): OAuthScope[] {
  switch (scope.kind) {
    case 'directory':
      return [OAUTH.users];
    case 'units':
      return [OAUTH.users, OAUTH.units];
    case 'groups':
      return [OAUTH.users, OAUTH.groups];
  }
}

/** The part that people tell scopes apart by: `admin.directory.user.readonly`. */
export function shortName(scope: OAuthScope): string {
  return scope.slice(PREFIX.length);
}
