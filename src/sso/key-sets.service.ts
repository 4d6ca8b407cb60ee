import { Inject, Injectable } from '@nestjs/common';
import type { CryptoKey } from 'jose';
import { CLOCK, type Clock } from '../common/clock.js';
import { type Algorithm, ALGORITHMS } from '../connectors/sign-in-preset.js';
import { importKey, isUsable } from './keys.js';
import { isObject, objectOf, ProviderHttp, ProviderRefused } from './provider-http.js';
import { SignInFault } from './sign-in-fault.js';
import { TokenBucket } from './token-bucket.js';

type Jwk = Readonly<Record<string, unknown>>;

/** JWKS_REFETCH of the fixed numbers. */
const BUCKET = { most: 3, everyMs: 10_000 };
const KEPT_MS = 600_000;
const UNKNOWN_KEPT_MS = 60_000;
const MOST_KEYS = 64;
const MOST_UNKNOWN = 100;
const MOST_SETS = 2_000;
/** What a key is chosen and used by. */
const KEPT = ['kty', 'crv', 'n', 'e', 'x', 'y', 'kid', 'use', 'alg'];

interface KeySet {
  keys: readonly Jwk[];
  /** Null: never. */
  fetchedAt: number | null;
  bucket: TokenBucket;
  /** Names of keys that were looked for in vain, and until when they are not looked for again. */
  unknown: Map<string, number>;
  fetching: Promise<void> | null;
}

/** The keys of providers. A key that nobody knows yet is fetched at once, and a storm of invented ones fetches little. */
@Injectable()
export class KeySets {
  private readonly sets = new Map<string, KeySet>();

  constructor(
    private readonly http: ProviderHttp,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The one key of a provider that a signature may be made with.
   *
   * @param kid As the token's header names it; null: not at all, and then there may be only one.
   * @throws {SignInFault} `key`, or `provider_…` when the keys cannot be fetched.
   */
  async find(
    provider: { issuer: string; jwksUri: string },
    kid: string | null,
    algorithm: Algorithm,
  ): Promise<CryptoKey> {
    const set = this.setOf(provider);
    const known = this.isFresh(set) ? this.match(set, kid, algorithm) : null;
    const jwk = known ?? (await this.lookUp(set, provider.jwksUri, kid, algorithm));
    try {
      return await importKey(jwk, algorithm);
    } catch (error) {
      throw new SignInFault('key', 'The key of the provider is not a sound one.', { cause: error });
    }
  }

  private async lookUp(set: KeySet, jwksUri: string, kid: string | null, algorithm: Algorithm): Promise<Jwk> {
    const now = this.clock.now().getTime();
    const name = kid ?? '';
    if (this.isFresh(set) && (set.unknown.get(name) ?? 0) > now) throw unknownKey();
    // One that is under way may have been answered before this key came to be: it is waited for, and then asked again.
    if (set.fetching !== null) {
      await set.fetching;
      const found = this.match(set, kid, algorithm);
      if (found !== null) return found;
    }
    await this.refresh(set, jwksUri, now);
    const found = this.match(set, kid, algorithm);
    if (found !== null) return found;
    remember(set.unknown, name, now + UNKNOWN_KEPT_MS);
    throw unknownKey();
  }

  /** One fetch at a time; whoever comes meanwhile takes part in it. */
  private async refresh(set: KeySet, jwksUri: string, now: number): Promise<void> {
    if (set.fetching === null) {
      if (!set.bucket.take(now)) {
        if (this.isFresh(set)) throw unknownKey();
        throw new SignInFault('provider_unreachable', 'The keys of the provider were asked for too often.');
      }
      set.fetching = this.fetch(set, jwksUri).finally(() => {
        set.fetching = null;
      });
    }
    await set.fetching;
  }

  /** @throws {SignInFault} `key` when several would do: which of them signed must not be guessed. */
  private match(set: KeySet, kid: string | null, algorithm: Algorithm): Jwk | null {
    const fit = set.keys.filter((jwk) => (kid === null || jwk['kid'] === kid) && isUsable(jwk, algorithm));
    if (fit.length > 1) throw new SignInFault('key', 'Several keys of the provider would do.');
    return fit[0] ?? null;
  }

  private async fetch(set: KeySet, jwksUri: string): Promise<void> {
    const keys = await this.read(jwksUri);
    set.keys = keys;
    set.fetchedAt = this.clock.now().getTime();
  }

  private async read(jwksUri: string): Promise<readonly Jwk[]> {
    try {
      const answer = await this.http.ask('keys', jwksUri);
      if (answer.status === 429 || answer.status >= 500)
        throw new SignInFault('provider_unreachable', 'The provider does not show its keys at the moment.');
      const keys = answer.status === 200 ? objectOf(answer.text)?.['keys'] : null;
      if (!Array.isArray(keys) || keys.length > MOST_KEYS)
        throw new SignInFault('key', `The provider shows no list of at most ${MOST_KEYS} keys.`);
      return keys.filter(isObject).filter(isGoodForAnything).map(trimmed);
    } catch (error) {
      if (error instanceof ProviderRefused) throw new SignInFault('key', error.message, { cause: error });
      throw error;
    }
  }

  private isFresh(set: KeySet): boolean {
    return set.fetchedAt !== null && this.clock.now().getTime() - set.fetchedAt < KEPT_MS;
  }

  private setOf({ issuer, jwksUri }: { issuer: string; jwksUri: string }): KeySet {
    const name = `${issuer}\n${jwksUri}`;
    const known = this.sets.get(name);
    if (known) return known;
    const set: KeySet = {
      keys: [],
      fetchedAt: null,
      bucket: new TokenBucket(BUCKET.most, BUCKET.everyMs),
      unknown: new Map(),
      fetching: null,
    };
    // The one that was made first goes: it is fetched again when it is needed.
    const [oldest] = this.sets.keys();
    if (this.sets.size >= MOST_SETS && oldest !== undefined) this.sets.delete(oldest);
    this.sets.set(name, set);
    return set;
  }
}

function isGoodForAnything(jwk: Jwk): boolean {
  return ALGORITHMS.some((algorithm) => isUsable(jwk, algorithm));
}

/** Chains of certificates and whatever else a provider hangs on its keys would be kept for many providers. */
function trimmed(jwk: Jwk): Jwk {
  return Object.fromEntries(KEPT.filter((name) => jwk[name] !== undefined).map((name) => [name, jwk[name]]));
}

function remember(unknown: Map<string, number>, name: string, until: number): void {
  const [oldest] = unknown.keys();
  if (unknown.size >= MOST_UNKNOWN && oldest !== undefined) unknown.delete(oldest);
  unknown.delete(name);
  unknown.set(name, until);
}

function unknownKey(): SignInFault {
  return new SignInFault('key', 'The provider shows no key that could have signed this.');
}
