import { z } from 'zod';

const text = (longest = 2_000) => z.string().trim().min(1).max(longest);
const whole = (least: number, most: number) => z.number().int().min(least).max(most);
const databaseUrl = z
  .string()
  .refine((url) => /^postgres(ql)?:\/\//u.test(url), { error: 'must begin with postgresql://' })
  .nullable();
const httpUrl = z.url({ protocol: /^https?$/u });
/** Where browsers find us: an origin and nothing behind it, and without TLS on this machine alone. */
const publicUrl = z
  .url({ protocol: /^https?$/u })
  .refine((url) => isOrigin(url), { error: 'must be a scheme, a host and a port, without a path' })
  .refine((url) => url.startsWith('https:') || /^http:\/\/(localhost|127\.0\.0\.1)(:\d+)?\/?$/u.test(url), {
    error: 'must be an https address; only localhost and 127.0.0.1 may be http',
  });
/** Where somebody who found a fault can tell it. */
const contactUrl = z.url({ protocol: /^(https|mailto)$/u }).max(500);
const smtpUrl = z
  .string()
  .refine((url) => /^smtps?:\/\//u.test(url) && URL.canParse(url), { error: 'must begin with smtp:// or smtps://' });

function isOrigin(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { origin, href } = new URL(url);
  return href === `${origin}/`;
}

const server = z.strictObject({
  host: text(255),
  port: whole(0, 65_535),
  publicUrl: publicUrl.nullable(),
  securityContact: contactUrl.nullable(),
  trustedProxies: z.array(z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()])).max(100),
  bodyLimitBytes: whole(1_024, 16_777_216),
  jsonDepth: whole(4, 128),
  jsonArrayLength: whole(100, 99_999),
  headWithinMs: whole(100, 60_000),
  requestWithinMs: whole(100, 120_000),
  stopWithinMs: whole(1_000, 60_000),
  docs: z.boolean(),
  metricsHost: text(255),
  metricsPort: whole(0, 65_535).nullable(),
});

const log = z.strictObject({
  level: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']),
  pretty: z.boolean(),
});

const data = z.strictObject({ folder: text() });

const database = z.strictObject({
  url: databaseUrl,
  migrateUrl: databaseUrl,
  workerUrl: databaseUrl,
  poolSize: whole(2, 200),
  workerPoolSize: whole(1, 50),
  connectTimeoutMs: whole(500, 60_000),
  statementTimeoutMs: whole(1_000, 600_000),
  idleInTransactionMs: whole(1_000, 600_000),
});

const secretKey = z.strictObject({
  value: z.string().min(1).nullable(),
  previous: z.array(z.string().min(1)).max(10),
  file: text(),
});

const outbound = z.strictObject({
  connectTimeoutMs: whole(100, 60_000),
  firstByteTimeoutMs: whole(100, 300_000),
  pageTimeoutMs: whole(100, 600_000),
  bodyLimitBytes: whole(1_024, 268_435_456),
  allowedHosts: z.array(text(253)).max(100),
  insecureLoopback: z.boolean(),
});

const directory = z.strictObject({
  maxPages: whole(1, 100_000),
  maxRecords: whole(1, 10_000_000),
});

const schedule = z.strictObject({
  enabled: z.boolean(),
  lookEveryMs: whole(50, 60_000),
  parallelRuns: whole(1, 64),
  leaseMs: whole(1_000, 600_000),
  renewEveryMs: whole(100, 300_000),
});

const limits = z.strictObject({
  addressPerMinute: whole(1, 1_000_000),
  credentialPerMinute: whole(1, 1_000_000),
  organisationPerMinute: whole(1, 10_000_000),
  organisationInFlight: whole(1, 10_000),
  organisationStreams: whole(1, 10_000),
  failuresPerMinute: whole(1, 10_000),
});

const session = z.strictObject({
  idleMinutes: whole(5, 720),
  absoluteHours: whole(1, 24),
  setUpHours: whole(1, 24),
  freshMinutes: whole(1, 60),
});

const signIn = z.strictObject({
  attemptMinutes: whole(1, 30),
  attemptsPerBrowser: whole(1, 20),
  linkMinutes: whole(1, 10),
  linksPerAddressPerHour: whole(1, 100),
  setUpLinkHours: whole(1, 720),
  directoryReadMs: whole(200, 5_000),
  directoryFreshSeconds: whole(0, 600),
});

const identityProviders = z.strictObject({
  clockSkewSeconds: whole(0, 300),
  idTokenMaxAgeMinutes: whole(1, 60),
  connectTimeoutMs: whole(100, 60_000),
  wholeTimeoutMs: whole(100, 60_000),
  allowedHosts: z.array(text(259)).max(100),
  insecureLoopback: z.boolean(),
});

const mail = z.strictObject({
  smtpUrl: smtpUrl.nullable(),
  from: text(320).nullable(),
  insecurePlaintext: z.boolean(),
  insecureShowLinks: z.boolean(),
  lookEveryMs: whole(50, 600_000),
  keepBodiesDays: whole(1, 30),
});

const audit = z.strictObject({
  headsFile: text(),
  exportEveryMinutes: whole(1, 60),
  chainEveryMs: whole(50, 600_000),
});

/** What the installation sets for one kind of directory; the rest of it is read by that kind's own schema. */
const connector = z
  .looseObject({ baseUrl: httpUrl.optional(), tokenUrl: httpUrl.optional(), insecureLoopback: z.boolean().optional() })
  .refine((settings) => Object.keys(settings).length <= 20, { error: 'has too many keys' });

/** The whole configuration. config/default.yaml gives each key its unit, range and meaning. */
export const ConfigSchema = z
  .strictObject({
    server,
    log,
    data,
    database,
    secretKey,
    outbound,
    directory,
    schedule,
    limits,
    session,
    signIn,
    identityProviders,
    mail,
    audit,
    connectors: z.record(z.string().regex(/^[a-z][a-z0-9-]*$/u), connector),
  })
  .superRefine((config, context) => {
    if (config.schedule.renewEveryMs * 2 > config.schedule.leaseMs) {
      context.addIssue({
        code: 'custom',
        path: ['schedule', 'renewEveryMs'],
        message: 'must be at most half of schedule.leaseMs',
      });
    }
    if (config.database.url === null && (config.database.migrateUrl !== null || config.database.workerUrl !== null)) {
      context.addIssue({
        code: 'custom',
        path: ['database', 'url'],
        message: 'is needed when a URL for another role is given',
      });
    }
    if (config.mail.smtpUrl !== null && config.mail.from === null) {
      context.addIssue({ code: 'custom', path: ['mail', 'from'], message: 'is needed when mail.smtpUrl is given' });
    }
  });

type DeepReadonly<T> = T extends (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Config = DeepReadonly<z.infer<typeof ConfigSchema>>;
