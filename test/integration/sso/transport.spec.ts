import { describe, expect, it } from '@jest/globals';
import { type AddressInfo, createServer } from 'node:net';
import { startProvider } from '../../support/hostile-provider.js';
import { INSIDE, SigningIn } from './signing-in.js';

/** Takes connections and says nothing. */
async function silent(): Promise<{ origin: string; close(): Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

describe('O-61: fifty at once at a provider whose token endpoint says nothing', () => {
  const at = new SigningIn();

  it('wait, and keep nobody of another organisation waiting', async () => {
    const hole = await silent();
    const other = await at.world.service.newOrganisation();
    await using hanging = await startProvider({ now: () => at.world.clock.now() });
    hanging.discovery = (document) => ({ ...document, token_endpoint: `${hole.origin}/token` });
    const provider = await at.world.connect(hanging, { organisationId: other.id });
    const begun = await Promise.all(Array.from({ length: 50 }, () => at.world.begin(provider)));
    const waiting = begun.map(({ url, cookie }) => at.outcomeOf(hanging.authorize(url), cookie));
    expect(await at.signIn()).toEqual(INSIDE);
    await hole.close();
    for (const { code, because } of await Promise.all(waiting)) {
      expect(code).toBe('sign_in.provider_failed');
      expect(['provider_unreachable', 'provider_slow']).toContain(because);
    }
  });
});

describe('O-61, O-65: a provider whose keys never come', () => {
  /** Long enough for one that answers, on a busy machine too. */
  const at = new SigningIn(3_000);

  it('is too slow, and the service is ready all the same', async () => {
    const hole = await silent();
    at.there.discovery = (document) => ({ ...document, jwks_uri: `${hole.origin}/jwks` });
    at.world.clock.advance(3_600_001);
    expect(await at.signIn()).toEqual({ code: 'sign_in.provider_failed', because: 'provider_slow' });
    const ready = await fetch(new URL('/readyz', at.world.service.url));
    expect(ready.status).toBe(200);
    await hole.close();
  });
});
