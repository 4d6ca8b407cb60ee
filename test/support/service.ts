import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { startApplication, type Application } from '../../src/application.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { ALL_SCOPES, type Scope } from '../../src/auth/auth.types.js';
import { codeOf } from '../../src/common/errors.js';
import { type Clock, systemClock } from '../../src/common/clock.js';
import type { Config } from '../../src/config/config.types.js';
import { parseSecretKey } from '../../src/common/secret-key.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { Database } from '../../src/database/database.service.js';
import type { Store } from '../../src/database/open-store.js';
import { Secrets } from '../../src/database/secrets.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { openTestDatabase } from './database.js';
import { signingIn, type SigningIn } from './signed-in.js';

/** What came back. `body` is the parsed JSON, or the text where it is none. */
export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  text: string;
  body: Body;
}

export interface CallOptions {
  /** Another key than the organisation's own; null sends none. */
  key?: string | null;
  headers?: Record<string, string>;
}

/** Asks the service as one organisation. A string or bytes as body go out as they are, anything else as JSON. */
export type Api = <Body = Record<string, unknown>>(
  method: string,
  path: string,
  body?: unknown,
  options?: CallOptions,
) => Promise<Answer<Body>>;

export interface TestOrganisation {
  id: string;
  slug: string;
  /** With every scope. */
  key: string;
  api: Api;
}

/** The real service on a real database, over HTTP. */
export interface TestService extends AsyncDisposable, SigningIn {
  url: string;
  app: NestExpressApplication;
  application: Application;
  database: Database;
  databaseUrl: string;
  secrets: Secrets;
  /** As ROLLCALL_SECRET_KEY, for another process on the same database. */
  secretKey: string;
  config: Config;
  /** The first organisation. */
  organisation: TestOrganisation;
  api: Api;
  /** Another one, with every feature. */
  newOrganisation(slug?: string): Promise<TestOrganisation>;
  /** Another key of an organisation, made as the operator does; all scopes unless told. */
  newKey(
    organisationId: string,
    options?: { scopes?: readonly Scope[]; networks?: string[]; expiresInDays?: number },
  ): Promise<string>;
  close(): Promise<void>;
}

type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;

export interface ServiceOptions {
  /** Differences from config/default.yaml and config/test.yaml. */
  config?: DeepPartial<Config>;
  clock?: Clock;
}

/** Generous where a test is not about limits, and nothing starts by itself. */
const QUIET: DeepPartial<Config> = {
  schedule: { enabled: false },
  limits: {
    addressPerMinute: 1_000_000,
    credentialPerMinute: 1_000_000,
    organisationPerMinute: 1_000_000,
    failuresPerMinute: 10_000,
  },
  server: { metricsPort: null, host: '127.0.0.1', headWithinMs: 60_000, requestWithinMs: 60_000 },
};

export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const opened = await openTestDatabase();
  const secretKey = randomBytes(32).toString('base64');
  const secrets = new Secrets({ current: parseSecretKey(secretKey, 'the key of the test'), previous: [] });
  const store = { database: opened.database, secrets, clock: systemClock };
  const { application, config } = await startOnFreePort(store, options);
  const { app, url } = application;
  const keys = app.get(ApiKeysService, { strict: false });
  const organisations = app.get(OrganisationsService, { strict: false });

  const newKey: TestService['newKey'] = async (
    organisationId,
    { scopes = ALL_SCOPES, networks = [], expiresInDays = 90 } = {},
  ) => (await keys.createAsOperator(organisationId, { name: 'a test', scopes, networks, expiresInDays })).key;
  const newOrganisation: TestService['newOrganisation'] = async (slug = `org-${randomBytes(6).toString('hex')}`) => {
    const { id } = await organisations.create({ slug, name: slug, sso: true, directorySync: true });
    const key = await newKey(id);
    return { id, slug, key, api: apiOf(url, key) };
  };
  const close = async (): Promise<void> => {
    await application.stop();
    await opened.close();
  };
  const organisation = await newOrganisation();
  return {
    ...signingIn({ app, url, database: opened.database, config }, () => organisation.id),
    url,
    app,
    application,
    database: opened.database,
    databaseUrl: opened.url,
    secrets,
    secretKey,
    config,
    organisation,
    api: organisation.api,
    newOrganisation,
    newKey,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Another process may take a port between the moment it was found free and the moment we listen. */
const TRIES = 5;

/** The service must know where it is found before it listens: its links, redirects and cookies are made from it. */
async function startOnFreePort(
  store: Store,
  options: ServiceOptions,
  tries = TRIES,
): Promise<{ application: Application; config: Config }> {
  const port = options.config?.server?.port ?? (await freePort());
  const found = { server: { port, publicUrl: `http://localhost:${port}` } };
  const base = merged(merged(loadConfig({ ROLLCALL_ENV: 'test' }), QUIET), found);
  const config = merged(base, options.config ?? {}) as Config;
  try {
    const application = await startApplication({ config, store, ...(options.clock ? { clock: options.clock } : {}) });
    return { application, config };
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' || tries === 1) throw error;
    return startOnFreePort(store, options, tries - 1);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Asks a service at an address, with a key of one of its organisations. */
export function apiOf(url: string, own: string): Api {
  return async <Body>(
    method: string,
    path: string,
    body?: unknown,
    options: CallOptions = {},
  ): Promise<Answer<Body>> => {
    const key = options.key === undefined ? own : options.key;
    const raw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) as Body };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

function merged(base: unknown, change: unknown): unknown {
  if (change === undefined) return base;
  if (!isTree(base) || !isTree(change)) return change;
  const keys = new Set([...Object.keys(base), ...Object.keys(change)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(base[key], change[key])]));
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
