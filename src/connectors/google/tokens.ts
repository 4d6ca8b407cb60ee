import type { Clock } from '../../common/clock.js';
import { ConnectorError } from '../errors.js';
import type { Incoming } from '../exchange.js';
import { isObject, parseJson } from '../json.js';
import { abortable, httpDate, ignoreLate } from '../retry.js';
import type { GoogleHttp } from './http.js';
import type { OAuthScope } from './oauth-scopes.js';
import type { Signer } from './signer.js';
import { tokenFailure, tokenRefusalOf, type Identity } from './token-failures.js';

/** An assertion may live an hour at most. */
const ASSERTION_SECONDS = 3_600;
/** A token is replaced this long before it ends, so that a slow page does not outlive it. */
const RENEW_BEFORE_MS = 5 * 60_000;
/** A clock that is off by less than this is not what Google minds. */
const SKEW_MS = 30_000;
const LONGEST_TOKEN = 8_192;

interface Token {
  value: string;
  renewAt: number;
}

export interface TokenOptions {
  tokenUrl: URL;
  audience: string;
  subject: string;
  installation: boolean;
}

/**
 * Access tokens for sets of scopes, on behalf of the delegated subject. Each is asked for once, however many wait for
 * it, and kept in memory until shortly before it ends.
 */
export class Tokens {
  private readonly kept = new Map<string, Token>();
  private readonly underWay = new Map<string, Promise<Token>>();
  /** By how much Google's clock is ahead of ours; learnt when Google finds an assertion too early or too late. */
  private clockOffset = 0;
  private readonly identity: Identity;

  constructor(
    private readonly signer: Signer,
    private readonly http: GoogleHttp,
    private readonly options: TokenOptions,
    private readonly clock: Clock,
    /** Ends the requests under way when the connector is closed. */
    private readonly closed: AbortSignal,
  ) {
    this.identity = { clientId: signer.clientId, installation: options.installation };
  }

  /**
   * Tries once: whoever needs the token for a request tries both again.
   *
   * @throws {ConnectorError} `unauthorized` with the mend; `unavailable` or `throttled`, which may pass.
   */
  async get(scopes: readonly OAuthScope[], signal: AbortSignal): Promise<string> {
    const key = keyOf(scopes);
    const kept = this.kept.get(key);
    if (kept !== undefined && this.clock.now().getTime() < kept.renewAt) return kept.value;
    let asked = this.underWay.get(key);
    if (asked === undefined) {
      asked = this.ask(scopes).finally(() => this.underWay.delete(key));
      asked.catch(ignoreLate);
      this.underWay.set(key, asked);
    }
    // Who waits no longer leaves; the others still want the token.
    const token = await abortable(asked, signal);
    return token.value;
  }

  /** Forgets a token that the API did not take; another one that came meanwhile stays. */
  forget(scopes: readonly OAuthScope[], value: string): void {
    const key = keyOf(scopes);
    if (this.kept.get(key)?.value === value) this.kept.delete(key);
  }

  private async ask(scopes: readonly OAuthScope[]): Promise<Token> {
    const token = await this.exchange(scopes, true);
    this.kept.set(keyOf(scopes), token);
    return token;
  }

  private async exchange(scopes: readonly OAuthScope[], mayLearnTime: boolean): Promise<Token> {
    const now = this.clock.now();
    const seconds = Math.floor((now.getTime() + this.clockOffset) / 1_000);
    const assertion = await this.signer.sign(
      {
        iss: this.signer.account,
        sub: this.options.subject,
        scope: scopes.join(' '),
        aud: this.options.audience,
        iat: seconds,
        exp: seconds + ASSERTION_SECONDS,
      },
      this.closed,
    );
    const body = new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion });
    const answer = await this.http.send(
      {
        method: 'POST',
        url: this.options.tokenUrl,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: body.toString(),
      },
      this.closed,
    );
    if (answer.status === 200) return tokenOf(answer, now);
    const refused = readable(answer);
    if (mayLearnTime && tokenRefusalOf(refused.body) === 'clock_off' && this.learnTime(answer))
      return await this.exchange(scopes, false);
    throw this.failure(refused, scopes, now);
  }

  private failure(refused: ReturnType<typeof readable>, scopes: readonly OAuthScope[], now: Date): ConnectorError {
    return tokenFailure(refused, this.identity, scopes, now);
  }

  /** Takes Google's time from the answer's own date. True when it differs from what we went by. */
  private learnTime(answer: Incoming): boolean {
    const theirs = httpDate(answer.header('date') ?? '');
    if (Number.isNaN(theirs)) return false;
    const offset = theirs - this.clock.now().getTime();
    if (Math.abs(offset - this.clockOffset) < SKEW_MS) return false;
    this.clockOffset = offset;
    return true;
  }
}

function keyOf(scopes: readonly OAuthScope[]): string {
  return [...scopes].sort().join(' ');
}

function readable(answer: Incoming): { status: number; body: unknown; retryAfter: string | null } {
  let body: unknown = null;
  try {
    body = parseJson(answer.body, "Google's token service");
  } catch (error) {
    // A page of a proxy instead of an error: the status says enough.
    if (!(error instanceof ConnectorError)) throw error;
  }
  return { status: answer.status, body, retryAfter: answer.header('retry-after') };
}

function tokenOf(answer: Incoming, now: Date): Token {
  const body = parseJson(answer.body, "The answer of Google's token service");
  const value = isObject(body) ? body['access_token'] : undefined;
  const lifetime = isObject(body) ? body['expires_in'] : undefined;
  if (typeof value !== 'string' || value === '' || value.length > LONGEST_TOKEN || !/^[\x21-\x7e]+$/u.test(value)) {
    throw new ConnectorError('bad_response', "Google's token service answered without a token.");
  }
  const milliseconds = typeof lifetime === 'number' && lifetime > 0 && lifetime <= 86_400 ? lifetime * 1_000 : 60_000;
  return { value, renewAt: now.getTime() + Math.max(milliseconds - RENEW_BEFORE_MS, milliseconds / 2) };
}
