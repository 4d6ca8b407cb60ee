import { expect } from '@jest/globals';
import type { PersonFacts, SignInFacts } from '../../src/sign-in/decide.types.js';

export const person = (change: Partial<PersonFacts> = {}): PersonFacts => ({
  id: 'ada',
  state: 'active',
  archiveReasons: [],
  isAdmin: false,
  isOperator: false,
  isBreakGlass: false,
  erased: false,
  otherSubject: false,
  ...change,
});

export const record = (
  change: Partial<NonNullable<SignInFacts['record']>> = {},
): NonNullable<SignInFacts['record']> => ({
  person: null,
  held: false,
  keptIn: false,
  keptOut: false,
  conflict: false,
  ...change,
});

export const READY = { confirmed: true, ready: true };

/** Nobody knows the subject; the address is proven in every way. */
export const facts = (
  change: Partial<SignInFacts> = {},
  provider: Partial<SignInFacts['provider']> = {},
): SignInFacts => ({
  organisation: { sso: true, deleting: false },
  provider: { active: true, connection: null, mayLinkByEmail: true, linkByEmail: true, justInTime: false, ...provider },
  identity: { ofTheCompany: true, strongEnough: true, emailVerified: true, domainVerified: true },
  linked: null,
  record: null,
  directory: 'not_asked',
  candidate: null,
  atInvitation: false,
  invited: null,
  waited: false,
  ...change,
});

export const tied = (change: Partial<SignInFacts> = {}, connection = READY): SignInFacts =>
  facts({ directory: 'employed', ...change }, { connection });

export const refusal = (because: string): unknown => expect.objectContaining({ do: 'refuse', because });
export const identity = facts().identity;
export const archived = (change: Partial<PersonFacts> = {}): PersonFacts =>
  person({ state: 'archived', archiveReasons: ['directory'], ...change });
