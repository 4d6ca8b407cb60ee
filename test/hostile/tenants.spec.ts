import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { digestOf, makeSecret } from '../../src/auth/secret-text.js';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { Entering } from '../../src/sign-in/entering.service.js';
import { Links } from '../../src/sign-in/links.service.js';
import { PERMISSIONS } from '../e2e/permissions.table.js';
import type { Jar } from '../support/jar.js';
import { ADA, DOMAIN, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';
import type { TestOrganisation } from '../support/service.js';

jest.setTimeout(60_000);

let world: SignInWorld;
/** Another organisation, at the same issuer with the same client: its own admins set that up, and mean no good. */
let hostile: TestOrganisation;
let hostileProvider: string;

beforeAll(async () => {
  world = await startSignInWorld();
  hostile = await world.service.newOrganisation();
  hostileProvider = await world.provider(hostile, { settings: { justInTime: true } });
});
beforeEach(async () => {
  for (const id of [world.organisation.id, hostile.id]) {
    for (const table of ['identity_link', 'session', 'notice', 'mail', 'person_token', 'former_address'])
      await world.rows(`DELETE FROM ${table}`, [], id);
    await world.rows(`UPDATE person SET email = id::text, email_canonical = id::text, is_admin = false`, [], id);
    await world.rows(`UPDATE identity_provider SET state = 'active'`, [], id);
  }
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const state = (organisationId = world.organisation.id): Promise<unknown[]> =>
  world.rows(
    `SELECT (SELECT count(*)::int FROM session WHERE ended_at IS NULL) AS sessions, (SELECT count(*)::int FROM identity_link) AS links,
            (SELECT count(*)::int FROM person) AS people`,
    [],
    organisationId,
  );

describe('O-41 the provider of one organisation has no say in another', () => {
  const owner = { ...ADA, sub: 'owner' };
  const claims: [string, Record<string, unknown>][] = [
    ['the owner’s address', { sub: 'x', email: ADA.email }],
    ['the owner’s subject', { sub: 'owner', email: 'eve@e.example' }],
    ['both', owner],
    ['the address in capitals', { ...owner, sub: 'x', email: ADA.email.toUpperCase() }],
    ['the address with a tag', { ...owner, sub: 'x', email: `ada+x@${DOMAIN}` }],
    ['another address of the domain', { ...owner, sub: 'x', email: `new@${DOMAIN}` }],
    ['the domain with a dot behind it', { ...owner, sub: 'x', email: `ada@${DOMAIN}.` }],
    ['a domain below', { ...owner, sub: 'x', email: `ada@mail.${DOMAIN}` }],
    ['two addresses in one text', { ...owner, sub: 'x', email: `ada@${DOMAIN},eve@e.example` }],
    ['a name around the address', { ...owner, sub: 'x', email: `Eve <ada@${DOMAIN}>` }],
    ['an address of full-width letters', { ...owner, sub: 'x', email: `ａda@${DOMAIN}` }],
    ['a hosted domain', { ...owner, hd: DOMAIN }],
    ['a tenant', { ...owner, tid: 'a-tenant', oid: 'owner' }],
    ['groups', { ...owner, groups: ['Admins', 'Owners'] }],
    ['roles', { ...owner, roles: ['owner', 'operator'] }],
    ['the organisation by id', { ...owner, organization: 'maplewood', org_id: 'maplewood' }],
    ['a preferred user name', { sub: 'x', email: 'eve@e.example', preferred_username: ADA.email }],
    ['a principal name', { sub: 'x', email: 'eve@e.example', upn: ADA.email }],
    ['an address that it says is verified by others', { ...owner, email_verified: true, xms_edov: true }],
    ['the subject as an identity of its own', { ...owner, identities: [{ provider: 'maplewood', user_id: 'owner' }] }],
  ];

  it.each(claims)('asserting %s', async (_, said) => {
    const ada = await world.person();
    expect((await world.signIn(owner)).personId).toBe(ada);
    const before = await state();
    const landed = await world.signIn(
      { email_verified: true, ...said },
      { organisation: hostile, providerId: hostileProvider },
    );
    expect(landed).toMatchObject({ personId: null });
    expect([400, 403]).toContain(landed.status);
    expect(await state()).toEqual(before);
    expect(await state(hostile.id)).toMatchObject([{ sessions: 0, links: 0 }]);
    // Somebody of the same address over there is somebody else.
    const namesake = await world.person({ organisationId: hostile.id, email: ADA.email });
    const again = await world.signIn(
      { email_verified: true, ...said },
      { organisation: hostile, providerId: hostileProvider },
    );
    expect([null, namesake]).toContain(again.personId);
    expect(await state()).toEqual(before);
  });

  it('an account is somebody here and somebody else there', async () => {
    const ada = await world.person();
    await world.signIn(owner);
    const there = await world.person({ organisationId: hostile.id, email: 'somebody@e.example' });
    await world.rows(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
       VALUES ($3, $1, 'owner', $2, 'session', now())`,
      [hostileProvider, there, hostile.id],
      hostile.id,
    );
    expect((await world.signIn(owner)).personId).toBe(ada);
    expect((await world.signIn(owner, { organisation: hostile, providerId: hostileProvider })).personId).toBe(there);
  });
});

describe('O-03 an answer belongs to the address that it was asked for at', () => {
  const swapped: [string, (path: string) => string][] = [
    ['another organisation', (path) => path.replace(world.organisation.id, hostile.id)],
    ['another provider', (path) => path.replace(world.providerId, hostileProvider)],
    [
      'both, of the same issuer and client',
      (path) => path.replace(world.organisation.id, hostile.id).replace(world.providerId, hostileProvider),
    ],
  ];

  it.each(swapped)('%s', async (_, swap) => {
    await world.person();
    await world.person({ organisationId: hostile.id });
    const jar = world.jar();
    const { body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
      slug: world.organisation.slug,
      providerId: world.providerId,
    });
    world.issuer.claims = ADA;
    const back = (await fetch(body.url, { redirect: 'manual' })).headers.get('location') ?? '';
    const tokens = world.issuer.hits.get('/token');
    const landed = await jar.go(swap(back));
    expect(landed.status).toBe(400);
    expect(jar.cookie('session')).toBeUndefined();
    expect(world.issuer.hits.get('/token')).toBe(tokens);
    expect(await state(hostile.id)).toMatchObject([{ sessions: 0, links: 0 }]);
  });

  it('begins nothing at the provider of another organisation', async () => {
    const answer = await world.jar().api('POST', '/api/v1/sign-in/provider', {
      slug: hostile.slug,
      providerId: world.providerId,
    });
    expect(answer).toMatchObject({ status: 403, body: { code: 'sign_in.refused', reason: 'closed' } });
  });
});

describe('O-46 who is not active is not let in, by any path', () => {
  it('archived between redirect and callback', async () => {
    const ada = await world.person();
    await world.signIn(ADA);
    const meanwhile = (): Promise<unknown> => world.organisation.api('POST', `/api/v1/people/${ada}/archive`);
    const landed = await world.signIn(ADA, { meanwhile });
    expect(landed).toMatchObject({ status: 403, code: 'archived', personId: null });
    expect(await state()).toMatchObject([{ sessions: 0 }]);
  });

  it('archived in the very moment: whoever comes second sees the first', async () => {
    for (let round = 0; round < 8; round += 1) {
      const email = `round${round}@${DOMAIN}`;
      const id = await world.person({ email });
      const gate = Promise.withResolvers<undefined>();
      const archive = gate.promise.then(() => world.organisation.api('POST', `/api/v1/people/${id}/archive`));
      const landed = await world.signIn(
        { ...ADA, sub: `round-${round}`, email },
        { meanwhile: () => Promise.resolve(gate.resolve(undefined)) },
      );
      await archive;
      expect([303, 403]).toContain(landed.status);
      // Let in or not: nobody archived has a session, and none that is merely not looked at.
      const { body } = await landed.jar.api('GET', '/api/v1/session');
      expect(body).toEqual({ signedIn: false });
      expect(await world.rows('SELECT id FROM session WHERE person_id = $1 AND ended_at IS NULL', [id])).toEqual([]);
    }
  });

  it('archived while the session is being made: archiving waits, and ends it', async () => {
    const ada = await world.person();
    const entering = world.service.app.get(Entering, { strict: false });
    const how = { strength: 'passkey', amr: [], acr: null, authenticatedAt: new Date(), provider: null } as const;
    const visitor = { address: '127.0.0.1', requestId: 'test', userAgent: 'a test' };
    const archiving: Promise<unknown>[] = [];
    await world.service.database.asOrganisation(world.organisation.id, async (tx) => {
      await entering.enter(tx, ada, how, visitor);
      let over = false;
      archiving.push(world.organisation.api('POST', `/api/v1/people/${ada}/archive`).finally(() => (over = true)));
      // Until somebody waits for this very transaction.
      while (!over && (await waiting(tx)) === 0);
      expect(over).toBe(false);
    });
    await Promise.all(archiving);
    expect(await world.rows('SELECT ended_because FROM session WHERE person_id = $1', [ada])).toEqual([
      { endedBecause: 'archived' },
    ]);
  });
});

/** Who waits for a lock of this transaction. */
async function waiting(tx: Tx): Promise<number> {
  const { n } = await tx.one<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))`,
  );
  return n;
}

describe('O-47 what is switched off lets nobody in, and out who is in', () => {
  const closed = { status: 403, personId: null, code: 'closed' };
  const dead = { status: 400, personId: null, code: 'attempt_dead' };

  it('a provider that is disabled between redirect and callback', async () => {
    await world.person();
    const inside = await world.signIn(ADA);
    const path = `/api/v1/identity-providers/${world.providerId}/disable`;
    const landed = await world.signIn(ADA, { meanwhile: () => world.organisation.api('POST', path) });
    expect([closed, dead]).toContainEqual({ status: landed.status, personId: landed.personId, code: landed.code });
    expect((await inside.jar.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
    await expect(world.signIn(ADA)).rejects.toThrow('no sign-in began');
    expect(await state()).toMatchObject([{ sessions: 0 }]);
  });

  it.each([
    ['has no single sign-on any more', 'sso = false'],
    ['is being deleted', `delete_after = now() + interval '7 days'`],
  ])('an organisation that %s meanwhile', async (_, change) => {
    await world.person();
    const set = (what: string): Promise<unknown> =>
      world.service.database.asMigrate((tx) =>
        tx.execute(`UPDATE organisation SET ${what} WHERE id = $1`, [world.organisation.id]),
      );
    try {
      const landed = await world.signIn(ADA, { meanwhile: () => set(change) });
      expect(landed).toMatchObject({ status: 403, personId: null, code: 'closed' });
      const start = await world.jar().api('POST', '/api/v1/sign-in/start', { email: ADA.email });
      expect(start.body).toEqual({ next: 'link_sent' });
      const place = await world.jar().api('GET', `/api/v1/sign-in/places/${world.organisation.slug}`);
      expect(place.body).toEqual({ name: null, providers: [] });
    } finally {
      await set('sso = true, delete_after = NULL');
    }
  });
});

describe('O-77 where the company’s own sign-in is enforced, there is no other', () => {
  const enforce = (on: boolean): Promise<unknown> => world.rows('UPDATE organisation SET sso_enforced = $1', [on]);
  beforeEach(() => enforce(true));
  afterAll(() => enforce(false));

  it('Z-28 these are all the ways in, each tried below or in a suite of its own', () => {
    const ways = Object.keys(PERMISSIONS).filter(
      (route) => PERMISSIONS[route]?.startsWith('public') === true && /\/(sign-in|set-up)\//u.test(route),
    );
    expect(ways.filter((route) => !LEAD_NOWHERE.includes(route)).toSorted()).toEqual([
      'GET /sign-in/callback/:organisationId/:providerId',
      'POST /api/v1/set-up/open',
      'POST /api/v1/sign-in/first',
      'POST /api/v1/sign-in/link/use',
      'POST /api/v1/sign-in/passkey',
    ]);
  });

  it('a link that was made before lets nobody in afterwards; who is on the break-glass list is', async () => {
    const ada = await world.person();
    const { jar, token } = await linkFor(ada);
    const used = await jar.api('POST', '/api/v1/sign-in/link/use', { token });
    expect(used).toMatchObject({ status: 403, body: { code: 'sign_in.refused', reason: 'sso_enforced' } });
    expect(jar.cookie('session')).toBeUndefined();
    expect(await state()).toMatchObject([{ sessions: 0 }]);
    await world.rows(
      `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"system"}')`,
      [world.organisation.id, ada],
    );
    expect((await jar.api('POST', '/api/v1/sign-in/link/use', { token })).status).toBe(200);
  });

  it('a link that is asked for leads to the provider instead', async () => {
    const links = world.service.app.get(Links, { strict: false });
    // What other tests asked for, for people who have the address no more.
    await links.expand();
    const ada = await world.person();
    await world.jar().api('POST', '/api/v1/sign-in/link', { email: ADA.email });
    await links.expand();
    expect(await world.rows('SELECT template, person_id FROM mail')).toEqual([
      { template: 'sign_in_with_provider', personId: ada },
    ]);
    expect(await world.rows('SELECT * FROM sign_in_token WHERE used_at IS NULL AND person_id = $1', [ada])).toEqual([]);
  });

  it('the provider does, and so does what the operator hands over', async () => {
    const ada = await world.person();
    expect((await world.signIn(ADA)).personId).toBe(ada);
    const links = world.service.app.get(Links, { strict: false });
    const { url } = await links.makeForCommandLine(world.organisation.id, ADA.email);
    const used = await world.jar().api('POST', '/api/v1/sign-in/link/use', { token: url.split('#')[1] });
    expect(used.status).toBe(200);
  });
});

/** They let nobody in, but begin something, show something, or end something. */
const LEAD_NOWHERE = [
  'GET /api/v1/sign-in/places/:slug',
  'GET /sign-in/:slug',
  'GET /sign-in/first',
  'GET /sign-in/initiate/:organisationId/:providerId',
  'GET /sign-in/jwks/:organisationId/:id',
  'GET /sign-in/link',
  'GET /sign-in/refused',
  'POST /api/v1/sign-in/link',
  'POST /api/v1/sign-in/passkey/options',
  'POST /api/v1/sign-in/provider',
  'POST /api/v1/sign-in/start',
  'POST /sign-in/back-channel-logout/:organisationId/:providerId',
];

/** A link as by mail, in the browser that asked for it. */
async function linkFor(personId: string): Promise<{ jar: Jar; token: string }> {
  const jar = world.jar();
  await jar.api('POST', '/api/v1/sign-in/link', { email: 'nobody@e.example' });
  const { text, digest } = makeSecret(world.organisation.id, randomBytes);
  await world.rows(
    `INSERT INTO sign_in_token (organisation_id, id, person_id, kind, digest, browser_digest, made_by, expires_at)
     VALUES ($1, $2, $3, 'link', $4, $5, '{"kind":"stranger"}', now() + interval '10 minutes')`,
    [world.organisation.id, newId(), personId, digest, digestOf(jar.cookie('link') ?? '')],
  );
  return { jar, token: text };
}
