import { describe, expect, it, jest } from '@jest/globals';
import { ADA } from '../support/sign-in-world.js';
import { Modules } from './modules.js';

jest.setTimeout(120_000);

const at = new Modules();

describe('the profile Config', () => {
  it('oidcc-client-test-discovery-openid-config: addresses come from the document', async () => {
    const asked = at.issuer.hits.get('/.well-known/openid-configuration') ?? 0;
    const { origin } = new URL(at.issuer.issuer);
    at.issuer.discovery = (document) => ({ ...document, authorization_endpoint: `${origin}/elsewhere?tenant=1` });
    const begun = await at.world.jar().api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    const url = new URL(begun.body.url);
    expect([url.pathname, url.searchParams.get('tenant')]).toEqual(['/elsewhere', '1']);
    expect(at.issuer.hits.get('/.well-known/openid-configuration')).toBe(asked + 1);
  });

  it('oidcc-client-test-discovery-jwks-uri-keys: keys come from where the document says', async () => {
    const asked = at.issuer.hits.get('/jwks') ?? 0;
    await at.letsIn();
    expect(at.issuer.hits.get('/jwks')).toBe(asked + 1);
    await at.letsIn();
    expect(at.issuer.hits.get('/jwks')).toBe(asked + 1);
  });

  const others: [string, (issuer: string) => string][] = [
    ['a slash behind it', (issuer) => `${issuer}/`],
    ['capitals', (issuer) => issuer.replace('http', 'HTTP')],
    ['another port', (issuer) => issuer.replace(/\d+$/u, '1')],
    ['it as a beginning', (issuer) => `${issuer}.evil.example`],
    ['another host', () => 'https://a.example.evil'],
  ];

  it.each(others)('oidcc-client-test-discovery-issuer-mismatch: %s, when it is saved', async (_, change) => {
    at.issuer.discovery = (document) => ({ ...document, issuer: change(at.issuer.issuer) });
    const made = await at.world.organisation.api('POST', '/api/v1/identity-providers', {
      preset: 'generic',
      name: 'Another',
      issuer: at.issuer.issuer,
      clientId: 'a',
      clientSecret: 'b',
    });
    expect(made).toMatchObject({ status: 422, body: { code: 'identity_provider.issuer_mismatch' } });
  });

  it.each(others)('oidcc-client-test-discovery-issuer-mismatch: %s, when somebody signs in', async (_, change) => {
    at.issuer.discovery = (document) => ({ ...document, issuer: change(at.issuer.issuer) });
    const before = [await at.kept(), at.tokenHits];
    const begun = await at.world.jar().api('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    expect(begun).toMatchObject({ status: 503, body: { code: 'sign_in.provider_failed' } });
    expect([await at.kept(), at.tokenHits]).toEqual(before);
  });

  it('oidcc-client-test-signing-key-rotation: without a restart, and without waiting', async () => {
    await at.letsIn();
    at.issuer.keys = [at.anotherKey('two')];
    await at.letsIn();
  });

  it('oidcc-client-test-signing-key-rotation-just-before-signing', async () => {
    await at.letsIn();
    at.issuer.idToken = (payload, sign) => {
      at.issuer.keys = [at.anotherKey('three')];
      return sign(payload);
    };
    await at.letsIn();
  });

  it('oidcc-client-test-signing-key-rotation: who signs with a key that is shown no more is refused', async () => {
    const [old] = at.issuer.keys;
    await at.letsIn();
    at.issuer.keys = [at.anotherKey('four')];
    at.forget();
    at.issuer.idToken = (payload) => {
      const shown = at.issuer.keys;
      if (old) at.issuer.keys = [old];
      const token = at.issuer.sign(payload);
      at.issuer.keys = shown;
      return token;
    };
    await at.refuses('key', { sub: ADA.sub });
  });
});
