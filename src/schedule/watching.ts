import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { Database } from '../database/database.service.js';
import { OverdueRepository } from './overdue.repository.js';

const MOST_AT_ONCE = 200;

/**
 * S-24: a connection that has not been read whole for three intervals is told to its organisation, once, until it has.
 * Whoever never worked is told too: nothing else would say that nothing happens.
 */
@Injectable()
export class Watching {
  constructor(
    private readonly database: Database,
    private readonly overdue: OverdueRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Returns for how many connections something was told or mended. */
  async look(): Promise<number> {
    const now = this.clock.now();
    const changed = await this.database.asWorker((tx) => this.overdue.changed(tx, now, MOST_AT_ONCE));
    for (const { organisationId, connectionId, isOverdue } of changed) {
      await this.database.asOrganisation(organisationId, (tx) =>
        isOverdue
          ? this.overdue.tell(tx, organisationId, { id: newId(), connectionId }, now)
          : this.overdue.mend(tx, organisationId, connectionId, now),
      );
    }
    return changed.length;
  }
}
