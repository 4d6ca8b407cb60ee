import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/**
 * An OpenID Connect issuer that signs whatever a test says about whoever signs in next. It asks nobody for a password, and
 * is honest about everything that is not claimed: `who` decides, and nothing else.
 */
export interface TestIssuer extends AsyncDisposable {
  url: string;
  clientId: string;
  clientSecret: string;
  /** Claims of whoever signs in next, beside those that every token has. */
  who: Record<string, unknown>;
  /** Paths that were asked for. */
  requests: string[];
  /** What it would send to end a session. */
  logoutToken(claims: Record<string, unknown>): Promise<string>;
}

/** @param extra What else the issuer says of itself. */
export async function startIssuer(extra: Record<string, unknown> = {}): Promise<TestIssuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', use: 'sig', alg: 'RS256' };
  const codes = new Map<string, Record<string, unknown>>();
  const clientId = 'rollcall';
  const now = (): number => Math.floor(Date.now() / 1000);
  const sign = (claims: Record<string, unknown>, typ: string): Promise<string> =>
    new SignJWT({ iss: issuer.url, aud: clientId, iat: now(), exp: now() + 300, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'one', typ })
      .sign(privateKey);

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', issuer.url);
    issuer.requests.push(url.pathname);
    const json = (body: unknown): void =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json({
          issuer: issuer.url,
          authorization_endpoint: `${issuer.url}/authorize`,
          token_endpoint: `${issuer.url}/token`,
          userinfo_endpoint: `${issuer.url}/userinfo`,
          jwks_uri: `${issuer.url}/keys`,
          end_session_endpoint: `${issuer.url}/end`,
          response_types_supported: ['code'],
          id_token_signing_alg_values_supported: ['RS256'],
          ...extra,
        });
      case '/keys':
        return json({ keys: [jwk] });
      case '/authorize': {
        const code = randomBytes(16).toString('hex');
        codes.set(code, { ...issuer.who, nonce: url.searchParams.get('nonce') });
        const back = new URL(url.searchParams.get('redirect_uri') ?? '');
        back.searchParams.set('code', code);
        back.searchParams.set('state', url.searchParams.get('state') ?? '');
        return void response.writeHead(302, { location: back.href }).end();
      }
      case '/token': {
        const form = new URLSearchParams(await textOf(request));
        const claims = codes.get(form.get('code') ?? '') ?? {};
        codes.delete(form.get('code') ?? '');
        return json({ access_token: 'an-access-token', token_type: 'Bearer', id_token: await sign(claims, 'JWT') });
      }
      case '/userinfo':
        return json({ sub: issuer.who['sub'] });
      default:
        return void response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clientId,
    clientSecret: 'a secret of the test',
    who: {},
    requests: [],
    logoutToken: (claims) =>
      sign(
        {
          jti: randomBytes(8).toString('hex'),
          events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          ...claims,
        },
        'logout+jwt',
      ),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
