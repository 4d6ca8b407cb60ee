import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { startProvider } from '../support/hostile-provider.js';
import { ADA, DOMAIN, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

jest.setTimeout(60_000);

const TENANT = '11111111-2222-4333-8444-555555555555';

let world: SignInWorld;
let ada: string;

/** What a preset asks of a token is judged whatever the issuer's address is: ours stands in for the vendor's. */
async function open(preset: string, path = ''): Promise<void> {
  world = await startSignInWorld({ issuer: await startProvider({ path }) });
  await world.rows('UPDATE identity_provider SET preset = $1', [preset]);
}
const fresh = async (): Promise<void> => {
  await world.rows('DELETE FROM identity_link');
  await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
  ada = await world.person();
};

describe('O-44 where the issuer has accounts of everybody, the token names the company', () => {
  beforeAll(() => open('google'));
  beforeEach(() => fresh());
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('by a domain that the organisation has proven', async () => {
    expect((await world.signIn({ ...ADA, hd: DOMAIN })).personId).toBe(ada);
    // Known or not: an account that has left the company is refused.
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'other_account', personId: null });
  });

  it.each<[string, Record<string, unknown>]>([
    ['none, as consumers have it', {}],
    ['another company’s', { hd: 'elsewhere.example' }],
    ['one below', { hd: `mail.${DOMAIN}` }],
    ['an empty one', { hd: '' }],
  ])('not by %s', async (_, claims) => {
    expect(await world.signIn({ ...ADA, ...claims })).toMatchObject({ status: 403, code: 'other_account' });
    expect(await world.rows('SELECT * FROM identity_link')).toEqual([]);
  });

  it('not by a list of them', async () => {
    const landed = await world.signIn({ ...ADA, hd: [DOMAIN] });
    expect(landed).toMatchObject({ status: 403, personId: null });
  });

  it('not by one that only UserInfo tells', async () => {
    world.issuer.userInfo = () => ({
      body: { sub: ADA.sub, hd: DOMAIN, email: ADA.email, email_verified: true },
    });
    const { sub, given_name, family_name } = ADA;
    expect(await world.signIn({ sub, given_name, family_name })).toMatchObject({ status: 403, code: 'other_account' });
    world.issuer.userInfo = () => ({ body: { sub: world.issuer.claims['sub'] } });
  });
});

describe('O-45 where the issuer has a tenant for each company, a person is tenant and object, and no address', () => {
  beforeAll(() => open('microsoft', `/${TENANT}/v2.0`));
  beforeEach(() => fresh());
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });
  const theirs = { ...ADA, tid: TENANT, oid: 'ada-object', upn: ADA.email, preferred_username: ADA.email };

  it('nobody is found by an address, however verified it is said to be', async () => {
    for (const claims of [theirs, { ...theirs, email_verified: true, xms_edov: true }])
      expect(await world.signIn(claims)).toMatchObject({ status: 403, code: 'unknown', personId: null });
    expect(await world.rows('SELECT * FROM identity_link')).toEqual([]);
  });

  it('nobody is made of an address either', async () => {
    await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
    await world.settings({ justInTime: true });
    expect(await world.signIn(theirs)).toMatchObject({ status: 403, code: 'unknown' });
    await world.settings({ justInTime: false });
  });

  it('is known by the object of this tenant, whatever else the token says', async () => {
    await world.rows(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
       VALUES ($1, $2, 'ada-object', $3, 'session', now())`,
      [world.organisation.id, world.providerId, ada],
    );
    expect(
      (await world.signIn({ ...theirs, sub: 'pairwise', email: 'x@e.example', upn: 'x@e.example' })).personId,
    ).toBe(ada);
    for (const claims of [
      { oid: 'another', sub: 'ada-object' },
      { tid: TENANT.replace('1', '9') },
      { tid: undefined },
      { oid: undefined },
    ])
      expect(await world.signIn({ ...theirs, ...claims })).toMatchObject({ status: 403, personId: null });
  });
});

describe('O-42 who may do most is tied by nobody’s word on an address', () => {
  beforeAll(() => open('generic'));
  beforeEach(() => fresh());
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('an admin, and somebody of the break-glass list', async () => {
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [ada]);
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'link_from_session' });
    await world.rows('UPDATE person SET is_admin = false WHERE id = $1', [ada]);
    await world.rows(
      `INSERT INTO break_glass (organisation_id, person_id, made_by) VALUES ($1, $2, '{"kind":"system"}')`,
      [world.organisation.id, ada],
    );
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'link_from_session' });
    expect(await world.rows('SELECT * FROM identity_link')).toEqual([]);
  });

  it('E-02 who becomes an admin later stays tied by the subject, and an attacker with the address gets nothing', async () => {
    expect((await world.signIn(ADA)).personId).toBe(ada);
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [ada]);
    expect((await world.signIn(ADA)).personId).toBe(ada);
    expect(await world.signIn({ ...ADA, sub: 'attacker' })).toMatchObject({ status: 403, personId: null });
  });
});
