import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { Check, Connector } from '../../../src/connectors/connector.js';
import { googleKind } from '../../../src/connectors/google/kind.js';
import type { GoogleScope } from '../../../src/connectors/google/settings.js';
import { DIRECTORY, googleWorld, never, readAll, type GoogleWorld } from './world.js';

const PREFIX = 'https://www.googleapis.com/auth/';
const MINUTE = 60_000;

function withdraw(world: GoogleWorld, ...names: string[]): void {
  world.google.account.delegated = world.google.account.delegated.filter(
    (scope) => !names.includes(scope.slice(PREFIX.length)),
  );
}

async function checksOf(connector: Connector): Promise<Map<string, Check>> {
  return new Map((await connector.test(never)).map((check) => [check.name, check]));
}

/** The first check that failed; all that rest on it have to be skipped. */
async function failureOf(connector: Connector): Promise<Check | undefined> {
  const checks = await connector.test(never);
  const at = checks.findIndex((check) => check.outcome === 'failed');
  return checks[at];
}

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
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({ failure: 'unavailable' });
    expect(world.google.requests.count()).toBe(0);
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

describe('Test connection', () => {
  it('says that all is well', async () => {
    await using world = await googleWorld();
    const checks = await (await world.connect()).test(never);
    expect(checks.map((check) => check.name)).toEqual([
      'Service account',
      'Delegation of admin.directory.user.readonly',
      'Subject',
      'Users',
      'Verified domains',
    ]);
    expect(checks.every((check) => check.outcome === 'passed')).toBe(true);
  });

  it('delegation missing or not yet propagated: says where, with the client id, and to try again later', async () => {
    await using world = await googleWorld();
    world.google.account.delegated = [];
    const check = await failureOf(await world.connect());
    expect(check).toMatchObject({ name: 'Delegation of admin.directory.user.readonly' });
    expect(check?.message).toMatch(/100000000000000000001.*Domain-wide delegation.*try again later/u);
  });

  it('one scope not delegated: names it, in the test and in the probe', async () => {
    await using world = await googleWorld();
    withdraw(world, 'admin.directory.orgunit.readonly');
    const path = world.company.unitPath(world.company.units[1]!.n);
    const connector = await world.connect({ scope: { kind: 'units', units: [path], excluded: [] } });
    const checks = await checksOf(connector);
    expect(checks.get('Delegation of admin.directory.user.readonly')?.outcome).toBe('passed');
    expect(checks.get('Delegation of admin.directory.orgunit.readonly')?.outcome).toBe('failed');
    expect(checks.get('Users')?.outcome).toBe('skipped');
    await expect(connector.probe(never)).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('admin.directory.orgunit.readonly'),
    });
    await expect(connector.probe(never)).rejects.not.toMatchObject({
      message: expect.stringContaining('user.readonly'),
    });
  });

  it('delegation refused by policy', async () => {
    await using world = await googleWorld({ accessDenied: true });
    expect((await failureOf(await world.connect()))?.message).toMatch(/policy|app access control/u);
  });

  it('subject not an admin', async () => {
    await using world = await googleWorld();
    const subject = world.company.employed()[9]!.email;
    const check = await failureOf(await world.connect({ subject }));
    expect(check?.message).toMatch(/admin/u);
    expect(check).toMatchObject({ name: 'Subject' });
  });

  it('subject without the privilege: names it', async () => {
    await using world = await googleWorld();
    world.google.settings.privileges.groups = false;
    world.company.addGroup('Readers', []);
    const check = await failureOf(
      await world.connect({ scope: { kind: 'groups', groups: [world.google.ids.group('Readers')], excluded: [] } }),
    );
    expect(check).toMatchObject({ name: 'Groups of the scope', message: expect.stringContaining('Groups > Read') });
  });

  it.each(['unknown', 'suspended', 'alias'])('subject %s', async (how) => {
    await using world = await googleWorld();
    const person = world.company.employed()[9]!;
    const subject = how === 'unknown' ? 'nobody@example.com' : person.email;
    if (how === 'suspended') world.company.suspend([person]);
    if (how === 'alias') world.company.marry([person]);
    const check = await failureOf(await world.connect({ subject }));
    expect(check?.name).toBe('Service account');
    expect(check?.message).toMatch(/^The subject is no active account/u);
  });

  it('Admin SDK API not enabled in the project', async () => {
    await using world = await googleWorld({ apiDisabled: true });
    expect((await failureOf(await world.connect()))?.message).toMatch(/Admin SDK API is not enabled/u);
  });

  it('API access switched off by the customer', async () => {
    await using world = await googleWorld({ apiBlocked: true });
    expect((await failureOf(await world.connect()))?.message).toMatch(/API access is switched off/u);
  });

  it('key deleted', async () => {
    await using world = await googleWorld();
    world.google.account.keys.length = 0;
    expect((await failureOf(await world.connect()))?.message).toMatch(/key of the service account.*deleted/u);
  });

  it('service account deleted', async () => {
    await using world = await googleWorld();
    world.google.auth.accounts.delete(world.google.account.email);
    expect((await failureOf(await world.connect()))?.message).toMatch(/service account was deleted/u);
  });

  it('clock off, where not even the time of Google helps', async () => {
    await using world = await googleWorld();
    const description =
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.';
    const body = JSON.stringify({ error: 'invalid_grant', error_description: description });
    world.google.faults.add({ route: 'token', times: 'forever', do: { kind: 'body', status: 400, body } });
    expect((await failureOf(await world.connect()))?.message).toMatch(/clock of this machine/u);
  });

  it('wrong customer', async () => {
    await using world = await googleWorld();
    const connector = await world.connect({ scope: { ...DIRECTORY, customer: 'C0wrong99' } });
    expect((await failureOf(connector))?.message).toMatch(/belongs to the customer C\w+, not to C0wrong99/u);
    await expect(connector.probe(never)).rejects.toMatchObject({ failure: 'unauthorized' });
    const right = await world.connect({ scope: { ...DIRECTORY, customer: world.google.ids.customer } });
    expect((await readAll(right)).coverage).toBe('complete');
  });

  it('empty scope group', async () => {
    await using world = await googleWorld();
    world.company.addGroup('Nobody Yet', []);
    const checks = await checksOf(
      await world.connect({ scope: { kind: 'groups', groups: [world.google.ids.group('Nobody Yet')], excluded: [] } }),
    );
    expect(checks.get('Groups of the scope')).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('Nobody Yet'),
    });
  });

  it('a group or unit that is not there', async () => {
    await using world = await googleWorld();
    const group = await failureOf(
      await world.connect({ scope: { kind: 'groups', groups: ['no.such@example.com'], excluded: [] } }),
    );
    expect(group?.message).toContain('no.such@example.com');
    const unit = await failureOf(await world.connect({ scope: { kind: 'units', units: ['/No/Such'], excluded: [] } }));
    expect(unit?.message).toContain('/No/Such');
  });

  it('a unit that is named by its path: shows the id that would last', async () => {
    await using world = await googleWorld();
    const path = world.company.unitPath(world.company.units[1]!.n);
    const checks = await checksOf(await world.connect({ scope: { kind: 'units', units: [path], excluded: [] } }));
    expect(checks.get('Units of the scope')).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining(world.google.ids.unit(path)),
    });
  });

  it('the optional scope for domains is a warning, and an empty list in the probe', async () => {
    await using world = await googleWorld({ unverifiedDomains: ['example.co.uk'] });
    const connector = await world.connect();
    expect((await connector.probe(never)).verifiedDomains).toEqual(
      world.company.domains.filter((domain) => domain !== 'example.co.uk'),
    );
    withdraw(world, 'admin.directory.domain.readonly');
    const other = await world.connect();
    expect((await checksOf(other)).get('Verified domains')).toMatchObject({
      outcome: 'warning',
      message: expect.stringContaining('admin.directory.domain.readonly'),
    });
    expect((await other.probe(never)).verifiedDomains).toEqual([]);
  });

  it('never throws, not even when it is stopped or nothing answers', async () => {
    await using world = await googleWorld();
    const connector = await world.connect();
    const stopped = await connector.test(AbortSignal.abort(new Error('stopped')));
    expect(stopped[0]).toMatchObject({ outcome: 'failed', message: expect.stringContaining('stopped') });
    await world.google.close();
    expect((await connector.test(never))[0]).toMatchObject({ outcome: 'failed' });
  });

  it('the fingerprint stands while nothing is granted or withdrawn, and falls with the role', async () => {
    await using world = await googleWorld();
    const subject = world.company.employed()[9]!;
    world.google.settings.admins = [subject.n];
    const before = await (await world.connect({ subject: subject.email })).probe(never);
    expect(await (await world.connect({ subject: subject.email })).probe(never)).toEqual(before);
    withdraw(world, 'admin.directory.domain.readonly');
    expect((await (await world.connect({ subject: subject.email })).probe(never)).fingerprint).toBe(before.fingerprint);
    world.google.settings.admins = [];
    await expect((await world.connect({ subject: subject.email })).probe(never)).rejects.toMatchObject({
      failure: 'unauthorized',
    });
  });
});

describe('the service account of the installation', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  function keyless(world: GoogleWorld): Record<string, unknown> {
    process.env['GCE_METADATA_HOST'] = new URL(world.google.url).host;
    const { platformAccount } = world.google.credentials;
    const account = world.google.auth.accounts.get(platformAccount);
    return { keyless: { serviceAccount: platformAccount, clientId: account?.clientId } };
  }

  it('reads without any key: signJwt with a token of the metadata server', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({ credentials, installation: keyless(world) });
    expect((await readAll(connector)).coverage).toBe('complete');
    expect(world.google.requests.count('sign')).toBe(1);
    expect((await connector.test(never)).filter((check) => check.outcome !== 'passed')).toEqual([]);
  });

  it('tells the operator, and not the customer, when it may not sign', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({ credentials, installation: keyless(world) });
    world.google.faults.add({ route: 'sign', times: 'forever', do: { kind: 'status', status: 403 } });
    await expect(connector.fetchPage(null, never)).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('Service Account Token Creator'),
    });
    expect(world.waits).toEqual([]);
    world.google.faults.clear();
    expect((await readAll(connector)).coverage).toBe('complete');
  });

  it('reads with a key file of the operator', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    const connector = await world.connect({
      credentials,
      installation: { serviceAccountKey: { ...world.google.credentials.keyFile } },
    });
    expect((await readAll(connector)).coverage).toBe('complete');
  });

  it('says so when the installation has none', async () => {
    await using world = await googleWorld();
    const credentials = { method: 'installation', subject: world.google.credentials.subject } as const;
    await expect(world.connect({ credentials })).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('operator'),
    });
    const broken = { serviceAccountKey: '{"private_key":"-----BEGIN SECRET"}' };
    await expect(world.connect({ credentials, installation: broken })).rejects.toMatchObject({
      message: expect.not.stringContaining('SECRET'),
    });
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
