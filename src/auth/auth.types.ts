/**
 * What a credential may do: a closed list. The text is shown wherever scopes are chosen.
 * `read` never changes anything; what can take people in or out has a scope of its own.
 */
export const SCOPES = {
  'organisation:read': 'See the organisation, its settings and its domains.',
  'organisation:write': 'Change the settings of the organisation, add and remove domains, stop and resume its syncs.',
  'api-keys:read': 'List API keys, never the keys themselves.',
  'api-keys:write': 'Make and revoke API keys, with no more scopes than the key in use has.',
  'frameworks:read': 'See teams, frameworks, positions, aliases and the title inbox.',
  'frameworks:write': 'Change teams, frameworks, positions and aliases.',
  'people:read': 'See people, their timelines, and why somebody is or is not here.',
  'people:write': 'Create, edit, archive and restore people.',
  'people:admin': 'Switch admin and protected on and off for a person.',
  'connections:read': 'See connections with their settings and health, never their secrets.',
  'connections:write': 'Create, change, test, pause, stop and delete connections, and set their credentials.',
  'runs:read': 'See runs, their plans, changes and progress.',
  'runs:start': 'Ask for a preview, a simulation or a resync, and cancel a run.',
  'runs:confirm': 'Confirm a preview, and undo a run.',
  'holds:read': 'See held removals.',
  'holds:decide': 'Approve or reject held removals.',
  'conflicts:read': 'See conflicts and overrides.',
  'conflicts:resolve': 'Resolve conflicts and release overrides.',
  'notices:read': 'See the notices to admins.',
  'audit:read': 'Read the audit log.',
  'events:read': 'Read the events about people.',
} as const;

export type Scope = keyof typeof SCOPES;

export const ALL_SCOPES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** Who asks: made from the credential alone, never from anything else in the request. */
export interface Caller {
  organisationId: string;
  /** Id of the API key; `NO_CREDENTIAL` for the operator at the command line. */
  credentialId: string;
  /** The admin who stands behind the key; null when the operator made it. */
  personId: string | null;
  scopes: ReadonlySet<Scope>;
  /** Networks that the key is limited to; empty: any. */
  networks: readonly string[];
  /** Where the request came from. */
  address: string;
  requestId: string;
}
