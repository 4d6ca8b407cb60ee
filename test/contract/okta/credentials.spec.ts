import { afterEach, describe, expect, it } from '@jest/globals';
import type { Connector } from '../../../src/connectors/connector.js';
import { makeKeyPair, publicHalf } from '../../../src/connectors/okta/key-pair.js';
import type { Answer } from '../../simulators/index.ts';
import { disposable } from '../disposable.js';
import { makeOktaWorld, type OktaWorld } from '../okta-world.js';
import { never, readAll } from '../reading.js';

describe('signing in to Okta with a key', () => {
  it.each([false, true])('reads everybody, proof of possession being %p', async (dpop) => {
    await using world = await makeOktaWorld({ people: 450, method: 'key' });
    world.okta.app.dpop = dpop;
    await using connector = disposable(await world.connect());
    const { coverage } = await readAll(connector.use);
    expect(coverage).toBe('complete');
    const schemes = new Set(
      world.okta.requests.entries.filter((one) => one.route !== 'token').map((one) => one.scheme),
    );
    expect([...schemes]).toEqual([dpop ? 'DPoP' : 'Bearer']);
    // One token for the whole read; the handshake for a nonce is a request more.
    expect(world.okta.requests.count('token')).toBe(dpop ? 2 : 1);
  });

  it('goes on when proof of possession is switched off and on in between', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    await using connector = disposable(await world.connect());
    for (const dpop of [true, false, true]) {
      world.okta.app.dpop = dpop;
      world.okta.auth.revokeAccessTokens();
      expect(await connector.use.readOne(world.id(1), never)).toMatchObject({ kind: 'found' });
    }
  });

  it('signs a proof anew for each retry', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    world.okta.app.dpop = true;
    await using connector = disposable(await world.connect());
    world.okta.faults.add({ route: 'users.list', times: 2, do: { kind: 'throttle', how: 'concurrency' } });
    expect((await readAll(connector.use)).coverage).toBe('complete');
    expect(world.okta.requests.count('token')).toBe(2);
  });

  it('asks for one token, however many wait for it', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    await using connector = disposable(await world.connect());
    await Promise.all(Array.from({ length: 12 }, (_none, n) => connector.use.readOne(world.id(n), never)));
    expect(world.okta.requests.count('token')).toBe(1);
  });

  it('F-05 has a new token when the old one was refused in the middle of a read, and goes on at the same page', async () => {
    await using world = await makeOktaWorld({ people: 520, method: 'key' });
    await using connector = disposable(await world.connect());
    const revoke = (answer: Answer): Answer => {
      world.okta.auth.revokeAccessTokens();
      return answer;
    };
    world.okta.faults.add({ route: 'users.list', times: 1, do: { kind: 'change', change: revoke } });
    const first = await connector.use.fetchPage(null, never);
    const second = await connector.use.fetchPage(first.nextCursor, never);
    expect(second.records.length).toBe(200);
    expect(world.okta.requests.count('token')).toBe(2);
    expect(world.okta.requests.entries.filter((one) => one.status === 401).length).toBe(1);
  });

  it('F-05 is refused for good when a new token does not help either', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    await using connector = disposable(await world.connect());
    world.okta.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 401 } });
    await expect(readAll(connector.use)).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(world.okta.requests.count('token')).toBe(2);
  });

  it('takes a refused token request for what it is, and sends nothing as “Bearer undefined”', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    world.okta.app.scopes = ['okta.users.read'];
    await using connector = disposable(await world.connect());
    const outcome = connector.use.fetchPage(null, never);
    await expect(outcome).rejects.toMatchObject({ failure: 'unauthorized', reference: 'invalid_scope' });
    await expect(outcome).rejects.toThrow('okta.logs.read');
    expect(world.okta.requests.count()).toBe(world.okta.requests.count('token'));
  });

  it('is tried again while the token endpoint is busy or down', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    world.okta.faults.add({ route: 'token', times: 2, do: { kind: 'status', status: 503 } });
    world.okta.faults.add({ route: 'token', after: 0, times: 1, do: { kind: 'throttle', retryAfter: '3' } });
    await using connector = disposable(await world.connect());
    expect((await readAll(connector.use)).coverage).toBe('complete');
  });

  it('does not shake hands for ever with a server that always wants another nonce', async () => {
    await using world = await makeOktaWorld({ people: 50, method: 'key' });
    const body = JSON.stringify({ error: 'use_dpop_nonce', error_description: 'again' });
    world.okta.faults.add({ route: 'token', times: 'forever', do: { kind: 'body', status: 400, body } });
    await using connector = disposable(await world.connect());
    await expect(connector.use.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(world.okta.requests.count('token')).toBeLessThan(5);
  });

  it('works with a pair that Rollcall made', async () => {
    await using world = await makeOktaWorld({ people: 50 });
    const privateJwk = await makeKeyPair();
    world.okta.registerApp({ clientId: '0oaMadeHere', keys: [{ ...publicHalf(privateJwk) }] });
    const credentials = { method: 'key', orgUrl: world.okta.url, clientId: '0oaMadeHere', privateJwk } as const;
    await using connector = disposable(await world.connect({ credentials }));
    expect((await connector.use.probe(never)).fingerprint).toContain('okta.users.read');
  });
});

describe('what stands in the environment of the service', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of [
      'OKTA_CLIENT_ORGURL',
      'OKTA_CLIENT_TOKEN',
      'OKTA_CLIENT_CLIENTID',
      'OKTA_CLIENT_KEYID',
      'HTTPS_PROXY',
      'https_proxy',
    ]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  });

  it.each(['key', 'token'] as const)('fills no field that was left out, and no proxy is used (%s)', async (method) => {
    await using world = await makeOktaWorld({ people: 50, method });
    Object.assign(process.env, {
      OKTA_CLIENT_ORGURL: world.okta.stranger.url,
      OKTA_CLIENT_TOKEN: 'of-somebody-else',
      OKTA_CLIENT_CLIENTID: 'of-somebody-else',
      OKTA_CLIENT_KEYID: 'of-somebody-else',
      HTTPS_PROXY: world.okta.stranger.url,
      https_proxy: world.okta.stranger.url,
    });
    await using connector = disposable(await world.connect());
    expect((await readAll(connector.use)).coverage).toBe('complete');
    expect(world.okta.stranger.seen).toEqual([]);
  });
});

describe('an address that may not be', () => {
  const openWith = (world: OktaWorld, orgUrl: string): Promise<Connector> =>
    world.connect({ credentials: { method: 'token', orgUrl, token: 'x' } });

  it.each(['https://acme-admin.okta.com', 'http://acme.okta.com', 'https://{yourOktaDomain}', 'https://10.0.0.1'])(
    '%s is refused before anything is sent',
    async (orgUrl) => {
      await using world = await makeOktaWorld({ people: 20 });
      await expect(openWith(world, orgUrl)).rejects.toMatchObject({ failure: 'unauthorized' });
    },
  );

  it('a trailing slash makes no double one', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    await using connector = disposable(
      await world.connect({ credentials: { ...world.credentials(), orgUrl: `${world.okta.url}/` } }),
    );
    await connector.use.probe(never);
    expect(world.okta.requests.entries.every((one) => !one.url.startsWith('//'))).toBe(true);
  });

  it('a service app without a client id yet is said so', async () => {
    await using world = await makeOktaWorld({ people: 20, method: 'key' });
    const credentials = world.credentials();
    if (credentials.method !== 'key') throw new Error('a key was expected');
    await expect(world.connect({ credentials: { ...credentials, clientId: null } })).rejects.toThrow('client id');
  });
});

describe('what the installation sets', () => {
  const elsewhere = { method: 'token', orgUrl: 'https://acme.okta.com' } as const;

  it('a base URL takes the place of the organisation’s host, in links too', async () => {
    await using world = await makeOktaWorld({ people: 450 });
    const credentials = { ...elsewhere, token: world.okta.credentials.apiToken };
    await using connector = disposable(await world.connect({ credentials, installation: { baseUrl: world.okta.url } }));
    expect((await readAll(connector.use)).coverage).toBe('complete');
  });

  it('tokens may be asked for at another address', async () => {
    await using world = await makeOktaWorld({ people: 20, method: 'key' });
    const installation = { tokenUrl: `${world.okta.url}/oauth2/v1/token?by=gateway` };
    await using connector = disposable(await world.connect({ installation }));
    await connector.use.fetchPage(null, never);
    expect(world.okta.requests.entries.find((one) => one.route === 'token')?.url).toContain('by=gateway');
  });

  it('plain http is refused where it does not allow it', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    await expect(world.connect({ installation: { insecureLoopback: false } })).rejects.toMatchObject({
      failure: 'unauthorized',
    });
    const gateway = {
      credentials: { ...elsewhere, token: 'x' },
      installation: { insecureLoopback: false, baseUrl: world.okta.url },
    };
    await using connector = disposable(await world.connect(gateway));
    await expect(connector.use.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(world.okta.requests.count()).toBe(0);
  });

  it('and cannot be read is for the operator to mend', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    await expect(world.connect({ installation: { pageMs: 90_000, baseUrl: 'ftp://x' } })).rejects.toThrow(
      'baseUrl, pageMs',
    );
  });
});
