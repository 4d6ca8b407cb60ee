import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ADA, comeBack, DOMAIN, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';
import type { Jar } from '../support/jar.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

interface Asked {
  url: string;
  code: string;
  detail: string;
  ways: string[];
}

const ask = (jar: Jar) =>
  jar.api<Asked>('POST', '/api/v1/session/reauthenticate', { with: 'provider', returnTo: '/account' });
const tells = (stepsUp: boolean | null, id = world.providerId) =>
  world.rows('UPDATE identity_provider SET steps_up = $2 WHERE id = $1', [id, stepsUp]);

async function signedIn(name: string, admin = false): Promise<{ jar: Jar; personId: string; sub: string }> {
  const email = `${name}@${DOMAIN}`;
  const personId = await world.person({ email });
  const { jar } = await world.signIn({ ...ADA, sub: name, email });
  if (admin) await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [personId]);
  return { jar, personId, sub: name };
}

describe('O-73 where the identity provider does not tell when somebody signed in', () => {
  it('who comes back is told so, and their session is as old as before', async () => {
    await tells(null);
    const { jar, sub } = await signedIn('ada');
    const before = jar.cookie('session');
    const { body } = await ask(jar);
    const landed = await comeBack(jar, world.issuer, body.url, { ...ADA, sub });
    expect(landed).toMatchObject({ status: 403, code: 'session.provider_cannot_step_up' });
    expect(landed.text).toContain('does not tell when you signed in');
    expect(jar.cookie('session')).toBe(before);
  });

  it('nobody is sent there once a test has shown it; they read what else there is', async () => {
    await tells(false);
    const member = await signedIn('bea');
    const refused = { code: 'session.provider_cannot_step_up', detail: expect.stringContaining('does not tell') };
    expect(await ask(member.jar)).toMatchObject({ status: 403, body: { ...refused, ways: ['link', 'sign_in'] } });
    await world.rows(
      `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
       VALUES (current_setting('rollcall.organisation_id')::uuid, gen_random_uuid(), $1, 'a', '\\x00', 0, '{}', 'Key', false)`,
      [member.personId],
    );
    const withPasskey = await ask(member.jar);
    expect(withPasskey).toMatchObject({ status: 403, body: { ...refused, ways: ['passkey', 'link', 'sign_in'] } });
    expect(withPasskey.body.detail).toContain('Use your passkey.');
    const admin = await signedIn('cleo', true);
    expect(await ask(admin.jar)).toMatchObject({ status: 403, body: { ...refused, ways: ['sign_in'] } });
  });

  it('another one of theirs that does tell is taken', async () => {
    await tells(false);
    const { jar, personId } = await signedIn('dora');
    const other = await world.provider(world.organisation, { name: 'Other' });
    await world.rows(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
       VALUES (current_setting('rollcall.organisation_id')::uuid, $1, 'dora-2', $2, 'session', now())`,
      [other, personId],
    );
    const { status, body } = await ask(jar);
    expect([status, new URL(body.url).searchParams.get('redirect_uri')]).toEqual([200, expect.stringContaining(other)]);
  });

  it('nobody is sent to one that they have no account at, or that is off', async () => {
    const { personId } = await signedIn('emil');
    await world.rows('DELETE FROM identity_link WHERE person_id = $1', [personId]);
    const session = await world.service.session({ personId });
    const asked = await session.api('POST', '/api/v1/session/reauthenticate', { with: 'provider' });
    expect(asked).toMatchObject({ status: 404, body: { code: 'identity_provider.not_found' } });
  });
});
