import { ALL_SCOPES, type Role, type Scope, type SetUpKind, type Strength } from './auth.types.js';

/** What somebody is at this moment, as far as it decides what they may do. */
export type Standing =
  | { kind: 'person'; role: Role; strength: Strength }
  /** An operator in somebody else's organisation; over: the support session ended, and nothing is left to do there. */
  | { kind: 'support'; strength: Strength; over: boolean }
  | { kind: 'set_up'; kinds: readonly SetUpKind[] };

/** Support helps to set up and to look; who gets in, and what leaves the organisation, stays with its admins. */
export const NOT_FOR_SUPPORT: readonly Scope[] = [
  'people:export',
  'people:erase',
  'people:admin',
  'api-keys:write',
  'invitations:write',
  'imports:write',
];

/** The most that routes for a set-up link may need. The guard lets such a caller through to those routes alone. */
export const SET_UP_SCOPES: Record<SetUpKind, readonly Scope[]> = {
  sso: ['organisation:read', 'organisation:write', 'sign-in:read', 'sign-in:write'],
  directory: [
    'organisation:read',
    'connections:read',
    'connections:write',
    'runs:read',
    'runs:start',
    'runs:confirm',
    'frameworks:read',
  ],
};

const NONE: ReadonlySet<Scope> = new Set();
const ADMIN: ReadonlySet<Scope> = new Set(ALL_SCOPES);
const SUPPORT: ReadonlySet<Scope> = ADMIN.difference(new Set(NOT_FOR_SUPPORT));

/** What a session may do in its organisation. A link by mail alone never makes an admin: X-15. */
export function scopesOf(standing: Standing): ReadonlySet<Scope> {
  if (standing.kind === 'set_up') return new Set(standing.kinds.flatMap((kind) => SET_UP_SCOPES[kind]));
  if (standing.strength === 'link' || standing.strength === 'set_up') return NONE;
  if (standing.kind === 'support') return standing.over ? NONE : SUPPORT;
  return standing.role === 'admin' ? ADMIN : NONE;
}
