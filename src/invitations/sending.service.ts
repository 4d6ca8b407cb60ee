import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { instantOrNull } from '../common/fields.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { Database, retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { SendingView } from './invitations.dto.js';
import { InvitationsRepository } from './invitations.repository.js';
import type { SendingForecast } from './invitations.types.js';
import { InvitationLimitsRepository } from './limits.repository.js';
import { InvitationLimits } from './limits.service.js';

const A_MINUTE = 60_000;

/** How the sending goes on, and its stop switch. */
@Injectable()
export class InvitationsSending {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsRepository,
    private readonly rows: InvitationLimitsRepository,
    private readonly limits: InvitationLimits,
    private readonly audit: AuditService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'invitations'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  show(organisationId: string): Promise<SendingView> {
    return this.database.asOrganisation(organisationId, (tx) => this.view(tx), { readOnly: true });
  }

  /** What waits goes out no more, until it is resumed. Again changes nothing. */
  stop(caller: Caller): Promise<SendingView> {
    return this.switchTo(caller, true);
  }

  resume(caller: Caller): Promise<SendingView> {
    return this.switchTo(caller, false);
  }

  /** Of files of people, which go out at a steady rate: until when, with so many more. */
  async forecast(tx: Tx, more: number, now: Date): Promise<SendingForecast> {
    const { importPerMinute: perMinute } = this.config.invitations;
    const waiting = (await this.rows.waiting(tx)).ofFiles + more;
    const until = waiting === 0 ? null : new Date(now.getTime() + Math.ceil(waiting / perMinute) * A_MINUTE);
    return { waiting, perMinute, until };
  }

  private switchTo(caller: Caller, stopped: boolean): Promise<SendingView> {
    const work = async (tx: Tx): Promise<SendingView> => {
      const count = await this.invitations.stop(tx, stopped ? this.clock.now() : null);
      if (count > 0)
        await this.audit.record(tx, {
          ...contextOf(caller),
          action: stopped ? 'invitations.stopped' : 'invitations.resumed',
          subject: { kind: 'organisation', id: caller.organisationId },
          detail: { count },
        });
      return this.view(tx);
    };
    return retryOnConflict(() => this.database.asOrganisation(caller.organisationId, work));
  }

  private async view(tx: Tx): Promise<SendingView> {
    const { byHand, ofFiles, stopped } = await this.rows.waiting(tx);
    const { perMinute, until } = await this.forecast(tx, 0, this.clock.now());
    const limits = await this.limits.ofOrganisation(tx);
    return {
      waiting: byHand + ofFiles,
      byHand,
      perMinute,
      ...limits,
      until: stopped ? null : instantOrNull(until),
      stopped,
    };
  }
}
