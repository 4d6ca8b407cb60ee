import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { ChangedBy } from '../people/people.types.js';
import type { PlannedRow } from './plan.types.js';
import type { RunContext } from './run-context.js';
import type { RunKind } from './runs.types.js';

/** How a run ended, as it is stored. */
export interface RunEnd {
  state: 'succeeded' | 'ready' | 'failed' | 'cancelled';
  code: string | null;
  message: string | null;
}

/**
 * A kind of run that asks no directory and whose plan is made elsewhere. It has lease, fence, progress, plan, batches and
 * undo of any other run.
 */
export interface LocalKind {
  /** Looks the source through. Called anew by whoever takes over. */
  read(context: RunContext): Promise<void>;
  /** Stores the lines of the plan. What a run that was taken over had stored is gone by then. */
  plan(context: RunContext): Promise<void>;
  /** Makes the teams and positions of these lines, once. @returns From the id in the plan to the real one. */
  makePlaces(tx: Tx, context: RunContext, lines: readonly PlannedRow[]): Promise<ReadonlyMap<string, string>>;
  /** In the transaction of the batch: what was done to whom. */
  applied(tx: Tx, context: RunContext, done: readonly PlannedRow[]): Promise<void>;
  /** The same of a run that takes one of its runs back: `context.run.undoOf` says which. */
  undone(tx: Tx, context: RunContext, done: readonly PlannedRow[]): Promise<void>;
  /** In the transaction that ends the run. A run that is cancelled while it waits is not told of. */
  ended(tx: Tx, context: RunContext, end: RunEnd): Promise<void>;
  changedBy(context: RunContext): ChangedBy;
}

/** Who plans which kind; imports register theirs when the service starts. */
@Injectable()
export class LocalKinds {
  private readonly handlers = new Map<RunKind, LocalKind>();

  register(kind: 'import', handler: LocalKind): void {
    if (this.handlers.has(kind)) throw new TypeError(`a handler of ${kind} was registered before`);
    this.handlers.set(kind, handler);
  }

  /** Null for kinds that runs plan themselves. */
  of(kind: RunKind): LocalKind | null {
    return this.handlers.get(kind) ?? null;
  }
}
