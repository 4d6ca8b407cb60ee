import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import type { Tx } from '../database/tx.js';
import { guard, type GuardVerdict } from '../sync/guard.js';
import { defaultPolicy, REMOVAL_WINDOW_MS } from '../sync/policy.js';
import { reason } from '../sync/reasons.js';
import { FactsRepository } from './facts.repository.js';
import { LastAdmin } from './last-admin.js';
import { ManagerPass } from './managing.js';
import type { PlannedChange } from './plan.types.js';
import { PlanOrderRepository } from './plan-order.repository.js';
import { PlanRepository } from './plan.repository.js';
import { RemovalsRepository } from './removals.repository.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import type { FileSettings, Progress } from './runs.types.js';
import { Transitions } from './transitions.js';

/** Why a row of the file is left, found once all rows were seen. */
export interface LeftRow {
  line: number;
  /** A sentence. */
  because: string;
}

/** The plan of a file of people: whoever reads the file stores its lines here, and all that is judged of it as a whole is judged here. */
@Injectable()
export class FilePlans {
  constructor(
    private readonly plans: PlanRepository,
    private readonly removals: RemovalsRepository,
    private readonly facts: FactsRepository,
    private readonly runs: RunsRepository,
    private readonly managers: ManagerPass,
    private readonly order: PlanOrderRepository,
    private readonly lastAdmin: LastAdmin,
    private readonly phases: Transitions,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Forgets what a run that was taken over had stored. */
  async empty(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    await lease.write((tx) => this.plans.empty(tx, organisationId, runId));
    await this.tell(context, { records: 0, decided: 0, unchanged: 0 });
  }

  /** How far the run is, by the last word. */
  async tell({ lease, organisationId, runId }: RunContext, progress: Progress): Promise<void> {
    await lease.write((tx) => this.runs.setProgress(tx, organisationId, runId, progress), { awaitDisk: false });
  }

  /** Stores lines, and how far the run is with them; several may be stored at once. */
  async store(context: RunContext, lines: PlannedChange[], progress: Progress = {}): Promise<void> {
    const { lease, organisationId, runId } = context;
    await lease.write(
      async (tx) => {
        await this.plans.store(tx, organisationId, runId, lines);
        await this.runs.advance(tx, organisationId, runId, progress);
      },
      { awaitDisk: false },
    );
  }

  /** Rows that turn out to be faulty once others were seen: their lines change nobody. @returns How many lines there were. */
  async leave({ lease, organisationId, runId }: RunContext, rows: readonly LeftRow[]): Promise<number> {
    if (rows.length === 0) return 0;
    const why = rows.map(({ line, because }) => ({ line, reason: reason('file_faulty', { line, because }) }));
    return lease.write((tx) => this.plans.leaveRows(tx, organisationId, runId, JSON.stringify(why)));
  }

  /**
   * What is judged of the whole: managers who do not come or close a loop, the last admin, what the confirmed preview did
   * not show, and how many go. No hold is opened for a file: what was not confirmed by number is left. What is made is what
   * rows name that are not left.
   */
  async judge(context: RunContext): Promise<void> {
    const { lease, organisationId, runId, run } = context;
    await this.managers.refuseLoops(context);
    await this.lastAdmin.keep(context, 'the file says so');
    if (run.confirms !== null) await this.keepToConfirmed(context, run.confirms);
    await lease.write((tx) => this.order.dropUnnamedPlaces(tx, organisationId, runId));
  }

  private async keepToConfirmed(context: RunContext, preview: string): Promise<void> {
    const { lease, organisationId, runId, run } = context;
    await this.phases.keepToWhatWasShown(context);
    const { archives } = run.settings as FileSettings;
    await lease.write(async (tx) => {
      if (archives !== undefined) await this.plans.approveShown(tx, organisationId, runId, preview);
      const { removals } = await this.verdict(tx, context);
      if (removals === 'hold')
        await this.removals.skipUnapproved(tx, organisationId, runId, reason('file_unconfirmed'));
    });
  }

  /** What the limits say of the removals of a plan that nobody approved: `hold` where their number has to be confirmed. */
  async verdict(tx: Tx, of: { organisationId: string; connectionId: string; runId: string }): Promise<GuardVerdict> {
    const { organisationId, connectionId, runId } = of;
    const dayAgo = new Date(this.clock.now().getTime() - REMOVAL_WINDOW_MS);
    const counts = await this.removals.removalCounts(tx, organisationId, connectionId, runId);
    return guard(
      {
        activeLinked: await this.facts.activePeople(tx, organisationId),
        fresh: { byAbsence: 0, other: counts.freshOther },
        waiting: { byAbsence: 0, other: 0 },
        removedLastDay: await this.removals.removedSince(tx, organisationId, connectionId, dayAgo),
        contradictions: 0,
        read: null,
      },
      defaultPolicy,
    );
  }
}
