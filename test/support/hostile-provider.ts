import { createHash, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT, type JWTPayload } from 'jose';

/** A key of the provider: what it signs with, and what it shows. */
export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

export interface Answered {
  status?: number;
  type?: string;
  headers?: Record<string, string>;
  body: unknown;
}

interface Grant {
  /** Who signed in, where a browser went there; else whoever it is when the token is made. */
  claims: Record<string, unknown> | null;
  nonce: string;
  challenge: string;
  redirectUri: string;
}

/** A provider that follows the rules until a test tells it not to. */
export interface TestProvider extends AsyncDisposable {
  issuer: string;
  clientId: string;
  clientSecret: string;
  keys: SigningKey[];
  /** Paths that answer 503. */
  down: Set<string>;
  /** Requests by path. */
  hits: Map<string, number>;
  /** What the token endpoint saw. */
  seen: { authorization: string | undefined; form: URLSearchParams }[];
  claims: Record<string, unknown>;
  now: () => Date;
  discovery: (document: Record<string, unknown>) => unknown;
  idToken: (
    payload: JWTPayload,
    sign: (payload: JWTPayload, header?: Record<string, unknown>) => Promise<string>,
  ) => unknown;
  tokenAnswer: (body: Record<string, unknown>) => Answered;
  userInfo: (() => Answered) | null;
  jwks: () => unknown;
  /** As a browser that is signed in there: where it is sent back to. */
  authorize(url: string, change?: (answer: URL) => void, claims?: Record<string, unknown>): string;
  rotate(kid: string): SigningKey;
  sign(payload: JWTPayload, header?: Record<string, unknown>): Promise<string>;
  /** What it would send to end a session. */
  logoutToken(claims: JWTPayload, header?: Record<string, unknown>): Promise<string>;
}

export function newKey(kid: string): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

export async function startProvider(options: { path?: string; now?: () => Date } = {}): Promise<TestProvider> {
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: TestProvider = {
    issuer: `${origin}${options.path ?? ''}`,
    clientId: 'a client:of ours',
    clientSecret: 'secr%t+with: ümläuts',
    keys: [newKey('one')],
    down: new Set(),
    hits: new Map(),
    seen: [],
    claims: { sub: 'subject-1', email: 'Ada@Acme.example', email_verified: true, given_name: 'Ada', family_name: 'L' },
    now: options.now ?? (() => new Date()),
    discovery: (document) => document,
    idToken: (payload, sign) => sign(payload),
    tokenAnswer: (body) => ({ body }),
    userInfo: null,
    jwks: () => ({ keys: provider.keys.map(({ jwk }) => jwk) }),
    authorize(url, change = () => undefined, claims = undefined) {
      const back = sendBack(url, claims ?? null);
      change(back);
      return `${back.pathname}${back.search}`;
    },
    rotate(kid) {
      const key = newKey(kid);
      provider.keys = [key];
      return key;
    },
    sign(payload, header = {}) {
      const [key] = provider.keys;
      if (key === undefined) throw new Error('the provider has no key');
      return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...header }).sign(key.privateKey);
    },
    logoutToken(claims, header = {}) {
      const iat = Math.floor(provider.now().getTime() / 1000);
      const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
      const jti = randomBytes(8).toString('hex');
      const own = { iss: provider.issuer, aud: provider.clientId, iat, exp: iat + 120, jti, events };
      return provider.sign({ ...own, ...claims }, { typ: 'logout+jwt', ...header });
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  function sendBack(url: string, claims: Grant['claims']): URL {
    const asked = new URL(url).searchParams;
    const code = randomBytes(16).toString('base64url');
    const redirectUri = asked.get('redirect_uri') ?? '';
    const [nonce, challenge] = [asked.get('nonce') ?? '', asked.get('code_challenge') ?? ''];
    grants.set(code, { claims, nonce, challenge, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    return back;
  }

  function document(): Record<string, unknown> {
    return {
      issuer: provider.issuer,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      jwks_uri: `${origin}/jwks`,
      end_session_endpoint: `${origin}/end`,
      ...(provider.userInfo === null ? {} : { userinfo_endpoint: `${origin}/userinfo` }),
      response_types_supported: ['code'],
      id_token_signing_alg_values_supported: ['RS256', 'ES256'],
    };
  }

  async function token(request: IncomingMessage): Promise<Answered> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const form = new URLSearchParams(text);
    provider.seen.push({ authorization: request.headers.authorization, form });
    const grant = grants.get(form.get('code') ?? '');
    grants.delete(form.get('code') ?? '');
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (!grant || challenge !== grant.challenge || form.get('redirect_uri') !== grant.redirectUri)
      return { status: 400, body: { error: 'invalid_grant' } };
    const now = Math.floor(provider.now().getTime() / 1000);
    const payload = {
      iss: provider.issuer,
      aud: provider.clientId,
      iat: now,
      exp: now + 300,
      nonce: grant.nonce,
      ...(grant.claims ?? provider.claims),
    };
    const idToken = await provider.idToken(payload, (given, header) => provider.sign(given, header));
    return provider.tokenAnswer({
      access_token: 'access-1',
      token_type: 'Bearer',
      id_token: idToken,
      refresh_token: 'r',
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', origin);
    provider.hits.set(pathname, (provider.hits.get(pathname) ?? 0) + 1);
    const routes: Record<string, () => Answered | Promise<Answered>> = {
      [`${options.path ?? ''}/.well-known/openid-configuration`]: () => ({ body: provider.discovery(document()) }),
      '/authorize': () => ({
        status: 302,
        headers: { location: sendBack(`${origin}${request.url ?? '/'}`, { ...provider.claims }).href },
        body: '',
      }),
      '/jwks': () => ({ body: provider.jwks() }),
      '/token': () => token(request),
      '/userinfo': () => provider.userInfo?.() ?? { status: 404, body: {} },
    };
    const made = provider.down.has(pathname)
      ? { status: 503, body: {} }
      : await (routes[pathname]?.() ?? { status: 404, body: {} });
    response.writeHead(made.status ?? 200, { 'content-type': made.type ?? 'application/json', ...made.headers });
    response.end(typeof made.body === 'string' ? made.body : JSON.stringify(made.body));
  }

  return provider;
}
