import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Scope } from '../../src/auth/auth.types.js';
import { ADA, comeBack, DOMAIN, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

jest.setTimeout(60_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
beforeEach(async () => {
  for (const table of ['identity_link', 'session', 'notice', 'mail', 'person_token', 'former_address'])
    await world.rows(`DELETE FROM ${table}`);
  await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('who is signed in', () => {
  it('O-73 shows again who they are, by their own account, anew, and has another id then', async () => {
    await world.person();
    const old = Math.floor(Date.now() / 1000) - 3_600;
    const { jar, personId } = await world.signIn({ ...ADA, auth_time: old });
    await world.person({ email: `bea@${DOMAIN}` });
    await world.signIn({ ...ADA, sub: 'bea', email: `bea@${DOMAIN}` });
    const before = jar.cookie('session');
    const again = async (who: Record<string, unknown>) => {
      const { status, body } = await jar.api<{ url: string }>('POST', '/api/v1/session/reauthenticate', {
        with: 'provider',
        returnTo: '/account',
      });
      expect(status).toBe(200);
      const asked = new URL(body.url).searchParams;
      expect([asked.get('max_age'), asked.get('prompt')]).toEqual(['0', 'login']);
      return comeBack(jar, world.issuer, body.url, who);
    };
    const now = (): number => Math.floor(Date.now() / 1000);
    expect(await again({ ...ADA, auth_time: old })).toMatchObject({ status: 403, personId });
    expect(await again({ ...ADA, auth_time: now() + 600 })).toMatchObject({ status: 403 });
    expect(await again(ADA)).toMatchObject({ status: 403 });
    expect(await again({ ...ADA, sub: 'bea', auth_time: now() })).toMatchObject({ status: 403, code: 'other_person' });
    expect(await again({ ...ADA, sub: 'nobody', auth_time: now() })).toMatchObject({
      status: 403,
      code: 'other_person',
    });
    expect(jar.cookie('session')).toBe(before);
    expect(await again({ ...ADA, auth_time: now() })).toMatchObject({ status: 303, personId });
    expect(jar.cookie('session')).not.toBe(before);
    expect((await world.service.browser(before ?? '')('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    expect(await world.rows(`SELECT action FROM audit_entry WHERE action = 'sign_in.stepped_up'`)).toHaveLength(1);
  });

  it('ties another account to themselves, admins too; the other sessions end, and mail says so', async () => {
    const { personId, api, cookie } = await world.service.session();
    await world.rows('UPDATE person SET email = $2, email_canonical = $2 WHERE id = $1', [personId, ADA.email]);
    const elsewhere = await world.service.session({ personId });
    expect((await world.signIn(ADA)).code).toBe('link_from_session');
    const jar = world.jar();
    jar.cookies.set('rollcall-session', cookie);
    const { status, body } = await jar.api<{ url: string }>('POST', '/api/v1/me/identities', {
      providerId: world.providerId,
    });
    expect(status).toBe(200);
    expect(await comeBack(jar, world.issuer, body.url, ADA)).toMatchObject({ status: 303, personId });
    expect((await elsewhere.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    expect((await api('GET', '/api/v1/me/identities')).body).toMatchObject({
      items: [{ providerId: world.providerId, providerName: 'Maplewood', linkedBy: 'session', usable: true }],
      others: [],
    });
    expect(await world.rows('SELECT template FROM mail')).toEqual([{ template: 'factor_changed' }]);
    expect((await world.signIn(ADA)).personId).toBe(personId);
    expect((await api('DELETE', `/api/v1/me/identities/${world.providerId}`)).status).toBe(204);
    expect((await world.signIn(ADA)).code).toBe('link_from_session');
  });

  it('members are told too where they may tie an account: at what is switched on and not theirs yet', async () => {
    const { api, personId } = await world.service.session({ admin: false });
    const own = async () => (await api('GET', '/api/v1/me/identities')).body;
    const offered = { id: world.providerId, name: 'Maplewood' };
    expect(await own()).toEqual({ items: [], others: [offered] });
    await world.rows(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, linked_at, last_used_at)
       SELECT organisation_id, $1, 'x', id, 'session', now(), now() FROM person WHERE id = $2`,
      [world.providerId, personId],
    );
    expect(await own()).toMatchObject({ items: [{ usable: true, stepsUp: true }], others: [] });
    await world.rows('UPDATE identity_provider SET steps_up = false');
    expect(await own()).toMatchObject({ items: [{ usable: true, stepsUp: false }] });
    await world.rows('UPDATE identity_provider SET steps_up = NULL');
    await world.rows(`UPDATE identity_provider SET state = 'disabled'`);
    expect(await own()).toMatchObject({
      items: [{ providerId: world.providerId, usable: false, stepsUp: false }],
      others: [],
    });
    await world.rows('DELETE FROM identity_link');
    expect(await own()).toEqual({ items: [], others: [] });
    await world.rows(`UPDATE identity_provider SET state = 'active'`);
    await world.rows('UPDATE organisation SET sso = false');
    expect(await own()).toEqual({ items: [], others: [] });
    await world.rows('UPDATE organisation SET sso = true');
  });

  it('O-42 an admin who came by a link alone ties nothing, and unties nothing', async () => {
    const { api } = await world.service.session({ strength: 'link' });
    const needed = { status: 403, body: { code: 'session.passkey_needed' } };
    expect(await api('POST', '/api/v1/me/identities', { providerId: world.providerId })).toMatchObject(needed);
    expect(await api('DELETE', `/api/v1/me/identities/${world.providerId}`)).toMatchObject(needed);
    const member = await world.service.session({ strength: 'link', admin: false });
    expect((await member.api('POST', '/api/v1/me/identities', { providerId: world.providerId })).status).toBe(200);
  });

  it('O-42 an account of an admin is untied by those who may make admins', async () => {
    const ada = await world.person();
    await world.signIn(ADA);
    const untie = async (...scopes: Scope[]): Promise<unknown> => {
      const key = await world.service.newKey(world.organisation.id, { scopes });
      const path = `/api/v1/people/${ada}/identities/${world.providerId}`;
      const { status, body } = await world.service.api('DELETE', path, undefined, { key });
      return status === 204 ? status : body;
    };
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [ada]);
    expect(await untie('sign-in:write')).toMatchObject({ code: 'request.forbidden', scope: 'people:admin' });
    expect((await world.signIn(ADA)).personId).toBe(ada);
    expect(await untie('sign-in:write', 'people:admin')).toBe(204);
    await world.rows('UPDATE person SET is_admin = false WHERE id = $1', [ada]);
    await world.signIn(ADA);
    expect(await untie('sign-in:write')).toBe(204);
  });

  it('X-07 whose last sign-in is too long ago shows first who they are', async () => {
    const { api } = await world.service.session({ authenticatedAt: new Date(Date.now() - 11 * 60_000) });
    expect(await api('POST', '/api/v1/me/identities', { providerId: world.providerId })).toMatchObject({
      status: 403,
      body: { code: 'session.reauthentication_needed' },
    });
  });

  it('ties nothing that is somebody else’s', async () => {
    await world.person();
    await world.signIn(ADA);
    const { personId, cookie } = await world.service.session();
    const jar = world.jar();
    jar.cookies.set('rollcall-session', cookie);
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/me/identities', { providerId: world.providerId });
    expect(await comeBack(jar, world.issuer, body.url, ADA)).toMatchObject({
      status: 403,
      code: 'other_person',
      personId,
    });
  });

  it('O-69 signs out here first, and is sent on to the provider with what it needs', async () => {
    await world.person();
    const { jar } = await world.signIn(ADA);
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/session/sign-out');
    const url = new URL(body.url);
    expect(`${url.origin}${url.pathname}`).toBe(`${world.issuer.issuer}/end`);
    expect(url.searchParams.get('id_token_hint')).toMatch(/^ey/u);
    expect(url.searchParams.get('post_logout_redirect_uri')).toBe(
      `http://localhost:${new URL(world.service.url).port}/signed-out`,
    );
    expect(jar.cookies.size).toBe(0);
    expect(await world.rows('SELECT ended_because FROM session')).toEqual([{ endedBecause: 'signed_out' }]);
    const { api } = await world.service.session();
    expect((await api('POST', '/api/v1/session/sign-out')).body).toEqual({ url: '/signed-out' });
  });

  it('O-69 signs out here also when the provider is gone', async () => {
    await world.person();
    const { jar } = await world.signIn(ADA);
    for (const path of ['/.well-known/openid-configuration', '/jwks', '/end']) world.issuer.down.add(path);
    try {
      expect((await jar.api('POST', '/api/v1/session/sign-out')).status).toBe(200);
      expect((await jar.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    } finally {
      world.issuer.down.clear();
    }
  });
});

describe('O-70 the provider ends sessions', () => {
  const send = (body: string, type = 'application/x-www-form-urlencoded', id = world.providerId) =>
    fetch(new URL(`/sign-in/back-channel-logout/${world.organisation.id}/${id}`, world.service.url), {
      method: 'POST',
      headers: { 'content-type': type },
      body,
    });

  it('one of them, or all of an account, and nobody else’s', async () => {
    await world.person();
    await world.person({ email: `bea@${DOMAIN}` });
    const bea = { ...ADA, sub: 'bea', email: `bea@${DOMAIN}` };
    const [one, two, three, other] = [
      await world.signIn({ ...ADA, sid: 's1' }),
      await world.signIn({ ...ADA, sid: 's2' }),
      await world.signIn({ ...ADA, sid: 's3' }),
      await world.signIn({ ...bea, sid: 's1' }),
    ];
    const live = async (): Promise<boolean[]> =>
      Promise.all(
        [one, two, three, other].map(
          async ({ jar }) => (await jar.api<{ signedIn: boolean }>('GET', '/api/v1/session')).body.signedIn,
        ),
      );
    const first = await send(`logout_token=${await world.issuer.logoutToken({ sub: ADA.sub, sid: 's1' })}`);
    expect([first.status, first.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(await live()).toEqual([false, true, true, true]);
    expect((await send(`logout_token=${await world.issuer.logoutToken({ sub: ADA.sub })}`)).status).toBe(200);
    expect(await live()).toEqual([false, false, false, true]);
  });

  it('answers 400 and ends nothing when anything is wrong', async () => {
    await world.person();
    const { jar } = await world.signIn({ ...ADA, sid: 's9' });
    const token = (claims: Record<string, unknown> = {}) => world.issuer.logoutToken({ sid: 's9', ...claims });
    const used = await token({ sid: 'nobody’s' });
    expect((await send(`logout_token=${used}`)).status).toBe(200);
    for (const answer of [
      await send(`logout_token=${used}`),
      await send(`logout_token=${await token()}&logout_token=${await token()}`),
      await send(JSON.stringify({ logout_token: await token() }), 'application/json'),
      await send(`logout_token=${await token({ aud: 'another' })}`),
      await send(`logout_token=${await token({ nonce: 'n' })}`),
      await send(`logout_token=${await token({ events: {} })}`),
      await send(''),
      await send('logout_token=abc'),
    ]) {
      expect(answer.status).toBe(400);
      expect(answer.headers.get('cache-control')).toBe('no-store');
    }
    await world.rows(`UPDATE identity_provider SET state = 'disabled'`);
    expect((await send(`logout_token=${await token()}`)).status).toBe(400);
    await world.rows(`UPDATE identity_provider SET state = 'active'`);
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({ signedIn: true });
  });
});
