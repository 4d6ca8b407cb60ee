import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { IdentityProvider } from '../../../src/sso/identity-providers.types.js';
import { startProvider, type TestProvider } from './provider.js';
import { placeOf, startSsoWorld, type SsoWorld } from './world.js';

let world: SsoWorld;
let there: TestProvider;
let provider: IdentityProvider;

beforeAll(async () => {
  world = await startSsoWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});
beforeEach(async () => {
  there = await startProvider({ now: () => world.clock.now() });
  provider = await world.connect(there);
});

afterEach(async () => {
  await there[Symbol.asyncDispose]();
});

async function signIn() {
  const { url, cookie } = await world.begin(provider);
  const path = there.authorize(url);
  return world.party.complete(world.callback(path, cookie), placeOf(path));
}

describe('a sign-in at a provider', () => {
  it('ends in a proven identity', async () => {
    const { attempt, identity } = await signIn();
    expect(attempt).toMatchObject({ purpose: 'sign_in', providerId: provider.id, returnTo: '/' });
    expect(identity).toMatchObject({
      organisationId: world.service.organisation.id,
      providerId: provider.id,
      subject: 'subject-1',
      email: 'ada@acme.example',
      emailVerified: true,
      firstName: 'Ada',
      lastName: 'L',
    });
    expect(there.hits.get('/token')).toBe(1);
  });
});
