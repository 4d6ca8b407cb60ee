import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { oktaKind } from './kind.js';

const orgUrl = 'https://acme.okta.com';

describe('credentials with a key pair', () => {
  it('are made here; the public half alone is shown, and belongs to the private one', async () => {
    const stored = await oktaKind.acceptCredentials({ method: 'key', orgUrl }, null);
    if (stored.method !== 'key') throw new Error('a key was expected');
    expect(stored.clientId).toBeNull();
    const shown = oktaKind.showCredentials(stored);
    expect(Object.keys(shown['publicJwk'] as object).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    const priv = createPrivateKey({ key: stored.privateJwk, format: 'jwk' });
    expect(createPublicKey(priv).export({ format: 'jwk' }).n).toBe((shown['publicJwk'] as { n: string }).n);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
      expect(JSON.stringify(shown)).not.toContain(stored.privateJwk[secret]);
    }
    expect(oktaKind.credentials.parse(stored)).toEqual(stored);
  });

  it('keep the pair when the client id arrives, and make another when told to or for another address', async () => {
    const first = await oktaKind.acceptCredentials({ method: 'key', orgUrl }, null);
    const named = await oktaKind.acceptCredentials({ method: 'key', orgUrl, clientId: '0oa1234567' }, first);
    expect(named).toEqual({ ...first, clientId: '0oa1234567' });
    const again = await oktaKind.acceptCredentials({ method: 'key', orgUrl: `${orgUrl}/` }, named);
    expect(again).toEqual(named);
    const renewed = await oktaKind.acceptCredentials({ method: 'key', orgUrl, newKey: true }, named);
    expect(renewed).not.toEqual(named);
    const elsewhere = await oktaKind.acceptCredentials({ method: 'key', orgUrl: 'https://other.okta.com' }, named);
    expect(elsewhere).toMatchObject({ clientId: null });
    expect(elsewhere).not.toMatchObject({ privateJwk: named.method === 'key' ? named.privateJwk : {} });
  });
});

describe('credentials with an API token', () => {
  const token = '00abcdefghijklmnop';

  it('are shown without the token', async () => {
    const stored = await oktaKind.acceptCredentials({ method: 'token', orgUrl, token }, null);
    expect(stored).toEqual({ method: 'token', orgUrl, token });
    expect(JSON.stringify(oktaKind.showCredentials(stored))).not.toContain(token);
  });

  it('K-04 ask for the token again when the address changes', async () => {
    const stored = await oktaKind.acceptCredentials({ method: 'token', orgUrl, token }, null);
    expect(await oktaKind.acceptCredentials({ method: 'token', orgUrl }, stored)).toEqual(stored);
    await expect(
      oktaKind.acceptCredentials({ method: 'token', orgUrl: 'https://other.okta.com' }, stored),
    ).rejects.toMatchObject({ issues: [{ path: ['token'] }] });
  });
});

describe('what an admin sends', () => {
  it.each([
    ['no method', { orgUrl }],
    ['the admin console', { method: 'key', orgUrl: 'https://acme-admin.okta.com' }],
    ['an unknown field', { method: 'key', orgUrl, privateJwk: {} }],
    ['a token with blanks', { method: 'token', orgUrl, token: 'a b c d e f g h i j' }],
  ])('is refused with %s', (_words, input) => {
    expect(oktaKind.credentialsInput.safeParse(input).success).toBe(false);
  });

  it.each([
    ['no kind', {}],
    ['a group without an id', { kind: 'groups', groupIds: [] }],
    ['a group with a path for an id', { kind: 'groups', groupIds: ['../users'] }],
    ['a group twice', { kind: 'groups', groupIds: ['00g1', '00g1'] }],
    ['an unknown field', { kind: 'directory', everything: true }],
  ])('a scope with %s is refused', (_words, scope) => {
    expect(oktaKind.scope.safeParse(scope).success).toBe(false);
  });
});

describe('the set-up steps', () => {
  it('hold the public key to copy, and no private one', async () => {
    const credentials = await oktaKind.acceptCredentials({ method: 'key', orgUrl }, null);
    const steps = JSON.stringify(oktaKind.setUpSteps({ credentials, installation: {} }));
    if (credentials.method !== 'key') throw new Error('a key was expected');
    expect(steps).toContain(credentials.privateJwk.n);
    expect(steps).not.toContain(credentials.privateJwk.d);
    for (const scope of ['users', 'logs', 'apps', 'groups', 'schemas']) expect(steps).toContain(`okta.${scope}.read`);
  });

  it('of a token are others', () => {
    const steps = oktaKind.setUpSteps({ credentials: { method: 'token', orgUrl, token: 'x' }, installation: {} });
    expect(steps.map((step) => step.title)).toContain('Make an API token');
  });
});
