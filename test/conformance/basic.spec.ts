import { describe, expect, it, jest } from '@jest/globals';
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { SignJWT } from 'jose';
import { dumpOf } from '../support/dump-of.js';
import { ADA } from '../support/sign-in-world.js';
import { encoded, Modules } from './modules.js';

jest.setTimeout(120_000);

const at = new Modules();

describe('the profile Basic', () => {
  it('oidcc-client-test: the right person gets in', async () => {
    await at.letsIn();
    expect(await at.kept()).toEqual({ sessions: 1, people: 1, links: 1 });
  });

  it('oidcc-client-test-invalid-iss', () => at.refuses('claims_iss', { iss: 'https://other.example' }));

  it('oidcc-client-test-missing-sub', () => at.refuses('claims_sub', { sub: undefined }));

  it('oidcc-client-test-invalid-aud', () => at.refuses('audience', { aud: 'somebody else' }));

  it('oidcc-client-test-missing-aud', () => at.refuses('claims_aud', { aud: undefined }));

  it('oidcc-client-test-missing-iat', () => at.refuses('claims_iat', { iat: undefined }));

  const withoutKid = (): void => {
    at.issuer.idToken = (payload, sign) => sign(payload, { kid: undefined as unknown as string });
  };

  it('oidcc-client-test-kid-absent-single-jwks', async () => {
    withoutKid();
    await at.letsIn();
  });

  it('oidcc-client-test-kid-absent-multiple-jwks', async () => {
    at.issuer.keys = [...at.issuer.keys, at.anotherKey('two')];
    withoutKid();
    await at.refuses('key');
  });

  it('oidcc-client-test-idtoken-sig-rs256', async () => {
    await at.letsIn();
    at.issuer.idToken = (payload, sign) => sign(payload, { alg: 'RS256' });
    await at.letsIn();
  });

  it('oidcc-client-test-idtoken-sig-none', async () => {
    for (const alg of ['none', 'None', 'NONE']) {
      for (const signature of ['', 'AA']) {
        at.issuer.idToken = (payload) => `${encoded({ alg })}.${encoded(payload)}.${signature}`;
        await at.refuses(signature === '' ? 'token_answer' : 'algorithm');
      }
    }
  });

  it('oidcc-client-test-invalid-sig-rs256', async () => {
    at.issuer.idToken = async (payload, sign) => {
      const [header, body, signature = ''] = (await sign(payload)).split('.');
      const bytes = Buffer.from(signature, 'base64url');
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
      return `${header}.${body}.${bytes.toString('base64url')}`;
    };
    await at.refuses('signature');
  });

  it('oidcc-client-test-invalid-sig-es256', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'curve', alg: 'ES256', use: 'sig' };
    at.issuer.jwks = () => ({ keys: [jwk] });
    const signed = (payload: object): Promise<string> =>
      new SignJWT({ ...payload }).setProtectedHeader({ alg: 'ES256', kid: 'curve' }).sign(privateKey);
    await at.world.settings({ algorithms: ['RS256', 'ES256'] });
    at.issuer.idToken = async (payload) => {
      const [header, , signature] = (await signed(payload)).split('.');
      return `${header}.${encoded({ ...payload, sub: 'another' })}.${signature}`;
    };
    await at.refuses('signature');
    at.issuer.idToken = (payload) => signed(payload);
    await at.letsIn();
  });

  it('oidcc-client-test-invalid-sig-hs256', async () => {
    const [key] = at.issuer.keys;
    const pem = createPublicKey({ key: key?.jwk as never, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    for (const secret of [at.issuer.clientSecret, pem, 'another']) {
      at.issuer.idToken = (payload) => {
        const text = `${encoded({ alg: 'HS256', kid: 'one' })}.${encoded(payload)}`;
        return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
      };
      await at.refuses('algorithm');
    }
  });

  it('oidcc-client-test-userinfo-invalid-sub', async () => {
    for (const body of [{ sub: 'another' }, {}, { sub: 1 }, { sub: [ADA.sub] }, { user_id: ADA.sub }]) {
      at.issuer.userInfo = () => ({ body: { ...body, email: ADA.email, email_verified: true } });
      await at.refuses('userinfo_subject', { email: undefined });
    }
  });

  it('oidcc-client-test-nonce-invalid', async () => {
    for (const nonce of ['another', undefined, '', ['another'], null]) await at.refuses('nonce', { nonce });
  });

  it('oidcc-client-test-nonce-invalid: nor that of another attempt', async () => {
    const other = await at.world.jar().api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    await at.refuses('nonce', { nonce: new URL(other.body.url).searchParams.get('nonce') });
  });

  it('oidcc-client-test-scope-userinfo-claims', async () => {
    const { sub, ...rest } = ADA;
    at.issuer.userInfo = () => ({ body: { sub, ...rest } });
    await at.letsIn({ sub });
    const [link] = await at.world.rows<{ subject: string }>('SELECT subject FROM identity_link');
    expect(link).toEqual({ subject: sub });
    const asked = await at.world.jar().api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    expect(new URL(asked.body.url).searchParams.get('scope')).toBe('openid email profile');
  });

  it('oidcc-client-test-client-secret-basic', async () => {
    await at.letsIn();
    const { authorization = '', form } = at.issuer.seen[0] ?? {};
    const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /u, ''), 'base64')
      .toString('ascii')
      .split(':');
    const decoded = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));
    expect([decoded(id), decoded(secret)]).toEqual([at.issuer.clientId, at.issuer.clientSecret]);
    expect([form?.get('client_secret'), form?.get('client_id')]).toEqual([null, null]);
  });
});

describe('the profiles Refresh and full', () => {
  it('oidcc-client-test-refresh-token: none is asked for, and one that comes is not kept', async () => {
    const canary = 'canary-refresh-token';
    at.issuer.tokenAnswer = (body) => ({ body: { ...body, refresh_token: canary } });
    await at.letsIn();
    const dump = await dumpOf(at.world.service.database);
    expect(dump).toContain(at.ada);
    expect(dump).not.toContain(canary);
  });

  it('oidcc-client-test-refresh-token: offline_access stands in no address', async () => {
    const begun = await at.world.jar().api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    expect(begun.body.url).toContain('scope=');
    expect(begun.body.url).not.toContain('offline_access');
  });

  it('oidcc-client-test-form-post-error: is not offered; the attempt stays what it was', async () => {
    const jar = at.world.jar();
    const begun = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: at.world.organisation.slug,
      providerId: at.world.providerId,
    });
    expect(new URL(begun.body.url).searchParams.get('response_mode')).toBeNull();
    at.issuer.claims = ADA;
    const back = new URL(at.issuer.authorize(begun.body.url), at.world.service.url);
    const state = back.searchParams.get('state') ?? '';
    const before = at.tokenHits;
    for (const form of [
      { error: 'access_denied', state },
      { code: back.searchParams.get('code') ?? '', state },
    ]) {
      const posted = await fetch(new URL(back.pathname, back), { method: 'POST', body: new URLSearchParams(form) });
      expect([404, 405, 415]).toContain(posted.status);
    }
    expect(at.tokenHits).toBe(before);
    expect(await jar.go(back.href)).toMatchObject({ status: 303 });
  });
});
