import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Clock } from '../company/clock.ts';
import { json, type Incoming, type Reply } from '../http/answer.ts';
import { ProofChecker, ProofError } from './dpop.ts';
import { oauthError, oktaError } from './errors.ts';
import type { Role, ServiceApp } from './settings.ts';

/** Who asks, once that is known. `scopes` is null for an API token: it can do what its admin can. */
export interface Caller {
  readonly role: Role;
  readonly scopes: ReadonlySet<string> | null;
}

interface AccessToken {
  readonly app: ServiceApp;
  readonly scopes: ReadonlySet<string>;
  readonly expires: number;
  /** Thumbprint of the key that it is bound to. */
  readonly bound: string | null;
}

const HOUR = 3_600_000;
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];

/** API tokens, service apps, and the access tokens that the organisation's authorization server gives. */
export class OktaAuth {
  readonly apiTokens = new Map<string, Role>();
  readonly apps = new Map<string, ServiceApp>();
  readonly #clock: Clock;
  readonly #base: string;
  readonly #proofs = new ProofChecker();
  readonly #tokens = new Map<string, AccessToken>();
  readonly #usedAssertions = new Set<string>();
  #nonce = 1;

  constructor(clock: Clock, base: string) {
    this.#clock = clock;
    this.#base = base;
  }

  /** Makes every access token worthless at once, as a revocation does. */
  revokeAccessTokens(): void {
    this.#tokens.clear();
  }

  async token(request: Incoming): Promise<Reply> {
    const form = new URLSearchParams(request.body);
    if (request.method !== 'POST') return oauthError(405, 'invalid_request', 'Use POST.');
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'The authorization grant type is not supported.');
    }
    const assertion = form.get('client_assertion');
    if (assertion === null || form.get('client_assertion_type') !== ASSERTION || form.has('client_secret')) {
      const why = 'The client must authenticate with private_key_jwt for Okta scopes.';
      return oauthError(401, 'invalid_client', why);
    }
    const app = await this.#authenticate(assertion);
    if (typeof app === 'string') return oauthError(401, 'invalid_client', app);
    const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
    const missing = scopes.filter((scope) => !app.scopes.includes(scope));
    if (scopes.length === 0 || missing.length > 0) {
      const why = `The access token cannot be granted: scope ${missing.join(' ')} is not granted to this client.`;
      return oauthError(400, 'invalid_scope', why);
    }
    return app.dpop ? this.#bound(app, scopes, request) : this.#grant(app, scopes, null);
  }

  async #authenticate(assertion: string): Promise<ServiceApp | string> {
    try {
      const claims = decodeJwt(assertion);
      const app = this.apps.get(claims.iss ?? '');
      if (!app || claims.sub !== claims.iss) return "Invalid value for 'client_id' parameter.";
      const keys = createLocalJWKSet({ keys: app.keys });
      const now = this.#clock.now();
      await jwtVerify(assertion, keys, {
        algorithms: ALGORITHMS,
        audience: [`${this.#base}/oauth2/v1/token`, this.#base],
        requiredClaims: ['exp'],
        currentDate: new Date(now),
      });
      if ((claims.exp ?? 0) * 1000 > now + HOUR + 1000) return 'The client_assertion expires more than an hour ahead.';
      if (claims.jti !== undefined && this.#usedAssertions.has(claims.jti))
        return 'The client_assertion was used before.';
      if (claims.jti !== undefined) this.#usedAssertions.add(claims.jti);
      return app;
    } catch (error) {
      return `The client_assertion is not valid: ${String(error)}`;
    }
  }

  async #bound(app: ServiceApp, scopes: readonly string[], request: Incoming): Promise<Reply> {
    const header = request.headers['dpop'];
    if (typeof header !== 'string') {
      return oauthError(400, 'invalid_dpop_proof', 'The DPoP proof JWT header is missing.');
    }
    try {
      const url = `${this.#base}/oauth2/v1/token`;
      const proof = await this.#proofs.check(header, { method: 'POST', url, now: this.#clock.now() });
      if (proof.nonce !== this.#currentNonce()) {
        const headers = { 'dpop-nonce': this.#currentNonce() };
        return oauthError(400, 'use_dpop_nonce', 'Authorization server requires nonce in DPoP proof.', headers);
      }
      return this.#grant(app, scopes, proof.thumbprint);
    } catch (error) {
      if (!(error instanceof ProofError)) throw error;
      return oauthError(400, 'invalid_dpop_proof', error.message);
    }
  }

  /** A nonce lives a day. */
  #currentNonce(): string {
    return `nonce-${Math.floor(this.#clock.now() / (24 * HOUR))}`;
  }

  #grant(app: ServiceApp, scopes: readonly string[], bound: string | null): Reply {
    const token = `eyJ.simulated.${this.#nonce++}-${Math.floor(this.#clock.now() / 1000)}`;
    this.#tokens.set(token, { app, scopes: new Set(scopes), expires: this.#clock.now() + HOUR, bound });
    return json(200, {
      token_type: bound === null ? 'Bearer' : 'DPoP',
      expires_in: HOUR / 1000,
      access_token: token,
      scope: scopes.join(' '),
    });
  }

  /** The caller behind the credential of a request, or what is answered instead. */
  async caller(request: Incoming): Promise<Caller | Reply> {
    const [scheme = '', secret = ''] = (request.headers.authorization ?? '').split(' ');
    if (scheme === 'SSWS') {
      const role = this.apiTokens.get(secret);
      return role ? { role, scopes: null } : oktaError('E0000011');
    }
    const token = this.#tokens.get(secret);
    const scheming = token?.bound === null ? 'Bearer' : 'DPoP';
    if (!token || token.expires <= this.#clock.now() || scheme !== scheming) {
      return oktaError('E0000011', undefined, { 'www-authenticate': `${scheming} error="invalid_token"` });
    }
    if (token.bound !== null) {
      const url = this.#base + request.path;
      const proof = request.headers['dpop'];
      const checked = await this.#checkProof(String(proof), request.method, url, secret);
      if (checked !== token.bound) {
        return oktaError('E0000011', undefined, { 'www-authenticate': 'DPoP error="invalid_dpop_proof"' });
      }
    }
    return { role: token.app.role, scopes: token.scopes };
  }

  async #checkProof(proof: string, method: string, url: string, accessToken: string): Promise<string | null> {
    try {
      const checked = await this.#proofs.check(proof, { method, url, now: this.#clock.now(), accessToken });
      return checked.thumbprint;
    } catch (error) {
      // A proof that is no proof at all is refused just as one that does not fit.
      return error instanceof Error ? null : Promise.reject(new Error(String(error)));
    }
  }
}
