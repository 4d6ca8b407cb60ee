import { createServer, type ServerResponse } from 'node:http';
import { createServer as createSocketServer, type Server as SocketServer, type AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ADA, DOMAIN, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';
import { dumpOf } from '../support/dump-of.js';

jest.setTimeout(120_000);

/**
 * Shorter than in earnest, which `fixed-numbers.spec.ts` holds, and long enough for who is honest beside fifty who are not,
 * on a machine that has other things to do.
 */
const LIMITS = { connectTimeoutMs: 5_000, wholeTimeoutMs: 8_000 };

let world: SignInWorld;
let ada: string;
const servers: { close(): unknown }[] = [];

beforeAll(async () => {
  world = await startSignInWorld({ config: { identityProviders: { ...LIMITS, insecureLoopback: true } } });
  ada = await world.person();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  for (const server of servers) server.close();
});

const kept = (): Promise<unknown[]> =>
  world.rows(
    `SELECT (SELECT count(*)::int FROM session) AS sessions, (SELECT count(*)::int FROM identity_link) AS links,
            (SELECT count(*)::int FROM person) AS people`,
  );

async function listening(server: SocketServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const BOMB = gzipSync(Buffer.alloc(50_000_000, ' '));
const MANY = 50;
let sent = 0;
/** As much as it likes, until the other side has had enough; how much went out is counted. */
function flood(response: ServerResponse, chunk: Buffer): void {
  const more = (): void => {
    while (!response.destroyed && sent < 1_000_000_000) {
      sent += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

describe('O-61: a provider that means harm', () => {
  /** What its token endpoint does. */
  const modes: Record<string, (response: ServerResponse) => void> = {
    'never answers': () => undefined,
    'resets the connection': (response) => response.destroy(),
    'drips a byte at a time': (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 100);
      response.once('close', () => clearInterval(drip));
    },
    'sends headers without end': (response) => {
      const socket = response.socket;
      socket?.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket?.write(`x-more: ${'x'.repeat(1_000)}\r\n`), 5);
      socket?.once('close', () => clearInterval(drip));
    },
    'answers with a thousand million bytes': (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      flood(response, Buffer.alloc(65_536, ' '));
    },
    'answers with a packed bomb': (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(BOMB);
    },
  };

  it.each(Object.keys(modes))('%s: fifty at once fail, and the others get in meanwhile', async (mode) => {
    let host = '';
    let harmed = 0;
    // What it says of itself is honest, so that a sign-in gets as far as its token endpoint.
    const harm = createServer((request, response) => {
      if (request.url === '/token') {
        harmed += 1;
        return modes[mode]?.(response);
      }
      const of = (path: string): string => `http://${host}${path}`;
      const document = {
        issuer: `http://${host}`,
        authorization_endpoint: of('/authorize'),
        token_endpoint: of('/token'),
        jwks_uri: of('/jwks'),
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
    });
    host = await listening(harm);
    const hostile = await world.service.newOrganisation();
    const hostileProvider = await world.provider(hostile, { issuer: `http://${host}` });
    sent = 0;
    const before = await kept();
    const theirs = Array.from({ length: MANY }, async () => {
      const jar = world.jar();
      const begun = await jar.api<{ url?: string }>('POST', '/api/v1/sign-in/provider', {
        slug: hostile.slug,
        providerId: hostileProvider,
      });
      if (begun.status !== 200 || begun.body.url === undefined) return { status: begun.status, jar };
      const asked = new URL(begun.body.url).searchParams;
      const back = new URL(asked.get('redirect_uri') ?? '');
      back.searchParams.set('code', 'a-code');
      back.searchParams.set('state', asked.get('state') ?? '');
      return { status: (await jar.go(back.href)).status, jar };
    });
    expect((await world.signIn(ADA)).personId).toBe(ada);
    for (const { status, jar } of await Promise.all(theirs)) {
      expect([403, 503]).toContain(status);
      expect(jar.cookie('session')).toBeUndefined();
    }
    expect(harmed).toBeGreaterThan(0);
    // What is in flight when a connection is cut counts too, but no more than that.
    expect(sent).toBeLessThan(MANY * 8 * 1024 * 1024);
    expect((await fetch(new URL('/healthz', world.service.url))).status).toBe(200);
    await world.rows('DELETE FROM session');
    await world.rows('DELETE FROM identity_link');
    expect([before, await kept()]).toContainEqual([{ sessions: 0, links: 0, people: 1 }]);
  });

  it('never ends the greeting of TLS: nothing is saved of it', async () => {
    const silent = createSocketServer(() => undefined);
    const host = await listening(silent);
    const made = await world.organisation.api('POST', '/api/v1/identity-providers', {
      preset: 'generic',
      name: 'Silent',
      issuer: `https://${host}`,
      clientId: 'a',
      clientSecret: 'b',
    });
    expect(made).toMatchObject({ status: 422, body: { code: 'identity_provider.discovery_failed' } });
  });

  it('shows a certificate of nobody: nothing is saved of it', async () => {
    const tls = createTlsServer({}, () => undefined);
    const host = await listening(tls);
    const made = await world.organisation.api('POST', '/api/v1/identity-providers', {
      preset: 'generic',
      name: 'Nobody',
      issuer: `https://${host}`,
      clientId: 'a',
      clientSecret: 'b',
    });
    expect(made).toMatchObject({ status: 422, body: { code: 'identity_provider.discovery_failed' } });
  });
});

describe('O-65: a provider that is away', () => {
  it('lets nobody in, and nobody out who is in; the installation is well, and the provider is told of', async () => {
    const inside = await world.signIn(ADA);
    const before = await kept();
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/token', '/userinfo'])
      world.issuer.down.add(path);
    try {
      const landed = await world.signIn(ADA);
      expect(landed).toMatchObject({ status: 503, personId: null });
      expect((await inside.jar.api('GET', '/api/v1/session')).body).toMatchObject({ signedIn: true });
      expect(await kept()).toEqual(before);
      expect((await fetch(new URL('/readyz', world.service.url))).status).toBe(200);
      const shown = await world.organisation.api('GET', `/api/v1/identity-providers/${world.providerId}`);
      expect(shown.body).toMatchObject({ problem: { code: 'provider_unreachable' } });
    } finally {
      world.issuer.down.clear();
    }
    expect((await world.signIn(ADA)).personId).toBe(ada);
    const mended = await world.organisation.api('GET', `/api/v1/identity-providers/${world.providerId}`);
    expect(mended.body).toMatchObject({ problem: null });
  });
});

describe('O-67: the secret of a client', () => {
  it('stands in no answer, page, address, audit entry or row, however a sign-in fails', async () => {
    const { clientSecret } = world.issuer;
    const said: string[] = [];
    const honest = world.issuer.tokenAnswer;
    try {
      for (const answer of [
        () => ({ status: 401, body: { error: 'invalid_client', error_description: clientSecret } }),
        () => ({ status: 500, body: clientSecret }),
        () => ({ body: { error: clientSecret } }),
        () => ({
          status: 302,
          headers: { location: `http://127.0.0.1:1/${encodeURIComponent(clientSecret)}` },
          body: '',
        }),
      ]) {
        world.issuer.tokenAnswer = answer;
        const landed = await world.signIn(ADA);
        expect(landed.personId).toBeNull();
        said.push(landed.text, landed.location ?? '');
      }
      for (const path of [`/api/v1/identity-providers/${world.providerId}`, '/api/v1/audit', '/api/v1/notices'])
        said.push((await world.organisation.api('GET', path)).text);
    } finally {
      world.issuer.tokenAnswer = honest;
    }
    said.push(await dumpOf(world.service.database));
    const text = said.join('\n');
    expect(text).toContain('identity_provider');
    expect(text).toContain(DOMAIN);
    for (const form of [clientSecret, encodeURIComponent(clientSecret), Buffer.from(clientSecret).toString('base64')])
      expect(text.includes(form)).toBe(false);
    expect(world.issuer.seen.length).toBeGreaterThan(0);
  });
});
