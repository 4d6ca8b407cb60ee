import { ConnectorError } from '../errors.js';
import { isObject, type JsonObject } from '../json.js';
import type { Clock } from '../../common/clock.js';

/** The part of the library's OAuth client that we stand in front of. */
export interface SdkOAuth {
  accessToken: JsonObject | null;
  isDPoP: boolean;
  getAccessToken(nonce?: string | null): Promise<JsonObject>;
  clearCachedAccessToken(): void;
}

/** What the token endpoint refused, in its own word. */
export class TokenRefusal extends ConnectorError {
  constructor(
    readonly error: string,
    readonly description: string,
    message: string,
  ) {
    super('unauthorized', message, { reference: error });
  }
}

/**
 * Stands in front of the library's token handling, which asks once per caller, never looks at expiry, and takes a
 * refusal for a token (it would go on as `Bearer undefined`).
 */
export class TokenGuard {
  private underWay: Promise<JsonObject> | null = null;
  private expiresAt = Number.POSITIVE_INFINITY;
  private nonces = 0;
  /** Scopes of the token at hand, sorted. */
  granted: string[] = [];

  private readonly original: SdkOAuth['getAccessToken'];

  constructor(
    private readonly oauth: SdkOAuth,
    /** The library's client, which holds the scopes that it asks for. */
    private readonly client: { scopes?: string[] },
    private readonly clock: Clock,
  ) {
    this.original = oauth.getAccessToken.bind(oauth);
    oauth.getAccessToken = (nonce) => (nonce === undefined ? this.get() : this.handshake(nonce));
  }

  /** Those of our scopes that are refused, asked for one by one. */
  async ungranted(): Promise<string[]> {
    const all = this.client.scopes ?? [];
    const refusedOnes: string[] = [];
    try {
      for (const scope of all) {
        this.client.scopes = [scope];
        await this.fresh().catch((error: unknown) => {
          if (!(error instanceof TokenRefusal) || error.error !== 'invalid_scope') throw error;
          refusedOnes.push(scope);
        });
      }
    } finally {
      this.client.scopes = all;
      this.oauth.clearCachedAccessToken();
    }
    return refusedOnes;
  }

  /**
   * The library's own second step, which calls itself. A server that names no nonce, or always wants another, would
   * keep it at that for ever.
   */
  private async handshake(nonce: string | null): Promise<JsonObject> {
    this.nonces += 1;
    if (nonce === null || this.nonces > 2) throw refused({ error: 'use_dpop_nonce' }, this.client.scopes ?? []);
    return await this.original(nonce);
  }

  private async get(): Promise<JsonObject> {
    if (this.oauth.accessToken !== null && this.clock.now().getTime() < this.expiresAt) return this.oauth.accessToken;
    this.underWay ??= this.fresh().finally(() => {
      this.underWay = null;
    });
    return await this.underWay;
  }

  private async fresh(): Promise<JsonObject> {
    this.oauth.clearCachedAccessToken();
    // Proof of possession may have been switched off since: the handshake finds out anew.
    this.oauth.isDPoP = false;
    this.nonces = 0;
    const askedAt = this.clock.now().getTime();
    const answer: unknown = await this.original(null);
    if (isObject(answer) && typeof answer['access_token'] === 'string' && answer['access_token'] !== '') {
      const life = typeof answer['expires_in'] === 'number' ? answer['expires_in'] : 3_600;
      this.expiresAt = askedAt + Math.max(0, life - 60) * 1_000;
      this.granted = typeof answer['scope'] === 'string' ? answer['scope'].split(' ').filter(Boolean).sort() : [];
      return answer;
    }
    this.oauth.clearCachedAccessToken();
    throw refused(answer, this.client.scopes ?? []);
  }
}

/** The sentence for each way in which the token endpoint refuses. Its own words are looked at, never passed on. */
export function refused(answer: unknown, scopes: readonly string[]): ConnectorError {
  if (!isObject(answer) || typeof answer['error'] !== 'string') {
    return new ConnectorError('bad_response', "Okta's token endpoint gave neither a token nor a reason.", {
      passing: true,
    });
  }
  const error = answer['error'];
  const description = typeof answer['error_description'] === 'string' ? answer['error_description'] : '';
  return new TokenRefusal(error, description, sentenceFor(error, description, scopes));
}

function sentenceFor(error: string, description: string, scopes: readonly string[]): string {
  switch (error) {
    case 'invalid_client':
      if (/client_id/i.test(description)) {
        return 'Okta knows no service app with this client id: copy the client id of the app that was made for Rollcall, in this organisation.';
      }
      if (/expired|"exp"|'exp'|issued|"iat"|'iat'|ahead/i.test(description)) {
        return 'Okta refuses the time of our signature: set the clock of the machine that runs Rollcall.';
      }
      return 'Okta does not accept our key for this client: add the public key that Rollcall shows to the service app, and set its client authentication to public key / private key.';
    case 'invalid_scope': {
      const named = scopes.filter((scope) => description.includes(scope));
      return `Grant the service app the scope ${(named.length > 0 ? named : scopes).join(', ')} (Okta API Scopes tab; a super administrator may).`;
    }
    case 'use_dpop_nonce':
    case 'invalid_dpop_proof':
      return 'Okta wants a proof of possession that it then did not accept: set the clock of the machine that runs Rollcall, or clear "Require Demonstrating Proof of Possession" in the service app.';
    case 'unauthorized_client':
    case 'unsupported_grant_type':
      return 'The app is no service app: make one of the type API Services, which uses client credentials.';
    case 'access_denied':
      return 'Okta denies the service app a token: check that the app is active and that its scopes are granted.';
    default:
      return `Okta refuses the service app a token (${/^[a-z_]{1,40}$/.test(error) ? error : 'unknown reason'}): check its client id, key and scopes.`;
  }
}
