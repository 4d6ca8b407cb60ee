import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Jar } from '../support/jar.js';
import { ADA, comeBack, DOMAIN, startSignInWorld, type Landed, type SignInWorld } from '../support/sign-in-world.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

interface Invited {
  personId: string;
  invitationId: string;
  token: string;
}

const DEAD = { status: 403, body: { code: 'invitation.dead' } };
const INVITED = 'invitation';

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
beforeEach(async () => {
  for (const table of ['identity_link', 'session', 'notice', 'mail', 'person_token', 'invitation', 'former_address'])
    await world.rows(`DELETE FROM ${table}`);
  await world.rows('UPDATE person SET email = id::text, email_canonical = id::text');
  await world.rows('UPDATE organisation SET sso_enforced = false');
  await world.settings({ linkByEmail: true, justInTime: false });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Invites an address, and hands over the link as the mail would. */
async function invite(item: Record<string, unknown> = {}, api = world.organisation.api): Promise<Invited> {
  const { body, text } = await api<{ items: { personId: string; invitationId: string }[] }>(
    'POST',
    '/api/v1/invitations',
    { items: [{ email: ADA.email, ...item }], send: false },
  );
  const [made] = body.items;
  if (made === undefined) throw new Error(text);
  const link = await api<{ url: string }>('POST', `/api/v1/invitations/${made.invitationId}/link`);
  return { ...made, token: link.body.url.split('#')[1] ?? '' };
}

const accept = (token: string, jar: Jar = world.jar(), more: Record<string, unknown> = {}) =>
  jar.api<{ url?: string; code?: string }>('POST', '/api/v1/invitation/accept', {
    ...{ token, by: 'link', replacing: null },
    ...more,
  });

interface Coming {
  jar?: Jar;
  replacing?: string | null;
  meanwhile?: () => Promise<unknown>;
}

/** Accepts at the provider, where somebody shows who they are, and comes back. */
async function byProvider(token: string, who: Record<string, unknown>, coming: Coming = {}): Promise<Landed> {
  const { jar = world.jar(), replacing = null, meanwhile } = coming;
  const begun = await accept(token, jar, { by: 'provider', providerId: world.providerId, replacing });
  if (begun.body.url === undefined) throw new Error(begun.text);
  return comeBack(jar, world.issuer, begun.body.url, who, meanwhile);
}

const stateOf = async (id: string): Promise<unknown> =>
  (await world.rows<{ state: string }>('SELECT state FROM person WHERE id = $1', [id]))[0]?.state;
const ties = () => world.rows('SELECT subject, person_id, linked_by FROM identity_link ORDER BY subject');
const acceptedBy = async (id: string): Promise<unknown> =>
  (await world.rows<{ acceptedBy: string | null }>('SELECT accepted_by FROM invitation WHERE id = $1', [id]))[0]
    ?.acceptedBy;

async function expectUntouched({ personId, invitationId, token }: Invited): Promise<void> {
  expect(await stateOf(personId)).toBe('pending');
  expect(await acceptedBy(invitationId)).toBeNull();
  expect((await world.jar().api('POST', '/api/v1/invitation/look', { token })).status).toBe(200);
}

describe('an invitation is accepted at the company’s provider', () => {
  it('line 26: whoever was invited is active, tied and signed in, and is told so by mail', async () => {
    const invited = await invite();
    const landed = await byProvider(invited.token, ADA);
    expect(landed).toMatchObject({ status: 303, personId: invited.personId });
    expect(await stateOf(invited.personId)).toBe('active');
    expect(await acceptedBy(invited.invitationId)).toBe('provider');
    expect(await ties()).toEqual([{ subject: ADA.sub, personId: invited.personId, linkedBy: INVITED }]);
    expect((await landed.jar.api('GET', '/api/v1/session')).body).toMatchObject({ strength: 'provider', needs: null });
    expect(await world.rows(`SELECT template, recipient FROM mail`)).toEqual([
      { template: 'new_sign_in', recipient: ADA.email },
    ]);
    expect(await accept(invited.token)).toMatchObject(DEAD);
    expect((await world.signIn(ADA)).personId).toBe(invited.personId);
  });

  it.each<[string, Record<string, unknown>]>([
    ['nothing is said of whether it is verified', { email_verified: undefined }],
    ['the provider has not verified it', { email_verified: false }],
    ['it is of a domain that the organisation has not proven', { email: 'ada@elsewhere.example' }],
  ])('I-03 line 26: the mail has proven the address, though %s', async (_, claims) => {
    await world.settings({ linkByEmail: false });
    const invited = await invite({ email: claims['email'] ?? ADA.email });
    expect(await byProvider(invited.token, { ...ADA, ...claims })).toMatchObject({ personId: invited.personId });
    expect(await ties()).toMatchObject([{ linkedBy: INVITED }]);
  });

  it.each<[string, Record<string, unknown>]>([
    ['has another address', { email: `eve@${DOMAIN}` }],
    ['has none', { email: undefined }],
    ['has one that looks the same', { email: `аda@${DOMAIN}` }],
  ])('I-03 line 25: an account that %s accepts nothing', async (_, claims) => {
    const invited = await invite();
    const landed = await byProvider(invited.token, { ...ADA, sub: 'eve', ...claims });
    expect(landed).toMatchObject({ status: 403, personId: null, code: 'not_invited' });
    expect(await ties()).toEqual([]);
    await expectUntouched(invited);
  });

  it('I-03 line 25: who is somebody here already does not become somebody else, whatever address they show', async () => {
    const eve = await world.person({ email: `eve@${DOMAIN}` });
    await world.signIn({ ...ADA, sub: 'eve', email: `eve@${DOMAIN}` });
    const invited = await invite();
    expect(await byProvider(invited.token, { ...ADA, sub: 'eve' })).toMatchObject({ status: 403, code: 'not_invited' });
    expect(await ties()).toMatchObject([{ subject: 'eve', personId: eve }]);
    await expectUntouched(invited);
  });

  it('I-03 nor is anybody made by it, where making people is on', async () => {
    await world.settings({ justInTime: true });
    const invited = await invite();
    const before = await world.rows('SELECT id FROM person');
    expect(await byProvider(invited.token, { ...ADA, sub: 'eve', email: `new@${DOMAIN}` })).toMatchObject({
      code: 'not_invited',
    });
    expect(await world.rows('SELECT id FROM person')).toHaveLength(before.length);
    await expectUntouched(invited);
  });

  it('O-42 an admin accepts at the link, and is one', async () => {
    const { api } = await world.service.session({ organisationId: world.organisation.id });
    const invited = await invite({ admin: true }, api);
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'invited' });
    await expectUntouched(invited);
    const landed = await byProvider(invited.token, ADA);
    expect(landed).toMatchObject({ status: 303, personId: invited.personId });
    expect((await landed.jar.api('GET', '/api/v1/session')).body).toMatchObject({
      ...{ strength: 'provider', needs: null },
      person: { isAdmin: true },
    });
  });

  it.each(['link', 'provider'] as const)('line 26: who is active already accepts it too, by %s', async (by) => {
    const { personId, invitationId, token } = await invite();
    await world.rows(`UPDATE person SET state = 'active' WHERE id = $1`, [personId]);
    if (by === 'link') expect((await accept(token)).status).toBe(200);
    else expect(await byProvider(token, ADA)).toMatchObject({ status: 303, personId });
    expect(await acceptedBy(invitationId)).toBe(by);
    expect(await accept(token)).toMatchObject(DEAD);
  });

  it.each(['at the link', 'without it'])('lines 26 and 27: whose account is tied already accepts %s', async (where) => {
    const ada = await world.person();
    await world.signIn(ADA);
    await world.rows(`UPDATE person SET state = 'pending' WHERE id = $1`, [ada]);
    const { personId, invitationId, token } = await invite();
    expect(personId).toBe(ada);
    const landed = await (where === 'at the link' ? byProvider(token, ADA) : world.signIn(ADA));
    expect(landed).toMatchObject({ status: 303, personId: ada });
    expect([await stateOf(ada), await acceptedBy(invitationId)]).toEqual(['active', 'provider']);
    expect(await ties()).toMatchObject([{ linkedBy: 'email' }]);
  });

  it('I-05 line 25: what ended while they were at the provider lets nobody in', async () => {
    const invited = await invite();
    const meanwhile = () => world.organisation.api('POST', `/api/v1/invitations/${invited.invitationId}/revoke`);
    expect(await byProvider(invited.token, ADA, { meanwhile })).toMatchObject({ status: 403, code: 'not_invited' });
    expect(await stateOf(invited.personId)).toBe('pending');
    expect(await ties()).toEqual([]);
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    [
      'was sent again',
      async (id) => {
        await world.rows(`UPDATE invitation SET sent_at = sent_at - interval '1 hour' WHERE id = $1`, [id]);
        return world.organisation.api('POST', `/api/v1/invitations/${id}/resend`);
      },
    ],
    ['has a new link', (id) => world.organisation.api('POST', `/api/v1/invitations/${id}/link`)],
    [
      'was revoked and made anew',
      async (id) => {
        await world.organisation.api('POST', `/api/v1/invitations/${id}/revoke`);
        return world.organisation.api('POST', '/api/v1/invitations', { items: [{ email: ADA.email }], send: false });
      },
    ],
  ])('I-05 line 25: who began at the link of one that %s since does not finish', async (_, renew) => {
    const { personId, invitationId, token } = await invite();
    const renewed: unknown[] = [];
    const meanwhile = async (): Promise<void> => {
      renewed.push(await renew(invitationId));
    };
    const landed = await byProvider(token, ADA, { meanwhile });
    expect(renewed).toMatchObject([{ status: 200 }]);
    expect(landed).toMatchObject({ status: 403, personId: null, code: 'not_invited' });
    expect([await stateOf(personId), await acceptedBy(invitationId), await ties()]).toEqual(['pending', null, []]);
    const [stands] = await world.rows<{ id: string }>('SELECT id FROM invitation WHERE closed_at IS NULL');
    const newest = await world.organisation.api<{ url: string }>('POST', `/api/v1/invitations/${stands?.id}/link`);
    expect(await byProvider(newest.body.url.split('#')[1] ?? '', ADA)).toMatchObject({ status: 303, personId });
  });

  it('I-05 at one moment a new link is made, or the older one is finished; never both', async () => {
    for (let round = 0; round < 8; round += 1) {
      const email = `p${round}@${DOMAIN}`;
      const { personId, invitationId, token } = await invite({ email });
      const renewed: Promise<{ status: number }>[] = [];
      const meanwhile = (): Promise<void> => {
        renewed.push(world.organisation.api('POST', `/api/v1/invitations/${invitationId}/link`));
        return Promise.resolve();
      };
      const landed = await byProvider(token, { ...ADA, sub: email, email }, { meanwhile });
      const [made] = await Promise.all(renewed);
      expect([landed.status, made?.status, await stateOf(personId)]).toEqual(
        landed.status === 303 ? [303, 409, 'active'] : [403, 200, 'pending'],
      );
    }
  });

  it('accepts nothing when the last door stays shut: all of it is one transaction', async () => {
    const invited = await invite();
    const owner = world.service.database;
    await owner.asMigrate((tx) =>
      tx.execute(`ALTER TABLE session ADD CONSTRAINT nobody_enters CHECK (strength <> 'provider') NOT VALID`),
    );
    try {
      expect(await byProvider(invited.token, ADA)).toMatchObject({ status: 500, personId: null });
    } finally {
      await owner.asMigrate((tx) => tx.execute('ALTER TABLE session DROP CONSTRAINT nobody_enters'));
    }
    expect(await ties()).toEqual([]);
    await expectUntouched(invited);
    expect(await byProvider(invited.token, ADA)).toMatchObject({ status: 303, personId: invited.personId });
  });

  it('is accepted once, by however many at once', async () => {
    const invited = await invite();
    const landed = await Promise.all([1, 2, 3, 4].map(() => byProvider(invited.token, ADA)));
    expect(landed.map(({ status }) => status).sort()).toEqual([303, 403, 403, 403]);
    const inside = landed.filter(({ personId }) => personId !== null);
    expect(inside.map(({ personId }) => personId)).toEqual([invited.personId]);
    expect(landed.filter(({ code }) => code === 'not_invited')).toHaveLength(3);
    expect(await ties()).toHaveLength(1);
    const entries = await world.rows(`SELECT 1 FROM audit_entry WHERE action = 'invitation.accepted' AND subject_id = $1`, [
      invited.invitationId,
    ]); // prettier-ignore
    expect(entries).toHaveLength(1);
  });
});

describe('who is invited signs in without the link', () => {
  it('line 27: is accepted by a proven address', async () => {
    const invited = await invite();
    expect(await world.signIn(ADA)).toMatchObject({ status: 303, personId: invited.personId });
    expect(await stateOf(invited.personId)).toBe('active');
    expect(await acceptedBy(invited.invitationId)).toBe('provider');
    expect(await ties()).toMatchObject([{ linkedBy: INVITED }]);
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['the address is not verified', { email_verified: false }, {}, 'unknown'],
    ['nothing is said of it', { email_verified: undefined }, {}, 'unknown'],
    ['the provider may not link', {}, { linkByEmail: false }, 'unknown'],
    ['it is another address', { email: `eve@${DOMAIN}` }, {}, 'unknown'],
  ])('line 27: not when %s', async (_, claims, settings, because) => {
    await world.settings(settings);
    const invited = await invite();
    expect(await world.signIn({ ...ADA, ...claims })).toMatchObject({ status: 403, code: because });
    await expectUntouched(invited);
  });

  it('line 19: not who is pending and was never sent anything', async () => {
    const invited = await invite();
    await world.rows('DELETE FROM invitation');
    expect(await world.signIn(ADA)).toMatchObject({ status: 403, code: 'pending' });
    expect(await stateOf(invited.personId)).toBe('pending');
  });
});

describe('by the link itself', () => {
  it('lets in, with a session of a link; an admin adds a passkey then', async () => {
    const member = await invite();
    const jar = world.jar();
    expect(await accept(member.token, jar)).toMatchObject({ status: 200, body: { returnTo: '/' } });
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({
      ...{ signedIn: true, strength: 'link', needs: null },
      person: { id: member.personId },
    });
    const { api } = await world.service.session({ organisationId: world.organisation.id });
    const { token } = await invite({ email: `boss@${DOMAIN}`, admin: true }, api);
    const boss = world.jar();
    expect((await accept(token, boss)).status).toBe(200);
    expect((await boss.api('GET', '/api/v1/session')).body).toMatchObject({ strength: 'link', needs: 'passkey' });
    expect((await boss.api('GET', '/api/v1/people')).status).toBe(403);
  });

  it('I-21 where single sign-on is enforced, it leads there and nowhere else', async () => {
    const invited = await invite();
    await world.rows('UPDATE organisation SET sso_enforced = true');
    expect((await world.jar().api('POST', '/api/v1/invitation/look', { token: invited.token })).body).toMatchObject({
      ways: { link: false, providers: [{ id: world.providerId, name: 'Maplewood' }] },
    });
    expect(await accept(invited.token)).toMatchObject({ status: 409, body: { code: 'invitation.provider_needed' } });
    await expectUntouched(invited);
    const landed = await byProvider(invited.token, ADA);
    expect(landed.personId).toBe(invited.personId);
    expect((await landed.jar.api('GET', '/api/v1/session')).body).toMatchObject({ strength: 'provider' });
  });

  it('I-04 opening the page ten times uses nothing up', async () => {
    const invited = await invite();
    for (let times = 0; times < 10; times += 1) {
      const page = await world.jar().go('/invitation');
      expect(page.status).toBe(200);
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    }
    for (const path of ['look', 'accept', 'decline'])
      expect((await world.jar().go(`/api/v1/invitation/${path}`)).status).toBe(404);
    await expectUntouched(invited);
    expect((await accept(invited.token)).status).toBe(200);
  });
});

describe('I-22 who is signed in as somebody already', () => {
  it.each(['link', 'provider'] as const)('is asked first, and that session ends: by %s', async (by) => {
    const invited = await invite({ email: `bea@${DOMAIN}` });
    const ada = await world.person();
    const { jar } = await world.signIn(ADA);
    const looked = await jar.api('POST', '/api/v1/invitation/look', { token: invited.token });
    expect(looked.body).toMatchObject({
      email: `bea@${DOMAIN}`,
      signedIn: { personId: ada, email: ADA.email, organisation: world.organisation.slug },
    });
    for (const replacing of [null, invited.personId]) {
      const refused = await accept(invited.token, jar, { by, providerId: world.providerId, replacing });
      expect(refused).toMatchObject({ status: 409, body: { code: 'invitation.signed_in_elsewhere' } });
    }
    await expectUntouched(invited);
    const before = jar.cookie('session');
    if (by === 'link') expect((await accept(invited.token, jar, { replacing: ada })).status).toBe(200);
    else await byProvider(invited.token, { ...ADA, sub: 'bea', email: `bea@${DOMAIN}` }, { jar, replacing: ada });
    expect((await jar.api('GET', '/api/v1/session')).body).toMatchObject({ person: { id: invited.personId } });
    expect(jar.cookie('session')).not.toBe(before);
    expect(await world.rows('SELECT ended_at IS NOT NULL AS over FROM session WHERE person_id = $1', [ada])).toEqual([
      { over: true },
    ]);
  });

  it.each(['look', 'accept', 'decline'])('nothing is done for a page of another site: %s', async (path) => {
    const invited = await invite();
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    const body = { token: invited.token, ...(path === 'accept' ? { by: 'link', replacing: null } : {}) };
    expect((await world.jar().api('POST', `/api/v1/invitation/${path}`, body, foreign)).status).toBe(403);
    await expectUntouched(invited);
  });
});
