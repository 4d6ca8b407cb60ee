import { describe, expect, it, jest } from '@jest/globals';
import { ADA, comeBack } from '../support/sign-in-world.js';
import { encoded, Modules } from './modules.js';

jest.setTimeout(120_000);

const at = new Modules();

/** What the browser comes back with is changed on its way. */
async function comesBackWith(change: (back: URL) => void) {
  const jar = at.world.jar();
  const begun = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
    slug: at.world.organisation.slug,
    providerId: at.world.providerId,
  });
  const before = { kept: await at.kept(), hits: at.tokenHits };
  at.issuer.claims = ADA;
  const landed = { ...(await jar.go(at.issuer.authorize(begun.body.url, change))), jar };
  await at.leftNothing(landed, before.kept);
  expect(at.tokenHits).toBe(before.hits);
  return landed;
}

const announced = (on: boolean): void => {
  at.issuer.discovery = (document) => ({ ...document, authorization_response_iss_parameter_supported: on });
};

describe('the set FAPI2 client', () => {
  it.each([true, false])('-invalid-authorization-response-iss, announced: %s', async (on) => {
    announced(on);
    expect(await comesBackWith((back) => back.searchParams.set('iss', ''))).toMatchObject({ status: 400 });
    for (const iss of ['https://other.example', `${at.issuer.issuer}/`])
      expect(await comesBackWith((back) => back.searchParams.set('iss', iss))).toMatchObject({ status: 403 });
    expect(await at.cause()).toBe('answer_issuer');
    const error = await comesBackWith((back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('iss', 'https://other.example');
    });
    expect([error.status, await at.cause()]).toEqual([403, 'answer_issuer']);
  });

  it('-remove-authorization-response-iss: refused where it was announced, in errors too', async () => {
    announced(true);
    expect(await comesBackWith(() => undefined)).toMatchObject({ status: 403 });
    expect(await at.cause()).toBe('answer_issuer');
    const error = await comesBackWith((back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
    });
    expect([error.status, await at.cause()]).toEqual([403, 'answer_issuer']);
  });

  it('-remove-authorization-response-iss: taken where it was not', async () => {
    announced(false);
    await at.letsIn();
  });

  it('-invalid-state, -remove-state', async () => {
    const unknown = `${'A'.repeat(22)}.${'B'.repeat(43)}`;
    for (const state of [unknown, 'x', ''])
      expect(await comesBackWith((back) => back.searchParams.set('state', state))).toMatchObject({ status: 400 });
    expect(await comesBackWith((back) => back.searchParams.delete('state'))).toMatchObject({ status: 400 });
  });

  it('-expired-exp', async () => {
    await at.refuses('time', { exp: at.seconds() - 61 });
    await at.letsIn({ ...ADA, exp: at.seconds() - 59 });
  });

  it('-missing-exp', () => at.refuses('claims_exp', { exp: undefined }));

  it('-null-alg, -alternate-alg', async () => {
    for (const alg of [null, undefined, '', 'RS512', 'PS256', ['RS256']]) {
      at.issuer.idToken = async (payload, sign) => {
        const [, body, signature] = (await sign(payload)).split('.');
        return `${encoded({ alg, kid: 'one' })}.${body}.${signature}`;
      };
      await at.refuses('algorithm');
    }
  });

  it('-secondary-aud', async () => {
    await at.refuses('audience', { aud: [at.issuer.clientId, 'somebody else'] });
    await at.refuses('audience', { aud: ['somebody else', at.issuer.clientId], azp: at.issuer.clientId });
    await at.letsIn({ ...ADA, aud: [at.issuer.clientId] });
  });

  it('-iat-is-week-in-past', () => at.refuses('time', { iat: at.seconds() - 7 * 86_400 }));
});

describe('third-party initiated sign-in', () => {
  const initiate = (query: string, organisationId = at.world.organisation.id) => {
    const jar = at.world.jar();
    const path = `/sign-in/initiate/${organisationId}/${at.world.providerId}?${query}`;
    return jar.go(path).then((answer) => ({ ...answer, jar }));
  };
  const iss = (): string => `iss=${encodeURIComponent(at.issuer.issuer)}`;

  it('oidcc-client-test-3rd-party-init-login: begins a sign-in of its own, which lets in', async () => {
    const { status, location, jar } = await initiate(`${iss()}&login_hint=${encodeURIComponent(ADA.email)}`);
    expect(status).toBe(303);
    const url = new URL(location ?? '');
    expect(url.searchParams.get('login_hint')).toBe(ADA.email);
    expect(url.searchParams.get('state')).toMatch(/^[\w-]{22}\.[\w-]{43}$/u);
    expect(await comeBack(jar, at.issuer, url.href, ADA)).toMatchObject({ status: 303, personId: at.ada });
  });

  it('oidcc-client-test-3rd-party-init-login: not for another issuer, nor at another organisation', async () => {
    expect((await initiate('iss=https%3A%2F%2Fevil.example')).status).toBe(400);
    expect((await initiate('')).status).toBe(400);
    const other = await at.world.service.newOrganisation();
    const answer = await initiate(iss(), other.id);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.location).toBeNull();
  });

  it.each(['//evil.example', 'https://evil.example/a', '/\\evil.example', 'javascript:alert(1)', 'data:text/html,a'])(
    'oidcc-client-test-3rd-party-init-login: O-12 target_link_uri %s leads home',
    async (target) => {
      const { location, jar } = await initiate(`${iss()}&target_link_uri=${encodeURIComponent(target)}`);
      const landed = await comeBack(jar, at.issuer, location ?? '', ADA);
      expect(new URL(landed.location ?? '', at.world.service.url).pathname).toBe('/');
      expect(new URL(landed.location ?? '').port).toBe(new URL(at.world.service.url).port);
    },
  );

  it('oidcc-client-test-3rd-party-init-login: a hint that is too long is left out', async () => {
    const { status, location } = await initiate(`${iss()}&login_hint=${'a'.repeat(321)}`);
    if (status === 303) expect(new URL(location ?? '').searchParams.get('login_hint')).toBeNull();
    else expect(status).toBe(400);
  });
});
