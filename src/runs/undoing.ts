import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { guard } from '../sync/guard.js';
import { defaultPolicy } from '../sync/policy.js';
import type { Change } from '../sync/model.js';
import { planUndo, type AppliedChange, type UndoSkip, type UndoStep } from '../sync/undo.js';
import { FactsRepository } from './facts.repository.js';
import { LastAdmin } from './last-admin.js';
import { changeId } from './lines.js';
import { PLACE, plannedLine, type PlannedChange, type PlannedRow } from './plan.types.js';
import { RemovalsRepository } from './removals.repository.js';
import { PlanRepository } from './plan.repository.js';
import type { RunContext } from './run-context.js';

/** Lines that are stored together. */
const CHUNK = 2_000;

/** Takes a run back: a plan of its own, made of what the run did and of what the people are now. */
@Injectable()
export class UndoPlanner {
  constructor(
    private readonly plans: PlanRepository,
    private readonly removals: RemovalsRepository,
    private readonly lastAdmin: LastAdmin,
    private readonly facts: FactsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async make(context: RunContext): Promise<void> {
    const { lease, organisationId, runId, run } = context;
    const undone = run.undoOf;
    if (undone === null) throw new RollcallError('run.nothing_to_undo', 'The run to undo is not kept any more.');
    await lease.write((tx) => this.plans.empty(tx, organisationId, runId));
    let seq = 0;
    for (let after = 0; ;) {
      const from = after;
      const rows = await lease.read((tx) => this.plans.appliedLines(tx, organisationId, undone, from, CHUNK));
      if (rows.length === 0) break;
      after = rows.at(-1)?.seq ?? after;
      await lease.write(async (tx) => {
        const ids = [...new Set(rows.flatMap((row) => row.personId ?? []))];
        const people = await this.facts.people(tx, organisationId, ids);
        const labels = new Map(rows.map((row) => [row.personId, row.label]));
        const plan = planUndo(rows.map((row) => appliedOf(undone, row)), new Map(people.map((person) => [person.id, person]))); // prettier-ignore
        const lines = [
          ...plan.steps.map((step) => stepLine((seq += 1), step, labels.get(step.personId) ?? step.personId)),
          ...plan.skipped.map((skip) => skipLine((seq += 1), skip, labels.get(skip.personId) ?? skip.personId)),
        ];
        await this.plans.store(tx, organisationId, runId, lines);
      });
    }
    await this.lastAdmin.keep(context, 'undone');
    await this.guardRemovals(context);
  }

  /** The same limits as ever; who confirms the preview of an undo approves the removals that it showed. */
  private async guardRemovals(context: RunContext): Promise<void> {
    const { lease, organisationId, connectionId, runId, run, connection } = context;
    await lease.write(async (tx) => {
      if (run.confirms !== null) await this.plans.approveShown(tx, organisationId, runId, run.confirms);
      const counts = await this.removals.removalCounts(tx, organisationId, connectionId, runId);
      const verdict = guard(
        {
          activeLinked: await this.facts.guarded(tx, organisationId, connection),
          fresh: {
            byAbsence: 0,
            other: counts.freshByAbsence + counts.freshOther + counts.waitingByAbsence + counts.waitingOther,
          },
          waiting: { byAbsence: 0, other: 0 },
          removedLastDay: await this.removals.removedSince(
            tx,
            organisationId,
            connectionId,
            new Date(this.clock.now().getTime() - 24 * 3_600_000),
          ),
          contradictions: 0,
          read: null,
        },
        { ...defaultPolicy, ...connection.settings.policy },
      );
      if (verdict.removals === 'hold') await this.removals.holdRemovals(tx, organisationId, connectionId, runId, 'all');
    });
  }
}

/** A stored line as the change that it was. */
export function appliedOf(runId: string, row: PlannedRow): AppliedChange {
  const {
    archiveReason,
    expectedVersion,
    teamName: _n,
    positionName: _p,
    frameworkId: _w,
    invites: _v,
    formerExternalId: _f,
    awaitedManager: _m,
    ...rest
  } = row.after ?? {};
  const {
    unmatchedTitle: _t,
    unmatchedTeam: _u,
    factsHash: _h,
    lastSignInAt: _s,
    conflict: _c,
    untie: _i,
    overrides: _o,
    ...after
  } = rest;
  return {
    id: changeId(runId, row.seq),
    kind: row.kind as Change['kind'],
    personId: row.personId ?? '',
    reason: row.reason,
    before: row.before,
    after,
    ...(archiveReason === undefined ? {} : { archiveReason: archiveReason as NonNullable<Change['archiveReason']> }),
    expectedVersion: expectedVersion ?? null,
    externalId: row.externalId,
  };
}

function stepLine(seq: number, step: UndoStep, label: string): PlannedChange {
  const { change } = step;
  return plannedLine({
    seq,
    kind: change.kind,
    situation: 'undone',
    externalId: step.externalId,
    personId: step.personId,
    label,
    reason: change.reason,
    before: change.before,
    after: {
      ...change.after,
      ...(change.archiveReason === undefined ? {} : { archiveReason: change.archiveReason }),
      ...(change.expectedVersion === null ? {} : { expectedVersion: change.expectedVersion }),
      ...(step.untie === null ? {} : { untie: step.untie }),
      overrides: step.overrides,
    },
    removal: step.removal,
    place: step.removal ? PLACE.leaver : PLACE.mover,
    // Addresses that were exchanged go back together.
    ring: change.after.emailCanonical === undefined ? null : 'addresses',
  });
}

const WHY_LEFT: Record<UndoSkip['because'], string> = {
  changed_since: 'Changed since; left as it is.',
  erased: 'The person was erased since.',
  protected: 'The person is protected.',
};

function skipLine(seq: number, skip: UndoSkip, label: string): PlannedChange {
  return plannedLine({
    seq,
    kind: 'skip',
    situation: 'undone',
    personId: skip.personId,
    label,
    reason: { code: skip.because, text: WHY_LEFT[skip.because], facts: { field: skip.field } },
    place: 0,
  });
}
