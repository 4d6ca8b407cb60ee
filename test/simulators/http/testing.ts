import { createPrivateKey, randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import type { GoogleSimulator } from '../google/google-server.ts';
import type { OktaSimulator } from '../okta/okta-server.ts';

/** A response as the specs of the simulators look at it. */
export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
  /** The link with `rel="next"`, if any. */
  readonly next: string | null;
}

export async function get(url: string, headers: Record<string, string>): Promise<Got> {
  return got(await fetch(url, { headers, redirect: 'manual' }));
}

export async function postForm(url: string, form: Record<string, string>, headers = {}): Promise<Got> {
  return got(await fetch(url, { method: 'POST', body: new URLSearchParams(form), headers }));
}

async function got(response: Response): Promise<Got> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text, next };
}

export function ssws(okta: OktaSimulator): Record<string, string> {
  return { authorization: `SSWS ${okta.credentials.apiToken}` };
}

export async function oktaAssertion(okta: OktaSimulator, more: Record<string, unknown> = {}): Promise<string> {
  const { clientId, privatePem, keyId } = okta.credentials;
  const now = Math.floor(okta.company.clock.now() / 1000);
  return new SignJWT({ iss: clientId, sub: clientId, aud: okta.tokenUrl, exp: now + 300, jti: randomUUID(), ...more })
    .setProtectedHeader({ alg: 'RS256', kid: keyId })
    .sign(createPrivateKey(privatePem));
}

export async function oktaForm(okta: OktaSimulator, scope: string, more = {}): Promise<Record<string, string>> {
  return {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await oktaAssertion(okta, more),
  };
}

export async function proof(okta: OktaSimulator, claims: Record<string, unknown>): Promise<string> {
  const { privatePem, privateJwk } = okta.credentials;
  const { kty, n, e } = privateJwk as Record<'kty' | 'n' | 'e', string>;
  const iat = Math.floor(okta.company.clock.now() / 1000);
  return new SignJWT({ jti: randomUUID(), iat, ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'dpop+jwt', jwk: { kty, n, e } })
    .sign(createPrivateKey(privatePem));
}

export async function googleForm(
  google: GoogleSimulator,
  scopes: readonly string[] = google.credentials.scopes,
  more: Record<string, unknown> = {},
): Promise<Record<string, string>> {
  const { keyFile, subject } = google.credentials;
  const now = Math.floor(google.company.clock.now() / 1000);
  const claims = { iss: keyFile.client_email, sub: subject, aud: google.tokenUrl, scope: scopes.join(' ') };
  const assertion = await new SignJWT({ ...claims, iat: now, exp: now + 3600, ...more })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(createPrivateKey(keyFile.private_key));
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}

export async function bearer(google: GoogleSimulator, scopes?: readonly string[]): Promise<Record<string, string>> {
  const { body } = await postForm(google.tokenUrl, await googleForm(google, scopes));
  return { authorization: `Bearer ${(body as { access_token: string }).access_token}` };
}
