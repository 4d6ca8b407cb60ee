import { describe, expect, it, jest } from '@jest/globals';
import { Modules } from '../conformance/modules.js';
import { ADA, DOMAIN } from '../support/sign-in-world.js';

jest.setTimeout(120_000);

const at = new Modules();
const MANY = 6;

describe('A-16, O-38: several at the same moment', () => {
  it('one account in several browsers, the first time: one tie, and all of them in', async () => {
    const landed = await Promise.all(Array.from({ length: MANY }, () => at.world.signIn(ADA)));
    expect(landed.map(({ status, personId }) => [status, personId])).toEqual(
      Array.from({ length: MANY }, () => [303, at.ada]),
    );
    expect(await at.kept()).toMatchObject({ links: 1, people: 1 });
  });

  it('O-40: two accounts with one address, the first time: one of them is tied, and the other never', async () => {
    const subjects = Array.from({ length: MANY }, (_, n) => `subject-${n}`);
    const begun = await Promise.all(
      subjects.map(async (sub) => {
        const jar = at.world.jar();
        const { body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', {
          slug: at.world.organisation.slug,
          providerId: at.world.providerId,
        });
        return { jar, path: at.issuer.authorize(body.url, undefined, { ...ADA, sub }) };
      }),
    );
    const landed = await Promise.all(
      begun.map(async ({ jar, path }) => {
        const { status } = await jar.go(path);
        const { body } = await jar.api<{ person?: { id: string } }>('GET', '/api/v1/session');
        return { status, personId: body.person?.id ?? null };
      }),
    );
    expect(landed.filter(({ personId }) => personId === at.ada)).toHaveLength(1);
    for (const { status, personId } of landed)
      expect([status, personId === null]).toEqual([personId ? 303 : 403, personId === null]);
    expect(await at.kept()).toMatchObject({ links: 1 });
  });

  it('many people: each is who they are at the provider, and nobody another', async () => {
    const people = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const email = `one-of-many-${n}@${DOMAIN}`;
        return { id: await at.world.person({ email }), claims: { ...ADA, sub: `one-of-many-${n}`, email } };
      }),
    );
    const landed = await Promise.all(people.map(({ claims }) => at.world.signIn(claims)));
    expect(landed.map(({ status, personId }) => [status, personId])).toEqual(people.map(({ id }) => [303, id]));
  });

  it('O-48: somebody who is not there yet is made once', async () => {
    await at.world.settings({ justInTime: true });
    try {
      const email = `new@${DOMAIN}`;
      const landed = await Promise.all(
        Array.from({ length: MANY }, () => at.world.signIn({ ...ADA, sub: 'new', email, given_name: 'New' })),
      );
      const [first] = landed;
      expect(first?.personId).not.toBeNull();
      expect(new Set(landed.map(({ status, personId }) => `${status} ${personId}`))).toEqual(
        new Set([`303 ${first?.personId}`]),
      );
      expect(await at.world.rows('SELECT 1 FROM person WHERE email_canonical = $1', [email])).toHaveLength(1);
    } finally {
      await at.world.settings({ justInTime: false });
    }
  });

  it('O-70: a sign-out there while somebody signs in leaves nothing that a second one does not end', async () => {
    const send = async (): Promise<number> =>
      (
        await fetch(
          new URL(
            `/sign-in/back-channel-logout/${at.world.organisation.id}/${at.world.providerId}`,
            at.world.service.url,
          ),
          {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `logout_token=${await at.issuer.logoutToken({ sub: ADA.sub })}`,
          },
        )
      ).status;
    const [landed, status] = await Promise.all([at.world.signIn(ADA), send()]);
    expect([landed.status, status]).toEqual([303, 200]);
    expect(await send()).toBe(200);
    expect((await landed.jar.api('GET', '/api/v1/session')).body).toEqual({ signedIn: false });
  });
});
