import { describe, expect, it, jest } from '@jest/globals';
import { SignJWT } from 'jose';
import { ADA } from '../support/sign-in-world.js';
import { encoded, Modules } from './modules.js';

jest.setTimeout(120_000);

const at = new Modules();

const signedIn = async (jar: { api: (method: string, path: string) => Promise<{ body: unknown }> }): Promise<unknown> =>
  ((await jar.api('GET', '/api/v1/session')).body as { signedIn: boolean }).signedIn;

describe('the profile RP-initiated logout', () => {
  it('oidcc-client-test-rp-init-logout: over here first, then on to the provider with what it needs', async () => {
    const { jar } = await at.letsIn();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    expect(await signedIn(jar)).toBe(false);
    const url = new URL(body.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${at.issuer.issuer}/end`);
    expect(url.searchParams.get('id_token_hint')?.split('.')).toHaveLength(3);
    expect(url.searchParams.get('post_logout_redirect_uri')).toMatch(/\/signed-out$/u);
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{43}$/u);
  });

  it.each([
    ['oidcc-client-test-rp-init-logout-other-state', '?state=another'],
    ['oidcc-client-test-rp-init-logout-no-state', ''],
  ])('%s: the page is shown, and nobody is signed in by it', async (_, query) => {
    const { jar } = await at.letsIn();
    await jar.api('POST', '/api/v1/session/sign-out');
    const back = await jar.go(`/signed-out${query}`);
    expect(back.status).toBe(200);
    expect(back.headers.getSetCookie()).toEqual([]);
    expect(await signedIn(jar)).toBe(false);
  });

  it('oidcc-client-test-rp-init-logout: also while the provider is away', async () => {
    const { jar } = await at.letsIn();
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/end']) at.issuer.down.add(path);
    at.clock.advance(60_000);
    expect(await jar.api('POST', '/api/v1/session/sign-out')).toMatchObject({ status: 200 });
    expect(await signedIn(jar)).toBe(false);
  });
});

describe('the profile Back-channel logout', () => {
  const send = (body: string, type = 'application/x-www-form-urlencoded') =>
    fetch(
      new URL(`/sign-in/back-channel-logout/${at.world.organisation.id}/${at.world.providerId}`, at.world.service.url),
      { method: 'POST', headers: { 'content-type': type }, body },
    );
  const form = async (token: string | Promise<string>): Promise<string> => `logout_token=${await token}`;
  const claims = { sub: ADA.sub, sid: 'sid-1' };

  it('oidcc-client-test-rp-backchannel-rpinitlogout', async () => {
    const { jar } = await at.letsIn({ ...ADA, sid: 'sid-1' });
    const answer = await send(await form(at.issuer.logoutToken(claims)));
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await signedIn(jar)).toBe(false);
  });

  /** A session of the same account stays, and the answer says no more than 400. */
  async function refused(body: string | Promise<string>, type?: string): Promise<void> {
    const { jar } = await at.letsIn({ ...ADA, sid: 'sid-1' });
    const answer = await send(await body, type);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([400, 'no-store']);
    expect(await signedIn(jar)).toBe(true);
  }

  it('oidcc-client-test-rp-backchannel-rpinitlogout-alg-none', async () => {
    const [, body] = (await at.issuer.logoutToken(claims)).split('.');
    for (const signature of ['', 'AA'])
      await refused(`logout_token=${encoded({ alg: 'none', typ: 'logout+jwt' })}.${body}.${signature}`);
  });

  it('oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg', async () => {
    const secret = new TextEncoder().encode(at.issuer.clientSecret.padEnd(32, '.'));
    const iat = at.seconds();
    await refused(
      form(
        new SignJWT({ ...claims, iss: at.issuer.issuer, aud: at.issuer.clientId, iat, jti: 'hs', events: EVENTS })
          .setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' })
          .sign(secret),
      ),
    );
    await refused(form(at.issuer.logoutToken(claims, { alg: 'PS256' })));
  });

  const wrong: [string, Record<string, unknown>][] = [
    ['-wrong-aud', { aud: 'somebody else' }],
    ['-wrong-iss', { iss: 'https://other.example' }],
    ['-no-event', { events: undefined }],
    ['-wrong-event', { events: { 'http://schemas.openid.net/event/other': {} } }],
    ['-with-nonce', { nonce: 'a nonce' }],
    [': O-70 iat of 12 minutes ago', { iat: Math.floor(Date.now() / 1000) - 720 }],
    [': O-70 nobody', { sub: undefined, sid: undefined }],
    [': O-70 no jti', { jti: undefined }],
  ];
  it.each(wrong)('oidcc-client-test-rp-backchannel-rpinitlogout%s', async (_, change) => {
    await refused(form(at.issuer.logoutToken({ ...claims, ...change })));
  });

  it('O-26: an ID token is no logout token', async () => {
    const { jar } = await at.letsIn({ ...ADA, sid: 'sid-1' });
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    const idToken = new URL(body.url).searchParams.get('id_token_hint') ?? '';
    expect(idToken.split('.')).toHaveLength(3);
    await refused(form(idToken));
    await refused(form(at.issuer.logoutToken(claims, { typ: 'JWT' })));
  });

  it('O-26: a logout token is no ID token', async () => {
    at.issuer.idToken = (payload) => at.issuer.logoutToken({ ...payload, sub: ADA.sub });
    await at.refuses('claims_typ');
    at.issuer.idToken = (payload) => at.issuer.logoutToken({ ...payload, sub: ADA.sub }, { typ: 'at+jwt' });
    await at.refuses('claims_typ');
  });

  it('O-70: two of them, another form, and one that was used', async () => {
    const token = await at.issuer.logoutToken({ ...claims, sid: 'nobody’s' });
    expect((await send(await form(token))).status).toBe(200);
    await refused(form(token));
    const one = await form(at.issuer.logoutToken(claims));
    await refused(`${one}&${await form(at.issuer.logoutToken(claims))}`);
    await refused(JSON.stringify({ logout_token: await at.issuer.logoutToken(claims) }), 'application/json');
  });
});

const EVENTS = { 'http://schemas.openid.net/event/backchannel-logout': {} };
