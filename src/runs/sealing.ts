import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { PlanOrderRepository } from './plan-order.repository.js';
import { PlanRepository } from './plan.repository.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StatisticsRepository } from './statistics.repository.js';

/** Changes that are applied in one transaction. */
const BATCH = 500;

/** The longest that a statement over a whole plan may take. */
const WITHIN_MS = 120_000;

/** Ends a plan: from then on it is looked at, or applied as it is. */
@Injectable()
export class PlanSealer {
  constructor(
    private readonly plans: PlanRepository,
    private readonly order: PlanOrderRepository,
    private readonly runs: RunsRepository,
    private readonly statistics: StatisticsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Hashes the plan and, at the same time, cuts what is to be applied of it into batches; both are done again when the run
   * breaks off before the hash is stored.
   *
   * @param onlyShows Whether the plan is to be looked at alone: whoever confirms it has a plan of their own.
   */
  async seal(context: RunContext, onlyShows: boolean): Promise<void> {
    const { lease, organisationId, runId } = context;
    const [cut, hashed] = await Promise.allSettled([
      onlyShows ? this.count(context) : this.cut(context),
      lease.read((tx) => this.plans.hash(tx, organisationId, runId), { timeoutMs: WITHIN_MS }),
    ]);
    if (cut.status === 'rejected') throw cut.reason;
    if (hashed.status === 'rejected') throw hashed.reason;
    await lease.write(async (tx) => {
      await this.runs.setProgress(tx, organisationId, runId, { toApply: cut.value, applied: 0 });
      await this.runs.setPlanned(tx, organisationId, runId, hashed.value, this.clock.now());
    });
  }

  private count({ lease, organisationId, runId }: RunContext): Promise<number> {
    return lease.write(async (tx) => {
      const toApply = await this.plans.toApply(tx, organisationId, runId);
      await this.statistics.lookAt(tx, toApply, 'planned_change');
      return toApply;
    });
  }

  private cut({ lease, organisationId, runId }: RunContext): Promise<number> {
    return lease.write(
      async (tx) => {
        const toApply = await this.order.cutIntoBatches(tx, organisationId, runId, BATCH);
        await this.statistics.lookAt(tx, toApply, 'planned_change');
        return toApply;
      },
      { timeoutMs: WITHIN_MS, awaitDisk: false },
    );
  }
}
