import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { neighbourhoodOf } from '../auth/networks.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { type FaultCause, isOfTheProvider, type SignInFault } from './sign-in-fault.js';

const A_MINUTE_S = 60;

/** Why the provider was not asked at all. */
const NOT_ASKED: ReadonlySet<FaultCause> = new Set([
  'other_browser',
  'other_provider',
  'closed',
  'answer_issuer',
  'error_answer',
]);

/**
 * whoever comes back with invented codes has us ask the provider for each of them, which may have enough of us then,
 * and of everybody who signs in there. Counted by network and provider: it costs nobody else anything.
 */
@Injectable()
export class WrongAnswers {
  private readonly most: number;
  private readonly wrong: RateLimiterMemory;

  constructor(@Inject(CONFIG) { limits }: Pick<Config, 'limits'>) {
    this.most = limits.failuresPerMinute;
    this.wrong = new RateLimiterMemory({ points: this.most, duration: A_MINUTE_S });
  }

  /** @throws {RollcallError} `request.throttled` */
  async assertMay(address: string, providerId: string): Promise<void> {
    const known = await this.wrong.get(keyOf(address, providerId));
    if (known === null || known.consumedPoints < this.most) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(known.msBeforeNext / 1000));
    throw new RollcallError('request.throttled', `Too many tries: try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  /**
   * What the provider itself got wrong is nobody's guess; nor is what never came to it, by which a page of another site could
   * use up what the networks of its visitors have.
   */
  async count(address: string, providerId: string, { because }: SignInFault): Promise<void> {
    if (isOfTheProvider(because) || NOT_ASKED.has(because)) return;
    await this.wrong.penalty(keyOf(address, providerId));
  }
}

function keyOf(address: string, providerId: string): string {
  return `${providerId} ${neighbourhoodOf(address)}`;
}
