import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCompany, ManualClock, serveOkta, type OktaSimulator } from '../index.ts';
import { get, oktaForm, postForm, proof, ssws, type Got } from '../http/testing.ts';

let clock: ManualClock;
let okta: OktaSimulator;

beforeEach(async () => {
  clock = new ManualClock();
  okta = await serveOkta(makeCompany({ people: 60, seed: 5, clock }));
});

afterEach(() => okta.close());

const USERS = 'okta.users.read';
const users = (): string => `${okta.url}/api/v1/users`;
const token = (got: Got): string => (got.body as { access_token: string }).access_token;

describe('API tokens', () => {
  it('a wrong or revoked one is 401 E0000011', async () => {
    expect((await get(users(), { authorization: 'SSWS wrong' })).body).toMatchObject({ errorCode: 'E0000011' });
    okta.auth.apiTokens.clear();
    expect((await get(users(), ssws(okta))).status).toBe(401);
  });

  it('can do what its admin may: a missing privilege is 403 E0000006, a resource set narrows silently', async () => {
    okta.tokenRole.logs = false;
    const refused = await get(`${okta.url}/api/v1/logs`, ssws(okta));
    expect([refused.status, refused.body]).toMatchObject([403, { errorCode: 'E0000006' }]);
    okta.tokenRole.sees = (person) => person.n < 5;
    expect(((await get(users(), ssws(okta))).body as unknown[]).length).toBeLessThanOrEqual(5);
    expect((await get(`${users()}/${okta.ids.person(9)}`, ssws(okta))).body).toMatchObject({ errorCode: 'E0000007' });
  });
});

describe('the token endpoint', () => {
  it('gives an hour to a signed assertion', async () => {
    const got = await postForm(okta.tokenUrl, await oktaForm(okta, USERS));
    expect(got.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: USERS });
    const authorization = `Bearer ${token(got)}`;
    expect((await get(users(), { authorization })).status).toBe(200);
    clock.advance(3_600_000);
    expect((await get(users(), { authorization })).body).toMatchObject({ errorCode: 'E0000011' });
  });

  it('refuses a scope that is not granted, at once', async () => {
    okta.app.scopes = [USERS];
    const got = await postForm(okta.tokenUrl, await oktaForm(okta, `${USERS} okta.logs.read`));
    expect([got.status, got.body]).toMatchObject([400, { error: 'invalid_scope' }]);
  });

  it('answers 403 E0000006 where the token lacks the scope or the app the role', async () => {
    const authorization = `Bearer ${token(await postForm(okta.tokenUrl, await oktaForm(okta, USERS)))}`;
    expect((await get(`${okta.url}/api/v1/groups`, { authorization })).body).toMatchObject({ errorCode: 'E0000006' });
    okta.app.role.users = false;
    expect((await get(users(), { authorization })).body).toMatchObject({ errorCode: 'E0000006' });
  });

  it.each([
    ['another audience', { aud: 'https://elsewhere.example/oauth2/v1/token' }],
    ['an expiry beyond an hour', { exp: 4_000_000_000 }],
    ['an expiry in the past', { exp: 1_000_000_000 }],
    ['an unknown client', { iss: '0oaNobody', sub: '0oaNobody' }],
    ['a subject that is not the issuer', { sub: '0oaNobody' }],
  ])('refuses an assertion with %s', async (_name, claims) => {
    const got = await postForm(okta.tokenUrl, await oktaForm(okta, USERS, claims));
    expect([got.status, got.body]).toMatchObject([401, { error: 'invalid_client' }]);
  });

  it('refuses a client secret, an assertion used twice and a key that is not registered', async () => {
    const form = await oktaForm(okta, USERS);
    const secret = { grant_type: 'client_credentials', scope: USERS, client_secret: 'x' };
    expect((await postForm(okta.tokenUrl, secret)).body).toMatchObject({ error: 'invalid_client' });
    expect((await postForm(okta.tokenUrl, form)).status).toBe(200);
    expect((await postForm(okta.tokenUrl, form)).body).toMatchObject({ error: 'invalid_client' });
    okta.app.keys.length = 0;
    expect((await postForm(okta.tokenUrl, await oktaForm(okta, USERS))).status).toBe(401);
  });
});

describe('proof of possession', () => {
  async function bound(): Promise<string> {
    okta.app.dpop = true;
    const htm = { htm: 'POST', htu: okta.tokenUrl };
    const missing = await postForm(okta.tokenUrl, await oktaForm(okta, USERS));
    expect([missing.status, missing.body]).toMatchObject([400, { error: 'invalid_dpop_proof' }]);
    const first = await postForm(okta.tokenUrl, await oktaForm(okta, USERS), { DPoP: await proof(okta, htm) });
    expect([first.status, first.body]).toMatchObject([400, { error: 'use_dpop_nonce' }]);
    const nonce = first.headers.get('dpop-nonce');
    const DPoP = await proof(okta, { ...htm, nonce });
    const second = await postForm(okta.tokenUrl, await oktaForm(okta, USERS), { DPoP });
    expect(second.body).toMatchObject({ token_type: 'DPoP' });
    return token(second);
  }

  const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');

  it('asks for a nonce first, then binds the token, and takes each proof once', async () => {
    const accessToken = await bound();
    const DPoP = await proof(okta, { htm: 'GET', htu: users(), ath: hash(accessToken) });
    const headers = { authorization: `DPoP ${accessToken}`, DPoP };
    expect((await get(`${users()}?limit=5`, headers)).status).toBe(200);
    expect((await get(`${users()}?limit=5`, headers)).status).toBe(401);
  });

  it.each([
    ['as Bearer', 'Bearer', {}],
    ['for another URL', 'DPoP', { htu: 'http://127.0.0.1/other' }],
    ['for another token', 'DPoP', { ath: 'x' }],
    ['for another method', 'DPoP', { htm: 'POST' }],
  ])('refuses a bound token %s', async (_name, scheme, claims) => {
    const accessToken = await bound();
    const DPoP = await proof(okta, { htm: 'GET', htu: users(), ath: hash(accessToken), ...claims });
    expect((await get(users(), { authorization: `${scheme} ${accessToken}`, DPoP })).status).toBe(401);
  });

  it('an app that does not demand it ignores a proof', async () => {
    const DPoP = await proof(okta, { htm: 'POST', htu: okta.tokenUrl });
    const got = await postForm(okta.tokenUrl, await oktaForm(okta, USERS), { DPoP });
    expect(got.body).toMatchObject({ token_type: 'Bearer' });
  });
});

it('tells the organisation’s id to anybody', async () => {
  const got = await get(`${okta.url}/.well-known/okta-organization`, {});
  expect(got.body).toMatchObject({ id: okta.ids.organisation, pipeline: 'idx' });
  expect(okta.ids.organisation).toMatch(/^00o[0-9A-Za-z]{17}$/);
});
