import type { SetUpStep } from './kind.js';

/** Signatures that are taken at all (O-21); each preset and each provider may narrow it. */
export const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

/** How we show a provider who we are. */
export const CLIENT_AUTHS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'] as const;
export type ClientAuth = (typeof CLIENT_AUTHS)[number];

/** Addresses of ours that an admin copies into the provider's console. */
export interface SignInAddresses {
  redirectUri: string;
  initiateUri: string;
  backChannelUri: string;
  postLogoutUri: string;
  /** Null before it is known. */
  clientId: string | null;
}

/** Everything that the rest of the house needs to know of one kind of identity provider, as data. */
export interface SignInPreset {
  /** Stored in `identity_provider.preset`. */
  preset: string;
  title: string;
  issuer:
    | {
        kind: 'fixed';
        value: string;
        /** A second form in which this issuer names itself in tokens (O-37). */
        alias: string | null;
      }
    | {
        kind: 'asked';
        hint: string;
        /** Why this issuer cannot be one of this preset, with the mend; null: it can. */
        refuse(issuer: URL): string | null;
      };
  /** The first is what a new provider gets. */
  clientAuth: readonly [ClientAuth, ...ClientAuth[]];
  algorithms: readonly Algorithm[];
  /** Whether `email_verified` as the text "true" counts (O-30). */
  emailVerifiedAsText: boolean;
  /** The claim that a person is known by; permanent at this provider. */
  subject: 'sub' | 'oid';
  requires: readonly ('hosted_domain' | 'tenant')[];
  /** False where the address in a token proves nothing (O-45). */
  mayLinkByEmail: boolean;
  /** What is sent along with the browser. The answer is judged all the same: a request proves nothing. */
  authorizationParams(settings: { hostedDomains: readonly string[] }): Record<string, string>;
  /** The tenant that tokens must name; null where issuers have none. */
  tenantOf(issuer: string): string | null;
  steps(addresses: SignInAddresses): SetUpStep[];
  /** The kind of directory whose people sign in here, if there is one. */
  provider: string | null;
  /** Whether this issuer is the sign-in of that very directory, so that a subject is the directory's own id of a person. */
  belongsTo(issuer: string, credentialsShown: Record<string, unknown>): boolean;
}
