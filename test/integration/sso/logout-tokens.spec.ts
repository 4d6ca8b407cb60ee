import { describe, expect, it } from '@jest/globals';
import { SigningIn } from './signing-in.js';

const at = new SigningIn();

describe('a logout token', () => {
  const EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  let used = 0;

  async function token(change: Record<string, unknown> = {}, header: Record<string, unknown> = {}): Promise<string> {
    const now = Math.floor(at.world.clock.now().getTime() / 1000);
    used += 1;
    const good = {
      iss: at.provider.issuer,
      aud: at.provider.clientId,
      iat: now,
      exp: now + 120,
      jti: `jti-${used}`,
      events: EVENT,
      sub: 'subject-1',
      sid: 'sid-1',
    };
    return at.there.sign({ ...good, ...change }, { typ: 'logout+jwt', ...header });
  }
  const judge = async (text: string | Promise<string>) => {
    const loggedOut = await at.world.party.logoutToken(at.provider.organisationId, at.provider.id, await text);
    await at.world.service.database.asOrganisation(at.provider.organisationId, (tx) =>
      at.world.party.useLogoutToken(tx, at.provider.id, loggedOut),
    );
    return { sid: loggedOut.sid, subject: loggedOut.subject };
  };

  it('O-70: says whose sessions end, once', async () => {
    const good = await token();
    await expect(judge(good)).resolves.toEqual({ sid: 'sid-1', subject: 'subject-1' });
    await expect(judge(good)).rejects.toMatchObject({ code: 'sign_in.logout_token_invalid' });
    await expect(judge(token({ sid: undefined }))).resolves.toEqual({ sid: null, subject: 'subject-1' });
    await expect(judge(token({ sub: undefined, exp: undefined }))).resolves.toEqual({ sid: 'sid-1', subject: null });
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['wrong aud', { aud: 'x' }, {}],
    ['wrong iss', { iss: 'https://x.example' }, {}],
    ['no event', { events: undefined }, {}],
    ['wrong event', { events: { x: {} } }, {}],
    ['an event that is no object', { events: { [Object.keys(EVENT)[0] ?? '']: true } }, {}],
    ['with nonce', { nonce: 'n' }, {}],
    ['nobody', { sub: undefined, sid: undefined }, {}],
    ['no jti', { jti: undefined }, {}],
    ['11 minutes old', { iat: Math.floor(Date.now() / 1000) - 10_000 }, {}],
    ['expired', { exp: 1_700_000_000 }, {}],
    ['typ JWT', {}, { typ: 'JWT' }],
  ])('O-70: is refused: %s', async (_name, change, header) => {
    await expect(judge(token(change, header))).rejects.toMatchObject({ code: 'sign_in.logout_token_invalid' });
  });

  it('O-70: is refused under alg none, under another signature, and of a provider that is disabled', async () => {
    const [, body] = (await token()).split('.');
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'logout+jwt' })).toString('base64url');
    await expect(judge(`${none}.${body}.AA`)).rejects.toMatchObject({ code: 'sign_in.logout_token_invalid' });
    const forged = (await token()).slice(0, -4);
    await expect(judge(`${forged}AAAA`)).rejects.toMatchObject({ code: 'sign_in.logout_token_invalid' });
    const good = await token();
    await at.world.service.database.asOrganisation(at.provider.organisationId, (tx) =>
      tx.execute(`UPDATE identity_provider SET state = 'disabled' WHERE id = $1`, [at.provider.id]),
    );
    await expect(judge(good)).rejects.toMatchObject({ code: 'sign_in.logout_token_invalid' });
  });

  it('O-69: the way to the provider’s own sign-out is made of what is known', async () => {
    const url = await at.world.service.database.asOrganisation(at.provider.organisationId, (tx) =>
      at.world.party.logoutUrl(tx, { providerId: at.provider.id, idToken: 'the-token' }),
    );
    expect(url).toContain(`${new URL(at.there.issuer).origin}/end`);
    const asked = Object.fromEntries(new URL(url ?? '').searchParams);
    expect(asked).toMatchObject({ id_token_hint: 'the-token', client_id: at.provider.clientId });
    expect(asked['post_logout_redirect_uri']).toMatch(/\/signed-out$/u);
    expect(asked['state']).toMatch(/^[\w-]{43}$/u);
  });
});
