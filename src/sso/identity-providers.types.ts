import { z } from 'zod';
import { line } from '../common/fields.js';
import { ALGORITHMS, CLIENT_AUTHS } from '../connectors/sign-in-preset.js';
import type { FaultCause } from './sign-in-fault.js';
import type { ProviderMetadata } from './provider-metadata.js';

export type { IdentityProviderView, PresetsView } from './identity-providers.dto.js';

const names = (most: number) => z.array(line(200)).max(most);

/** What an admin sets on an identity provider; stored whole in `identity_provider.settings`. */
export const IdentityProviderSettings = z
  .strictObject({
    clientAuth: z.enum(CLIENT_AUTHS).describe('How we show the provider who we are.'),
    algorithms: z.array(z.enum(ALGORITHMS)).min(1).describe('Signatures of ID tokens that are taken.'),
    trustedAudiences: names(20).describe('Audiences beside our client id that a token may be for.'),
    acrValues: names(20).describe('One of these must be in the token as `acr`; empty: none is asked for.'),
    amrValues: names(20).describe('Each of these must be in the token’s `amr`.'),
    hostedDomains: names(50).describe(
      'Domains of which accounts are, where the preset has them; empty: all verified ones.',
    ),
    emailVerifiedAsText: z.boolean().describe('Whether `email_verified` as the text "true" counts.'),
    linkByEmail: z.boolean().describe('Whether a first sign-in may be tied to a person by a verified address.'),
    justInTime: z.boolean().describe('Whether a first sign-in may make a person.'),
    maxSessionHours: z.number().int().min(1).max(24).nullable().describe('Shorter than the installation’s own limit.'),
  })
  .meta({ id: 'IdentityProviderSettings' });
export type IdentityProviderSettings = z.infer<typeof IdentityProviderSettings>;

export type IdentityProviderState = 'setup' | 'active' | 'disabled';

/** What is wrong with a provider itself, whoever signs in. */
export interface ProviderProblem {
  code: FaultCause;
  /** ISO 8601. */
  since: string;
}

export interface IdentityProvider {
  organisationId: string;
  id: string;
  preset: string;
  name: string;
  issuer: string;
  clientId: string;
  state: IdentityProviderState;
  settings: IdentityProviderSettings;
  /** Null: there is no secret. */
  secretAt: Date | null;
  /** The connection whose directory signs its people in here: a subject is then the directory's id. */
  connectionId: string | null;
  /** Domains whose addresses lead here; empty: all verified ones. */
  domains: readonly string[];
  discovery: ProviderMetadata | null;
  discoveredAt: Date | null;
  problem: ProviderProblem | null;
  /** When a test sign-in last passed with these settings. */
  testedAt: Date | null;
  /** Whether it tells when somebody signed in, asked for it; null: nobody has asked yet. */
  stepsUp: boolean | null;
  createdAt: Date;
  updatedAt: Date;
  version: number;
}
