import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { RollcallError } from '../common/errors.js';
import type { Config } from '../config/config.types.js';
import { neighbourhoodOf } from './networks.js';

/** Requests per minute by each measure; and how many of one organisation are worked on, or streamed to, at once. */
export type Limits = Config['limits'];

/**
 * Keeps one client from slowing the others down: a budget per minute for each client address, credential and
 * organisation, and a share of what is worked on at once. Counted in this process; several instances give each client
 * that much of each.
 */
@Injectable()
export class RateLimits {
  private readonly addresses: RateLimiterMemory;
  private readonly failures: RateLimiterMemory;
  private readonly credentials: RateLimiterMemory;
  private readonly organisations: RateLimiterMemory;
  private readonly busy = new Map<string, number>();

  constructor(private readonly limits: Limits) {
    const perMinute = (keyPrefix: string, points: number) => new RateLimiterMemory({ keyPrefix, points, duration: 60 });
    this.addresses = perMinute('address', limits.addressPerMinute);
    this.failures = perMinute('failures', limits.failuresPerMinute);
    this.credentials = perMinute('credential', limits.credentialPerMinute);
    this.organisations = perMinute('organisation', limits.organisationPerMinute);
  }

  /** @throws {RollcallError} `request.throttled`, with `retryAfterSeconds` in its details. */
  async spendAddress(address: string): Promise<void> {
    const client = neighbourhoodOf(address);
    const failed = await this.failures.get(client);
    if (failed && failed.consumedPoints >= this.limits.failuresPerMinute) throw throttled(failed.msBeforeNext);
    await spend(this.addresses, client);
  }

  async countFailure(address: string): Promise<void> {
    await this.failures.penalty(neighbourhoodOf(address));
  }

  /** @throws {RollcallError} `request.throttled` */
  async spendCredential(organisationId: string, credentialId: string): Promise<void> {
    await spend(this.credentials, credentialId);
    await spend(this.organisations, organisationId);
  }

  /**
   * Takes a place among the organisation's requests in work; the answer gives it back, once however often it is called.
   *
   * @throws {RollcallError} `request.throttled` when all its places are taken.
   */
  enter(organisationId: string, kind: 'organisationInFlight' | 'organisationStreams'): () => void {
    const key = `${kind} ${organisationId}`;
    const now = this.busy.get(key) ?? 0;
    if (now >= this.limits[kind]) throw throttled(1000);
    this.busy.set(key, now + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      const rest = (this.busy.get(key) ?? 1) - 1;
      if (rest > 0) this.busy.set(key, rest);
      else this.busy.delete(key);
    };
  }
}

async function spend(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) throw throttled(refusal.msBeforeNext);
    throw refusal;
  }
}

function throttled(milliseconds: number): RollcallError {
  const retryAfterSeconds = Math.max(1, Math.ceil(milliseconds / 1000));
  return new RollcallError('request.throttled', `Too many requests: ask again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
  });
}
