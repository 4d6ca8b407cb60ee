import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import type { Tx } from '../database/tx.js';
import { ApplyChange } from './apply-change.js';
import type { Change, ChangedBy, ChangeResult } from './people.types.js';

/** Where every change of people ends, whatever it came from. */
@Injectable()
export class PeopleWriter {
  constructor(
    private readonly changes: ApplyChange,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Applies up to some thousands of changes in the caller's transaction, each at most once by its id.
   *
   * @returns What became of each, by change id.
   */
  apply(tx: Tx, changes: readonly Change[], by: ChangedBy): Promise<Map<string, ChangeResult>> {
    return this.changes.apply(tx, changes, by, this.clock.now());
  }
}
