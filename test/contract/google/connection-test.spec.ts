import { describe, expect, it } from '@jest/globals';
import type { Check, Connector } from '../../../src/connectors/connector.js';
import { DIRECTORY, googleWorld, never, readAll, type GoogleWorld } from './world.js';

const PREFIX = 'https://www.googleapis.com/auth/';

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
