import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { neighbourhoodOf } from '../auth/networks.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';

const AN_HOUR_S = 3_600;
/** Of the links that an address may have in an hour, one network may ask for so many: a stranger cannot use them all up. */
const SHARE_OF_A_NETWORK = 0.6;
/** More than a whole office asks for, and far less than can be worked off meanwhile: everybody's requests are in one queue. */
const OF_A_NETWORK = { points: 300, duration: 300 };

/** I-18, X-11: how often links may be asked for. Counted before anybody is looked for, so it tells nothing of anybody. */
@Injectable()
export class LinksAsking {
  private readonly network = new RateLimiterMemory(OF_A_NETWORK);
  private readonly address: RateLimiterMemory;

  constructor(@Inject(CONFIG) { signIn }: Pick<Config, 'signIn'>) {
    const points = Math.ceil(signIn.linksPerAddressPerHour * SHARE_OF_A_NETWORK);
    this.address = new RateLimiterMemory({ points, duration: AN_HOUR_S });
  }

  /** @throws {RollcallError} `request.throttled` for a network that asks for more than the others would get theirs after. */
  async spend(from: string): Promise<void> {
    const waitMs = await take(this.network, neighbourhoodOf(from));
    if (waitMs === null) return;
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
    throw new RollcallError('request.throttled', `Too many requests: ask again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }

  /** Whether a network may ask for one more link to an address. */
  async maySend(emailCanonical: string, from: string): Promise<boolean> {
    return (await take(this.address, `${emailCanonical} ${neighbourhoodOf(from)}`)) === null;
  }
}

/** How long to wait, milliseconds; null when there was one left, which is taken. */
async function take(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
    throw refusal;
  }
}
