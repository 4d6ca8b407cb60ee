import { z } from 'zod';
import { canonicalEmail } from '../../common/email.js';
import { ConnectorError } from '../errors.js';
import type { InstallationSettings, Mapping } from '../kind.js';
import { parseAttribute } from './attributes.js';

const MOST_NAMES = 1_000;
const MOST_OBJECTS = 100;

const excluded = z
  .array(z.string().trim().min(1).max(320))
  .max(MOST_NAMES)
  .default([])
  .meta({ title: 'Left out by name', description: 'Addresses, or the ids that Google gives to users.' });

const customer = z
  .string()
  .regex(
    /^C[A-Za-z0-9]{4,20}$/u,
    'The id of a Google customer begins with C, for example C03az79cb (Account > Account settings).',
  )
  .optional()
  .meta({
    title: 'Customer id',
    description: 'Left out, it is that of the admin; given, any other one is refused.',
  });

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
  z.strictObject({ kind: z.literal('directory'), customer, excluded }).meta({ title: 'Everybody in the directory' }),
  z
    .strictObject({
      kind: z.literal('units'),
      units: z.array(unit).min(1).max(MOST_OBJECTS).meta({
        title: 'Units',
        description: 'By path (/Sales/EMEA) or by id (id:03ph8a2z…); those below them count in.',
      }),
      customer,
      excluded,
    })
    .meta({ title: 'Organisational units' }),
  z
    .strictObject({
      kind: z.literal('groups'),
      groups: z
        .array(group)
        .min(1)
        .max(MOST_OBJECTS)
        .meta({ title: 'Groups', description: 'By address (staff@example.com) or by id.' }),
      customer,
      excluded,
    })
    .meta({ title: 'Members of groups' }),
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

const address = z.url({ protocol: /^https?$/u });
const milliseconds = (most: number) => z.coerce.number().int().min(1).max(most).optional();

/**
 * Google's users are read at one host, tokens are had at another and, without a key, assertions signed at a third;
 * each can be put elsewhere by the operator. Flat, and texts will do, so that the environment can set them. Keys that
 * are not ours belong to other parts of the house.
 */
const installation = z
  .looseObject({
    baseUrl: address.default('https://admin.googleapis.com'),
    tokenUrl: address.default('https://oauth2.googleapis.com/token'),
    iamUrl: address.default('https://iamcredentials.googleapis.com'),
    /** What assertions are made out to: Google's own address, whatever gateway the token is asked for at. */
    tokenAudience: z.url().default('https://oauth2.googleapis.com/token'),
    insecureLoopback: z.boolean().default(false),
    /** Hosts, gateways mostly, that may be called although their addresses are not public. */
    allowedHosts: z
      .union([z.array(z.string()), z.string().transform((list) => list.split(',').map((host) => host.trim()))])
      .default([]),
    /** Until an answer begins, and until it is whole. */
    firstByteMs: milliseconds(30_000),
    pageMs: milliseconds(60_000),
    /** The installation's own service account by its key file, as text or as an object … */
    serviceAccountKey: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    /** … or without a key, by its address: assertions are then signed by IAM Credentials. */
    serviceAccount: z
      .string()
      .regex(/^[^\s@/?#]+@[^\s@/?#]+$/u, 'The e-mail address of the service account.')
      .optional(),
    /** Its numeric client id, which customers delegate to. */
    serviceAccountClientId: z
      .string()
      .regex(/^\d{15,25}$/u, 'The numeric client id of the service account.')
      .optional(),
  })
  .refine((settings) => (settings.serviceAccount === undefined) === (settings.serviceAccountClientId === undefined), {
    path: ['serviceAccountClientId'],
    message: 'serviceAccount and serviceAccountClientId go together.',
  });

export type GoogleInstallation = z.output<typeof installation>;

/** @throws {ConnectorError} `unavailable` naming the keys at fault, never their values. */
export function googleInstallation(settings: InstallationSettings): GoogleInstallation {
  const parsed = installation.safeParse(settings);
  if (parsed.success) return parsed.data;
  const keys = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0] ?? 'all')))].join(', ');
  throw new ConnectorError(
    'unavailable',
    `The operator has to mend the settings of this installation for Google: ${keys}.`,
    {
      passing: false,
    },
  );
}
