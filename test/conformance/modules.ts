import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newKey, type SigningKey } from '../support/hostile-provider.js';
import { ADA, type Landed, type SignInOptions, startSignInWorld, type SignInWorld } from '../support/sign-in-world.js';

/** What is kept of a provider and its keys is asked for anew after so long. */
const FORGOTTEN_MS = 3_600_001;

interface Kept {
  sessions: number;
  people: number;
  links: number;
}

/**
 * One service and one provider for a file of conformance modules, on the wire from our page to the provider and back. The
 * provider follows the rules again before each; the service has to be alive after each.
 */
export class Modules {
  world!: SignInWorld;
  ada = '';
  readonly clock = new ManualClock(new Date());
  private keys: SigningKey[] = [];
  private honest: Partial<SignInWorld['issuer']> = {};

  constructor() {
    beforeAll(async () => {
      this.world = await startSignInWorld({ clock: this.clock });
      const { discovery, idToken, tokenAnswer, userInfo, jwks, clientSecret } = this.world.issuer;
      this.honest = { discovery, idToken, tokenAnswer, userInfo, jwks, clientSecret };
      this.keys = this.world.issuer.keys;
      this.ada = await this.world.person();
    });
    afterAll(async () => {
      await this.world[Symbol.asyncDispose]();
    });
    beforeEach(async () => {
      Object.assign(this.world.issuer, this.honest, { keys: this.keys, claims: ADA });
      this.world.issuer.down.clear();
      this.world.issuer.seen.length = 0;
      await this.world.rows('DELETE FROM identity_link');
      await this.world.rows('DELETE FROM session');
      this.forget();
    });
    afterEach(async () => {
      expect((await fetch(new URL('/healthz', this.world.service.url))).status).toBe(200);
    });
  }

  get issuer(): SignInWorld['issuer'] {
    return this.world.issuer;
  }

  get tokenHits(): number {
    return this.issuer.hits.get('/token') ?? 0;
  }

  /** Time goes by, and with it all that is kept of the provider. */
  forget(): void {
    this.clock.advance(FORGOTTEN_MS);
  }

  seconds(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }

  anotherKey(kid: string): SigningKey {
    return newKey(kid);
  }

  /** Goes well, and the session is the right person's. */
  async letsIn(claims: Record<string, unknown> = ADA, options: SignInOptions = {}): Promise<Landed> {
    const landed = await this.world.signIn(claims, options);
    expect(landed).toMatchObject({ status: 303, personId: this.ada });
    return landed;
  }

  /** Ends with no session, nobody new and nothing tied, and the audit log knows why. */
  async refuses(because: string, claims: Record<string, unknown> = {}, options: SignInOptions = {}): Promise<Landed> {
    const before = await this.kept();
    const landed = await this.world.signIn({ ...ADA, ...claims }, options);
    expect(landed).toMatchObject({ status: 403, personId: null });
    await this.leftNothing(landed, before);
    expect(await this.cause()).toBe(because);
    return landed;
  }

  async leftNothing(landed: Pick<Landed, 'jar'>, before: Kept): Promise<void> {
    expect(landed.jar.cookie('session')).toBeUndefined();
    expect(await this.kept()).toEqual(before);
  }

  async kept(): Promise<Kept> {
    const [kept] = await this.world.rows<Kept>(
      `SELECT (SELECT count(*)::int FROM session) AS sessions, (SELECT count(*)::int FROM person) AS people,
              (SELECT count(*)::int FROM identity_link) AS links`,
    );
    if (!kept) throw new Error('nothing was counted');
    return kept;
  }

  /** Why the last sign-in failed, as the audit log says it. */
  async cause(): Promise<string | null> {
    const [row] = await this.world.rows<{ because: string }>(
      `SELECT detail ->> 'because' AS because FROM audit_entry WHERE action = 'sign_in.failed' ORDER BY seq DESC LIMIT 1`,
    );
    return row?.because ?? null;
  }
}

export function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
