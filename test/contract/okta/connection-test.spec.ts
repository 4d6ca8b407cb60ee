import { describe, expect, it } from '@jest/globals';
import type { Check } from '../../../src/connectors/connector.js';
import { makeKeyPair } from '../../../src/connectors/okta/key-pair.js';
import type { OktaCredentials } from '../../../src/connectors/okta/settings.js';
import { disposable } from '../disposable.js';
import { makeOktaWorld, type OktaWorld } from '../okta-world.js';
import { never } from '../reading.js';
import type { ConnectOptions } from '../world.js';

type Options = ConnectOptions & { credentials?: OktaCredentials };

async function testOf(
  prepare: (world: OktaWorld) => Options | void | Promise<Options | void>,
  method: 'key' | 'token' = 'key',
): Promise<Check[]> {
  await using world = await makeOktaWorld({ people: 60, method });
  await using connector = disposable(await world.connect((await prepare(world)) ?? {}));
  const checks = await connector.use.test(never);
  for (const check of checks) {
    expect(check.message).toMatch(/^[A-Z“].*\.$/s);
    for (const secret of world.secrets) expect(check.message).not.toContain(secret);
  }
  return checks;
}

function worst(checks: Check[]): Check {
  const found =
    checks.find((check) => check.outcome === 'failed') ?? checks.find((check) => check.outcome === 'warning');
  if (!found) throw new Error('something was expected to be wrong');
  return found;
}

describe('Test connection names the cause and the mend', () => {
  it('wrong host: nobody answers there', async () => {
    const checks = await testOf((world) => ({ credentials: { ...world.credentials(), orgUrl: 'http://127.0.0.1:1' } }));
    expect(worst(checks)).toMatchObject({ name: 'Address', outcome: 'failed' });
    expect(checks.slice(1).every((check) => check.outcome === 'skipped')).toBe(true);
  });

  it('wrong host: it is no Okta organisation', async () => {
    const checks = await testOf((world) => ({
      credentials: { ...world.credentials(), orgUrl: world.okta.stranger.url },
    }));
    expect(worst(checks)).toMatchObject({ name: 'Address' });
    expect(worst(checks).message).toContain('no Okta organisation');
  });

  it('wrong key', async () => {
    const privateJwk = await makeKeyPair();
    const checks = await testOf((world) => ({
      credentials: { method: 'key', orgUrl: world.okta.url, clientId: world.okta.credentials.clientId, privateJwk },
    }));
    expect(worst(checks)).toMatchObject({ name: 'Sign-in' });
    expect(worst(checks).message).toContain('add the public key');
  });

  it('key not for this client', async () => {
    const checks = await testOf((world) => ({
      credentials: { ...(world.credentials() as OktaCredentials & { method: 'key' }), clientId: '0oaSomebodyElse' },
    }));
    expect(worst(checks)).toMatchObject({ name: 'Sign-in' });
    expect(worst(checks).message).toContain('client id');
  });

  it.each([
    ['okta.logs.read', {}],
    ['okta.users.read', {}],
    ['okta.apps.read', { scope: { provider: 'okta', kind: 'application' } as const }],
    ['okta.groups.read', { scope: { provider: 'okta', kind: 'groups', of: ['Design'] } as const }],
  ])('missing scope %s, by name and alone', async (missing, options) => {
    const checks = await testOf((world) => {
      // As Okta often says it: without naming which.
      world.okta.app.scopes = world.okta.app.scopes.filter((scope) => scope !== missing);
      return options;
    });
    expect(worst(checks)).toMatchObject({ name: 'Sign-in' });
    expect(worst(checks).message.match(/okta\.\w+\.read/g)).toEqual([missing]);
  });

  it.each([
    ['users', 'Reading people', 'Read-only Administrator'],
    ['logs', 'Reading the System Log', 'Report Administrator'],
    ['apps', 'Scope', 'Read-only Administrator'],
  ] as const)('missing admin role for %s, by name', async (right, name, role) => {
    const checks = await testOf((world) => {
      world.okta.app.role[right] = false;
      return { scope: { provider: 'okta', kind: 'application' } };
    });
    expect(worst(checks)).toMatchObject({ name, outcome: 'failed' });
    expect(worst(checks).message).toContain(role);
  });

  it('a role narrowed to nobody looks as if all had left', async () => {
    const checks = await testOf((world) => {
      world.okta.app.role.sees = () => false;
    });
    expect(worst(checks)).toMatchObject({ name: 'Reading people', outcome: 'warning' });
    expect(worst(checks).message).toContain('resource set');
  });

  it('empty scope group', async () => {
    const checks = await testOf((world) => {
      const group = world.company.group('Design');
      for (const n of [...group.members]) world.company.removeFromGroup(group, world.company.person(n));
      return { scope: { provider: 'okta', kind: 'groups', of: ['Design'] } };
    });
    expect(worst(checks)).toMatchObject({ name: 'Scope', outcome: 'warning' });
    expect(worst(checks).message).toContain('“Design”');
  });

  it('a scope group that is gone', async () => {
    const checks = await testOf((world) => {
      const scope = { provider: 'okta', kind: 'groups', of: ['Design'] } as const;
      world.okta.faults.add({ route: 'groups.get', times: 'forever', do: { kind: 'status', status: 404 } });
      return { scope };
    });
    expect(worst(checks)).toMatchObject({ name: 'Scope', outcome: 'failed' });
    expect(worst(checks).message).toContain('does not exist');
  });

  it('application with implicit access', async () => {
    const checks = await testOf((world) => {
      world.company.application.implicit = true;
      return { scope: { provider: 'okta', kind: 'application' } };
    });
    expect(worst(checks)).toMatchObject({ name: 'Scope', outcome: 'failed' });
    expect(worst(checks).message).toContain('without an assignment');
  });

  it.each([
    ['six minutes', 6 * 60_000, 'failed'],
    ['two minutes', 2 * 60_000, 'warning'],
    ['half a minute', 30_000, 'passed'],
  ])('clock off by %s', async (_words, off, outcome) => {
    const checks = await testOf((world) => {
      const date = new Date(world.clock.now() + off).toUTCString();
      world.okta.faults.add({
        route: 'organisation',
        times: 'forever',
        do: {
          kind: 'change',
          change: (answer) => ({
            ...answer,
            reply: answer.reply && { ...answer.reply, headers: { ...answer.reply.headers, date } },
          }),
        },
      });
    }, 'token');
    expect(checks.find((check) => check.name === 'Clock')).toMatchObject({ outcome });
  });

  it('clock off, as the token endpoint sees it', async () => {
    const checks = await testOf((world) => {
      world.clock.advance(-2 * 3_600_000);
    });
    expect(checks.find((check) => check.name === 'Sign-in')?.message).toContain('clock');
  });

  it('API token that is wrong, unused or of somebody who left', async () => {
    const checks = await testOf((world) => {
      world.okta.auth.apiTokens.clear();
    }, 'token');
    expect(worst(checks)).toMatchObject({ name: 'Sign-in', outcome: 'failed' });
    expect(worst(checks).message).toContain('30 days');
  });

  it('proof of possession that is never accepted', async () => {
    const checks = await testOf((world) => {
      const body = JSON.stringify({ error: 'invalid_dpop_proof', error_description: 'no' });
      world.okta.faults.add({ route: 'token', times: 'forever', do: { kind: 'body', status: 400, body } });
    });
    expect(worst(checks)).toMatchObject({ name: 'Sign-in', outcome: 'failed' });
    expect(worst(checks).message).toContain('Proof of Possession');
  });

  it('never throws, not even when it is stopped', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    await using connector = disposable(await world.connect());
    const checks = await connector.use.test(AbortSignal.abort(new Error('told to stop')));
    expect(checks[0]).toMatchObject({ outcome: 'failed', message: 'The test was stopped.' });
  });
});
