import { describe, expect, it } from '@jest/globals';
import { startProvider } from '../../support/hostile-provider.js';
import { DEAD, INSIDE, refused, SigningIn } from './signing-in.js';

const at = new SigningIn();

describe('what a browser comes back with', () => {
  it('O-01: an attempt has everything that it is bound to, and two have nothing in common', async () => {
    const begun = [
      await at.world.begin(at.provider, { returnTo: '/a' }),
      await at.world.begin(at.provider, { returnTo: '//evil' }),
    ];
    const rows = await at.world.service.database.asOrganisation(at.provider.organisationId, (tx) =>
      tx.query<Record<string, unknown>>(
        'SELECT * FROM sign_in_attempt WHERE identity_provider_id = $1 ORDER BY created_at, id',
        [at.provider.id],
      ),
    );
    expect(rows).toHaveLength(2);
    for (const name of ['id', 'stateDigest', 'browserDigest', 'nonce', 'verifier'])
      expect(String(rows[0]?.[name])).not.toBe(String(rows[1]?.[name]));
    expect(rows.map(({ returnTo }) => returnTo)).toEqual(['/a', '/']);
    expect(rows[0]).toMatchObject({ issuer: at.provider.issuer, clientId: at.provider.clientId, usedAt: null });
    for (const { url, cookie } of begun) {
      const asked = new URL(url).searchParams;
      expect(Object.fromEntries(asked)).toMatchObject({
        response_type: 'code',
        scope: 'openid email profile',
        code_challenge_method: 'S256',
        client_id: at.provider.clientId,
        redirect_uri: rows[0]?.['redirectUri'],
      });
      expect(asked.get('code_challenge')).toMatch(/^[\w-]{43}$/u);
      expect(asked.get('nonce')).toMatch(/^[\w-]{43}$/u);
      expect(cookie.value).toMatch(/^[\w-]{43}$/u);
      expect(url).not.toContain(cookie.value);
      expect(url).not.toContain('offline_access');
    }
  });

  it('O-07: no header of a request changes where the provider sends people back to', async () => {
    const { id } = at.world.service.organisation;
    const addresses = await Promise.all(
      [
        {},
        { host: 'evil.example' },
        { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' },
        { forwarded: 'host=evil.example' },
      ].map(async (headers) => {
        const path = `/sign-in/initiate/${id}/${at.provider.id}?iss=${encodeURIComponent(at.provider.issuer)}`;
        const answer = await fetch(new URL(path, at.world.service.url), { redirect: 'manual', headers });
        return new URL(answer.headers.get('location') ?? '').searchParams.get('redirect_uri');
      }),
    );
    const { publicUrl } = at.world.service.config.server;
    expect(new Set(addresses)).toEqual(new Set([`${publicUrl}/sign-in/callback/${id}/${at.provider.id}`]));
  });

  it('O-02: is good once', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    expect(await at.outcomeOf(path, cookie)).toEqual(INSIDE);
    expect(await at.outcomeOf(path, cookie)).toEqual(DEAD);
    expect(at.tokenHits).toBe(1);
  });

  it('O-02: is good for ten minutes', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    at.world.clock.advance(600_001);
    expect(await at.outcomeOf(at.there.authorize(url), cookie)).toEqual(DEAD);
    expect(at.tokenHits).toBe(0);
  });

  it('O-02: two at once take it one time', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => at.outcomeOf(path, cookie)));
    expect(outcomes.filter(({ code }) => code === null)).toHaveLength(1);
    expect(at.tokenHits).toBe(1);
  });

  it.each([
    ['O-02: an unknown state', (back: URL) => back.searchParams.set('state', `${'A'.repeat(22)}.${'B'.repeat(43)}`)],
    ['no state', (back: URL) => back.searchParams.delete('state')],
    ['O-08: two codes', (back: URL) => back.searchParams.append('code', 'b')],
    ['O-08: two states', (back: URL) => back.searchParams.append('state', 'b')],
    ['O-08: code and error', (back: URL) => back.searchParams.append('error', 'access_denied')],
  ])('%s is a dead attempt, and takes none', async (_name, change) => {
    const { url, cookie } = await at.world.begin(at.provider);
    expect(await at.outcomeOf(at.there.authorize(url, change), cookie)).toEqual(DEAD);
    expect(at.tokenHits).toBe(0);
    expect(await at.outcomeOf(at.there.authorize(url), cookie)).toEqual(INSIDE);
  });

  it('O-09: in another browser is dead, and the attempt with it', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    const other = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    expect(await at.outcomeOf(path, { name: cookie.name, value: other.cookie.value })).toEqual({
      code: 'sign_in.attempt_dead',
      because: 'other_browser',
    });
    expect(await at.outcomeOf(path, cookie)).toEqual(DEAD);
    expect(await at.outcomeOf(at.there.authorize(other.url), null)).toMatchObject({ because: 'other_browser' });
    expect(at.tokenHits).toBe(0);
  });

  it('O-11: three tabs end in any order', async () => {
    const tabs = [
      await at.world.begin(at.provider),
      await at.world.begin(at.provider),
      await at.world.begin(at.provider),
    ];
    for (const index of [1, 2, 0]) {
      const tab = tabs[index];
      if (tab) expect(await at.outcomeOf(at.there.authorize(tab.url), tab.cookie)).toEqual(INSIDE);
    }
  });

  it('O-03: at another provider’s address is dead, and so is the attempt', async () => {
    const twin = await at.world.connect(at.there);
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    const place = { organisationId: at.provider.organisationId, providerId: twin.id };
    expect(await at.outcomeOf(path, cookie, place)).toEqual({
      code: 'sign_in.attempt_dead',
      because: 'other_provider',
    });
    expect(await at.outcomeOf(path, cookie)).toEqual(DEAD);
    expect(at.tokenHits).toBe(0);
  });

  it('O-03: at another organisation’s address is dead, though issuer and client are the same', async () => {
    const other = await at.world.service.newOrganisation();
    const twin = await at.world.connect(at.there, { organisationId: other.id });
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    const place = { organisationId: other.id, providerId: twin.id };
    expect(await at.outcomeOf(path, cookie, place)).toEqual(DEAD);
    expect(at.tokenHits).toBe(0);
    expect(await at.outcomeOf(path, cookie)).toEqual(INSIDE);
  });

  it('O-03: another organisation’s id before a genuine secret finds nothing', async () => {
    const other = await at.world.service.newOrganisation();
    const twin = await at.world.connect(at.there, { organisationId: other.id });
    const [mine, theirs] = [await at.world.begin(at.provider), await at.world.begin(twin)];
    const stateOf = (url: string) => new URL(url).searchParams.get('state') ?? '';
    const forged = `${stateOf(theirs.url).slice(0, 22)}${stateOf(mine.url).slice(22)}`;
    const path = at.there.authorize(mine.url, (back) => back.searchParams.set('state', forged));
    const place = { organisationId: other.id, providerId: twin.id };
    expect(await at.outcomeOf(path, mine.cookie, place)).toEqual(DEAD);
    expect(at.tokenHits).toBe(0);
  });

  it('O-14: an error needs its attempt, ends it, and is told by its closed code alone', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url, (back) => {
      back.searchParams.delete('code');
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', '<img src=x onerror=alert(1)>');
    });
    expect(await at.outcomeOf(path, cookie)).toEqual({ code: 'sign_in.provider_refused', because: 'error_answer' });
    expect(await at.outcomeOf(path, cookie)).toEqual(DEAD);
    const rows = await at.world.service.database.asMigrate((tx) =>
      tx.query(`SELECT 1 FROM audit_entry WHERE detail::text LIKE '%<img%'`),
    );
    expect(rows).toEqual([]);
  });

  it.each([
    ['success', false, null, INSIDE],
    ['success', true, null, refused('answer_issuer')],
    ['success', true, 'right', INSIDE],
    ['success', false, 'right', INSIDE],
    ['success', false, 'wrong', refused('answer_issuer')],
    ['success', true, 'wrong', refused('answer_issuer')],
    ['error', false, null, { code: 'sign_in.provider_refused', because: 'error_answer' }],
    ['error', true, null, refused('answer_issuer')],
    ['error', true, 'right', { code: 'sign_in.provider_refused', because: 'error_answer' }],
    ['error', false, 'wrong', refused('answer_issuer')],
  ] as const)('O-06: %s, issuer announced: %s, named: %s', async (kind, announced, named, expected) => {
    await using announcing = await startProvider({ now: () => at.world.clock.now() });
    announcing.discovery = (document) => ({
      ...document,
      authorization_response_iss_parameter_supported: announced,
    });
    const connected = await at.world.connect(announcing);
    const { url, cookie } = await at.world.begin(connected);
    const path = announcing.authorize(url, (back) => {
      if (named !== null)
        back.searchParams.set('iss', named === 'right' ? announcing.issuer : `${announcing.issuer}/other`);
      if (kind === 'error') {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'login_required');
      }
    });
    expect(await at.outcomeOf(path, cookie)).toEqual(expected);
    if (expected !== INSIDE) expect(announcing.hits.get('/token') ?? 0).toBe(0);
  });

  it('O-47: of a provider that was disabled meanwhile, or of an organisation without the feature, is refused', async () => {
    const set = (text: string) =>
      at.world.service.database.asOrganisation(at.provider.organisationId, (tx) => tx.execute(text));
    const closed = { code: 'sign_in.refused', because: 'closed' };
    const first = await at.world.begin(at.provider);
    await set(`UPDATE identity_provider SET state = 'disabled' WHERE id = '${at.provider.id}'`);
    expect(await at.outcomeOf(at.there.authorize(first.url), first.cookie)).toEqual(closed);
    await expect(at.world.begin(at.provider)).rejects.toMatchObject({ code: 'sign_in.refused' });
    await set(`UPDATE identity_provider SET state = 'active' WHERE id = '${at.provider.id}'`);
    const second = await at.world.begin(at.provider);
    await set(`UPDATE organisation SET sso = false`);
    expect(await at.outcomeOf(at.there.authorize(second.url), second.cookie)).toEqual(closed);
    await set(`UPDATE organisation SET sso = true`);
    expect(at.tokenHits).toBe(0);
  });
});
