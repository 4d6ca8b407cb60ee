import { Injectable } from '@nestjs/common';
import { FilePlans } from './file-plans.service.js';
import { LocalKinds, type LocalKind } from './local-kinds.service.js';
import type { RunContext } from './run-context.js';
import { RemovalPlan } from './removing.js';
import { UndoPlanner } from './undoing.js';

/** Plans that no directory is asked for. */
@Injectable()
export class LocalPlans {
  constructor(
    private readonly undo: UndoPlanner,
    private readonly removal: RemovalPlan,
    private readonly kinds: LocalKinds,
    private readonly files: FilePlans,
  ) {}

  /** A file is looked through first; an undo and a removal have nothing to read. */
  async read(context: RunContext): Promise<void> {
    if (context.kind === 'import') await this.handler(context).read(context);
  }

  async make(context: RunContext): Promise<void> {
    if (context.kind === 'undo') return this.undo.make(context);
    if (context.kind === 'removal') return this.removal.make(context);
    await this.files.empty(context);
    await this.handler(context).plan(context);
    await this.files.judge(context);
  }

  private handler({ kind }: RunContext): LocalKind {
    const handler = this.kinds.of(kind);
    if (handler === null) throw new TypeError(`nobody plans runs of the kind ${kind}`);
    return handler;
  }
}
