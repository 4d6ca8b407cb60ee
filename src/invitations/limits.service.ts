import { createHmac } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { InvitationLimitsRepository } from './limits.repository.js';

const A_SECOND = 1_000;
const A_MINUTE = 60 * A_SECOND;
const AN_HOUR = 60 * A_MINUTE;
const A_DAY = 24 * AN_HOUR;
/** A minute's worth goes out in so many parts, so that the steady sending is steady. */
const PARTS_OF_A_MINUTE = 12;

/** How many may go out now, and when one may again that may not. */
export interface Allowance {
  left: number;
  againAt: Date;
}

/** I-18: how many invitations an organisation sends, and how many reach one address, whoever sends them. */
@Injectable()
export class InvitationLimits {
  constructor(
    private readonly limits: InvitationLimitsRepository,
    private readonly database: Database,
    private readonly secrets: Secrets,
    @Inject(CONFIG) private readonly config: Pick<Config, 'invitations'>,
  ) {}

  /** What the operator says of the organisation, or else the settings. */
  async ofOrganisation(tx: Tx): Promise<{ perHour: number; perDay: number }> {
    const own = await this.limits.own(tx);
    const { perHour, perDay } = this.config.invitations;
    return { perHour: own.perHour ?? perHour, perDay: own.perDay ?? perDay };
  }

  async byHand(tx: Tx, now: Date): Promise<Allowance> {
    const { perHour, perDay } = await this.ofOrganisation(tx);
    const day = await this.limits.byHandSince(tx, before(now, A_DAY));
    return narrower([
      within(day, { most: perHour, windowMs: AN_HOUR }, now),
      within(day, { most: perDay, windowMs: A_DAY }, now),
    ]);
  }

  async ofFiles(tx: Tx, now: Date): Promise<Allowance> {
    const { importPerMinute: most } = this.config.invitations;
    const minute = await this.limits.ofFilesSince(tx, before(now, A_MINUTE));
    const part = { most: Math.ceil(most / PARTS_OF_A_MINUTE), windowMs: A_MINUTE / PARTS_OF_A_MINUTE };
    return narrower([within(minute, { most, windowMs: A_MINUTE }, now), within(minute, part, now)]);
  }

  /**
   * Whether so many more can be sent by hand within a day, those that wait counted.
   *
   * @throws {RollcallError} `invitation.limit`
   */
  async assertDay(tx: Tx, more: number, now: Date): Promise<void> {
    const { perDay } = await this.ofOrganisation(tx);
    const sent = await this.limits.byHandSince(tx, before(now, A_DAY));
    const open = perDay - sent.length - (await this.limits.waiting(tx)).byHand;
    if (more <= open) return;
    const left = Math.max(0, open);
    throw new RollcallError(
      'invitation.limit',
      `The organisation may send ${left} more invitations for now, of ${perDay} in a day: send fewer, or import a file.`,
      { left, perDay },
    );
  }

  /** @returns Null once it is counted; otherwise when the address may be invited again. */
  recipient(address: string, now: Date): Promise<Date | null> {
    const digests = this.secrets
      .derived('invited addresses')
      .map(({ bytes }) => createHmac('sha256', bytes).update(address).digest());
    const [digest] = digests;
    if (digest === undefined) throw new TypeError('there is no secret key');
    const most = this.config.invitations.perRecipientPerDay;
    return this.database.asWorker(async (worker) => {
      await this.limits.alone(worker, digest);
      const oldest = (await this.limits.invitedSince(worker, digests, before(now, A_DAY), most))[most - 1];
      if (oldest !== undefined) return new Date(oldest.getTime() + A_DAY);
      await this.limits.count(worker, { id: newId(), digest, at: now });
      return null;
    });
  }

  async forgetOld(now: Date): Promise<void> {
    await this.database.asWorker((worker) => this.limits.forgetOld(worker, before(now, 2 * A_DAY)));
  }
}

function before(now: Date, ms: number): Date {
  return new Date(now.getTime() - ms);
}

/** @param at Oldest first. */
function within(at: readonly Date[], { most, windowMs }: { most: number; windowMs: number }, now: Date): Allowance {
  const counted = at.filter((one) => one.getTime() > now.getTime() - windowMs);
  const left = Math.max(0, most - counted.length);
  const leaving = counted[counted.length - most];
  return { left, againAt: left > 0 || leaving === undefined ? now : new Date(leaving.getTime() + windowMs) };
}

function narrower(all: readonly Allowance[]): Allowance {
  return {
    left: Math.min(...all.map(({ left }) => left)),
    againAt: new Date(Math.max(...all.map(({ againAt }) => againAt.getTime()))),
  };
}
