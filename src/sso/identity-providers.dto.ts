import { z } from 'zod';
import { Id, Instant, line } from '../common/fields.js';
import { IdentityProviderSettings } from './identity-providers.types.js';
import { StepUpView } from './step-up.js';
import { TestResult } from './test-sign-ins.service.js';

/** As text, for it is compared as text: nothing of it is folded. */
const Issuer = z.string().min(8).max(1_000).describe('The issuer exactly as it writes itself.');
const Secret = z.string().min(1).max(2_000).describe('Never shown again.');
const Domains = z.array(line(253)).max(50).describe('Domains whose addresses lead here; empty: all verified ones.');
const SettingsChange = IdentityProviderSettings.partial().describe(
  'What is left out stays, or is as the preset has it.',
);

export const CreateIdentityProvider = z
  .strictObject({
    id: Id.optional().describe('As `GET /api/v1/sign-in-presets` gave it, so that its steps hold the right addresses.'),
    preset: z.string().min(1).max(50).describe('The kind of provider: see `GET /api/v1/sign-in-presets`.'),
    name: line(100).describe('What people see on the sign-in page.'),
    issuer: Issuer.optional().describe('Left out where the preset has a fixed one.'),
    clientId: line(500),
    clientSecret: Secret.optional(),
    settings: SettingsChange.optional(),
    connectionId: Id.optional().describe('The connection whose directory signs its people in here.'),
    domains: Domains.optional(),
  })
  .meta({ id: 'CreateIdentityProvider' });
export type CreateIdentityProvider = z.infer<typeof CreateIdentityProvider>;

export const UpdateIdentityProvider = z
  .strictObject({
    version: z.number().int().min(1).describe('The version that was read; refused when somebody changed it meanwhile.'),
    name: line(100).optional(),
    issuer: Issuer.optional(),
    clientId: line(500).optional(),
    clientSecret: Secret.optional(),
    settings: SettingsChange.optional(),
    connectionId: Id.nullable().optional(),
    domains: Domains.optional(),
  })
  .meta({ id: 'UpdateIdentityProvider' });
export type UpdateIdentityProvider = z.infer<typeof UpdateIdentityProvider>;

export const SetClientSecret = z
  .strictObject({
    clientSecret: Secret.optional(),
    generate: z.literal('private_key_jwt').optional().describe('Has a key pair made here; its public half is shown.'),
  })
  .refine(({ clientSecret, generate }) => (clientSecret === undefined) !== (generate === undefined), {
    error: 'Give either a secret or what is to be made.',
  })
  .meta({ id: 'SetClientSecret' });
export type SetClientSecret = z.infer<typeof SetClientSecret>;

export const IdentityProviderView = z
  .strictObject({
    id: Id,
    preset: z.string(),
    name: z.string(),
    issuer: z.string(),
    clientId: z.string(),
    state: z.enum(['setup', 'active', 'disabled']),
    settings: IdentityProviderSettings,
    secretSetAt: Instant.nullable(),
    connectionId: Id.nullable(),
    domains: z.array(z.string()),
    testedAt: Instant.nullable().describe('When a test sign-in last passed with the present settings.'),
    stepUp: StepUpView,
    problem: z
      .strictObject({ code: z.string(), message: z.string().describe('What to mend.'), since: Instant })
      .nullable(),
    redirectUri: z.string(),
    jwksUri: z.string().describe('Public keys of ours, where the provider takes `private_key_jwt`.'),
    backChannelLogout: z.boolean().describe('Whether the issuer says that it tells us of sign-outs.'),
    version: z.number().int(),
    createdAt: Instant,
  })
  .meta({ id: 'IdentityProvider' });
export type IdentityProviderView = z.infer<typeof IdentityProviderView>;

export const IdentityProvidersList = z
  .strictObject({ items: z.array(IdentityProviderView) })
  .meta({ id: 'IdentityProvidersList' });
export type IdentityProvidersList = z.infer<typeof IdentityProvidersList>;

const Step = z.strictObject({
  title: z.string(),
  text: z.string(),
  values: z.record(z.string(), z.string()).describe('Values to copy, by label.'),
});

export const ProviderStepsView = z.strictObject({ items: z.array(Step) }).meta({ id: 'IdentityProviderSteps' });
export type ProviderStepsView = z.infer<typeof ProviderStepsView>;

export const PresetsQuery = z
  .strictObject({ id: Id.optional().describe('As it was given before: the addresses in the steps stay the same.') })
  .meta({ id: 'SignInPresetsQuery' });
export type PresetsQuery = z.infer<typeof PresetsQuery>;

export const PresetsView = z
  .strictObject({
    id: Id.describe('Of a provider that is made next with it: the addresses in the steps are then its own.'),
    items: z.array(
      z.strictObject({
        preset: z.string(),
        title: z.string(),
        issuer: z.string().nullable().describe('Null: it is asked for.'),
        issuerHint: z.string().nullable(),
        settings: IdentityProviderSettings.describe('What a new one gets.'),
        provider: z.string().nullable().describe('The kind of directory whose people sign in here.'),
        steps: z.array(Step).describe('What to do in the provider’s own console.'),
      }),
    ),
  })
  .meta({ id: 'SignInPresets' });
export type PresetsView = z.infer<typeof PresetsView>;

export const BeginTest = z
  .strictObject({
    returnTo: z.string().max(2_000).optional().describe('A path of ours to come back to.'),
  })
  .meta({ id: 'BeginTestSignIn' });
export type BeginTest = z.infer<typeof BeginTest>;

export const BegunTestView = z
  .strictObject({
    id: Id.describe('Of the attempt: its result is read by it.'),
    url: z.string().describe('Where to send the browser.'),
  })
  .meta({ id: 'BegunTestSignIn' });
export type BegunTestView = z.infer<typeof BegunTestView>;

export const TestSignInView = TestResult.meta({ id: 'TestSignIn' });
export type TestSignInView = z.infer<typeof TestSignInView>;

export const JwksView = z
  .strictObject({ keys: z.array(z.record(z.string(), z.string())) })
  .meta({ id: 'JsonWebKeySet' });
export type JwksView = z.infer<typeof JwksView>;
