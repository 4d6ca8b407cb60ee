import { randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { digestOf } from '../auth/secret-text.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { Database } from '../database/database.service.js';
import { PasskeysChallengesRepository, type ChallengePurpose } from './passkeys-challenges.repository.js';

/** A person may have to look for their device. */
const GOOD_FOR_MS = 5 * 60_000;

/** Whom a challenge was given to: a browser with a secret of its own, or a session. */
export type Challenged = { browser: string } | { sessionId: string };

/** What a passkey has to answer: random, for one browser or session, good once and for five minutes. */
@Injectable()
export class PasskeyChallenges {
  constructor(
    private readonly database: Database,
    private readonly challenges: PasskeysChallengesRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async make(purpose: ChallengePurpose, whom: Challenged): Promise<Buffer> {
    const challenge = randomBytes(32);
    const createdAt = this.clock.now();
    const expiresAt = new Date(createdAt.getTime() + GOOD_FOR_MS);
    await this.database.asWorker((worker) =>
      this.challenges.insert(worker, { id: newId(), purpose, challenge, createdAt, expiresAt, ...rowOf(whom) }),
    );
    return challenge;
  }

  /** Uses a challenge up. False when it was given to another one, for something else, too long ago, or never. */
  take(purpose: ChallengePurpose, whom: Challenged, challenge: Buffer): Promise<boolean> {
    const now = this.clock.now();
    return this.database.asWorker((worker) =>
      this.challenges.take(worker, { purpose, challenge, ...rowOf(whom) }, now),
    );
  }

  /** @returns How many that are over were deleted. */
  forgetOld(now: Date): Promise<number> {
    return this.database.asWorker((worker) => this.challenges.forget(worker, new Date(now.getTime() - 60 * 60_000)));
  }
}

function rowOf(whom: Challenged): { browserDigest: Buffer; sessionId: string | null } {
  return 'browser' in whom
    ? { browserDigest: digestOf(whom.browser), sessionId: null }
    : { browserDigest: digestOf(whom.sessionId), sessionId: whom.sessionId };
}
