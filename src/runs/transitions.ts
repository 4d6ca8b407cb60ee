import { Injectable } from '@nestjs/common';
import { Interruption } from './lease.js';
import { RemovalsRepository } from './removals.repository.js';
import { PlanRepository } from './plan.repository.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import type { Phase, RunState } from './runs.types.js';
import { reason } from '../sync/reasons.js';

/** How a run moves on: compare-and-set under its fence, each phase recorded as it begins. */
@Injectable()
export class Transitions {
  constructor(
    private readonly runs: RunsRepository,
    private readonly plans: PlanRepository,
    private readonly removals: RemovalsRepository,
  ) {}

  async enter(context: RunContext, to: RunState, phase: Phase): Promise<void> {
    const { lease, organisationId, runId } = context;
    const ref = { organisationId, runId, fence: lease.ref.fence };
    const moved = await lease.write((tx) => this.runs.transition(tx, ref, context.run.state, to, phase));
    if (!moved) throw new Interruption('lease_lost', 'Another worker has taken this run over.');
    await this.reload(context);
  }

  async record(context: RunContext, phase: Phase): Promise<void> {
    const { lease, organisationId, runId } = context;
    await lease.write((tx) => this.runs.setPhase(tx, organisationId, runId, phase));
    await this.reload(context);
  }

  /** What the run became by its own writes. */
  async reload(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const run = await lease.read((tx) => this.runs.find(tx, organisationId, runId));
    if (run !== null) context.run = run;
  }

  /**
   * Whether the plan is only to be looked at: a preview, a simulation, an undo or a file that nobody confirmed, or the first plan
   * under renewed credentials that takes anybody out or ties anybody.
   */
  async onlyShows(context: RunContext): Promise<boolean> {
    const { lease, organisationId, runId, run, connection } = context;
    if (context.kind === 'preview' || context.kind === 'simulation') return true;
    if (context.directory === null) return run.confirms === null;
    if (run.confirms !== null) return false;
    if (connection.unconfirmedSince === null) return false;
    return lease.read((tx) => this.plans.hasRemovalsOrLinks(tx, organisationId, runId));
  }

  /** What is applied differs from what was confirmed by added joiners and updates, never by added removals or links. */
  async keepToWhatWasShown(context: RunContext): Promise<void> {
    const { lease, organisationId, runId, run } = context;
    const preview = run.confirms;
    if (preview === null) return;
    await lease.write(async (tx) => {
      const beyond = await this.plans.beyondPreview(tx, organisationId, runId, preview);
      await this.removals.skipLines(tx, organisationId, runId, beyond, {
        ...reason('not_confirmed'),
        text: 'It was not in the preview that was confirmed.',
      });
    });
  }
}
