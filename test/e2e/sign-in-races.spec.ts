import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { ADA, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let world: SignInWorld;
beforeAll(async () => {
  world = await startSignInWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

/** As `DELETE /identity-providers/{id}` does, to the last statement; it is committed when somebody waits for it. */
async function deleteWhile(id: string, deleted: () => void): Promise<void> {
  await world.service.database.asOrganisation(world.organisation.id, async (tx) => {
    await tx.execute('DELETE FROM sign_in_attempt WHERE identity_provider_id = $1', [id]);
    await tx.execute('DELETE FROM identity_provider WHERE id = $1', [id]);
    deleted();
    await somebodyWaits(tx);
  });
}

async function somebodyWaits(tx: Tx): Promise<void> {
  for (;;) {
    const { n } = await tx.one<{ n: number }>('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
    if (n > 0) return;
  }
}

describe('A-16 at the same moment', () => {
  it('of several identity providers with one chosen id one is made, and the others are told', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { issuer, clientId } = world.issuer;
      const order = { id: newId(), preset: 'generic', name: `Round ${round}`, issuer, clientId };
      const answers = await Promise.all(
        [1, 2, 3].map(() => world.organisation.api('POST', '/api/v1/identity-providers', order)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
      expect(answers.filter(({ status }) => status === 409).map(({ body }) => body)).toEqual(
        Array.from({ length: 2 }, () => expect.objectContaining({ code: 'identity_provider.changed' })),
      );
    }
  });

  it('a sign-in that begins while its provider is deleted is refused', async () => {
    const providerId = await world.provider(world.organisation);
    const deleted = Promise.withResolvers<void>();
    const deleting = deleteWhile(providerId, deleted.resolve);
    await deleted.promise;
    const body = { slug: world.organisation.slug, providerId };
    const begun = await world.jar().api('POST', '/api/v1/sign-in/provider', body);
    await deleting;
    expect(begun).toMatchObject({ status: 403, body: { code: 'sign_in.refused', reason: 'closed' } });
  });

  it('and so is one that comes back meanwhile', async () => {
    await world.person();
    const providerId = await world.provider(world.organisation);
    let deleting = Promise.resolve();
    world.issuer.idToken = async (payload, sign) => {
      const deleted = Promise.withResolvers<void>();
      deleting = deleteWhile(providerId, deleted.resolve);
      await deleted.promise;
      return sign(payload);
    };
    const landed = await world.signIn(ADA, { providerId });
    await deleting;
    expect(landed).toMatchObject({ status: 404, code: 'identity_provider.not_found', personId: null });
  });
});
