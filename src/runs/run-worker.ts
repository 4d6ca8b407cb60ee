import { Injectable } from '@nestjs/common';
import { Applier } from './applying.js';
import { DeltaReader } from './delta-reading.js';
import { Finisher } from './finishing.js';
import { Guard } from './guarding.js';
import { LocalPlans } from './local-plans.js';
import { Planner } from './planning.js';
import { Prober } from './probing.js';
import { Reader } from './reading.js';
import { beginsBefore, type RunContext } from './run-context.js';
import { PlanSealer } from './sealing.js';
import { Transitions } from './transitions.js';
import { Verifier } from './verifying.js';
import { Witness } from './witnessing.js';

/**
 * A run, phase after phase, as the table of the specification has it. Each phase leaves what the next one needs in the
 * database, so whoever claims a run that was left behind begins at the phase that it had come to.
 */
@Injectable()
export class RunWorker {
  constructor(
    private readonly prober: Prober,
    private readonly reader: Reader,
    private readonly deltas: DeltaReader,
    private readonly verifier: Verifier,
    private readonly planner: Planner,
    private readonly sealer: PlanSealer,
    private readonly witness: Witness,
    private readonly guard: Guard,
    private readonly applier: Applier,
    private readonly finisher: Finisher,
    private readonly localPlans: LocalPlans,
    private readonly phases: Transitions,
  ) {}

  async run(context: RunContext): Promise<void> {
    if (context.directory === null) return this.runWithoutDirectory(context);
    if (beginsBefore(context, 'planning')) {
      await this.prober.probe(context);
      await this.phases.enter(context, 'reading', 'read');
      if (context.partial) await this.deltas.readChanged(context);
      else await this.reader.readAll(context);
      await this.verifier.verify(context);
      await this.phases.enter(context, 'planning', 'plan');
    }
    if (beginsBefore(context, 'applying')) {
      await this.guard.forgetOldApprovals(context);
      await this.witness.confirm(context);
      await this.planner.decideAll(context);
      await this.phases.record(context, 'guard');
      const verdict = await this.guard.judge(context);
      await this.phases.keepToWhatWasShown(context);
      const onlyShows = await this.phases.onlyShows(context);
      await this.sealer.seal(context, onlyShows);
      if (onlyShows) return this.finisher.showPlan(context);
      await this.guard.updateHold(context, verdict);
      await this.phases.enter(context, 'applying', 'apply');
    }
    await this.applier.applyAll(context);
    await this.phases.record(context, 'finish');
    await this.finisher.succeed(context);
  }

  /** An undo, the removal of a connection, a file of people: the plan is made of what is here, and nobody else is asked. */
  private async runWithoutDirectory(context: RunContext): Promise<void> {
    if (beginsBefore(context, 'planning')) {
      await this.phases.record(context, 'read');
      await this.localPlans.read(context);
    }
    if (beginsBefore(context, 'applying')) {
      await this.phases.enter(context, 'planning', 'plan');
      await this.localPlans.make(context);
      const onlyShows = await this.phases.onlyShows(context);
      await this.sealer.seal(context, onlyShows);
      if (onlyShows) return this.finisher.showPlan(context);
      await this.phases.enter(context, 'applying', 'apply');
    }
    await this.applier.applyAll(context);
    await this.phases.record(context, 'finish');
    await this.finisher.succeed(context);
  }
}
