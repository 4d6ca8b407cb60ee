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
  'people:admin':
    'Switch admin and protected on and off for a person, change the address of an admin and how they sign in, and approve links to one.',
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
  'sign-in:read': 'See identity providers and the settings of signing in, never their secrets.',
  'sign-in:write':
    'Set up, change, enable, disable and delete identity providers, and change the settings of signing in.',
  'sessions:read': 'See where people are signed in.',
  'sessions:write': 'End the sessions of people.',
  'set-up-links:read': 'See set-up links, never the links themselves.',
  'set-up-links:write': 'Make and revoke set-up links, for no more than the key in use may do itself.',
  'people:export': 'Export all that is kept about a person.',
  'people:erase': 'Erase the personal data of an archived person.',
} as const;

export type Scope = keyof typeof SCOPES;

export const ALL_SCOPES = Object.keys(SCOPES) as [Scope, ...Scope[]];

/** What operators may do beyond any organisation. Every operator has all of it, an API key none. */
export const OPERATOR_PERMISSIONS = {
  'operator:organisations': 'Create organisations, switch their features, ask for their deletion.',
  'operator:domains': 'Confirm or withdraw a domain by hand.',
  'operator:support': 'Begin and end support sessions.',
  'operator:operators': 'Make and end operators.',
  'operator:mail': 'See mail that waits, and send it again.',
} as const;

export type OperatorPermission = keyof typeof OPERATOR_PERMISSIONS;

/** What a set-up link lets somebody without an account set up. */
export type SetUpKind = 'sso' | 'directory';

export type Role = 'admin' | 'member';

/** How somebody has shown who they are. */
export type Strength = 'provider' | 'passkey' | 'link' | 'break_glass' | 'set_up';

/** Who asks: made from the credential alone, never from anything else in the request. */
export interface Caller {
  kind: 'key' | 'session' | 'set_up' | 'command_line';
  organisationId: string;
  /** Id of the API key or of the session; `NO_CREDENTIAL` for the operator at the command line. */
  credentialId: string;
  /** Who is signed in, or the admin who stands behind the key; null when there is none. */
  personId: string | null;
  scopes: ReadonlySet<Scope>;
  /** Networks that the key is limited to; empty: any. */
  networks: readonly string[];
  /** Where the request came from. */
  address: string;
  requestId: string;
  /** What the person is at this moment; null for all but sessions of people. */
  role: Role | null;
  strength: Strength | null;
  /** When they last showed who they are. */
  authenticatedAt: Date | null;
  /** An operator; in a support session `organisationId` is the visited one and `personId` is null. */
  operator: CallingOperator | null;
  setUp: CallingSetUp | null;
}

export interface CallingOperator {
  personId: string;
  /** The installation's own. */
  organisationId: string;
  supportSessionId: string | null;
  /** The support session has ended; nothing can be done in the visited organisation any more. */
  supportOver: boolean;
}

export interface CallingSetUp {
  linkId: string;
  kinds: readonly SetUpKind[];
  /** Ids of what was made with the link: it reaches no others. */
  objects: readonly string[];
}

/** What a caller has that is no session. */
export const NO_SESSION = {
  role: null,
  strength: null,
  authenticatedAt: null,
  operator: null,
  setUp: null,
} as const satisfies Partial<Caller>;
