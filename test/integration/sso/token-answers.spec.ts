import { describe, expect, it } from '@jest/globals';
import { type Answered, startProvider } from '../../support/hostile-provider.js';
import { INSIDE, refused, SigningIn } from './signing-in.js';
import { placeOf } from './world.js';

const at = new SigningIn();

describe('the answer of the token endpoint', () => {
  it('O-04, O-67: the secret and the verifier are sent to it, and the secret in a header alone', async () => {
    expect(await at.signIn()).toEqual(INSIDE);
    const { authorization = '', form } = at.there.seen[0] ?? {};
    const [id = '', secret = ''] = Buffer.from(authorization.replace(/^Basic /u, ''), 'base64')
      .toString()
      .split(':');
    const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
    expect([decoded(id), decoded(secret)]).toEqual([at.there.clientId, at.there.clientSecret]);
    expect(form?.get('code_verifier')).toMatch(/^[\w-]{43}$/u);
    expect(form?.get('client_secret')).toBeNull();
  });

  it('the secret goes into the form where the provider wants it there', async () => {
    at.provider = await at.world.connect(at.there, { settings: { clientAuth: 'client_secret_post' } });
    expect(await at.signIn()).toEqual(INSIDE);
    expect(at.there.seen[0]?.authorization).toBeUndefined();
    expect(at.there.seen[0]?.form.get('client_secret')).toBe(at.there.clientSecret);
  });

  const answers: [string, (body: Record<string, unknown>) => Answered][] = [
    ['201', (body) => ({ status: 201, body })],
    ['204', () => ({ status: 204, body: '' })],
    ['302', (body) => ({ status: 302, headers: { location: '/elsewhere' }, body })],
    [
      'a form',
      (body) => ({ type: 'application/x-www-form-urlencoded', body: new URLSearchParams(body as never).toString() }),
    ],
    ['HTML', (body) => ({ type: 'text/html', body })],
    ['a list', (body) => ({ body: [body] })],
    ['another type of token', (body) => ({ body: { ...body, token_type: 'mac' } })],
    ['no type of token', ({ token_type: _, ...body }) => ({ body })],
    ['a token that is an object', (body) => ({ body: { ...body, id_token: {} } })],
    ['no ID token', ({ id_token: _, ...body }) => ({ body })],
    ['no access token', ({ access_token: _, ...body }) => ({ body })],
    ['two JSON values', (body) => ({ body: `${JSON.stringify(body)}${JSON.stringify(body)}` })],
    ['two parts of a token', (body) => ({ body: { ...body, id_token: 'a.b' } })],
    ['dots', (body) => ({ body: { ...body, id_token: '...' } })],
    ['a token in JSON', (body) => ({ body: { ...body, id_token: '{"payload":"e30","signatures":[]}' } })],
    [
      'a token without a signature',
      (body) => ({ body: { ...body, id_token: String(body['id_token']).replace(/[^.]+$/u, '') } }),
    ],
    ['a long token', (body) => ({ body: { ...body, id_token: `${String(body['id_token'])}${'A'.repeat(200_000)}` } })],
    ['2 MB', (body) => ({ body: { ...body, padding: 'x'.repeat(2_000_000) } })],
    ['invalid_grant', () => ({ status: 400, body: { error: 'invalid_grant' } })],
  ];
  it.each(answers)('O-35: %s is refused', async (_name, answer) => {
    at.there.tokenAnswer = answer;
    expect(await at.signIn()).toEqual(refused('token_answer'));
  });

  it('O-35: the type of the token is taken in any case', async () => {
    at.there.tokenAnswer = (body) => ({ body: { ...body, token_type: 'bEARER' } });
    expect(await at.signIn()).toEqual(INSIDE);
  });

  it.each([
    ['the client is not taken', 401, 'client_refused'],
    ['it is down', 503, 'provider_unreachable'],
  ])('where %s, it is the provider’s problem, until the next that goes well', async (_name, status, because) => {
    const good = at.there.tokenAnswer;
    const problem = () =>
      at.world.service.database.asOrganisation(at.provider.organisationId, async (tx) => {
        const provider = await tx.one<{ problem: { code: string } | null }>(
          'SELECT problem FROM identity_provider WHERE id = $1',
          [at.provider.id],
        );
        const notices = await tx.query(
          `SELECT 1 FROM notice WHERE kind = 'identity_provider' AND detail ->> 'provider' = $1 AND mended_at IS NULL`,
          [at.provider.id],
        );
        return [provider.problem?.code ?? null, notices.length];
      });
    at.there.tokenAnswer = () => ({ status, body: { error: 'x' } });
    expect(await at.signIn()).toEqual({ code: 'sign_in.provider_failed', because });
    expect(await problem()).toEqual([because, 1]);
    expect(await at.signIn()).toMatchObject({ because });
    expect(await problem()).toEqual([because, 1]);
    at.there.tokenAnswer = good;
    expect(await at.signIn()).toEqual(INSIDE);
    expect(await problem()).toEqual([null, 0]);
  });

  it('O-65: a provider that is gone is told so, and its attempt is over', async () => {
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    await at.there[Symbol.asyncDispose]();
    expect(await at.outcomeOf(path, cookie)).toEqual({
      code: 'sign_in.provider_failed',
      because: 'provider_unreachable',
    });
    at.there = await startProvider({ now: () => at.world.clock.now() });
  });

  it('no refresh token is kept', async () => {
    at.there.tokenAnswer = (body) => ({ body: { ...body, refresh_token: 'canary-refresh-token' } });
    const { url, cookie } = await at.world.begin(at.provider);
    const path = at.there.authorize(url);
    const { identity } = await at.world.party.complete(at.world.callback(path, cookie), placeOf(path));
    expect(JSON.stringify(identity)).not.toContain('canary-refresh-token');
  });
});

describe('what the issuer says of itself', () => {
  it('1.2 discovery-issuer-mismatch: at run time nobody gets in, and no secret goes out', async () => {
    at.there.discovery = (document) => ({ ...document, issuer: `${at.there.issuer}.evil` });
    at.world.clock.advance(3_600_001);
    await expect(at.world.begin(at.provider)).rejects.toMatchObject({ code: 'sign_in.provider_failed' });
    expect(at.tokenHits).toBe(0);
  });

  it('K-04: a token endpoint that moved to another host gets no secret', async () => {
    await using elsewhere = await startProvider();
    at.there.discovery = (document) => ({ ...document, token_endpoint: `${elsewhere.issuer}/token` });
    at.world.clock.advance(3_600_001);
    await expect(at.world.begin(at.provider)).rejects.toMatchObject({ code: 'sign_in.provider_failed' });
    expect(elsewhere.hits.get('/token')).toBeUndefined();
  });

  it('is not written down again at each sign-in', async () => {
    const discoveredAt = () =>
      at.world.service.database.asOrganisation(at.provider.organisationId, (tx) =>
        tx.one('SELECT discovered_at FROM identity_provider WHERE id = $1', [at.provider.id]),
      );
    const before = await discoveredAt();
    at.world.clock.advance(3_600_001);
    expect(await at.signIn()).toEqual(INSIDE);
    expect(await discoveredAt()).toEqual(before);
  });

  it('O-65: what it said last serves while it is silent, and it is not asked each time', async () => {
    const path = '/.well-known/openid-configuration';
    at.there.down.add(path);
    at.world.clock.advance(3_600_001);
    const before = at.there.hits.get(path) ?? 0;
    for (let round = 0; round < 3; round++) expect(await at.signIn()).toEqual(INSIDE);
    expect(at.there.hits.get(path)).toBe(before + 1);
    at.there.down.clear();
    at.world.clock.advance(60_001);
    expect(await at.signIn()).toEqual(INSIDE);
    expect(at.there.hits.get(path)).toBe(before + 2);
  });
});
