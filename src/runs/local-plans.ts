import { Injectable } from '@nestjs/common';
import type { RunContext } from './run-context.js';
import { RemovalPlan } from './removing.js';
import { UndoPlanner } from './undoing.js';

/** Plans that no directory is asked for. */
@Injectable()
export class LocalPlans {
  constructor(
    private readonly undo: UndoPlanner,
    private readonly removal: RemovalPlan,
  ) {}

  make(context: RunContext): Promise<void> {
    return context.kind === 'undo' ? this.undo.make(context) : this.removal.make(context);
  }
}
