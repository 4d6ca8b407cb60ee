import type { Clock } from '../company/clock.ts';
import type { Route } from '../http/answer.ts';
import type { OktaSettings } from './settings.ts';

const BUCKETS: Partial<Record<Route, string>> = {
  'users.list': 'users',
  'users.filter': 'users',
  'users.search': 'users',
  'users.deprovisioned': 'users',
  'users.get': 'user',
  'users.groups': 'user',
  'groups.list': 'groups',
  'groups.get': 'group',
  'groups.members': 'group',
  'apps.get': 'app',
  'apps.users': 'app',
  'apps.user': 'app',
  'apps.groups': 'app',
  logs: 'logs',
  schemas: 'meta',
  token: 'token',
};

interface Bucket {
  used: number;
  resets: number;
}

/** Counts each bucket over a minute that begins with its first request, not with the wall clock's. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #settings: OktaSettings;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, settings: OktaSettings) {
    this.#clock = clock;
    this.#settings = settings;
  }

  #bucket(name: string): Bucket {
    const now = this.#clock.now();
    const known = this.#buckets.get(name);
    if (known && known.resets > now) return known;
    const fresh = { used: 0, resets: now + 60_000 };
    this.#buckets.set(name, fresh);
    return fresh;
  }

  #limit(name: string): number {
    return this.#settings.rateLimits[name] ?? this.#settings.rateLimit;
  }

  /** Counts a request; false when it was one too many. */
  spend(route: Route): boolean {
    const name = BUCKETS[route] ?? 'other';
    const bucket = this.#bucket(name);
    bucket.used++;
    return bucket.used <= this.#limit(name);
  }

  headers(route: Route): Record<string, string> {
    const name = BUCKETS[route] ?? 'other';
    const bucket = this.#bucket(name);
    const limit = this.#limit(name);
    return {
      'x-rate-limit-limit': String(limit),
      'x-rate-limit-remaining': String(Math.max(0, limit - bucket.used)),
      'x-rate-limit-reset': String(Math.ceil(bucket.resets / 1000)),
    };
  }
}
