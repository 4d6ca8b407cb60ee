import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { SignInAddresses } from '../connectors/sign-in-preset.js';
import { signInPreset, signInPresets } from '../connectors/sign-in-presets.js';
import { aliasOf, presetOf } from './presets.js';
import { discoveryUrl, readMetadata } from './provider-metadata.js';
import { changeSettings, defaultSettings } from './provider-settings.js';

const TENANT = '11111111-2222-3333-4444-555555555555';
const addresses: SignInAddresses = {
  redirectUri: 'https://rollcall.example/sign-in/callback/o/p',
  initiateUri: 'https://rollcall.example/sign-in/initiate/o/p',
  backChannelUri: 'https://rollcall.example/sign-in/back-channel-logout/o/p',
  postLogoutUri: 'https://rollcall.example/signed-out',
  clientId: 'client-1',
};

const preset = (name: string) => presetOf({ preset: name });
const refusal = (name: string, issuer: string): string | null => {
  const { issuer: rule } = preset(name);
  return rule.kind === 'asked' ? rule.refuse(new URL(issuer)) : 'fixed';
};

describe('presets of identity providers', () => {
  it.each(['okta', 'google', 'microsoft'])('%s: what it publishes of itself fits its preset', (name) => {
    const document = JSON.parse(readFileSync(`test/fixtures/discovery/${name}.json`, 'utf8')) as { issuer: string };
    const metadata = readMetadata(document, document.issuer, () => undefined);
    const { algorithms, clientAuth, issuer } = preset(name);
    expect(algorithms.every((algorithm) => metadata.algorithms.includes(algorithm))).toBe(true);
    expect(metadata.tokenEndpointAuth).toContain(clientAuth[0]);
    if (issuer.kind === 'fixed') expect(issuer.value).toBe(document.issuer);
    else expect(issuer.refuse(new URL(document.issuer))).toBeNull();
    expect(discoveryUrl(document.issuer)).toBe(`${document.issuer}/.well-known/openid-configuration`);
  });

  it('each shows steps that hold the redirect URI to the letter, in lines that can be shown', () => {
    for (const each of signInPresets()) {
      const all = each.steps(addresses);
      expect(all.flatMap(({ values }) => Object.values(values))).toContain(addresses.redirectUri);
      for (const { title, text } of all) expect(`${title}${text}`).toMatch(/^[^\p{Cc}]+$/u);
    }
  });

  it.each([
    ['https://acme.okta.com', null],
    ['https://acme.okta.com/', null],
    ['https://id.acme.example/oauth2/default', null],
    ['https://acme.okta.com/oauth2/aus123', null],
    ['https://acme-admin.okta.com', expect.stringContaining('Admin Console')],
    ['https://acme.okta.com/oauth2/default/', expect.any(String)],
    ['https://acme.okta.com/login', expect.any(String)],
  ])('okta: %s', (issuer, said) => {
    expect(refusal('okta', issuer)).toEqual(said);
  });

  it.each([
    [`https://login.microsoftonline.com/${TENANT}/v2.0`, null],
    ['https://login.microsoftonline.com/common/v2.0', expect.stringContaining('every company')],
    ['https://login.microsoftonline.com/organizations/v2.0', expect.stringContaining('every company')],
    ['https://login.microsoftonline.com/consumers/v2.0', expect.stringContaining('every company')],
    [`https://login.microsoftonline.com/${TENANT}`, expect.any(String)],
    ['https://login.microsoftonline.com/{tenantid}/v2.0', expect.any(String)],
    [`https://login.microsoftonline.com/${TENANT.replace('1', 'A')}/v2.0`, expect.any(String)],
  ])('O-45: microsoft: %s', (issuer, said) => {
    expect(refusal('microsoft', issuer)).toEqual(said);
  });

  it('O-45: microsoft: nobody is tied or made by an address, and people are known by oid and tid', () => {
    const microsoft = preset('microsoft');
    expect(microsoft.mayLinkByEmail).toBe(false);
    expect(microsoft.subject).toBe('oid');
    expect(microsoft.tenantOf(`https://login.microsoftonline.com/${TENANT}/v2.0`)).toBe(TENANT);
    const defaults = defaultSettings(microsoft);
    expect(defaults.linkByEmail).toBe(false);
    for (const change of [{ linkByEmail: true }, { justInTime: true }])
      expect(() => changeSettings(microsoft, defaults, change)).toThrow(/proves nothing/u);
  });

  it('O-44: google: asks for the domain, though only the answer counts', () => {
    const google = preset('google');
    expect(google.requires).toEqual(['hosted_domain']);
    expect(google.authorizationParams({ hostedDomains: ['acme.example'] })).toEqual({ hd: 'acme.example' });
    expect(google.authorizationParams({ hostedDomains: ['a.example', 'b.example'] })).toEqual({ hd: '*' });
    expect(google.authorizationParams({ hostedDomains: [] })).toEqual({ hd: '*' });
  });

  it('O-37: an alias is of the one issuer of its preset', () => {
    expect(aliasOf(preset('google'), 'https://accounts.google.com')).toBe('accounts.google.com');
    expect(aliasOf(preset('google'), 'https://accounts.google.com/')).toBeNull();
    expect(aliasOf(preset('generic'), 'https://accounts.google.com')).toBeNull();
  });

  it('O-30: only where the preset says so does text count as verified', () => {
    expect(preset('google').emailVerifiedAsText).toBe(true);
    const okta = preset('okta');
    expect(() => changeSettings(okta, defaultSettings(okta), { emailVerifiedAsText: true })).toThrow(/true/u);
  });

  it('a directory’s own sign-in is told from another’s', () => {
    const okta = preset('okta');
    const shown = { orgUrl: 'https://acme.okta.com' };
    expect(okta.belongsTo('https://acme.okta.com', shown)).toBe(true);
    expect(okta.belongsTo('https://acme.okta.com/oauth2/default', shown)).toBe(true);
    expect(okta.belongsTo('https://acme.okta.com.evil.example', shown)).toBe(false);
    expect(okta.belongsTo('https://other.okta.com', shown)).toBe(false);
    expect(okta.belongsTo('https://acme.okta.com', {})).toBe(false);
    expect(preset('google').belongsTo('https://accounts.google.com', {})).toBe(true);
    expect(preset('generic').belongsTo('https://acme.okta.com', shown)).toBe(false);
    expect(preset('microsoft').belongsTo(`https://login.microsoftonline.com/${TENANT}/v2.0`, {})).toBe(false);
  });

  it('there is none of another name', () => {
    expect(signInPreset('nonsense')).toBeNull();
    expect(() => presetOf({ preset: 'nonsense' })).toThrow(TypeError);
  });
});

describe('what an issuer says of itself', () => {
  const good = {
    issuer: 'https://id.example',
    authorization_endpoint: 'https://id.example/a',
    token_endpoint: 'https://id.example/t',
    jwks_uri: 'https://id.example/k',
  };
  const because = (document: unknown, issuer = 'https://id.example'): string | null => {
    try {
      readMetadata(document, issuer, () => undefined);
      return null;
    } catch (error) {
      return (error as { because?: string }).because ?? 'something else';
    }
  };

  it('has the values of the specification where it is silent', () => {
    expect(readMetadata(good, 'https://id.example', () => undefined)).toMatchObject({
      algorithms: ['RS256'],
      tokenEndpointAuth: ['client_secret_basic'],
      namesIssuer: false,
      userInfoEndpoint: null,
      endSessionEndpoint: null,
    });
  });

  it.each([
    ['another issuer', { issuer: 'https://id.example.evil' }, 'issuer'],
    ['a slash more', { issuer: 'https://id.example/' }, 'issuer'],
    ['another case', { issuer: 'https://ID.example' }, 'issuer'],
    ['a port', { issuer: 'https://id.example:443' }, 'issuer'],
    ['no issuer', { issuer: undefined }, 'discovery'],
    ['no keys', { jwks_uri: undefined }, 'discovery'],
    ['no token endpoint', { token_endpoint: undefined }, 'discovery'],
    ['an endpoint that is a list', { token_endpoint: ['https://id.example/t'] }, 'discovery'],
    ['an endpoint that is no address', { token_endpoint: '/t' }, 'discovery'],
    ['an endpoint with a fragment', { authorization_endpoint: 'https://id.example/a#b' }, 'discovery'],
    ['no code flow', { response_types_supported: ['id_token'] }, 'discovery'],
    ['no signature that is allowed', { id_token_signing_alg_values_supported: ['none', 'HS256'] }, 'discovery'],
  ])('O-33, O-60: is refused with %s', (_name, change, expected) => {
    expect(because({ ...good, ...change })).toBe(expected);
  });

  it.each([[null], [[]], ['text'], [1]])('is refused when it is %j', (document) => {
    expect(because(document)).toBe('discovery');
  });
});
