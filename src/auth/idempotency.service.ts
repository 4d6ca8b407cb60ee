import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { isErrorCode } from '../common/error-codes.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import { IdempotencyRepository, type OnceKey, type OnceRow } from './idempotency.repository.js';

/** How long an answer is kept for a repeated request, milliseconds: 48 h, so that a day and a bad night are within it. */
export const ANSWERS_KEPT_MS = 48 * 3_600_000;
/** After so long without an answer the process that was asked is taken to be gone, milliseconds. */
const LOST_AFTER_MS = 10 * 60_000;

/** The status under which a failure is kept; its own status follows from its code. */
const FAILED = 0;

/** What a repeated request is answered with. */
export type Remembered = { kind: 'new' } | { kind: 'answered'; response: unknown };

/** Carries out a request once however often it is sent: the same key gets the first one's answer. */
@Injectable()
export class Idempotency {
  constructor(
    private readonly database: Database,
    private readonly keys: IdempotencyRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws {RollcallError} `idempotency.other_body`, `idempotency.in_flight`, `idempotency.outcome_unknown`,
   *   `idempotency.answer_not_kept`, or the failure that the first request ended with.
   */
  async begin(organisationId: string, once: OnceKey, body: string): Promise<Remembered> {
    const digest = createHash('sha256').update(body).digest();
    const now = this.clock.now();
    return this.database.asOrganisation(organisationId, async (tx) => {
      if (await this.keys.begin(tx, once, digest, now)) return { kind: 'new' };
      const row = await this.keys.find(tx, once);
      // The first request failed before it began and let the key go just now.
      if (!row)
        throw new RollcallError(
          'idempotency.in_flight',
          'The first request with this Idempotency-Key just ended; send it again.',
        );
      if (!row.bodyDigest.equals(digest)) {
        throw new RollcallError(
          'idempotency.other_body',
          'This Idempotency-Key was used with another body; use a new one.',
        );
      }
      return { kind: 'answered', response: answerOf(row, now) };
    });
  }

  /** @param response What was answered; null with `secret` when it must not be kept. */
  async answered(organisationId: string, once: OnceKey, response: unknown, secret: boolean): Promise<void> {
    const kept = { status: 1, response: secret ? { secret: true } : { body: response ?? null } };
    await this.database.asOrganisation(organisationId, (tx) => this.keys.keep(tx, once, kept, this.clock.now()));
  }

  /** Keeps a failure, too, unless it says that nothing was begun: then the key is free for another try. */
  async failed(organisationId: string, once: OnceKey, error: unknown): Promise<void> {
    await this.database.asOrganisation(organisationId, async (tx) => {
      if (error instanceof RollcallError && nothingBegan(error)) return this.keys.release(tx, once);
      const response =
        error instanceof RollcallError
          ? { code: error.code, message: error.message, details: error.details ?? null }
          : {
              code: 'internal.error',
              message: 'The first request with this Idempotency-Key failed by a fault of ours.',
              details: null,
            };
      return this.keys.keep(tx, once, { status: FAILED, response }, this.clock.now());
    });
  }

  /** For the recurring clean-up. @returns How many answers were forgotten. */
  forgetOld(organisationId: string, now = this.clock.now()): Promise<number> {
    const before = new Date(now.getTime() - ANSWERS_KEPT_MS);
    return this.database.asOrganisation(organisationId, (tx) => this.keys.forgetBefore(tx, before));
  }
}

function nothingBegan(error: RollcallError): boolean {
  if (error.code === 'database.commit_unknown') return false;
  return error.kind === 'unavailable' || error.kind === 'throttled' || error.code === 'request.invalid';
}

function answerOf(row: OnceRow, now: Date): unknown {
  if (row.status === null) {
    if (now.getTime() - row.createdAt.getTime() > LOST_AFTER_MS) {
      throw new RollcallError(
        'idempotency.outcome_unknown',
        'The first request never ended: look whether it was carried out, then use a new Idempotency-Key.',
      );
    }
    throw new RollcallError(
      'idempotency.in_flight',
      'The first request with this Idempotency-Key is still being worked on.',
    );
  }
  const kept = row.response as Kept;
  if ('code' in kept) {
    throw new RollcallError(
      isErrorCode(kept.code) ? kept.code : 'internal.error',
      kept.message,
      kept.details ?? undefined,
    );
  }
  if ('secret' in kept) {
    throw new RollcallError(
      'idempotency.answer_not_kept',
      'This was carried out, and its secret was shown once: revoke what it made and ask anew.',
    );
  }
  return kept.body;
}

type Kept =
  { body: unknown } | { secret: true } | { code: string; message: string; details: Record<string, unknown> | null };
