import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdentityProviderView } from '../../../src/sso/identity-providers.dto.js';
import type { Api, TestOrganisation } from '../../support/service.js';
import { startProvider, type TestProvider } from '../../support/hostile-provider.js';
import { placeOf, startSsoWorld, type SsoWorld } from './world.js';

let world: SsoWorld;
let there: TestProvider;
let organisation: TestOrganisation;

beforeAll(async () => {
  world = await startSsoWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(async () => {
  there = await startProvider({ now: () => world.clock.now() });
  organisation = await world.service.newOrganisation();
});
afterEach(async () => {
  await there[Symbol.asyncDispose]();
});

const PATH = '/api/v1/identity-providers';

function order(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    preset: 'generic',
    name: 'Acme',
    issuer: there.issuer,
    clientId: there.clientId,
    clientSecret: there.clientSecret,
    ...change,
  };
}

async function make(change: Record<string, unknown> = {}): Promise<IdentityProviderView> {
  const answer = await organisation.api<IdentityProviderView>('POST', PATH, order(change));
  expect(answer).toMatchObject({ status: 201 });
  return answer.body;
}

/** A test sign-in, as an admin's browser makes it. */
async function test(
  id: string,
  api: Api = organisation.api,
): Promise<{ attemptId: string; asked: URLSearchParams; complete: () => Promise<unknown> }> {
  const begun = await api<{ id: string; url: string }>('POST', `${PATH}/${id}/tests`, {});
  expect(begun.status).toBe(201);
  const [name = '', value = ''] = (begun.headers.get('set-cookie') ?? '').split(';')[0]?.split('=') ?? [];
  const path = there.authorize(begun.body.url);
  const cookie = { name: name.replace(/^(__Host-)?rollcall-/u, '') as `attempt-${string}`, value };
  return {
    attemptId: begun.body.id,
    asked: new URL(begun.body.url).searchParams,
    complete: () => world.party.complete(world.callback(path, cookie), placeOf(path)),
  };
}

describe('identity providers of an organisation', () => {
  it('come to be in set-up, with what their issuer says of itself, and are read back without their secret', async () => {
    const made = await make();
    expect(made).toMatchObject({
      preset: 'generic',
      issuer: there.issuer,
      state: 'setup',
      testedAt: null,
      problem: null,
      redirectUri: expect.stringMatching(new RegExp(`/sign-in/callback/${organisation.id}/${made.id}$`, 'u')),
    });
    expect(made.secretSetAt).not.toBeNull();
    const shown = await organisation.api('GET', `${PATH}/${made.id}`);
    expect(shown.body).toEqual(made);
    expect(shown.text).not.toContain(there.clientSecret);
    const listed = await organisation.api<{ items: unknown[] }>('GET', PATH);
    expect(listed.body.items).toEqual([made]);
  });

  it('are enabled after a test has passed, which shows what came back', async () => {
    const { id } = await make();
    const early = await organisation.api('POST', `${PATH}/${id}/enable`);
    expect(early).toMatchObject({ status: 409, body: { code: 'identity_provider.untested' } });
    const { attemptId, complete } = await test(id);
    await expect(organisation.api('GET', `${PATH}/${id}/tests/${attemptId}`)).resolves.toMatchObject({
      body: { state: 'open', claims: [] },
    });
    await complete();
    const result = await organisation.api<{ claims: { name: string; value: string | null }[] }>(
      'GET',
      `${PATH}/${id}/tests/${attemptId}`,
    );
    expect(result.body).toMatchObject({ state: 'done', because: null });
    expect(result.body.claims).toContainEqual({ name: 'email', value: 'Ada@Acme.example' });
    expect(result.body.claims.find(({ name }) => name === 'nonce')).toEqual({ name: 'nonce', value: null });
    const enabled = await organisation.api<IdentityProviderView>('POST', `${PATH}/${id}/enable`);
    expect(enabled).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(enabled.body.testedAt).not.toBeNull();
  });

  it('O-73 say whether people can show again there who they are: a test asks for it, and takes what comes', async () => {
    const { id } = await make();
    const stepUp = async (authTime?: number): Promise<unknown> => {
      if (authTime !== undefined) there.claims['auth_time'] = authTime;
      const { attemptId, complete, asked } = await test(id);
      expect([asked.get('max_age'), asked.get('prompt')]).toEqual(['0', 'login']);
      await complete();
      const result = await organisation.api<{ stepUp: unknown }>('GET', `${PATH}/${id}/tests/${attemptId}`);
      const shown = await organisation.api<IdentityProviderView>('GET', `${PATH}/${id}`);
      expect(result.body.stepUp).toEqual(shown.body.stepUp);
      return shown.body.stepUp;
    };
    const cannot = { possible: false, sentence: expect.stringContaining('passkey') };
    const now = Math.floor(world.clock.now().getTime() / 1000);
    expect((await organisation.api<IdentityProviderView>('GET', `${PATH}/${id}`)).body.stepUp).toBeNull();
    expect(await stepUp()).toEqual(cannot);
    expect(await stepUp(now - 3_600)).toEqual(cannot);
    expect(await stepUp(now)).toEqual({ possible: true, sentence: expect.any(String) });
    const { version } = (await organisation.api<IdentityProviderView>('GET', `${PATH}/${id}`)).body;
    const change = { version, settings: { trustedAudiences: ['x'] } };
    const changed = await organisation.api<IdentityProviderView>('PATCH', `${PATH}/${id}`, change);
    expect(changed.body.stepUp).toBeNull();
  });

  it('show of a test that failed which check it was, and stay untested', async () => {
    const { id } = await make();
    there.claims['nonce'] = 'another';
    const { attemptId, complete } = await test(id);
    await expect(complete()).rejects.toMatchObject({ code: 'sign_in.answer_refused' });
    await expect(organisation.api('GET', `${PATH}/${id}/tests/${attemptId}`)).resolves.toMatchObject({
      body: { state: 'failed', because: 'nonce' },
    });
    await expect(organisation.api('POST', `${PATH}/${id}/enable`)).resolves.toMatchObject({ status: 409 });
  });

  it('forget a test after ten minutes', async () => {
    const { id } = await make();
    const { attemptId, complete } = await test(id);
    await complete();
    world.clock.advance(600_001);
    await expect(organisation.api('GET', `${PATH}/${id}/tests/${attemptId}`)).resolves.toMatchObject({ status: 404 });
  });

  it('are not tested by a test of settings that are no more', async () => {
    const { id, version } = await make();
    const under = await test(id);
    await under.complete();
    const change = { version, settings: { algorithms: ['RS256'] } };
    const { body } = await organisation.api<IdentityProviderView>('PATCH', `${PATH}/${id}`, change);
    expect(body.testedAt).toBeNull();
    const begun = await organisation.api<{ id: string; url: string }>('POST', `${PATH}/${id}/tests`, {});
    await organisation.api('PATCH', `${PATH}/${id}`, { version: body.version, settings: { trustedAudiences: ['x'] } });
    const path = there.authorize(begun.body.url);
    await expect(world.party.complete(world.callback(path, null), placeOf(path))).rejects.toMatchObject({
      code: 'sign_in.attempt_dead',
    });
    await expect(organisation.api('POST', `${PATH}/${id}/enable`)).resolves.toMatchObject({ status: 409 });
  });

  it('K-04: another client needs the secret again, and another test', async () => {
    const { id } = await make();
    await (await test(id)).complete();
    const { version } = (await organisation.api<IdentityProviderView>('POST', `${PATH}/${id}/enable`)).body;
    const change = { version, clientId: 'other' };
    const refused = await organisation.api('PATCH', `${PATH}/${id}`, change);
    expect(refused).toMatchObject({ status: 400, body: { code: 'identity_provider.secret_needed' } });
    const taken = await organisation.api('PATCH', `${PATH}/${id}`, { ...change, clientSecret: 'new' });
    expect(taken).toMatchObject({ status: 200, body: { testedAt: null, state: 'setup', clientId: 'other' } });
  });

  it('K-04: another issuer needs the secret again, and ties of subjects are cut', async () => {
    const { id, version } = await make();
    const person = await organisation.api<{ id: string }>('POST', '/api/v1/people', { email: 'ada@acme.example' });
    const count = () =>
      world.service.database.asOrganisation(organisation.id, (tx) => tx.query('SELECT 1 FROM identity_link'));
    await world.service.database.asOrganisation(organisation.id, (tx) =>
      tx.execute(
        `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
         VALUES ($1, $2, 'subject-1', $3, 'email', now())`,
        [organisation.id, id, person.body.id],
      ),
    );
    await using other = await startProvider({ path: '/x' });
    const change = { version, issuer: other.issuer };
    const refused = await organisation.api('PATCH', `${PATH}/${id}`, change);
    expect(refused).toMatchObject({ status: 400, body: { code: 'identity_provider.secret_needed' } });
    expect(await count()).toHaveLength(1);
    const taken = await organisation.api('PATCH', `${PATH}/${id}`, { ...change, clientSecret: 'new' });
    expect(taken).toMatchObject({ status: 200, body: { issuer: other.issuer } });
    expect(await count()).toHaveLength(0);
  });

  it('keep working while an active one gets a new secret', async () => {
    const { id } = await make();
    await (await test(id)).complete();
    await organisation.api('POST', `${PATH}/${id}/enable`);
    there.clientSecret = 'renewed';
    const renewed = await organisation.api('PUT', `${PATH}/${id}/secret`, { clientSecret: 'renewed' });
    expect(renewed).toMatchObject({ status: 200, body: { state: 'active' } });
    await (await test(id)).complete();
    const seen = there.seen.at(-1)?.authorization ?? '';
    expect(Buffer.from(seen.replace('Basic ', ''), 'base64').toString()).toMatch(/:renewed$/u);
  });

  it('can be known by a key of ours, whose public half alone is shown', async () => {
    const { id } = await make({ clientSecret: undefined });
    const made = await organisation.api('PUT', `${PATH}/${id}/secret`, { generate: 'private_key_jwt' });
    expect(made).toMatchObject({ status: 200, body: { settings: { clientAuth: 'private_key_jwt' } } });
    const { body } = await world.service.browser('')<{ keys: Record<string, unknown>[] }>(
      'GET',
      `/sign-in/jwks/${organisation.id}/${id}`,
    );
    expect(body.keys).toHaveLength(1);
    expect(Object.keys(body.keys[0] ?? {}).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
    await (await test(id)).complete();
    const form = there.seen.at(-1)?.form;
    expect(form?.get('client_assertion')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/u);
    expect(form?.get('client_secret')).toBeNull();
  });

  it('O-47: end sign-ins under way when they are disabled, and are gone when deleted', async () => {
    const { id } = await make();
    const { complete } = await test(id);
    await complete();
    const { url } = (await organisation.api<{ url: string }>('POST', `${PATH}/${id}/tests`, {})).body;
    expect(url).toContain(there.issuer);
    const disabled = await organisation.api('POST', `${PATH}/${id}/disable`);
    expect(disabled).toMatchObject({ status: 200, body: { state: 'disabled' } });
    const open = await world.service.database.asOrganisation(organisation.id, (tx) =>
      tx.query('SELECT 1 FROM sign_in_attempt WHERE used_at IS NULL'),
    );
    expect(open).toEqual([]);
    await expect(organisation.api('DELETE', `${PATH}/${id}`)).resolves.toMatchObject({ status: 204 });
    await expect(organisation.api('GET', `${PATH}/${id}`)).resolves.toMatchObject({ status: 404 });
  });

  it.each([
    ['an unknown preset', () => ({ preset: 'nonsense' }), 400, 'identity_provider.setting_invalid'],
    ['no issuer', () => ({ issuer: undefined }), 400, 'identity_provider.setting_invalid'],
    ['an issuer that is no address', () => ({ issuer: 'accounts.example' }), 400, 'identity_provider.setting_invalid'],
    ['an issuer with a query', () => ({ issuer: `${there.issuer}?a=b` }), 400, 'identity_provider.setting_invalid'],
    ['O-37: a slash too much', () => ({ issuer: `${there.issuer}/` }), 422, 'identity_provider.issuer_mismatch'],
    [
      'an issuer without discovery',
      () => ({ issuer: `${there.issuer}/none` }),
      422,
      'identity_provider.discovery_failed',
    ],
    [
      'O-58: an address inside a network',
      () => ({ issuer: 'https://10.0.0.1' }),
      422,
      'identity_provider.discovery_failed',
    ],
    [
      'O-45: everybody’s accounts',
      () => ({ preset: 'microsoft', issuer: 'https://login.microsoftonline.com/common/v2.0' }),
      400,
      'identity_provider.setting_invalid',
    ],
    ['a fixed issuer that is another', () => ({ preset: 'google' }), 400, 'identity_provider.setting_invalid'],
    [
      'a way of showing ourselves that the preset has not',
      () => ({ settings: { hostedDomains: ['acme.example'] } }),
      400,
      'identity_provider.setting_invalid',
    ],
    [
      'another organisation’s connection',
      () => ({ connectionId: '01890000-0000-7000-8000-000000000bad' }),
      404,
      'connection.not_found',
    ],
  ] as const)('are refused at save: %s', async (_name, change, status, code) => {
    const answer = await organisation.api('POST', PATH, order(change()));
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('O-60: are refused when an endpoint is an address that is not called', async () => {
    for (const [name, url] of [
      ['authorization_endpoint', 'https://10.0.0.1/a'],
      ['token_endpoint', 'file:///etc/passwd'],
      ['jwks_uri', 'http://idp.example/jwks'],
      ['end_session_endpoint', 'https://user@idp.example/'],
      ['token_endpoint', 'https://idp.example:22/'],
      ['jwks_uri', 'https://[::ffff:169.254.169.254]/'],
    ] as const) {
      there.discovery = (document) => ({ ...document, [name]: url });
      const answer = await organisation.api('POST', PATH, order());
      expect([name, answer.status, answer.body]).toMatchObject([
        name,
        422,
        { code: 'identity_provider.discovery_failed' },
      ]);
    }
  });

  it('are not made where the feature is switched off', async () => {
    await world.service.database.asOrganisation(organisation.id, (tx) =>
      tx.execute('UPDATE organisation SET sso = false WHERE id = $1', [organisation.id]),
    );
    const answer = await organisation.api('POST', PATH, order());
    expect(answer).toMatchObject({ status: 409, body: { code: 'feature.off' } });
  });

  it('G-01: leave an entry in the audit log at each step', async () => {
    const { id } = await make();
    await (await test(id)).complete();
    await organisation.api('POST', `${PATH}/${id}/enable`);
    const { version } = (await organisation.api<IdentityProviderView>('GET', `${PATH}/${id}`)).body;
    await organisation.api('PATCH', `${PATH}/${id}`, { version, name: 'Renamed' });
    await organisation.api('POST', `${PATH}/${id}/disable`);
    await organisation.api('DELETE', `${PATH}/${id}`);
    const entries = await world.service.database.asOrganisation(organisation.id, (tx) =>
      tx.query<{ action: string; fields: string[] | null; requestId: string | null }>(
        `SELECT action, detail -> 'fields' AS fields, request_id FROM audit_entry
          WHERE subject_kind = 'identity_provider' AND subject_id = $1 ORDER BY seq`,
        [id],
      ),
    );
    expect(entries.map(({ action }) => action)).toEqual([
      'identity_provider.created',
      'identity_provider.secret_set',
      'identity_provider.test_begun',
      'identity_provider.tested',
      'identity_provider.enabled',
      'identity_provider.updated',
      'identity_provider.disabled',
      'identity_provider.deleted',
    ]);
    expect(entries.find(({ fields }) => fields !== null)?.fields).toEqual(['name']);
    expect(entries.every(({ requestId }) => requestId !== null)).toBe(true);
  });

  it('are set up, tested and enabled by who has a set-up link, who sees no other and deletes none', async () => {
    const others = await make();
    const { api } = await world.service.setUp(['sso'], organisation.id);
    expect(await api('GET', `${PATH}/${others.id}`)).toMatchObject({ status: 403 });
    const made = await api<IdentityProviderView>('POST', PATH, order());
    expect(made.status).toBe(201);
    const own = `${PATH}/${made.body.id}`;
    expect(await api('GET', PATH)).toMatchObject({ status: 200, body: { items: [{ id: made.body.id }] } });
    expect(await api('GET', `${own}/steps`)).toMatchObject({ status: 200 });
    const { complete } = await test(made.body.id, api);
    await complete();
    expect(await api('POST', `${own}/enable`)).toMatchObject({ status: 200, body: { state: 'active' } });
    expect(await api('POST', `${own}/disable`)).toMatchObject({ status: 403 });
    expect(await api('DELETE', own)).toMatchObject({ status: 403 });
    const directory = await world.service.setUp(['directory'], organisation.id);
    expect(await directory.api('GET', PATH)).toMatchObject({ status: 403 });
  });

  it('show the steps of their preset with our addresses', async () => {
    const { id, redirectUri } = await make();
    const { body } = await organisation.api<{ items: { values: Record<string, string> }[] }>(
      'GET',
      `${PATH}/${id}/steps`,
    );
    expect(body.items.flatMap(({ values }) => Object.values(values))).toContain(redirectUri);
  });

  it('have their addresses before they are there', async () => {
    interface Presets {
      id: string;
      items: { preset: string; steps: { values: Record<string, string> }[] }[];
    }
    const { id, items } = (await organisation.api<Presets>('GET', '/api/v1/sign-in-presets')).body;
    expect(items.map(({ preset }) => preset)).toEqual(['okta', 'google', 'microsoft', 'generic']);
    const made = await make({ id });
    expect(made.id).toBe(id);
    for (const { steps } of items)
      expect(steps.flatMap(({ values }) => Object.values(values))).toContain(made.redirectUri);
    const again = await organisation.api('POST', PATH, order({ id }));
    expect(again).toMatchObject({ status: 409, body: { code: 'identity_provider.changed' } });
  });
});
