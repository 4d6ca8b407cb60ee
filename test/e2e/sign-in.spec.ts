import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ADA, comeBack, DOMAIN, startSignInWorld, type Landed, type SignInWorld } from '../support/sign-in-world.js';

jest.setTimeout(60_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
beforeEach(async () => {
  for (const table of ['identity_link', 'session', 'notice', 'mail', 'person_token', 'former_address'])
    await world.rows(`DELETE FROM ${table}`);
  await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
  await world.settings({ linkByEmail: true, justInTime: false, acrValues: [], amrValues: [], maxSessionHours: null });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const lastRefusal = async (): Promise<unknown> =>
  (
    await world.rows<{ detail: unknown }>(
      `SELECT detail FROM audit_entry WHERE action = 'sign_in.refused' ORDER BY seq DESC LIMIT 1`,
    )
  )[0]?.detail;

describe('somebody comes back from their provider', () => {
  it('line 16: is tied by a proven address, gets in, and is told so by mail', async () => {
    const ada = await world.person();
    const landed = await world.signIn(ADA, { returnTo: '/people?page=2#top' });
    expect(landed).toMatchObject({ status: 303, personId: ada });
    expect(landed.location).toMatch(/^http:\/\/localhost:\d+\/people\?page=2#top$/u);
    expect(await world.rows('SELECT subject, person_id, linked_by FROM identity_link')).toEqual([
      { subject: 'ada-1', personId: ada, linkedBy: 'email' },
    ]);
    expect(await world.rows('SELECT template, recipient FROM mail')).toEqual([
      { template: 'new_sign_in', recipient: ADA.email },
    ]);
    const entries = await world.rows<{ action: string }>(
      `SELECT action FROM audit_entry WHERE subject_id = $1 ORDER BY seq`,
      [ada],
    );
    expect(entries.map(({ action }) => action)).toEqual(['identity.linked', 'sign_in.succeeded']);
  });

  it('O-38 is known by the subject alone from then on, whatever address the token has', async () => {
    const ada = await world.person();
    await world.person({ email: `bea@${DOMAIN}` });
    await world.signIn(ADA);
    expect((await world.signIn({ ...ADA, email: `bea@${DOMAIN}` })).personId).toBe(ada);
    expect(await world.rows('SELECT count(*)::int AS n FROM mail')).toEqual([{ n: 1 }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['the address is not verified', { email_verified: false }, {}, 'unknown'],
    ['nothing is said of it', { email_verified: undefined }, {}, 'unknown'],
    ['O-30 it is verified in words', { email_verified: 'true' }, {}, 'unknown'],
    ['the provider may not link', {}, { linkByEmail: false }, 'unknown'],
    ['there is nobody', { email: `nobody@${DOMAIN}` }, {}, 'unknown'],
    ['O-74 the class is another', { acr: 'pwd' }, { acrValues: ['phr'] }, 'too_weak'],
    ['O-74 a method is missing', { amr: ['pwd'] }, { amrValues: ['mfa'] }, 'too_weak'],
  ])('O-39 is not let in when %s', async (_, claims, settings, because) => {
    await world.person();
    await world.settings(settings);
    const landed = await world.signIn({ ...ADA, ...claims });
    expect(landed).toMatchObject({ status: 403, personId: null, code: because });
    expect(await lastRefusal()).toMatchObject({ because });
    expect(await world.rows('SELECT * FROM identity_link')).toEqual([]);
    expect(landed.jar.cookies.size).toBe(0);
  });

  it('O-39 is not let in by a domain that the organisation has not proven', async () => {
    await world.person({ email: 'ada@elsewhere.example' });
    const landed = await world.signIn({ ...ADA, email: 'ada@elsewhere.example' });
    expect(landed).toMatchObject({ status: 403, code: 'unknown' });
  });

  it('O-39 is not let in by a domain of the organisation that this provider is not for', async () => {
    await world.person();
    await world.settings({ justInTime: true });
    await world.rows(`UPDATE identity_provider SET domains = '{suppliers.example}'`);
    try {
      expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'unknown' });
      expect(await world.signIn({ ...ADA, email: `new@${DOMAIN}` })).toMatchObject({ status: 403, code: 'unknown' });
      await world.rows(`UPDATE identity_provider SET domains = '{${DOMAIN},suppliers.example}'`);
      expect((await world.signIn(ADA)).status).toBe(303);
    } finally {
      await world.rows(`UPDATE identity_provider SET domains = '{}'`);
    }
  });

  it('lines 17 and 19: not by an address alone who is an admin, pending or archived', async () => {
    await world.person({ admin: true });
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'link_from_session' });
    await world.person({ email: `pia@${DOMAIN}`, state: 'pending' });
    expect((await world.signIn({ ...ADA, sub: 'pia', email: `pia@${DOMAIN}` })).code).toBe('pending');
    await world.person({ email: `otto@${DOMAIN}`, state: 'archived' });
    expect((await world.signIn({ ...ADA, sub: 'otto', email: `otto@${DOMAIN}` })).code).toBe('archived');
  });

  it('O-40 line 18: another subject with the same address is never tied; the admins are told once, and can mend it', async () => {
    const ada = await world.person();
    await world.signIn(ADA);
    for (const _ of [1, 2]) expect((await world.signIn({ ...ADA, sub: 'ada-2' })).code).toBe('other_subject');
    const open = () => world.rows(`SELECT kind, person_id FROM notice WHERE mended_at IS NULL`);
    expect(await open()).toEqual([{ kind: 'identity_conflict', personId: ada }]);
    const path = `/api/v1/people/${ada}/identities`;
    expect((await world.organisation.api('GET', path)).body).toMatchObject({ items: [{ subject: 'ada-1' }] });
    expect((await world.organisation.api('DELETE', `${path}/${world.providerId}`)).status).toBe(204);
    expect((await world.organisation.api('DELETE', `${path}/${world.providerId}`)).status).toBe(404);
    expect(await open()).toEqual([]);
    expect(await world.rows(`SELECT ended_because FROM session`)).toEqual([{ endedBecause: 'factor_changed' }]);
    expect((await world.signIn({ ...ADA, sub: 'ada-2' })).personId).toBe(ada);
  });

  it('O-48 line 21: a person is made where that is allowed, a member whatever the token claims', async () => {
    await world.settings({ justInTime: true });
    const claims = { roles: ['admin', 'owner'], groups: ['Admins'], is_admin: true, admin: true };
    const landed = await world.signIn({ ...ADA, ...claims });
    expect(landed.status).toBe(303);
    expect(await world.rows(`SELECT state, origin, first_name, last_name, is_admin FROM person WHERE id = $1`, [landed.personId])).toEqual([
      { state: 'active', origin: 'sso', firstName: 'Ada', lastName: 'Ek', isAdmin: false },
    ]); // prettier-ignore
    const outsider = { ...ADA, sub: 'eve', email: 'eve@elsewhere.example' };
    expect((await world.signIn(outsider)).code).toBe('unknown');
    expect((await world.signIn({ ...ADA, sub: 'cem', email: `cem@${DOMAIN}`, email_verified: false })).code).toBe(
      'unknown',
    );
    await world.person({ email: `otto@${DOMAIN}`, state: 'archived' });
    expect((await world.signIn({ ...ADA, sub: 'otto', email: `otto@${DOMAIN}` })).code).toBe('archived');
  });

  it('five at once are one person with one account, made or tied', async () => {
    await world.settings({ justInTime: true });
    const made = await Promise.all([1, 2, 3, 4, 5].map(() => world.signIn(ADA)));
    expect(made.map(({ status }) => status)).toEqual(Array(5).fill(303));
    expect(new Set(made.map(({ personId }) => personId)).size).toBe(1);
    const bea = await world.person({ email: `bea@${DOMAIN}` });
    const who = { ...ADA, sub: 'bea', email: `bea@${DOMAIN}` };
    const tied = await Promise.all([1, 2, 3, 4, 5].map(() => world.signIn(who)));
    expect(tied.map(({ personId }) => personId)).toEqual(Array(5).fill(bea));
    expect(await world.rows('SELECT subject FROM identity_link ORDER BY subject')).toEqual([
      { subject: 'ada-1' },
      { subject: 'bea' },
    ]);
    expect(await world.rows(`SELECT template FROM mail`)).toEqual([{ template: 'new_sign_in' }]);
    const two = await Promise.all([
      world.signIn({ ...ADA, email: `ada.ek@${DOMAIN}` }),
      world.signIn({ ...ADA, email: `ada.ek@${DOMAIN}` }),
    ]);
    expect(two.map(({ status }) => status)).toEqual([303, 303]);
  });

  it('two accounts that claim one address at once: one is tied, the other is a question', async () => {
    const ada = await world.person();
    const gate = Promise.withResolvers<void>();
    // One after the other at the provider, and back here both at once.
    const landings: Promise<Landed>[] = [];
    for (const sub of ['ada-1', 'ada-2']) {
      await new Promise<void>((there) => {
        const meanwhile = (): Promise<void> => {
          there();
          return gate.promise;
        };
        landings.push(world.signIn({ ...ADA, sub }, { meanwhile }));
      });
    }
    gate.resolve();
    const both = await Promise.all(landings);
    expect(both.map(({ personId, code }) => personId ?? code).toSorted()).toEqual([ada, 'other_subject'].toSorted());
  });

  it('O-54 the address follows the provider’s only of whom it made, in a proven domain, when it is free', async () => {
    await world.settings({ justInTime: true });
    const { personId } = await world.signIn(ADA);
    const address = async (): Promise<unknown> =>
      (await world.rows<{ email: string }>('SELECT email FROM person WHERE id = $1', [personId]))[0]?.email;
    await world.person({ email: `bea@${DOMAIN}` });
    await world.signIn({ ...ADA, email: 'ada@elsewhere.example' });
    await world.signIn({ ...ADA, email: `bea@${DOMAIN}` });
    await world.signIn({ ...ADA, email: `ada.ek@${DOMAIN}`, email_verified: false });
    expect(await address()).toBe(ADA.email);
    await world.signIn({ ...ADA, email: `ada.ek@${DOMAIN}` });
    expect(await address()).toBe(`ada.ek@${DOMAIN}`);
    expect(await world.rows(`SELECT recipient FROM mail WHERE template = 'address_changed'`)).toEqual([
      { recipient: ADA.email },
    ]);
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [personId]);
    await world.signIn(ADA);
    expect(await address()).toBe(`ada.ek@${DOMAIN}`);
  });

  it('O-10 whatever session the browser had is over', async () => {
    await world.person();
    const { jar } = await world.signIn(ADA);
    const before = jar.cookie('session');
    await world.signIn(ADA, { jar });
    expect(jar.cookie('session')).not.toBe(before);
    const old = await world.service.browser(before ?? '')('GET', '/api/v1/session');
    expect(old.body).toEqual({ signedIn: false });
    expect(await world.rows(`SELECT ended_because FROM session ORDER BY created_at, ended_at`)).toEqual([
      { endedBecause: 'replaced' },
      { endedBecause: null },
    ]);
  });

  it('O-02, O-09 comes back once, in the browser that was sent; the page says no more than that', async () => {
    await world.person();
    const jar = world.jar();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: world.organisation.slug,
      providerId: world.providerId,
    });
    const stolen = await comeBack(world.jar(), world.issuer, body.url, ADA);
    expect(stolen).toMatchObject({ status: 400, personId: null, code: 'attempt_dead' });
    const late = await comeBack(jar, world.issuer, body.url, ADA);
    expect(late).toMatchObject({ status: 400, personId: null, code: 'attempt_dead' });
  });

  it('O-65 reads that the provider does not answer, and who is in stays in', async () => {
    await world.person();
    const { jar, personId } = await world.signIn(ADA);
    world.issuer.down.add('/token');
    try {
      expect(await world.signIn(ADA)).toMatchObject({ status: 503, personId: null, code: 'provider_failed' });
      expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({
        signedIn: true,
        person: { id: personId },
      });
    } finally {
      world.issuer.down.clear();
    }
  });

  it('O-14 reads our own words when the provider refuses, and none of the provider’s', async () => {
    const jar = world.jar();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: world.organisation.slug,
      providerId: world.providerId,
    });
    const asked = new URL(body.url).searchParams;
    const back = new URL(asked.get('redirect_uri') ?? '');
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', `<img src=x onerror=alert(1)>${'x'.repeat(150)}`);
    const dead = await jar.go(back.href);
    expect([dead.status, dead.headers.get('content-type')]).toEqual([400, expect.stringContaining('text/html')]);
    back.searchParams.set('state', asked.get('state') ?? '');
    const refused = await jar.go(back.href);
    expect(refused.status).toBe(403);
    for (const page of [dead, refused]) expect(page.text).not.toContain('onerror');
    expect((await jar.go(back.href)).status).toBe(400);
  });

  it('has a session as long as the provider allows, and not longer', async () => {
    await world.person();
    await world.settings({ maxSessionHours: 2 });
    await world.signIn(ADA);
    expect(await world.rows(`SELECT round(extract(epoch FROM ends_at - created_at)) AS s, strength FROM session`)).toEqual([
      { s: '7200', strength: 'provider' },
    ]); // prettier-ignore
  });
});

describe('where a sign-in begins', () => {
  const start = (email: string, more: Record<string, unknown> = {}) =>
    world.jar().api<{ next: string; url?: string }>('POST', '/api/v1/sign-in/start', { email, ...more });

  it('by the domain alone: whether anybody has the address makes no difference (I-16)', async () => {
    await world.person();
    for (const email of [ADA.email, `nobody@${DOMAIN}`, ` ADA@${DOMAIN.toUpperCase()} `]) {
      const { status, body } = await start(email);
      expect(status).toBe(200);
      expect(body).toEqual({ next: 'provider', url: expect.stringContaining(`${world.issuer.issuer}/authorize?`) });
    }
    for (const email of ['ada@elsewhere.example', 'no address at all', '@']) {
      expect((await start(email)).body).toEqual({ next: 'link_sent' });
    }
    expect((await start(ADA.email, { slug: (await world.service.newOrganisation()).slug })).body).toEqual({
      next: 'link_sent',
    });
    expect((await start(ADA.email, { slug: world.organisation.slug })).body.next).toBe('provider');
  });

  it('shows an organisation’s providers, and of one that has none no more than of one that there is not', async () => {
    const place = async (slug: string): Promise<unknown> =>
      (await world.jar().api('GET', `/api/v1/sign-in/places/${slug}`)).body;
    expect(await place(world.organisation.slug)).toEqual({
      name: world.organisation.slug,
      providers: [{ id: world.providerId, name: 'Maplewood' }],
    });
    const nothing = { name: null, providers: [] };
    expect(await place((await world.service.newOrganisation()).slug)).toEqual(nothing);
    expect(await place('there-is-no-such')).toEqual(nothing);
  });

  it('X-02 not for pages of others', async () => {
    const answer = await world
      .jar()
      .api('POST', '/api/v1/sign-in/start', { email: ADA.email }, { origin: 'https://e.example' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'request.cross_site' } });
  });

  describe('O-20 from a page of the provider', () => {
    const initiate = (query: string, id = world.providerId, organisation = world.organisation.id) =>
      world.jar().go(`/sign-in/initiate/${organisation}/${id}?${query}`);
    const iss = (): string => `iss=${encodeURIComponent(world.issuer.issuer)}`;

    it('begins as any other, and comes back to a path of ours alone', async () => {
      await world.person();
      const own = `http://localhost:${new URL(world.service.url).port}`;
      const targets: [string, string][] = [
        ['/people?a=b#c', '/people?a=b#c'],
        [`${own}/people`, '/people'],
        ['https://e.example/people', '/'],
        [`${own}.e.example/`, '/'],
        ['//e.example', '/'],
        ['javascript:alert(1)', '/'],
      ];
      for (const [target, path] of targets) {
        const jar = world.jar();
        const sent = await jar.go(
          `/sign-in/initiate/${world.organisation.id}/${world.providerId}?${iss()}&target_link_uri=${encodeURIComponent(target)}&login_hint=${ADA.email}`,
        );
        expect(sent.status).toBe(303);
        expect(new URL(sent.location ?? '').searchParams.get('login_hint')).toBe(ADA.email);
        const landed = await comeBack(jar, world.issuer, sent.location ?? '', ADA);
        expect(landed.location).toBe(`${own}${path}`);
      }
    });

    it('does not for another issuer, a doubled one, or another organisation’s provider', async () => {
      const other = await world.service.newOrganisation();
      for (const [query, id, organisation] of [
        ['iss=https%3A%2F%2Fe.example', world.providerId, world.organisation.id],
        [`${iss()}%2F`, world.providerId, world.organisation.id],
        [`${iss()}&${iss()}`, world.providerId, world.organisation.id],
        ['', world.providerId, world.organisation.id],
        [iss(), world.providerId, other.id],
        [iss(), 'nonsense', world.organisation.id],
      ] as const) {
        const { status, location, headers } = await initiate(query, id, organisation);
        expect({ query, status, location }).toEqual({ query, status: 400, location: null });
        expect(headers.get('content-type')).toContain('text/html');
      }
      const long = await initiate(`${iss()}&login_hint=${'a'.repeat(321)}`);
      expect(new URL(long.location ?? '').searchParams.get('login_hint')).toBeNull();
    });
  });
});

it('a test sign-in ends in what would have happened, and in nothing else', async () => {
  await world.person();
  const admin = await world.service.session();
  const jar = world.jar();
  jar.cookies.set('rollcall-session', admin.cookie);
  const path = `/api/v1/identity-providers/${world.providerId}/tests`;
  const { body } = await jar.api<{ url: string; id: string }>('POST', path, {});
  const landed = await comeBack(jar, world.issuer, body.url, ADA);
  expect(landed).toMatchObject({ status: 303, personId: admin.personId });
  const result = await jar.api('GET', `${path}/${body.id}`);
  expect(result.body).toMatchObject({ state: 'done', wouldHappen: { outcome: 'link', code: 'email' } });
  expect(await world.rows('SELECT * FROM identity_link')).toEqual([]);
  expect(jar.cookie('session')).toBe(admin.cookie);
});
