import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { IdentityProvider } from '../../../src/sso/identity-providers.types.js';
import { startProvider, type TestProvider } from '../../support/hostile-provider.js';
import { placeOf, startSsoWorld, type SsoWorld } from './world.js';

/** How a sign-in ended: its code, null for one that was proven, and why by the audit log. */
export interface Outcome {
  code: string | null;
  because: unknown;
}

export const DEAD: Outcome = { code: 'sign_in.attempt_dead', because: null };
export const INSIDE: Outcome = { code: null, because: null };
export const refused = (because: string): Outcome => ({ code: 'sign_in.answer_refused', because });

/** One service for a file of specs, and for each spec a provider of its own that is connected to it. */
export class SigningIn {
  world!: SsoWorld;
  there!: TestProvider;
  provider!: IdentityProvider;

  constructor(wholeTimeoutMs?: number) {
    beforeAll(async () => {
      this.world = await startSsoWorld(wholeTimeoutMs);
    });
    afterAll(async () => {
      await this.world[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      this.there = await startProvider({ now: () => this.world.clock.now() });
      this.provider = await this.world.connect(this.there);
    });
    afterEach(async () => {
      await this.there[Symbol.asyncDispose]();
    });
  }

  get tokenHits(): number {
    return this.there.hits.get('/token') ?? 0;
  }

  /** How a request of a browser ends, and what the audit log says of it. */
  async outcomeOf(path: string, cookie: Parameters<SsoWorld['callback']>[1], place = placeOf(path)): Promise<Outcome> {
    const request = this.world.callback(path, cookie);
    const code = await this.world.party.complete(request, place).then(
      () => null,
      (error: { code?: string }) => error.code ?? 'no code',
    );
    const { id } = request as unknown as { id: string };
    const rows = await this.world.service.database.asMigrate((tx) =>
      tx.query<{ detail: { because: string } }>(
        `SELECT detail FROM audit_entry WHERE action = 'sign_in.failed' AND request_id = $1`,
        [id],
      ),
    );
    return { code, because: rows[0]?.detail.because ?? null };
  }

  /** From the beginning to its end, with what came back changed on the way. */
  async signIn(change?: (back: URL) => void, order: Parameters<SsoWorld['begin']>[1] = {}): Promise<Outcome> {
    const { url, cookie } = await this.world.begin(this.provider, order);
    return this.outcomeOf(this.there.authorize(url, change), cookie);
  }

  /** A sign-in that goes well. */
  async identity() {
    const { url, cookie } = await this.world.begin(this.provider);
    const path = this.there.authorize(url);
    return (await this.world.party.complete(this.world.callback(path, cookie), placeOf(path))).identity;
  }
}
