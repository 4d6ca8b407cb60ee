import type { Company } from '../company/company.ts';
import { Past } from '../company/past.ts';
import { json, type Answer, type Incoming, type Route } from '../http/answer.ts';
import { keyPair, type KeyPair } from '../http/keys.ts';
import { listen, type ListenOptions, type Listening, type Provider } from '../http/listen.ts';
import { OktaApps } from './apps.ts';
import { OktaAuth, type Caller } from './auth.ts';
import { OktaContext } from './context.ts';
import { oktaError, oktaShapes } from './errors.ts';
import { OktaGroups } from './groups.ts';
import { OktaLogs } from './logs.ts';
import { RateLimits } from './rate-limits.ts';
import { userSchema } from './schema.ts';
import { OKTA_SCOPES, oktaDefaults, readOnlyRole, type OktaSettings, type Role, type ServiceApp } from './settings.ts';
import { OktaUsers } from './users.ts';

export interface OktaOptions extends Partial<OktaSettings>, Omit<ListenOptions, 'clock'> {
  /** Whether the service app demands proof of possession; it does not by default. */
  dpop?: boolean;
}

export interface OktaCredentials {
  readonly orgUrl: string;
  readonly apiToken: string;
  readonly clientId: string;
  readonly keyId: string;
  readonly privateJwk: Record<string, unknown>;
  readonly privatePem: string;
  readonly scopes: readonly string[];
}

export interface OktaSimulator extends Listening, AsyncDisposable {
  readonly company: Company;
  readonly tokenUrl: string;
  readonly credentials: OktaCredentials;
  readonly settings: OktaSettings;
  readonly auth: OktaAuth;
  /** The role of the API token's admin; replace fields to take privileges away or narrow them. */
  readonly tokenRole: Role;
  readonly app: ServiceApp;
  /** Makes the text of a whole list, so that a benchmark does not measure that: `/api/v1/users?limit=200`, lean or not. */
  warm(pathAndQuery: string): void;
  /** Lets another key, made elsewhere, sign for a service app. */
  registerApp(app: Partial<ServiceApp> & { clientId: string; keys: Record<string, unknown>[] }): ServiceApp;
  ids: { person(n: number): string; group(name: string): string; application: string; organisation: string };
}

type Handler = (request: Incoming, role: Role, ...ids: string[]) => Answer;

interface Endpoint {
  readonly pattern: RegExp;
  readonly route: Route;
  readonly scope: string;
  readonly right: Exclude<keyof Role, 'sees'>;
  readonly handle: Handler;
}

/** Serves a company as Okta does. */
export async function serveOkta(company: Company, options: OktaOptions = {}): Promise<OktaSimulator> {
  const settings: OktaSettings = oktaDefaults();
  for (const key of Object.keys(settings) as (keyof OktaSettings)[]) {
    if (options[key] !== undefined) Object.assign(settings, { [key]: options[key] });
  }
  const key = await keyPair('okta-service-app');
  let parts: OktaOrganisation | null = null;
  const make = (url: string): Provider => (parts = new OktaOrganisation(company, settings, url));
  const listening = await listen(make, { ...options, clock: company.clock });
  if (!parts) throw new TypeError('not started');
  return assemble(company, settings, parts, listening, key, options);
}

function assemble(
  company: Company,
  settings: OktaSettings,
  organisation: OktaOrganisation,
  listening: Listening,
  key: KeyPair,
  options: OktaOptions,
): OktaSimulator {
  const { auth } = organisation;
  const tokenRole = readOnlyRole();
  const apiToken = `00simulated${String(company.seed).padStart(8, '0')}`;
  auth.apiTokens.set(apiToken, tokenRole);
  const registerApp: OktaSimulator['registerApp'] = (given) => {
    const app = { scopes: [...OKTA_SCOPES], dpop: false, role: readOnlyRole(), ...given };
    auth.apps.set(app.clientId, app);
    return app;
  };
  const clientId = '0oaSimulatedService1';
  const app = registerApp({ clientId, keys: [key.publicJwk], dpop: options.dpop ?? false });
  const close = async (): Promise<void> => {
    organisation.stop();
    await listening.close();
  };
  return {
    ...listening,
    company,
    tokenUrl: `${listening.url}/oauth2/v1/token`,
    settings,
    auth,
    tokenRole,
    app,
    registerApp,
    warm: (pathAndQuery) => organisation.warm(pathAndQuery),
    credentials: {
      orgUrl: listening.url,
      apiToken,
      clientId,
      keyId: 'okta-service-app',
      privateJwk: key.privateJwk,
      privatePem: key.privatePem,
      scopes: OKTA_SCOPES,
    },
    ids: {
      person: (n) => company.ids.okta('person', n),
      group: (name) => company.ids.okta('group', company.group(name).n),
      application: company.ids.okta('application', company.application.n),
      organisation: company.ids.oktaOrganisation,
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

class OktaOrganisation implements Provider {
  readonly auth: OktaAuth;
  readonly shapes;
  readonly #context: OktaContext;
  readonly #limits: RateLimits;
  readonly #index: Past;
  readonly #endpoints: readonly Endpoint[];
  #requests = 0;

  constructor(company: Company, settings: OktaSettings, base: string) {
    this.#context = new OktaContext(company, settings, base);
    this.auth = new OktaAuth(company.clock, base);
    this.#limits = new RateLimits(company.clock, settings);
    this.#index = new Past(company, () => settings.searchLagMs);
    this.shapes = oktaShapes(() => Math.ceil(company.clock.now() / 1000));
    this.#endpoints = endpoints(this.#context, this.#index);
  }

  stop(): void {
    this.#index.stop();
  }

  warm(pathAndQuery: string): void {
    const [path = '', query] = pathAndQuery.split('?');
    const found = this.#match(path);
    if (!found) throw new RangeError(`there is no ${path}`);
    for (const lean of ['application/json; okta-response=omitCredentials', '']) {
      const request = { method: 'GET', path, query: new URLSearchParams(query), body: '', url: pathAndQuery };
      for (let more: string | null = ''; more !== null;) {
        if (more !== '') request.query.set('after', more);
        const answer = found.endpoint.handle(
          { ...request, headers: { 'content-type': lean } },
          readOnlyRole(),
          ...found.ids,
        );
        more = answer.listing?.next ?? null;
      }
    }
  }

  headers(answer: Answer): Record<string, string> {
    return { 'x-okta-request-id': `req${this.#requests++}`, ...this.#limits.headers(answer.route) };
  }

  refuse(request: Incoming, inFlight: number): Answer | null {
    if (inFlight <= this.#context.settings.concurrencyLimit) return null;
    const reply = this.shapes.throttle({ kind: 'throttle', how: 'concurrency', resetIn: 5 });
    return this.#context.reply(this.#match(request.path)?.endpoint.route ?? 'unknown', reply);
  }

  async answer(request: Incoming): Promise<Answer> {
    if (request.path === '/oauth2/v1/token') return this.#context.reply('token', await this.auth.token(request));
    if (request.path === '/.well-known/okta-organization') return this.#organisation();
    const match = this.#match(request.path);
    if (!match) return this.#context.reply('unknown', oktaError('E0000007', `${request.path} (Endpoint)`));
    const { endpoint, ids } = match;
    if (request.method !== 'GET') return this.#context.reply(endpoint.route, oktaError('E0000022'));
    const caller = await this.auth.caller(request);
    if ('status' in caller) return this.#context.reply(endpoint.route, caller);
    const refusal = this.#refusal(caller, endpoint);
    if (refusal) return this.#context.reply(endpoint.route, refusal, ids[0] ?? null);
    if (!this.#limits.spend(endpoint.route)) return this.#context.reply(endpoint.route, oktaError('E0000047'));
    return endpoint.handle(request, caller.role, ...ids);
  }

  #refusal(caller: Caller, endpoint: Endpoint): ReturnType<typeof oktaError> | null {
    if (caller.scopes && !caller.scopes.has(endpoint.scope)) {
      const header = `Bearer error="insufficient_scope", scope="${endpoint.scope}"`;
      return oktaError('E0000006', undefined, { 'www-authenticate': header });
    }
    return caller.role[endpoint.right] ? null : oktaError('E0000006');
  }

  #match(path: string): { endpoint: Endpoint; ids: string[] } | null {
    for (const endpoint of this.#endpoints) {
      const found = endpoint.pattern.exec(path);
      if (found) return { endpoint, ids: found.slice(1).map((id) => decodeURIComponent(id)) };
    }
    return null;
  }

  #organisation(): Answer {
    const { company, settings, base } = this.#context;
    const id = settings.organisationId ?? company.ids.oktaOrganisation;
    const links = { organization: { href: base } };
    return this.#context.reply(
      'organisation',
      json(200, { id, _links: links, pipeline: settings.pipeline, settings: {} }),
    );
  }
}

function endpoints(context: OktaContext, index: Past): Endpoint[] {
  const users = new OktaUsers(context, index);
  const groups = new OktaGroups(context);
  const apps = new OktaApps(context);
  const logs = new OktaLogs(context);
  const one = '([^/]+)';
  const make = (path: string, route: Route, scope: string, right: Endpoint['right'], handle: Handler): Endpoint => ({
    pattern: new RegExp(`^/api/v1${path}/?$`),
    route,
    scope: `okta.${scope}.read`,
    right,
    handle,
  });
  return [
    make('/users', 'users.list', 'users', 'users', (request, role) => users.list(request, role)),
    make(`/users/${one}`, 'users.get', 'users', 'users', (request, role, id = '') => users.get(request, role, id)),
    make(`/users/${one}/groups`, 'users.groups', 'users', 'users', (_request, role, id = '') => users.groups(role, id)),
    make('/groups', 'groups.list', 'groups', 'groups', (request) => groups.list(request)),
    make(`/groups/${one}`, 'groups.get', 'groups', 'groups', (request, _role, id = '') => groups.get(request, id)),
    make(`/groups/${one}/users`, 'groups.members', 'groups', 'groups', (request, role, id = '') =>
      groups.members(request, role, id),
    ),
    make(`/apps/${one}`, 'apps.get', 'apps', 'apps', (_request, _role, id = '') => apps.get(id)),
    make(`/apps/${one}/users`, 'apps.users', 'apps', 'apps', (request, role, id = '') => apps.users(request, role, id)),
    make(`/apps/${one}/users/${one}`, 'apps.user', 'apps', 'apps', (request, role, id = '', userId = '') =>
      apps.user(request, role, id, userId),
    ),
    make(`/apps/${one}/groups`, 'apps.groups', 'apps', 'apps', (request, _role, id = '') => apps.groups(request, id)),
    make('/meta/schemas/user/default', 'schemas', 'schemas', 'schemas', () =>
      context.reply(
        'schemas',
        json(200, userSchema(context.base, context.company.ids.okta('schema', 1), context.settings.customAttributes)),
      ),
    ),
    make('/logs', 'logs', 'logs', 'logs', (request) => logs.list(request)),
  ];
}
