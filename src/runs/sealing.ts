import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ahead } from '../common/ahead.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { PlanHash } from '../sync/plan-hash.js';
import { PlanOrderRepository } from './plan-order.repository.js';
import { PlanRepository } from './plan.repository.js';
import type { PlannedRow } from './plan.types.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StatisticsRepository } from './statistics.repository.js';

/** Changes that are applied in one transaction. */
const BATCH = 500;

/** Lines that are hashed together. */
const CHUNK = 2_000;

const CUT_WITHIN_MS = 120_000;

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

  /** Cuts the plan into batches and, at the same time, hashes it; both are done again when the run breaks off before the hash is stored. */
  async seal(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const [cut, hashed] = await Promise.allSettled([this.cut(context), this.hashOf(context)]);
    if (cut.status === 'rejected') throw cut.reason;
    if (hashed.status === 'rejected') throw hashed.reason;
    await lease.write(async (tx) => {
      await this.runs.setProgress(tx, organisationId, runId, { toApply: cut.value, applied: 0 });
      await this.runs.setPlanned(tx, organisationId, runId, hashed.value, this.clock.now());
    });
  }

  private cut(context: RunContext): Promise<number> {
    const { lease, organisationId, runId } = context;
    return lease.write(
      async (tx) => {
        const toApply = await this.order.cutIntoBatches(tx, organisationId, runId, BATCH);
        await this.statistics.lookAt(tx, toApply, 'planned_change');
        return toApply;
      },
      { timeoutMs: CUT_WITHIN_MS, awaitDisk: false },
    );
  }

  /** The hash of what would happen to whom, and why; ids given to joiners are no part of it. */
  private async hashOf(context: RunContext): Promise<Buffer> {
    const { lease, organisationId, runId } = context;
    const hasher = createHash('sha256');
    const hash = new PlanHash({ update: (text) => hasher.update(text) });
    const read = (after: number): Promise<PlannedRow[]> =>
      lease.read((tx) => this.plans.inHashOrder(tx, organisationId, runId, after, CHUNK));
    const last = await lease.read((tx) => this.plans.lastSeq(tx, organisationId, runId));
    let next = ahead(read(0));
    for (let after = 0; after < last; after += CHUNK) {
      const rows = await next;
      // The next lines are on their way while these are hashed.
      next = ahead(read(after + CHUNK));
      for (const row of rows) add(hash, row);
    }
    await next;
    return hasher.digest();
  }
}

function add(hash: PlanHash, row: PlannedRow): void {
  const { expectedVersion: _version, managerId, ...stable } = row.after ?? {};
  const manager = stable.awaitedManager === undefined && managerId !== undefined ? { managerId } : {};
  hash.add({ ...row, after: row.after === null ? null : { ...stable, ...manager } });
}
