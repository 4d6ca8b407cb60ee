import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';

export type WorkingTable = 'staged_record' | 'planned_change' | 'directory_record' | 'person';

/** Fewer rows than these are handled well by any plan. */
export const WORTH_A_LOOK = 500;

/** Lets the query planner see what a run has just written, lest it takes a hundred thousand rows for one. */
@Injectable()
export class StatisticsRepository {
  async lookAt(tx: Tx, written: number, ...tables: WorkingTable[]): Promise<void> {
    if (written < WORTH_A_LOOK) return;
    await tx.query(`SELECT look_at_working_tables($1::text[])`, [tables]);
  }
}
