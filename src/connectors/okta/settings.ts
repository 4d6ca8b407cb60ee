import { z } from 'zod';
import { ConnectorError } from '../errors.js';
import { DIRECTORY_HTTP } from '../exchange.js';
import type { InstallationSettings, Mapping } from '../kind.js';
import { usableId } from '../text.js';
import { orgOrigin, OrgUrlFault } from './org-url.js';

const id = z
  .string()
  .trim()
  .refine((text) => usableId(text) !== null, 'This is not an id of Okta.');
const excluded = z
  .array(z.string().trim().min(1).max(320))
  .max(1_000)
  .default([])
  .meta({ title: 'Left out by name', description: 'Addresses, or the ids that Okta gives to users.' });

export const oktaScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('directory'), excluded }).meta({ title: 'Everybody in the directory' }),
  z
    .strictObject({
      kind: z.literal('application'),
      applicationId: id.meta({
        title: 'Id of the application',
        description: 'It stands in the address of its page in the Admin Console, and begins with 0oa.',
      }),
      excluded,
    })
    .meta({ title: 'People assigned to an application' }),
  z
    .strictObject({
      kind: z.literal('groups'),
      groupIds: z
        .array(id)
        .min(1)
        .max(100)
        .refine((ids) => new Set(ids).size === ids.length, 'A group is named twice.')
        .meta({
          title: 'Ids of the groups',
          description: 'Each stands in the address of its page in the Admin Console, and begins with 00g.',
        }),
      excluded,
    })
    .meta({ title: 'Members of groups' }),
]);
export type OktaScope = z.infer<typeof oktaScope>;

/** An attribute of the user's profile, base or custom; never one that every object has by itself. */
export const oktaAttribute = z
  .string()
  .regex(/^profile\.[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'Name an attribute as profile.department.')
  .refine((path) => !(path.slice('profile.'.length) in {}), 'This is no attribute of a profile.');

/** Names that would be read as what a person is here, which no attribute of a directory may decide. */
const RESERVED = /^(?:is)?(?:admin|owner|operator|organisation|protected|roles?|state)$/i;

const extraName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9_]{0,63}$/,
    'The name of an extra begins with a small letter and has letters, digits and _ only.',
  )
  .refine((name) => !RESERVED.test(name), 'A directory attribute may not decide this.');

export const oktaMapping: z.ZodType<Mapping> = z.strictObject({
  email: oktaAttribute,
  firstName: oktaAttribute.nullable(),
  lastName: oktaAttribute.nullable(),
  department: oktaAttribute.nullable(),
  title: oktaAttribute.nullable(),
  manager: oktaAttribute.nullable(),
  employeeNumber: oktaAttribute.nullable(),
  extras: z
    .record(extraName, oktaAttribute)
    .refine((extras) => Object.keys(extras).length <= 50, 'At most 50 extras can be mapped.'),
});

export const defaultOktaMapping: Mapping = {
  email: 'profile.email',
  firstName: 'profile.firstName',
  lastName: 'profile.lastName',
  department: 'profile.department',
  title: 'profile.title',
  manager: 'profile.managerId',
  employeeNumber: 'profile.employeeNumber',
  extras: {},
};

/** Loopback addresses pass here and are refused when a connector is made, unless the installation allows them. */
const orgUrl = z
  .string()
  .max(300)
  .transform((text, context) => {
    try {
      return orgOrigin(text, true);
    } catch (error) {
      if (!(error instanceof OrgUrlFault)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
      return z.NEVER;
    }
  })
  .meta({ title: 'Address of your Okta organisation', description: 'For example https://acme.okta.com' });

/** A private RSA key as it is stored, encrypted with the other credentials. */
const privateJwk = z.strictObject({
  kty: z.literal('RSA'),
  n: z.string(),
  e: z.string(),
  d: z.string(),
  p: z.string(),
  q: z.string(),
  dp: z.string(),
  dq: z.string(),
  qi: z.string(),
  kid: z.string(),
  alg: z.literal('RS256'),
  use: z.literal('sig'),
});
export type PrivateJwk = z.infer<typeof privateJwk>;

const clientId = id;
const token = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{10,200}$/, 'This is not an API token of Okta.');

export const oktaCredentials = z.discriminatedUnion('method', [
  /** A service app that authenticates with a key pair of ours. `clientId` is null until the app was made. */
  z.strictObject({ method: z.literal('key'), orgUrl: z.string(), clientId: z.string().nullable(), privateJwk }),
  z.strictObject({ method: z.literal('token'), orgUrl: z.string(), token: z.string() }),
]);
export type OktaCredentials = z.infer<typeof oktaCredentials>;

export const oktaCredentialsInput = z.discriminatedUnion('method', [
  z
    .strictObject({
      method: z.literal('key'),
      orgUrl,
      /** Left out at first: the key pair is made, and its public half is what the service app is made with. */
      clientId: clientId
        .nullish()
        .meta({ title: 'Client ID of the service app', description: 'On its General tab in the Admin Console.' }),
      /** Makes a new pair in place of the one that there is. */
      newKey: z.boolean().optional().meta({ title: 'Make a new key pair' }),
    })
    .meta({
      title: 'Service app with a key',
      description: 'Rollcall makes the key pair and keeps the private half. Nothing expires.',
    }),
  z
    .strictObject({
      method: z.literal('token'),
      orgUrl,
      /** May be left out to keep the stored one, as long as the address stays. */
      token: token.optional().meta({ title: 'API token', writeOnly: true }),
    })
    .meta({ title: 'API token', description: 'Quicker to begin with. It is worth what the admin who makes it is.' }),
]);

/** From the environment numbers and lists arrive as text. */
const milliseconds = (most: number) => z.coerce.number().int().min(1).max(most).default(most);

/** What the operator may set for Okta; times only ever shorter than the fixed numbers. */
const installation = z.looseObject({
  /** A gateway in front of Okta: requests go there, while signatures are made out to the organisation itself. */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Where tokens are asked for; left out, below the base URL. */
  tokenUrl: z.url({ protocol: /^https?$/ }).optional(),
  insecureLoopback: z.boolean().default(false),
  /** Hosts, gateways mostly, that may be called although their addresses are not public. */
  allowedHosts: z
    .union([z.array(z.string()), z.string().transform((list) => list.split(',').map((host) => host.trim()))])
    .default([]),
  firstByteMs: milliseconds(DIRECTORY_HTTP.firstByteMs),
  pageMs: milliseconds(DIRECTORY_HTTP.pageMs),
});

/** @throws {ConnectorError} `unavailable` for settings that the operator has to mend. */
export function oktaInstallation(settings: InstallationSettings): z.output<typeof installation> {
  const parsed = installation.safeParse(settings);
  if (parsed.success) return parsed.data;
  const keys = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'all')))].join(', ');
  throw new ConnectorError(
    'unavailable',
    `The operator has to mend the settings of this installation for Okta: ${keys}.`,
    {
      passing: false,
    },
  );
}
