import type { SetUpKind, Strength } from './auth.types.js';

/** At which identity provider somebody showed who they are: the session ends with what they have there. */
export interface SessionProvider {
  id: string;
  subject: string;
  sid: string | null;
  idToken: string | null;
}

/** How the person of a session has just shown again who they are. */
export interface ShownAgain {
  strength: Strength;
  amr: readonly string[];
  acr: string | null;
  at: Date;
  /** Left out: not at a provider; the session stays one of the provider that it began at, if any. */
  provider?: SessionProvider;
  /** As in `SessionOrder`, from now on. */
  longestHours?: number;
}

/** A person who has just shown who they are. */
export interface SessionOrder {
  personId: string;
  strength: Strength;
  amr: readonly string[];
  acr: string | null;
  authenticatedAt: Date;
  /** The identity provider that said so. */
  provider: SessionProvider | null;
  /** Hours after which the session ends at the latest, where the provider has a shorter limit than the installation. */
  longestHours?: number;
  address: string;
  userAgent: string;
}

export interface SetUpSessionOrder {
  linkId: string;
  kinds: readonly SetUpKind[];
  address: string;
  userAgent: string;
}

/** A session as it is handed out once. */
export interface NewSession {
  id: string;
  /** The value of the cookie. */
  cookie: string;
  endsAt: Date;
}

/** Which sessions are to end; those that meet all that is named. */
export interface SessionsWhere {
  ids?: string[];
  personIds?: string[];
  identityProviderId?: string;
  sid?: string;
  subject?: string;
  setUpLinkId?: string;
  everybody?: true;
  /** Those that go on although they meet all of it. */
  except?: string[];
}

/** Why a session ended. */
export type SessionEnd =
  | 'signed_out'
  | 'ended_by_admin'
  | 'ended_by_person'
  | 'archived'
  | 'relinked'
  | 'role_lost'
  | 'role_gained'
  | 'factor_changed'
  | 'provider_logout'
  | 'provider_disabled'
  | 'idle'
  | 'absolute'
  | 'replaced'
  | 'set_up_done'
  | 'erased'
  | 'restored';
