import { z } from 'zod';
import { Id, Instant } from '../common/fields.js';
import { PasskeyRequest } from './passkeys.dto.js';

const ReturnTo = z.string().max(2_000).describe('Path of this installation to come back to.');
const Slug = z.string().min(1).max(63);
const SignInUrl = z.string().describe('Where the browser goes now.');

export const SignInStart = z
  .strictObject({
    email: z.string().min(1).max(320),
    returnTo: ReturnTo.optional(),
    slug: Slug.optional().describe('Short name of the organisation whose page it is.'),
  })
  .meta({ id: 'SignInStart' });
export type SignInStart = z.infer<typeof SignInStart>;

export const SignInNext = z
  .discriminatedUnion('next', [
    z.strictObject({ next: z.literal('provider'), url: SignInUrl }),
    z.strictObject({ next: z.literal('link_sent') }),
  ])
  .meta({ id: 'SignInNext', description: 'By the domain of the address alone: nothing of whether anybody has it.' });
export type SignInNext = z.infer<typeof SignInNext>;

export const Place = z
  .strictObject({
    name: z.string().nullable().describe('Of the organisation, where it has providers to show.'),
    providers: z.array(z.strictObject({ id: Id, name: z.string() })),
  })
  .meta({ id: 'SignInPlace' });
export type Place = z.infer<typeof Place>;

export const StartAtProvider = z
  .strictObject({ slug: Slug, providerId: Id, returnTo: ReturnTo.optional() })
  .meta({ id: 'StartAtProvider' });
export type StartAtProvider = z.infer<typeof StartAtProvider>;

export const AtProvider = z.strictObject({ url: SignInUrl }).meta({ id: 'AtProvider' });
export type AtProvider = z.infer<typeof AtProvider>;

export const Reauthenticate = z
  .strictObject({ with: z.enum(['provider', 'passkey']), returnTo: ReturnTo.optional() })
  .meta({ id: 'Reauthenticate' });
export type Reauthenticate = z.infer<typeof Reauthenticate>;

export const ReauthenticateNext = z
  .discriminatedUnion('next', [
    z.strictObject({ next: z.literal('provider'), url: SignInUrl }),
    z.strictObject({ next: z.literal('passkey'), options: PasskeyRequest }),
  ])
  .meta({ id: 'ReauthenticateNext' });
export type ReauthenticateNext = z.infer<typeof ReauthenticateNext>;

const identity = {
  providerId: Id,
  providerName: z.string(),
  linkedBy: z.enum(['directory', 'email', 'session', 'just_in_time']),
  linkedAt: Instant,
  lastUsedAt: Instant,
};

export const OwnIdentities = z
  .strictObject({
    items: z.array(
      z.strictObject({
        ...identity,
        usable: z.boolean().describe('False while its provider is switched off.'),
        stepsUp: z.boolean().describe('Whether one can show there again who one is; false where it is known that not.'),
      }),
    ),
    others: z
      .array(z.strictObject({ id: Id, name: z.string() }))
      .describe('Providers that are switched on and at which one has no account yet: it can be tied to oneself.'),
  })
  .meta({ id: 'OwnIdentities', description: 'Accounts at identity providers by which one signs in.' });
export type OwnIdentities = z.infer<typeof OwnIdentities>;

export const PersonIdentities = z
  .strictObject({
    items: z.array(z.strictObject({ ...identity, subject: z.string().describe('As the provider knows the account.') })),
  })
  .meta({ id: 'PersonIdentities' });
export type PersonIdentities = z.infer<typeof PersonIdentities>;

export const TieIdentity = z
  .strictObject({ providerId: Id, returnTo: ReturnTo.optional() })
  .meta({ id: 'TieIdentity' });
export type TieIdentity = z.infer<typeof TieIdentity>;

/** Providers add what they like; what is ours is read again, strictly, where it is judged. */
export const CallbackQuery = z.record(z.string().max(200), z.unknown()).meta({
  id: 'SignInCallback',
  description: '`state` with `code` or `error`, and `iss`; each once. Anything else is not looked at.',
});
export type CallbackQuery = z.infer<typeof CallbackQuery>;

const once = (longest: number) => z.string().min(1).max(longest);
/** O-20: what a provider's own page sends somebody here with. Each once; a list is refused. */
export const InitiateQuery = z
  .looseObject({
    iss: once(2_000).describe('The issuer that the provider here is set up with.'),
    login_hint: once(2_000).optional(),
    target_link_uri: once(4_000).optional(),
  })
  .meta({ id: 'SignInInitiate' });
export type InitiateQuery = z.infer<typeof InitiateQuery>;

export const BackChannelLogout = z.looseObject({ logout_token: once(20_000) }).meta({ id: 'BackChannelLogout' });
export type BackChannelLogout = z.infer<typeof BackChannelLogout>;

export const SignedOut = z.strictObject({ url: SignInUrl }).meta({ id: 'SignedOut' });
export type SignedOut = z.infer<typeof SignedOut>;

export const ShortName = Slug;
