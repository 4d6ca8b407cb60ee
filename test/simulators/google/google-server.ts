import type { Company } from '../company/company.ts';
import { Past } from '../company/past.ts';
import type { Answer, Incoming, Route } from '../http/answer.ts';
import { keyPair, type KeyPair } from '../http/keys.ts';
import { listen, type ListenOptions, type Listening, type Provider } from '../http/listen.ts';
import { GoogleAuth, type GoogleCaller } from './auth.ts';
import { GoogleContext } from './context.ts';
import { errors, googleShapes } from './errors.ts';
import { GoogleGroups } from './groups.ts';
import { GoogleReports, GoogleRest } from './rest.ts';
import {
  allows,
  GOOGLE_SCOPES,
  googleDefaults,
  type Area,
  type GoogleSettings,
  type ServiceAccount,
} from './settings.ts';
import { GoogleUsers } from './users.ts';

export type GoogleOptions = Partial<GoogleSettings> & Omit<ListenOptions, 'clock'>;

/** A service account's key file, as Google hands it out. */
export interface KeyFile {
  readonly type: 'service_account';
  readonly project_id: string;
  readonly private_key_id: string;
  readonly private_key: string;
  readonly client_email: string;
  readonly client_id: string;
  readonly token_uri: string;
}

export interface GoogleCredentials {
  readonly keyFile: KeyFile;
  /** The admin to act for. */
  readonly subject: string;
  readonly customerId: string;
  /** Of the installation, for `signJwt`: an access token, and whose account it is. */
  readonly platformToken: string;
  readonly platformAccount: string;
  readonly scopes: readonly string[];
}

export interface GoogleSimulator extends Listening, AsyncDisposable {
  readonly company: Company;
  readonly tokenUrl: string;
  /** Base of IAM Credentials; `/v1/projects/-/serviceAccounts/{email}:signJwt` below it. */
  readonly iamUrl: string;
  readonly credentials: GoogleCredentials;
  readonly settings: GoogleSettings;
  readonly auth: GoogleAuth;
  /** The account of the key file; change its `delegated` scopes. */
  readonly account: ServiceAccount;
  /** Makes the text of a whole list, so that a benchmark does not measure that; the query as the client will send it. */
  warm(pathAndQuery: string): void;
  ids: { person(n: number): string; group(name: string): string; unit(path: string): string; customer: string };
}

type Handler = (request: Incoming, caller: GoogleCaller, ...keys: string[]) => Answer;

interface Endpoint {
  readonly pattern: RegExp;
  readonly route: Route;
  readonly area: Area;
  readonly handle: Handler;
}

/** Serves a company as Google Workspace does. */
export async function serveGoogle(company: Company, options: GoogleOptions = {}): Promise<GoogleSimulator> {
  const settings = googleDefaults();
  for (const key of Object.keys(settings) as (keyof GoogleSettings)[]) {
    if (options[key] !== undefined) Object.assign(settings, { [key]: options[key] });
  }
  const [key, systemKey] = await Promise.all([keyPair('google-key-file'), keyPair('google-system-managed')]);
  let customer: GoogleCustomer | null = null;
  const make = (url: string): Provider => (customer = new GoogleCustomer(company, settings, url, systemKey));
  const listening = await listen(make, { ...options, clock: company.clock });
  if (!customer) throw new TypeError('not started');
  return assemble(company, settings, customer, listening, key);
}

function assemble(
  company: Company,
  settings: GoogleSettings,
  customer: GoogleCustomer,
  listening: Listening,
  key: KeyPair,
): GoogleSimulator {
  const { auth } = customer;
  const makeAccount = (name: string, clientId: string, keys: ServiceAccount['keys']): ServiceAccount => {
    const email = `${name}@simulated.iam.gserviceaccount.com`;
    const account = { email, clientId, keys, delegated: [...GOOGLE_SCOPES], hasRole: false };
    auth.accounts.set(email, account);
    return account;
  };
  const account = makeAccount('customer-owned', '100000000000000000001', [key.publicKey]);
  const platform = makeAccount('installation', '100000000000000000002', []);
  const platformToken = 'ya29.platform-token';
  auth.platformTokens.set(platformToken, platform);
  const close = async (): Promise<void> => {
    customer.stop();
    await listening.close();
  };
  const tokenUrl = `${listening.url}/token`;
  return {
    ...listening,
    company,
    tokenUrl,
    iamUrl: listening.url,
    settings,
    auth,
    account,
    warm: (pathAndQuery) => customer.warm(pathAndQuery, account),
    credentials: {
      keyFile: {
        type: 'service_account',
        project_id: 'simulated',
        private_key_id: 'google-key-file',
        private_key: key.privatePem,
        client_email: account.email,
        client_id: account.clientId,
        token_uri: tokenUrl,
      },
      subject: company.admin.email,
      customerId: company.ids.googleCustomer,
      platformToken,
      platformAccount: platform.email,
      scopes: GOOGLE_SCOPES,
    },
    ids: {
      person: (n) => company.ids.google('person', n),
      group: (name) => company.ids.google('group', company.group(name).n),
      unit: (path) => company.ids.google('unit', company.unit(path).n),
      customer: company.ids.googleCustomer,
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

class GoogleCustomer implements Provider {
  readonly auth: GoogleAuth;
  readonly shapes = googleShapes;
  readonly #context: GoogleContext;
  readonly #index: Past;
  readonly #endpoints: readonly Endpoint[];
  #minute = { ends: 0, used: 0 };

  constructor(company: Company, settings: GoogleSettings, base: string, systemKey: KeyPair) {
    this.#context = new GoogleContext(company, settings);
    this.auth = new GoogleAuth(company, settings, base, systemKey);
    this.#index = new Past(company, () => settings.searchLagMs);
    this.#endpoints = endpoints(this.#context, this.#index);
  }

  stop(): void {
    this.#index.stop();
  }

  warm(pathAndQuery: string, account: ServiceAccount): void {
    const [path = '', query] = pathAndQuery.split('?');
    const endpoint = this.#endpoints.find((one) => one.pattern.test(path));
    if (!endpoint) throw new RangeError(`there is no ${path}`);
    const caller = { account, subject: this.#context.company.admin, scopes: new Set<string>() };
    const parameters = new URLSearchParams(query);
    const request = { method: 'GET', path, query: parameters, headers: {}, body: '', url: pathAndQuery };
    for (let more: string | null = ''; more !== null;) {
      if (more !== '') parameters.set('pageToken', more);
      more = endpoint.handle(request, caller, ...(endpoint.pattern.exec(path) ?? []).slice(1)).listing?.next ?? null;
    }
  }

  async answer(request: Incoming): Promise<Answer> {
    if (request.path === '/token') return this.#context.reply('token', await this.auth.token(request));
    const signing = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):signJwt$/.exec(request.path)?.[1];
    if (signing !== undefined) {
      return this.#context.reply('sign', await this.auth.sign(request, decodeURIComponent(signing)));
    }
    if (request.path.startsWith('/computeMetadata/'))
      return this.#context.reply('metadata', this.auth.metadata(request));
    for (const endpoint of this.#endpoints) {
      const found = endpoint.pattern.exec(request.path);
      if (found && request.method === 'GET')
        return this.#serve(
          request,
          endpoint,
          found.slice(1).map((key) => decodeURIComponent(key)),
        );
    }
    return this.#context.reply('unknown', errors.notFound('path'));
  }

  #serve(request: Incoming, endpoint: Endpoint, keys: string[]): Answer {
    const refuse = (reply: ReturnType<typeof errors.forbidden>): Answer =>
      this.#context.reply(endpoint.route, reply, keys[0] ?? null);
    const { settings } = this.#context;
    const caller = this.auth.caller(request);
    if ('status' in caller) return refuse(caller);
    if (settings.apiDisabled) return refuse(errors.notConfigured());
    if (settings.apiBlocked) return refuse(errors.blocked());
    if (!allows(caller.scopes, endpoint.area)) return refuse(errors.insufficient());
    const isAdmin = caller.subject ? this.#isAdmin(caller.subject.n) : caller.account.hasRole;
    if (!isAdmin || !settings.privileges[endpoint.area]) return refuse(errors.forbidden());
    if (!this.#spend()) return refuse(errors.userQuota());
    return endpoint.handle(request, caller, ...keys);
  }

  #isAdmin(n: number): boolean {
    return n === 0 || this.#context.settings.admins.includes(n);
  }

  #spend(): boolean {
    const now = this.#context.company.clock.now();
    if (now >= this.#minute.ends) this.#minute = { ends: now + 60_000, used: 0 };
    return ++this.#minute.used <= this.#context.settings.perMinute;
  }
}

function endpoints(context: GoogleContext, index: Past): Endpoint[] {
  const users = new GoogleUsers(context, index);
  const groups = new GoogleGroups(context);
  const rest = new GoogleRest(context);
  const reports = new GoogleReports(context);
  const one = '([^/]+)';
  const make = (path: string, route: Route, area: Area, handle: Handler): Endpoint => {
    return { pattern: new RegExp(`^/admin/directory/v1${path}$`), route, area, handle };
  };
  return [
    make('/users', 'users.list', 'users', (request, caller) => users.list(request, caller)),
    make(`/users/${one}`, 'users.get', 'users', (request, _caller, key = '') => users.get(request, key)),
    make('/groups', 'groups.list', 'groups', (request, caller) => groups.list(request, caller)),
    make(`/groups/${one}`, 'groups.get', 'groups', (request, _caller, key = '') => groups.get(request, key)),
    make(`/groups/${one}/members`, 'groups.members', 'members', (request, _caller, key = '') =>
      groups.members(request, key),
    ),
    make(`/groups/${one}/hasMember/${one}`, 'groups.member', 'members', (_request, _caller, key = '', member = '') =>
      groups.hasMember(key, member),
    ),
    make(`/customer/${one}/orgunits`, 'units.list', 'units', (request, caller, key = '') =>
      rest.units(request, caller, key),
    ),
    make(`/customer/${one}/orgunits/(.+)`, 'units.get', 'units', (request, caller, key = '', path = '') =>
      rest.unit(request, caller, key, path),
    ),
    make(`/customer/${one}/schemas`, 'schemas', 'schemas', (request, caller, key = '') =>
      rest.schemas(request, caller, key),
    ),
    make(`/customer/${one}/domains`, 'domains', 'domains', (_request, caller, key = '') => rest.domains(caller, key)),
    make(`/customers/${one}`, 'organisation', 'customers', (_request, caller, key = '') => rest.customer(caller, key)),
    {
      pattern: new RegExp(`^/admin/reports/v1/activity/users/${one}/applications/${one}$`),
      route: 'logs',
      area: 'reports',
      handle: (request, _caller, _user = '', application = '') => reports.list(request, application),
    },
  ];
}
