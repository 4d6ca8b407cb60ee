import { z } from 'zod';
import { canonicalEmail } from '../../common/email.js';
import type { InstallationSettings, Mapping } from '../kind.js';
import { parseAttribute } from './attributes.js';

const MOST_NAMES = 1_000;
const MOST_OBJECTS = 100;

const excluded = z
  .array(z.string().trim().min(1).max(320))
  .max(MOST_NAMES)
  .default([])
  .describe('People left out by name: addresses, or the ids that Google gives to users.');

const customer = z
  .string()
  .regex(
    /^C[A-Za-z0-9]{4,20}$/u,
    'The id of a Google customer begins with C, for example C03az79cb (Account > Account settings).',
  )
  .optional()
  .describe("The customer's id. Left out, it is that of the subject; given, any other one is refused.");

/** A unit by its permanent id (follows renames and moves) or by its path as of today. */
const unit = z
  .string()
  .trim()
  .max(1_024)
  .refine((text) => /^id:[A-Za-z0-9_-]{1,64}$/u.test(text) || /^\/+[^/]/u.test(text), {
    message:
      'A unit is named by its id (id:03ph8a2z…) or by its path (/Sales/EMEA); for the root choose the whole directory.',
  });

/** A group by its permanent id (follows renames) or by its address as of today. */
const group = z
  .string()
  .trim()
  .max(320)
  .refine((text) => /^[A-Za-z0-9_-]{1,128}$/u.test(text) || canonicalEmail(text) !== null, {
    message: 'A group is named by its id (01ci93xb2hqxwsh) or by its address (staff@example.com).',
  });

export const googleScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('directory'), customer, excluded }),
  z.strictObject({ kind: z.literal('units'), units: z.array(unit).min(1).max(MOST_OBJECTS), customer, excluded }),
  z.strictObject({ kind: z.literal('groups'), groups: z.array(group).min(1).max(MOST_OBJECTS), customer, excluded }),
]);

export type GoogleScope = z.output<typeof googleScope>;

const attribute = z.string().refine((path) => parseAttribute(path) !== null, {
  message:
    'Not an attribute that can be mapped: use for example primaryEmail, name.givenName, organizations.department, ' +
    'externalIds.organization, relations.manager or customSchemas.HR.grade.',
});

/** Names that would be read as what a person is here, which no attribute of a directory may decide. */
const RESERVED = new Set([
  'admin',
  'isadmin',
  'isprotected',
  'owner',
  'operator',
  'organisation',
  'protected',
  'role',
  'roles',
  'state',
]);

const extraName = z
  .string()
  .regex(
    /^[a-z][A-Za-z0-9_]{0,63}$/u,
    'The name of an extra begins with a small letter and has letters, digits and _ only.',
  )
  .refine((name) => !RESERVED.has(name.toLowerCase()), { message: 'A directory attribute may not decide this.' });

export const googleMapping: z.ZodType<Mapping> = z.strictObject({
  email: attribute,
  firstName: attribute.nullable(),
  lastName: attribute.nullable(),
  department: attribute.nullable(),
  title: attribute.nullable(),
  manager: attribute.nullable(),
  employeeNumber: attribute.nullable(),
  extras: z
    .record(extraName, attribute)
    .refine((extras) => Object.keys(extras).length <= 50, { message: 'At most 50 extras can be mapped.' }),
});

export const defaultGoogleMapping: Mapping = {
  email: 'primaryEmail',
  firstName: 'name.givenName',
  lastName: 'name.familyName',
  department: 'organizations.department',
  title: 'organizations.title',
  manager: 'relations.manager',
  employeeNumber: 'externalIds.organization',
  extras: {},
};

/**
 * Google's users are read at one host, tokens are had at another and, without a key, assertions signed at a third;
 * each can be put elsewhere by the operator. Other keys belong to other parts of the house.
 */
const installation = z.looseObject({
  baseUrl: z.url({ protocol: /^https?$/u }).default('https://admin.googleapis.com'),
  tokenUrl: z.url({ protocol: /^https?$/u }).default('https://oauth2.googleapis.com/token'),
  iamUrl: z.url({ protocol: /^https?$/u }).default('https://iamcredentials.googleapis.com'),
  /** What assertions are made out to: Google's own address, whatever gateway the token is asked for at. */
  tokenAudience: z.url().default('https://oauth2.googleapis.com/token'),
  insecureLoopback: z.boolean().default(false),
  /** Hosts, gateways mostly, that may be called although their addresses are not public. */
  allowedHosts: z.array(z.string()).default([]),
  /** Until an answer begins, and until it is whole. */
  firstByteMs: z.int().min(1).max(30_000).optional(),
  pageMs: z.int().min(1).max(60_000).optional(),
  /** The installation's own service account, with its key file … */
  serviceAccountKey: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  /** … or without one: assertions are then signed by IAM Credentials. */
  keyless: z
    .strictObject({
      serviceAccount: z.string().regex(/^[^\s@/?#]+@[^\s@/?#]+$/u, 'The e-mail address of the service account.'),
      clientId: z
        .string()
        .regex(/^\d{15,25}$/u, 'The numeric client id of the service account, which customers delegate to.'),
      /** A credential file of Google's libraries (workload identity federation). Left out: what they find by themselves. */
      credentialsFile: z.string().optional(),
    })
    .optional(),
});

export type GoogleInstallation = z.output<typeof installation>;

export function googleInstallation(settings: InstallationSettings): GoogleInstallation {
  return installation.parse(settings);
}
