import { Inject, Injectable } from '@nestjs/common';
import { importJWK, SignJWT } from 'jose';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { ClientAuth } from '../connectors/sign-in-preset.js';
import type { ClientSecret } from './client-secrets.service.js';
import { objectOf, type ProviderAnswer, ProviderHttp, ProviderRefused } from './provider-http.js';
import { SignInFault } from './sign-in-fault.js';

/** What is needed to turn a code into tokens. */
export interface Exchange {
  tokenEndpoint: string;
  issuer: string;
  clientId: string;
  clientAuth: ClientAuth;
  secret: ClientSecret | null;
  code: string;
  verifier: string;
  redirectUri: string;
}

export interface Tokens {
  idToken: string;
  accessToken: string;
}

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ASSERTION_SECONDS = 60;
/** What fits into a header of an honest provider. */
const LONGEST_ACCESS_TOKEN = 16_384;

/** Turns a code into tokens. A refresh token that comes along is dropped: none is ever asked for. */
@Injectable()
export class TokenExchange {
  constructor(
    private readonly http: ProviderHttp,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws {SignInFault} `token_answer`, `secret_missing`, or `provider_…` */
  async exchange(order: Exchange): Promise<Tokens> {
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code: order.code,
      redirect_uri: order.redirectUri,
      code_verifier: order.verifier,
    });
    const headers = await this.authenticate(order, form);
    try {
      return tokensOf(await this.http.ask('token', order.tokenEndpoint, { headers, form }));
    } catch (error) {
      if (error instanceof ProviderRefused) throw new SignInFault('token_answer', error.message, { cause: error });
      throw error;
    }
  }

  /** Fills the form, or gives the header, by which the provider knows us. The secret never stands in an address. */
  private async authenticate(order: Exchange, form: URLSearchParams): Promise<Record<string, string>> {
    const { clientAuth, clientId, secret } = order;
    if (clientAuth === 'private_key_jwt') {
      if (secret?.kind !== 'key') throw noSecret();
      form.set('client_id', clientId);
      form.set('client_assertion_type', ASSERTION);
      form.set('client_assertion', await this.assertion(order, secret));
      return {};
    }
    if (secret?.kind !== 'secret') throw noSecret();
    if (clientAuth === 'client_secret_basic') {
      // RFC 6749 §2.3.1: both are form-encoded first, so that a colon in the id stays its own.
      const pair = `${formEncoded(clientId)}:${formEncoded(secret.value)}`;
      return { authorization: `Basic ${Buffer.from(pair, 'ascii').toString('base64')}` };
    }
    form.set('client_id', clientId);
    form.set('client_secret', secret.value);
    return {};
  }

  private async assertion(
    { clientId, tokenEndpoint }: Exchange,
    { privateJwk }: Extract<ClientSecret, { kind: 'key' }>,
  ): Promise<string> {
    const now = Math.floor(this.clock.now().getTime() / 1000);
    return new SignJWT({ jti: newId() })
      .setProtectedHeader({ alg: 'RS256', kid: privateJwk.kid })
      .setIssuer(clientId)
      .setSubject(clientId)
      .setAudience(tokenEndpoint)
      .setIssuedAt(now)
      .setExpirationTime(now + ASSERTION_SECONDS)
      .sign(await importJWK(privateJwk, 'RS256'));
  }
}

/** O-35: exactly what OpenID Connect Core §3.1.3.3 promises, or nothing. */
function tokensOf(answer: ProviderAnswer): Tokens {
  if (answer.status === 429 || answer.status >= 500)
    throw new SignInFault('provider_unreachable', 'The token endpoint does not answer at the moment.');
  if (answer.status === 401 || (answer.status === 400 && objectOf(answer.text)?.['error'] === 'invalid_client'))
    throw new SignInFault('client_refused', 'The provider does not take our client id and secret.');
  if (answer.status !== 200) throw badAnswer(`has the status ${answer.status}`);
  if (answer.mediaType !== 'application/json') throw badAnswer('is no JSON');
  const body = objectOf(answer.text);
  if (body === null) throw badAnswer('is no JSON object');
  const { token_type: type, id_token: idToken, access_token: accessToken } = body;
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw badAnswer('is of another type than Bearer');
  if (typeof idToken !== 'string') throw badAnswer('has no ID token');
  if (typeof accessToken !== 'string' || !/^[\x21-\x7E]+$/u.test(accessToken)) throw badAnswer('has no access token');
  if (accessToken.length > LONGEST_ACCESS_TOKEN) throw badAnswer('has an access token that is too long');
  return { idToken, accessToken };
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

function badAnswer(how: string): SignInFault {
  return new SignInFault('token_answer', `The answer of the token endpoint ${how}.`);
}

function noSecret(): SignInFault {
  return new SignInFault(
    'secret_missing',
    'There is no client secret for the way in which the provider wants to know us.',
  );
}
