import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeCompany, ManualClock, serveGoogle, type Company, type GoogleSimulator } from '../index.ts';
import { bearer, get, googleForm, postForm, type Got } from '../http/testing.ts';

let clock: ManualClock;
let company: Company;
let google: GoogleSimulator;

beforeEach(async () => {
  clock = new ManualClock();
  company = makeCompany({ people: 60, seed: 5, clock });
  google = await serveGoogle(company);
});

afterEach(() => google.close());

const USER = 'https://www.googleapis.com/auth/admin.directory.user.readonly';
const token = async (scopes?: readonly string[], claims = {}): Promise<Got> =>
  postForm(google.tokenUrl, await googleForm(google, scopes, claims));
const users = (headers: Record<string, string>, customer = 'my_customer'): Promise<Got> =>
  get(`${google.url}/admin/directory/v1/users?customer=${customer}`, headers);
const reason = (got: Got): unknown => [
  got.status,
  (got.body as { error: { errors: { reason: string }[] } }).error.errors[0]?.reason,
];

describe('the token endpoint', () => {
  it('gives an hour for an assertion with a delegated subject', async () => {
    const headers = await bearer(google);
    expect((await users(headers)).status).toBe(200);
    clock.advance(3_600_000);
    expect(reason(await users(headers))).toEqual([401, 'authError']);
  });

  it('one scope that is not delegated fails the whole request', async () => {
    google.account.delegated = [USER];
    const got = await token([USER, 'https://www.googleapis.com/auth/admin.directory.group.readonly']);
    expect([got.status, got.body]).toMatchObject([401, { error: 'unauthorized_client' }]);
    expect((await token([USER])).status).toBe(200);
    google.account.delegated = [];
    expect((await token([USER])).body).toMatchObject({ error: 'unauthorized_client' });
  });

  it('access control refuses with access_denied', async () => {
    google.settings.accessDenied = true;
    expect((await token()).body).toMatchObject({ error: 'access_denied' });
  });

  it.each([
    ['nobody', () => 'nobody@example.com'],
    ['an alias', () => company.marry(company.person(1))[0]?.aliases[0] ?? ''],
    ['somebody suspended', () => company.suspend(company.person(1))[0]?.email ?? ''],
    ['somebody deleted', () => company.leave(company.person(1))[0]?.email ?? ''],
  ])('refuses %s as subject', async (_name, subject) => {
    const got = await token([USER], { sub: subject() });
    const said = { error: 'invalid_grant', error_description: 'Invalid email or User ID' };
    expect([got.status, got.body]).toMatchObject([400, said]);
  });

  it.each([
    ['a life beyond an hour', { exp: 4_000_000_000 }, 'short-lived'],
    ['a clock that is wrong', { iat: 1_000_000_000, exp: 1_000_003_600 }, 'short-lived'],
    ['another audience', { aud: 'https://elsewhere.example/token' }, 'audience'],
    ['an unknown account', { iss: 'nobody@simulated.iam.gserviceaccount.com' }, 'account not found'],
  ])('refuses an assertion with %s', async (_name, claims, words) => {
    const { status, body } = await token([USER], claims);
    expect([status, (body as { error: string }).error]).toEqual([400, 'invalid_grant']);
    expect((body as { error_description: string }).error_description).toContain(words);
  });

  it('refuses a key that was deleted, and what is no assertion', async () => {
    google.account.keys.length = 0;
    expect((await token()).body).toMatchObject({ error_description: 'Invalid JWT Signature.' });
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: 'no.jwt.atall' };
    expect((await postForm(google.tokenUrl, form)).body).toMatchObject({ error: 'invalid_grant' });
  });
});

describe('what a token may do', () => {
  it('a missing scope is insufficientPermissions', async () => {
    const headers = await bearer(google, [USER]);
    expect(reason(await get(`${google.url}/admin/directory/v1/groups?customer=my_customer`, headers))).toEqual([
      403,
      'insufficientPermissions',
    ]);
  });

  it('a subject who is no admin, or an admin without the privilege, is forbidden', async () => {
    const { body } = await token([USER], { sub: company.employed()[1]?.email });
    const authorization = `Bearer ${(body as { access_token: string }).access_token}`;
    expect(reason(await users({ authorization }))).toEqual([403, 'forbidden']);
    google.settings.admins.push(company.employed()[1]?.n ?? -1);
    expect((await users({ authorization })).status).toBe(200);
    google.settings.privileges.users = false;
    expect(reason(await users({ authorization }))).toEqual([403, 'forbidden']);
  });

  it('tells a disabled API from one that the customer blocked', async () => {
    const headers = await bearer(google);
    google.settings.apiDisabled = true;
    expect(reason(await users(headers))).toEqual([403, 'accessNotConfigured']);
    google.settings.apiDisabled = false;
    google.settings.apiBlocked = true;
    expect(reason(await users(headers))).toEqual([403, 'domainCannotUseApis']);
  });

  it('an account with a role of its own needs no subject, and my_customer means nothing to it', async () => {
    const { keyFile } = google.credentials;
    const { body } = await token([USER], { sub: keyFile.client_email });
    const headers = { authorization: `Bearer ${(body as { access_token: string }).access_token}` };
    expect(reason(await users(headers))).toEqual([403, 'forbidden']);
    google.account.hasRole = true;
    expect((await users(headers, google.ids.customer)).status).toBe(200);
    expect(reason(await users(headers))).toEqual([400, 'invalid']);
  });

  it('the quota of a minute is userRateLimitExceeded beyond', async () => {
    const headers = await bearer(google);
    google.settings.perMinute = 1;
    expect((await users(headers)).status).toBe(200);
    expect(reason(await users(headers))).toEqual([403, 'userRateLimitExceeded']);
    clock.advance(60_000);
    expect((await users(headers)).status).toBe(200);
  });
});

describe('keyless', () => {
  async function sign(account: string, authorization: string): Promise<Got> {
    const now = Math.floor(clock.now() / 1000);
    const claims = { iss: account, sub: google.credentials.subject, aud: google.tokenUrl, scope: USER };
    const payload = JSON.stringify({ ...claims, iat: now, exp: now + 3600 });
    const url = `${google.iamUrl}/v1/projects/-/serviceAccounts/${account}:signJwt`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify({ payload }),
    });
    return { status: response.status, headers: response.headers, body: await response.json(), next: null };
  }

  it('signs with the key that Google manages, and the assertion is worth a token', async () => {
    const { platformAccount, platformToken } = google.credentials;
    const { body } = await sign(platformAccount, `Bearer ${platformToken}`);
    const { signedJwt } = body as { signedJwt: string };
    const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: signedJwt };
    const granted = await postForm(google.tokenUrl, form);
    expect([granted.status, granted.body]).toMatchObject([200, { token_type: 'Bearer' }]);
  });

  it('signs for nobody else', async () => {
    const { platformAccount, platformToken, keyFile } = google.credentials;
    expect((await sign(keyFile.client_email, `Bearer ${platformToken}`)).status).toBe(403);
    expect((await sign(platformAccount, 'Bearer wrong')).status).toBe(401);
  });

  it('the platform tells its token and account to those who name the flavour', async () => {
    const url = `${google.url}/computeMetadata/v1/instance/service-accounts/default`;
    const headers = { 'metadata-flavor': 'Google' };
    expect((await get(`${url}/token`, headers)).body).toMatchObject({ access_token: google.credentials.platformToken });
    expect((await get(`${url}/email`, headers)).body).toBe(google.credentials.platformAccount);
    expect((await get(`${url}/token`, {})).status).toBe(403);
  });
});
