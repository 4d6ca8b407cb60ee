import { Strategy } from 'passport-openidconnect';
import type { Algorithm } from '../connectors/sign-in-preset.js';
import type { ProviderMetadata } from './provider-metadata.js';

/** One attempt, as far as the strategy has to know it. */
export interface StrategyAttempt {
  state: string;
  nonce: string;
  /** S256 of the verifier. */
  challenge: string;
  clientId: string;
  redirectUri: string;
  /** Beside what the protocol needs: `max_age`, `login_hint`, … */
  parameters: Readonly<Record<string, string | number>>;
}

/** What the exchange of a code has proven, every rule judged. */
export interface Exchanged<Proven extends object> {
  proven: Proven;
  subject: string;
  /** As the token has it. */
  nonce: string;
  issuedAt: number;
  algorithm: Algorithm;
}

const SCOPE = ['email', 'profile'];
const A_MINUTE = 60;

/**
 * passport-openidconnect for one request: it makes the authorization request and drives the callback, with a store of
 * ours, and with an exchange of ours in the place of its OAuth client. What it gets to see of a token is already
 * verified, for its own checks leave out the signature, types, skew, and more (ADR 0009).
 */
export class RelyingPartyStrategy<Proven extends object = object> extends Strategy {
  constructor(
    metadata: Pick<ProviderMetadata, 'issuer' | 'authorizationEndpoint' | 'tokenEndpoint'>,
    private readonly attempt: StrategyAttempt,
    exchange: (code: string) => Promise<Exchanged<Proven>>,
  ) {
    let proven: Proven | null = null;
    super(
      {
        issuer: metadata.issuer,
        authorizationURL: metadata.authorizationEndpoint,
        tokenURL: metadata.tokenEndpoint,
        clientID: attempt.clientId,
        // Its own client, which would send this, is replaced below.
        clientSecret: '',
        // Absolute, so that it never looks at a Host header.
        callbackURL: attempt.redirectUri,
        scope: SCOPE,
        skipUserProfile: true,
        store: {
          store: (_request, _context, _state, _meta, done) => done(null, attempt.state),
          verify: (_request, _state, done) => done(null, { nonce: attempt.nonce }, undefined),
        },
      },
      // Five parameters: by their number it decides what it hands over.
      (_issuer, _profile, _context, _idToken, done) => done(null, proven ?? false),
    );
    this._oauth2 = {
      _authorizeUrl: metadata.authorizationEndpoint,
      _accessTokenUrl: metadata.tokenEndpoint,
      _clientId: attempt.clientId,
      getOAuthAccessToken: (code, _parameters, done) => {
        exchange(code)
          .then((exchanged) => {
            proven = exchanged.proven;
            done(null, 'unused', undefined, { id_token: distilled(metadata.issuer, attempt, exchanged) });
          })
          // What is thrown in `done`, too, is thrown inside this promise: nothing may end the process.
          .catch((error: unknown) => this.error(error instanceof Error ? error : new Error(String(error))));
      },
    };
  }

  /** The base of its authorization request; PKCE and nonce are not left to options (O-04, O-05). */
  override authorizationParams(): Record<string, string | number> {
    const { nonce, challenge, parameters } = this.attempt;
    return { ...parameters, nonce, code_challenge: challenge, code_challenge_method: 'S256' };
  }
}

/**
 * The verified token in the words of its own rules: unsigned, by the machine's clock. Every rule was judged before, with
 * the injected clock and with skew; this keeps its second look at issuer, audience and nonce.
 */
function distilled(issuer: string, attempt: StrategyAttempt, exchanged: Exchanged<object>): string {
  const claims = {
    iss: issuer,
    sub: exchanged.subject,
    aud: attempt.clientId,
    iat: exchanged.issuedAt,
    exp: Math.floor(Date.now() / 1000) + A_MINUTE,
    nonce: exchanged.nonce,
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: exchanged.algorithm })}.${part(claims)}.`;
}
