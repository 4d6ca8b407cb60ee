import { Injectable } from '@nestjs/common';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { HOLD_ASKS_AGAIN_MS } from '../sync/policy.js';
import { HoldsRepository } from './holds.repository.js';
import { QuestionsRepository, type NewNotice } from './questions.repository.js';
import { StagingRepository } from './staging.repository.js';

/** What runs leave behind and nobody needs any more, and holds that nobody looked at. */
@Injectable()
export class RunsHousekeeping {
  constructor(
    private readonly staging: StagingRepository,
    private readonly holds: HoldsRepository,
    private readonly questions: QuestionsRepository,
  ) {}

  /** @param notices What else is to be told; each once per cause. */
  async keep(tx: Tx, organisationId: string, notices: NewNotice[], now: Date): Promise<void> {
    await this.staging.emptyAbandoned(tx, organisationId);
    const waiting = await this.holds.askAgain(tx, organisationId, new Date(now.getTime() - HOLD_ASKS_AGAIN_MS), now);
    const again = waiting.map(({ id, connectionId }) => ({
      id: newId(),
      kind: 'hold_asks_again',
      cause: `hold_asks_again:${id}`,
      connectionId,
      personId: null,
      message: 'Removals have waited for 72 hours without a decision or a look.',
      detail: { holdId: id },
    }));
    await this.questions.notify(tx, organisationId, [...notices, ...again], now);
  }
}
