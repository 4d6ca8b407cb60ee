import { admin, type admin_directory_v1, type MethodOptions } from '@googleapis/admin';
import { ConnectorError } from '../errors.js';
import type { Incoming } from '../exchange.js';
import { objectOf, parseJson, type JsonObject } from '../json.js';
import type { StatedQuota } from '../quota.js';
import { retrying, type Patience } from '../retry.js';
import { failureOf, refusalOf, type Asked, type Refusal } from './api-failures.js';
import type { GoogleHttp } from './http.js';
import type { OAuthScope } from './oauth-scopes.js';
import { nextTokenIn, PageAhead } from './page-ahead.js';
import type { Tokens } from './tokens.js';

/** A listing whose pages are asked for later than this after the first fails with 503, for good. */
const LONGEST_LISTING_MS = 60 * 60_000;

export interface Answered {
  ok: true;
  body: JsonObject;
  /** When the request that was answered began. */
  observedAt: Date;
}

export interface Refused {
  ok: false;
  refusal: Refusal;
  observedAt: Date;
}

export interface Request extends Asked {
  scopes: readonly OAuthScope[];
  /** When the listing that this is a page of began; null for anything else. */
  listingSince?: Date | null;
  /** Refusals that mean something to the caller are given back; all others are thrown. */
  tolerate?: (refusal: Refusal) => boolean;
}

interface Answer {
  incoming: Incoming;
  /** When the request began. */
  observedAt: Date;
}

type Prepared = Parameters<NonNullable<MethodOptions['adapter']>>[0];

type Call = (sdk: admin_directory_v1.Admin, options: MethodOptions) => Promise<unknown>;

/**
 * Asks the Directory API through Google's library and our own guarded client: the library makes the request, we send
 * it, so that retries, time-outs, sizes and redirects are ours and no error of the library (which holds URLs and
 * bodies) ever comes to be.
 */
export class DirectoryApi {
  private readonly sdk: admin_directory_v1.Admin;
  private readonly ahead = new PageAhead<Answer>();

  constructor(
    private readonly http: GoogleHttp,
    private readonly tokens: Tokens,
    private readonly quota: StatedQuota,
    private readonly patience: Patience,
    private readonly baseUrl: URL,
  ) {
    // Nor does the environment name another universe of hosts.
    this.sdk = admin({ version: 'directory_v1', universeDomain: 'googleapis.com' });
  }

  /** @throws {ConnectorError} for every refusal. */
  async get(request: Request, call: Call, signal: AbortSignal): Promise<Answered> {
    const result = await this.ask({ ...request, tolerate: () => false }, call, signal);
    if (!result.ok) throw new TypeError('a refusal that is not tolerated was given back');
    return result;
  }

  /** @throws {ConnectorError} for every refusal that is not tolerated. */
  async ask(request: Request, call: Call, signal: AbortSignal): Promise<Answered | Refused> {
    const renewal = { done: false };
    return await retrying(
      async () => this.judge(request, await this.answer(request, call, renewal, signal)),
      this.patience,
      signal,
    );
  }

  /**
   * As `get`, for a page of a long listing: once it has come whole, the next one is asked for by the token that is seen
   * in its text, and comes while this one is parsed and used. Should the body, parsed, name another one, nobody takes it.
   *
   * @param call What asks for the page of a token; null is the first.
   * @throws {ConnectorError} for every refusal.
   */
  async page(
    request: Request,
    token: string | null,
    call: (token: string | null) => Call,
    signal: AbortSignal,
  ): Promise<Answered> {
    const renewal = { done: false };
    return await retrying(
      async () => {
        const answer = await (this.ahead.take(token, signal) ?? this.answer(request, call(token), renewal, signal));
        const next = answer.incoming.status === 200 ? nextTokenIn(answer.incoming.body) : null;
        if (next !== null && next !== token)
          this.ahead.ask(next, signal, () => this.answer(request, call(next), { done: false }, signal));
        const judged = this.judge({ ...request, tolerate: () => false }, answer);
        if (!judged.ok) throw new TypeError('a refusal that is not tolerated was given back');
        return judged;
      },
      this.patience,
      signal,
    );
  }

  /** One answer, within the quota, its body not looked at yet. An access token is renewed once for all tries. */
  private async answer(
    { scopes }: Pick<Request, 'scopes'>,
    call: Call,
    renewal: { done: boolean },
    signal: AbortSignal,
  ): Promise<Answer> {
    await this.quota.enter(signal);
    let token = await this.tokens.get(scopes, signal);
    let observedAt = this.patience.clock.now();
    let incoming = await this.send(call, token, signal);
    if (incoming.status === 401 && !renewal.done) {
      renewal.done = true;
      this.tokens.forget(scopes, token);
      token = await this.tokens.get(scopes, signal);
      observedAt = this.patience.clock.now();
      incoming = await this.send(call, token, signal);
    }
    return { incoming, observedAt };
  }

  private judge(request: Request, { incoming: answer, observedAt }: Answer): Answered | Refused {
    if (answer.status === 200) {
      // A name in front, so that a sentence begins well: "Google's answer for the list of users was cut off …".
      const what = `Google's answer for ${request.what}`;
      return { ok: true, body: objectOf(parseJson(answer.body, what), what), observedAt };
    }
    const refusal = refusalOf(answer.status, errorBody(answer), answer.header('retry-after'));
    if (request.tolerate?.(refusal) === true) return { ok: false, refusal, observedAt };
    const since = request.listingSince ?? null;
    if (refusal.status === 503 && since !== null && observedAt.getTime() - since.getTime() >= LONGEST_LISTING_MS) {
      throw new ConnectorError(
        'cursor_expired',
        `Reading ${request.what} took more than the 60 minutes that Google allows; it is read anew.`,
        {
          reference: `503 ${refusal.reason}`,
        },
      );
    }
    throw failureOf(refusal, request, this.patience.clock.now());
  }

  /** Lets the library make the request, and sends it ourselves. */
  private async send(call: Call, token: string, signal: AbortSignal): Promise<Incoming> {
    const made: { url: URL; headers: Headers }[] = [];
    const options: MethodOptions = {
      adapter: <T>(prepared: Prepared) => {
        made.push({ url: prepared.url, headers: prepared.headers });
        return Promise.resolve(
          Object.assign(new Response(null, { status: 204 }), { config: prepared, data: undefined as T }),
        );
      },
      retry: false,
      // The environment gives no way there.
      noProxy: [/^/u],
    };
    await call(this.sdk, options);
    const [request] = made;
    if (request === undefined) throw new TypeError('the library made no request');
    const headers = { ...Object.fromEntries(request.headers), authorization: `Bearer ${token}` };
    return await this.http.send({ method: 'GET', url: this.at(request.url), headers }, signal);
  }

  /** The same path and query at our base address. Done here, because the library drops the path of a `rootUrl`. */
  private at(url: URL): URL {
    return new URL(`${this.baseUrl.pathname.replace(/\/+$/u, '')}${url.pathname}${url.search}`, this.baseUrl);
  }
}

function errorBody(answer: Incoming): unknown {
  try {
    return parseJson(answer.body, 'An error of Google');
  } catch (error) {
    // A page of a proxy instead of Google's error: the status says enough.
    if (!(error instanceof ConnectorError)) throw error;
    return null;
  }
}
