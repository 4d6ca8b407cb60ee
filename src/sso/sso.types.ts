export { NO_STEP_UP } from './step-up.js';

/** What a sign-in at a provider is for. */
export type AttemptPurpose = 'sign_in' | 'step_up' | 'link' | 'test';

/** A link of an invitation: each new version ends the one before. */
export interface InvitationLink {
  id: string;
  version: number;
}

/** One sign-in under way at a provider. */
export interface Attempt {
  id: string;
  organisationId: string;
  providerId: string;
  purpose: AttemptPurpose;
  /** Where the browser goes afterwards: a path of ours. */
  returnTo: string;
  /** The session that asked; null for whoever is not signed in. */
  sessionId: string | null;
  /** Oldest authentication that is taken, seconds; null: any. */
  maxAge: number | null;
  /** The link at which it began; null: it began elsewhere. */
  invitation: InvitationLink | null;
  createdAt: Date;
}

/** What an identity provider has proven, every check passed. Nothing is decided by it yet. */
export interface ProvenIdentity {
  organisationId: string;
  providerId: string;
  subject: string;
  sid: string | null;
  authTime: Date | null;
  acr: string | null;
  amr: readonly string[];
  /** In its canonical form. */
  email: string | null;
  emailVerified: boolean;
  hostedDomain: string | null;
  tenant: string | null;
  firstName: string | null;
  lastName: string | null;
  idToken: string;
  claims: Readonly<Record<string, unknown>>;
}

/** A sign-in to be begun. */
export interface AttemptOrder {
  organisationId: string;
  providerId: string;
  purpose: AttemptPurpose;
  returnTo: string;
  loginHint: string | null;
  sessionId: string | null;
  maxAge: number | null;
  /** The link at which it begins. */
  invitation?: InvitationLink | null;
}

/** Where to send the browser, and the cookie by which it is known when it comes back. */
export interface BegunAttempt {
  url: string;
  cookie: { name: `attempt-${string}`; value: string };
}
