import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Jar } from '../support/jar.js';
import { ADA, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

jest.setTimeout(120_000);

const MOST = 5;

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld({ config: { limits: { failuresPerMinute: MOST } } });
  await world.person();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** Begins, and comes back with something else than the provider has sent. */
async function comeBackWith(
  change: (answer: URL) => void,
  to = (jar: Jar) => jar,
): Promise<{ status: number; asked: number }> {
  const jar = world.jar();
  const order = { slug: world.organisation.slug, providerId: world.providerId };
  const { body } = await jar.api<{ url: string }>('POST', '/api/v1/sign-in/provider', order);
  const { status } = await to(jar).go(world.issuer.authorize(body.url, change));
  return { status, asked: world.issuer.hits.get('/token') ?? 0 };
}

it('X-11 invented codes are brought to the provider a few times, and nobody else pays for them', async () => {
  const refused = (answer: URL): void => {
    answer.searchParams.delete('code');
    answer.searchParams.set('error', 'access_denied');
  };
  for (let n = 0; n < 2 * MOST; n++) expect((await comeBackWith(refused)).status).toBe(403);
  // Of what a page of another site can have its visitors send, the provider is asked nothing.
  for (let n = 0; n < 2 * MOST; n++)
    expect(
      await comeBackWith(
        () => undefined,
        () => world.jar(),
      ),
    ).toEqual({ status: 400, asked: 0 });

  const invented = (answer: URL): void => answer.searchParams.set('code', `invented-${Math.random()}`);
  const answers: { status: number; asked: number }[] = [];
  for (let n = 0; n < 3 * MOST; n++) answers.push(await comeBackWith(invented));
  expect(answers.slice(0, MOST).map(({ status }) => status)).toEqual(Array.from({ length: MOST }, () => 403));
  expect(answers.slice(MOST).map(({ status }) => status)).toEqual(Array.from({ length: 2 * MOST }, () => 429));
  expect(answers.at(-1)?.asked).toBe(MOST);

  // By another provider everybody gets in, from the same network too.
  const other = await world.provider(world.organisation);
  expect((await world.signIn(ADA, { providerId: other })).status).toBe(303);
});
