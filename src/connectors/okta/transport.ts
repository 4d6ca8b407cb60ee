import type { Dispatcher } from 'undici';
import { ConnectorError } from '../errors.js';
import { exchange, type HttpLimits, type Incoming } from '../exchange.js';
import { parseJson } from '../json.js';
import { QuotaShare } from '../quota.js';
import { abortable, ignoreLate, type Patience, retrying } from '../retry.js';
import { failureOf, OktaRefusal, rateLimitOf } from './failures.js';
import { nextLink, nextPath } from './link-header.js';
import type { OktaCredentials } from './settings.js';
import { type SdkOAuth, TokenGuard } from './tokens.js';

/** Endpoints that Okta counts apart, as far as we use them. */
export type Bucket = 'users' | 'user' | 'group' | 'app' | 'logs' | 'meta';

export interface Question {
  /** Path and query, below the organisation's origin. */
  path: string;
  bucket: Bucket;
  /** What is asked for, for sentences: "the list of users". */
  what: string;
  headers?: Record<string, string>;
  /** Asked without our credential, since it is not yet known whose host this is. */
  anonymous?: boolean;
}

export interface Reply {
  body: unknown;
  /** Path and query of the next page; null on the last. */
  next: string | null;
  /** When the request began that gave this answer. */
  observedAt: Date;
  /** Okta's clock; null when it does not say. */
  date: string | null;
}

export interface TransportOptions {
  /** The organisation's own origin, which signatures are made out to. */
  origin: string;
  /** Where requests go: the same, or a gateway's. */
  gateway: string;
  /** Where tokens are asked for; left out, below the gateway's origin. */
  tokenUrl?: string;
  credentials: OktaCredentials;
  scopes: readonly string[];
  quotaShare: number;
  patience: Patience;
  limits: HttpLimits;
  dispatcher: Dispatcher;
}

/** What the library hands to its request executor, and the answer that it wants back. */
interface SdkRequest {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal;
}

interface SdkResponse extends Incoming {
  url: string;
  headers: { get(name: string): string | null };
  text(): Promise<string>;
  json(): Promise<unknown>;
  observedAt: Date;
}

interface Answer {
  response: SdkResponse;
  /** Path and query of the next page; null on the last. */
  next: string | null;
}

interface Sdk {
  http: {
    agent: unknown;
    http(
      url: string,
      request: Omit<SdkRequest, 'url'>,
      context: { isCollection: boolean; resources: string[] },
    ): Promise<SdkResponse>;
  };
  oauth?: SdkOAuth;
  /** What the library asks for with each token. */
  scopes?: string[];
}

/**
 * Asks Okta through the vendor's library: its authentication (API token, or signed assertion with proof of possession)
 * over our own guarded line, with our retries, quota share, limits and strictness.
 */
export class OktaTransport {
  requests = 0;
  private readonly quota: QuotaShare;
  private readonly closed = new AbortController();
  /** The page that was asked for before its turn, for the read that this signal stops. */
  private ahead: { path: string; signal: AbortSignal; answer: Promise<Answer> } | null = null;
  private readonly sdk: Sdk;
  private readonly tokens: TokenGuard | null;

  private constructor(
    private readonly options: TransportOptions,
    makeSdk: (executor: (request: SdkRequest) => Promise<SdkResponse>) => Sdk,
  ) {
    this.quota = new QuotaShare(options.quotaShare, options.patience);
    this.sdk = makeSdk((request) => this.send(request));
    // The library reads HTTPS_PROXY from the environment; the guarded line alone decides the way out.
    this.sdk.http.agent = undefined;
    this.tokens =
      this.sdk.oauth === undefined ? null : new TokenGuard(this.sdk.oauth, this.sdk, options.patience.clock);
  }

  static async open(options: TransportOptions): Promise<OktaTransport> {
    const { default: library } = await import('@okta/okta-sdk-nodejs');
    const { credentials } = options;
    return new OktaTransport(options, (fetch) => {
      const requestExecutor = new library.RequestExecutor();
      Object.assign(requestExecutor, { fetch });
      // Every field is given, since the environment or a file in the working folder would fill what is left out.
      const client = new library.Client({
        orgUrl: options.origin,
        authorizationMode: credentials.method === 'key' ? 'PrivateKey' : 'SSWS',
        token: credentials.method === 'token' ? credentials.token : '',
        clientId: credentials.method === 'key' ? (credentials.clientId ?? '') : '',
        scopes: credentials.method === 'key' ? [...options.scopes] : [],
        privateKey: credentials.method === 'key' ? JSON.stringify(credentials.privateJwk) : '',
        keyId: credentials.method === 'key' ? credentials.privateJwk.kid : '',
        requestExecutor,
        // Its cache keeps single users for ever.
        cacheMiddleware: null,
      });
      return client as unknown as Sdk;
    });
  }

  /** Scopes of the token at hand, sorted; null for an API token, which has none. */
  get grantedScopes(): string[] | null {
    return this.tokens?.granted ?? null;
  }

  /**
   * @throws {ConnectorError}
   * @throws {OktaRefusal} for a 4xx that only the caller can judge.
   */
  async get(question: Question, signal: AbortSignal): Promise<Reply> {
    return await retrying(
      async () => parsed(question, await this.answer(question, signal)),
      this.options.patience,
      signal,
    );
  }

  /**
   * As `get`, for a page of a long list: once it has come whole, the next one is asked for, and comes while this one is
   * parsed and used. Nobody has asked for that one yet, so a failure of it is met when its turn comes.
   */
  async page(question: Question, signal: AbortSignal): Promise<Reply> {
    return await retrying(
      async () => {
        const answer = await (this.takeAhead(question, signal) ?? this.answer(question, signal));
        if (answer.next !== null) this.askAhead({ ...question, path: answer.next }, signal);
        return parsed(question, answer);
      },
      this.options.patience,
      signal,
    );
  }

  /** As `get`, where every refusal means that something is not as it must be. */
  async must(question: Question, signal: AbortSignal): Promise<Reply> {
    try {
      return await this.get(question, signal);
    } catch (error) {
      throw error instanceof OktaRefusal ? error.toConnectorError(question.what) : error;
    }
  }

  /** Of the scopes that we ask for, those that Okta does not grant, tried one by one. */
  async ungrantedScopes(signal: AbortSignal): Promise<string[]> {
    const { tokens } = this;
    if (tokens === null) return [];
    return await retrying(() => abortable(tokens.ungranted(), signal), this.options.patience, signal);
  }

  close(): void {
    this.closed.abort(new ConnectorError('unavailable', 'The connector was closed.', { passing: false }));
  }

  /** One answer, within the quota, its body not looked at yet. */
  private async answer(question: Question, signal: AbortSignal): Promise<Answer> {
    const { origin, gateway, patience } = this.options;
    await this.quota.enter(question.bucket, signal);
    const response = await abortable(this.ask(question, signal), signal);
    const rate = rateLimitOf(response, patience.clock.now());
    if (rate !== null) this.quota.report(question.bucket, rate);
    const link = nextLink(response.header('link'));
    return { response, next: link === null ? null : nextPath(link, [origin, gateway], question.path) };
  }

  private askAhead(question: Question, signal: AbortSignal): void {
    const { path } = question;
    if (this.ahead?.path === path && this.ahead.signal === signal) return;
    const answer = this.answer(question, signal);
    answer.catch(ignoreLate);
    this.ahead = { path, signal, answer };
  }

  private takeAhead({ path }: Question, signal: AbortSignal): Promise<Answer> | null {
    const { ahead } = this;
    if (ahead?.path !== path || ahead.signal !== signal) return null;
    this.ahead = null;
    return ahead.answer;
  }

  /** @param again The API token was refused once; unlike an access token it cannot be had anew, only tried anew. */
  private async ask(question: Question, signal: AbortSignal, again = false): Promise<SdkResponse> {
    const request: Omit<SdkRequest, 'url'> = {
      // As it is signed in a proof of possession: upper case.
      method: 'GET',
      headers: { Accept: 'application/json', ...question.headers },
      signal,
    };
    if (question.anonymous === true) {
      const response = await this.send({ ...request, url: this.options.origin + question.path });
      if (response.status === 401) throw new OktaRefusal(401, null, null);
      return response;
    }
    try {
      return await this.sdk.http.http(this.options.origin + question.path, request, {
        isCollection: false,
        resources: [],
      });
    } catch (error) {
      if (error instanceof ConnectorError || error instanceof OktaRefusal) throw error;
      signal.throwIfAborted();
      if ((error as { status?: unknown } | null)?.status === 401) {
        if (this.tokens === null && !again) return await this.ask(question, signal, true);
        throw this.unauthorized(error);
      }
      throw new ConnectorError('bad_response', `Okta's answer about ${question.what} could not be understood.`, {
        cause: error,
      });
    }
  }

  /** A 401 that a new access token did not mend. */
  private unauthorized(error: unknown): ConnectorError {
    const code = (error as { errorCode?: unknown }).errorCode;
    const reference = typeof code === 'string' && /^E\d{7}$/.test(code) ? code : '401';
    const sentence =
      this.options.credentials.method === 'token'
        ? 'Okta does not accept the API token: it was revoked, not used for 30 days, bound to other networks, or its admin was deactivated; make a new one.'
        : 'Okta does not accept the access tokens that it gives: check that the service app is active and that its scopes are granted.';
    return new ConnectorError('unauthorized', sentence, { reference });
  }

  /** Stands in for the library's own executor, whose retries know only 429 and whose requests never time out. */
  private async send(request: SdkRequest): Promise<SdkResponse> {
    const { dispatcher, limits, patience } = this.options;
    this.requests += 1;
    const target = this.target(request.url);
    const observedAt = patience.clock.now();
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(request.headers ?? {})) headers[name] = String(value);
    const answer = await exchange(
      dispatcher,
      {
        url: target.url,
        method: (request.method ?? 'GET').toUpperCase(),
        headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        // A token is for all who wait for it, so only closing stops its request.
        signal: request.signal ?? this.closed.signal,
      },
      limits,
      'Okta',
    );
    const failure = failureOf(answer, patience.clock.now(), patience.random);
    // The token endpoint's own refusals go back, for the handshake and for `TokenGuard`.
    if (failure !== null && !(target.isToken && failure instanceof OktaRefusal)) throw failure;
    return {
      ...answer,
      url: request.url,
      headers: { get: (name) => answer.header(name) },
      text: () => Promise.resolve(answer.body.toString('utf8')),
      json: () => Promise.resolve().then(() => parseJson(answer.body, "Okta's answer")),
      observedAt,
    };
  }

  /** Where a request of the library really goes: never to another host than these two, whatever it was made out to. */
  private target(asked: string): { url: string; isToken: boolean } {
    const { origin, gateway, tokenUrl } = this.options;
    const path = asked.startsWith(`${origin}/`) ? asked.slice(origin.length) : null;
    if (path === null)
      throw new ConnectorError('bad_response', 'A request was made out to another host than that of the organisation.');
    const isToken = path === '/oauth2/v1/token';
    return { url: isToken && tokenUrl !== undefined ? tokenUrl : gateway + path, isToken };
  }
}

function parsed(question: Question, { response, next }: Answer): Reply {
  const body = parseJson(response.body, `Okta's answer about ${question.what}`);
  return { body, next, observedAt: response.observedAt, date: response.header('date') };
}
