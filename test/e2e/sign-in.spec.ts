import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ADA, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

jest.setTimeout(60_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

describe('somebody comes back from their provider', () => {
  it('line 16: is tied by a proven address, gets in, and is told so by mail', async () => {
    const ada = await world.person();
    const landed = await world.signIn(ADA, { returnTo: '/people?page=2#top' });
    expect(landed).toMatchObject({ status: 303, personId: ada });
    expect(new URL(landed.location ?? '').pathname).toBe('/people');
    expect(await world.rows('SELECT subject, linked_by FROM identity_link')).toEqual([
      { subject: 'ada-1', linkedBy: 'email' },
    ]);
    expect(await world.rows('SELECT template FROM mail')).toEqual([{ template: 'new_sign_in' }]);
    const again = await world.signIn({ ...ADA, email: 'other@elsewhere.example' });
    expect(again.personId).toBe(ada);
  });
});
