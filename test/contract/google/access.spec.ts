import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { googleKind } from '../../../src/connectors/google/kind.js';
import type { GoogleScope } from '../../../src/connectors/google/settings.js';
import { DIRECTORY, googleWorld, never, readAll } from './world.js';

const PREFIX = 'https://www.googleapis.com/auth/';
const MINUTE = 60_000;

describe('the service account of the customer', () => {
  it('asks for exactly the scopes that the connection needs', async () => {
    await using world = await googleWorld();
    // None but these is delegated: one scope too many would be refused whole.
    world.google.account.delegated = [
      `${PREFIX}admin.directory.user.readonly`,
      `${PREFIX}admin.directory.group.readonly`,
    ];
    world.company.addGroup('Readers', world.company.employed().slice(2, 5));
    expect((await readAll(await world.connect())).coverage).toBe('complete');
    const groups: GoogleScope = { kind: 'groups', groups: [world.google.ids.group('Readers')], excluded: [] };
    const connector = await world.connect({ scope: groups });
    expect((await readAll(connector)).coverage).toBe('complete');
    expect(await connector.probe(never)).toMatchObject({ verifiedDomains: [] });
  });

  it('takes a token once for all who wait, and a new one before it ends', async () => {
    await using world = await googleWorld({ people: 30 });
    const connector = await world.connect();
    await Promise.all(Array.from({ length: 8 }, (_none, n) => connector.readOne(world.google.ids.person(n), never)));
    expect(world.google.requests.count('token')).toBe(1);
    world.clock.advance(56 * MINUTE);
    await connector.readOne(world.google.ids.person(1), never);
    expect(world.google.requests.count('token')).toBe(2);
  });

  it('F-05 takes one new token after a 401 in the middle of a read, and reads the same page again', async () => {
    await using world = await googleWorld({ people: 1_203 });
    const connector = await world.connect();
    const first = await connector.fetchPage(null, never);
    world.google.auth.revokeAccessTokens();
    const second = await connector.fetchPage(first.nextCursor, never);
    expect(second.records).toHaveLength(500);
    expect(world.google.requests.count('token')).toBe(2);
    world.google.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 401 } });
    await expect(connector.fetchPage(second.nextCursor, never)).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(world.google.requests.count('token')).toBe(3);
    expect(world.waits).toEqual([]);
  });

  it('F-68 goes by the time of Google when the clock of this machine is off', async () => {
    await using world = await googleWorld();
    const credentials = await world.credentials();
    for (const minutes of [-90, -10, 10, 90]) {
      const connector = await googleKind.create({
        scope: DIRECTORY,
        mapping: googleKind.defaultMapping,
        credentials,
        installation: world.installation,
        quotaShare: 50,
        clock: { now: () => new Date(world.clock.now() + minutes * MINUTE) },
        random: () => 0.5,
        wait: () => Promise.resolve(),
      });
      expect((await connector.fetchPage(null, never)).records.length).toBeGreaterThan(0);
      await connector.close();
    }
  });

  it.each(['user quota', 'project quota', 'rate'] as const)(
    'waits and tries again when the %s is used up',
    async (how) => {
      await using world = await googleWorld();
      const connector = await world.connect();
      world.google.faults.add({ route: 'users.list', times: 2, do: { kind: 'throttle', how, retryAfter: '7' } });
      expect((await readAll(connector)).coverage).toBe('complete');
      expect(world.waits).toEqual([7_000, 7_000]);
      world.google.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'throttle', how } });
      await expect(readAll(connector)).rejects.toMatchObject({ failure: 'throttled' });
    },
  );

  it.each(['forbidden', 'insufficientPermissions', 'accessNotConfigured', 'domainCannotUseApis'])(
    'never tries again after 403 %s',
    async (code) => {
      await using world = await googleWorld();
      const connector = await world.connect();
      world.google.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 403, code } });
      await expect(readAll(connector)).rejects.toMatchObject({ failure: 'unauthorized' });
      expect(world.waits).toEqual([]);
      expect(world.google.requests.count('users.list')).toBe(1);
    },
  );

  it('the library tries nothing again by itself', async () => {
    await using world = await googleWorld();
    world.google.faults.add({ route: 'users.list', times: 'forever', do: { kind: 'status', status: 503 } });
    await expect((await world.connect()).fetchPage(null, never)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(world.google.requests.count('users.list')).toBe(5);
    expect(world.waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('keeps to its share of 2,400 queries a minute', async () => {
    await using world = await googleWorld({ perMinute: 2_400 });
    const connector = await world.connect({ quotaShare: 1 });
    for (let n = 0; n < 60; n++) await connector.readOne(world.google.ids.person(n), never);
    expect(world.waits.length).toBeGreaterThanOrEqual(2);
    expect(Math.max(...world.waits)).toBeLessThanOrEqual(MINUTE);
  });

  it('reads through a gateway with a path of its own', async () => {
    await using world = await googleWorld();
    const connector = await world.connect({ installation: { baseUrl: `${world.google.url}/gateway/` } });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'bad_response' });
    expect(world.google.requests.entries.at(-1)?.url).toMatch(/^\/gateway\/admin\/directory\/v1\/users\?/u);
  });

  it('F-19 goes to no loopback address unless the installation allows it', async () => {
    await using world = await googleWorld();
    const connector = await world.connect({ installation: { insecureLoopback: false } });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unavailable', passing: false });
    expect(world.google.requests.count()).toBe(0);
    expect(world.waits).toEqual([]);
  });

  it('ignores the proxy and the universe that the environment names', async () => {
    await using world = await googleWorld();
    const before = { ...process.env };
    Object.assign(process.env, {
      HTTPS_PROXY: world.google.stranger.url,
      HTTP_PROXY: 'no url',
      GOOGLE_CLOUD_UNIVERSE_DOMAIN: 'elsewhere.example',
    });
    try {
      expect((await readAll(await world.connect())).coverage).toBe('complete');
      expect(world.google.stranger.seen).toEqual([]);
    } finally {
      process.env = before;
    }
  });
});

describe('secrets', () => {
  it('no error holds a token, an assertion, a key or an address', async () => {
    await using world = await googleWorld();
    const credentials = await world.credentials();
    const pem = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }) as string;
    if (credentials.method !== 'key') throw new TypeError('a key was expected');
    const foreign = { ...credentials, key: { ...credentials.key, privateKey: pem } };
    const errors: unknown[] = [];
    for (const status of [400, 401, 403, 404, 418, 500]) {
      for (const route of ['token', 'users.list'] as const) {
        world.google.faults.clear();
        world.google.faults.add({ route, times: 'forever', do: { kind: 'status', status } });
        const connector = await world.connect();
        errors.push(await connector.fetchPage(null, never).catch((error: unknown) => error));
      }
    }
    world.google.faults.clear();
    errors.push(await (await world.connect({ credentials: foreign })).probe(never).catch((error: unknown) => error));
    expect(errors.every((error) => error instanceof Error)).toBe(true);
    for (let one of errors) {
      for (; one instanceof Error; one = one.cause) {
        const words = `${one.message} ${one.stack} ${JSON.stringify(one)}`;
        expect(words).not.toMatch(/ya29|assertion=|eyJ|PRIVATE KEY|Bearer|@example/u);
      }
    }
  });
});
