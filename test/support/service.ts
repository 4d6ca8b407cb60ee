import { randomBytes } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { startApplication, type Application } from '../../src/application.js';
import { ApiKeysService } from '../../src/auth/api-keys.service.js';
import { ALL_SCOPES, type Scope } from '../../src/auth/auth.types.js';
import { type Clock, systemClock } from '../../src/common/clock.js';
import type { Config } from '../../src/config/config.types.js';
import { parseSecretKey } from '../../src/common/secret-key.js';
import { loadConfig } from '../../src/config/load-config.js';
import type { Database } from '../../src/database/database.service.js';
import { Secrets } from '../../src/database/secrets.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { openTestDatabase } from './database.js';

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
export interface TestService extends AsyncDisposable {
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
  server: { port: 0, metricsPort: null, host: '127.0.0.1', headWithinMs: 60_000, requestWithinMs: 60_000 },
};

export async function startService(options: ServiceOptions = {}): Promise<TestService> {
  const opened = await openTestDatabase();
  const config = merged(merged(loadConfig({ ROLLCALL_ENV: 'test' }), QUIET), options.config ?? {}) as Config;
  const secretKey = randomBytes(32).toString('base64');
  const secrets = new Secrets({ current: parseSecretKey(secretKey, 'the key of the test'), previous: [] });
  const store = { database: opened.database, secrets, clock: systemClock };
  const application = await startApplication({ config, store, ...(options.clock ? { clock: options.clock } : {}) });
  const { app, url } = application;
  const keys = app.get(ApiKeysService, { strict: false });
  const organisations = app.get(OrganisationsService, { strict: false });

  const newKey: TestService['newKey'] = async (
    organisationId,
    { scopes = ALL_SCOPES, networks = [], expiresInDays = 90 } = {},
  ) => (await keys.createAsOperator(organisationId, { name: 'a test', scopes, networks, expiresInDays })).key;
  const newOrganisation: TestService['newOrganisation'] = async (slug = `org-${randomBytes(6).toString('hex')}`) => {
    const { id } = await organisations.create({ slug, name: slug });
    const key = await newKey(id);
    return { id, slug, key, api: apiOf(url, key) };
  };
  const close = async (): Promise<void> => {
    await application.stop();
    await opened.close();
  };
  const organisation = await newOrganisation();
  return {
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
