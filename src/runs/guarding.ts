import { Inject, Injectable } from '@nestjs/common';
import { ahead } from '../common/ahead.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { guard, type GuardCause, type GuardInput, type GuardVerdict } from '../sync/guard.js';
import { HOLD_ASKS_AGAIN_MS, REMOVAL_WINDOW_MS } from '../sync/policy.js';
import { reason } from '../sync/reasons.js';
import { SHARED_KINDS, sharedByHeld, type SharedCount } from '../sync/shared.js';
import { AuditService } from '../audit/audit.service.js';
import { EvidenceRepository } from './evidence.repository.js';
import { FactsRepository } from './facts.repository.js';
import { HoldsRepository, type NewMember } from './holds.repository.js';
import { RemovalsRepository } from './removals.repository.js';
import type { PlannedRow } from './plan.types.js';
import { QuestionsRepository } from './questions.repository.js';
import { directoryOf, type GuardBase, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StagingRepository } from './staging.repository.js';

const MISSED_TOO_MANY = 'the listing missed too many who are still in the directory';

/** What is said of removals by absence in a run whose read was wrong about too many. */
const READ_WAS_WRONG = {
  waiting: reason('not_confirmed', { because: MISSED_TOO_MANY }),
  approved: reason('not_confirmed', { because: `${MISSED_TOO_MANY}; approved, and waits for the next run` }),
};

/** Looks after removals: what crosses a limit becomes part of the connection's hold instead of being applied. */
@Injectable()
export class Guard {
  constructor(
    private readonly facts: FactsRepository,
    private readonly evidence: EvidenceRepository,
    private readonly staging: StagingRepository,
    private readonly removals: RemovalsRepository,
    private readonly holds: HoldsRepository,
    private readonly questions: QuestionsRepository,
    private readonly runs: RunsRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * What the guard looks at. Before the plan is made, all who are absent count as removals: `absent` says how many.
   */
  async input(context: RunContext, before: { absent: number } | null): Promise<GuardInput> {
    const { lease, organisationId, connectionId, runId } = context;
    const input = await lease.read(async (tx) => {
      const counts = await this.removals.removalCounts(tx, organisationId, connectionId, runId);
      const { contradicted } = await this.evidence.absentPeople(tx, organisationId, connectionId, runId);
      const explicit =
        before === null ? 0 : await this.staging.explicitLeavers(tx, organisationId, connectionId, runId);
      const fresh =
        before === null
          ? { byAbsence: counts.freshByAbsence, other: counts.freshOther }
          : { byAbsence: before.absent, other: explicit };
      const waiting =
        before === null
          ? { byAbsence: counts.waitingByAbsence, other: counts.waitingOther }
          : { byAbsence: 0, other: 0 };
      return { fresh, waiting, contradictions: contradicted };
    });
    const { fresh, waiting, contradictions } = input;
    // Where nobody is to go, nothing hangs on the rest, and counting it costs time that grows with the directory.
    if (fresh.byAbsence + fresh.other + waiting.byAbsence + waiting.other + contradictions === 0)
      return { ...input, activeLinked: 0, removedLastDay: 0, read: null };
    const dayAgo = new Date(this.clock.now().getTime() - REMOVAL_WINDOW_MS);
    // Not from within a transaction: who holds one and waits for others may wait for themselves.
    const base = await this.base(context);
    const removedLastDay = await lease.read((tx) =>
      this.removals.removedSince(tx, organisationId, connectionId, dayAgo),
    );
    return { ...input, ...base, removedLastDay };
  }

  /**
   * What removals are measured against: counted once, at the start of the plan. Each count takes time that grows with the
   * directory, so they go side by side, and may be begun before they are needed.
   */
  base(context: RunContext): Promise<GuardBase> {
    context.base ??= ahead(this.countBase(context));
    return context.base;
  }

  private async countBase(context: RunContext): Promise<GuardBase> {
    const { lease, organisationId, connectionId, run } = context;
    const partial = run.subjects.length > 0 || context.partial;
    const [activeLinked, read] = await Promise.all([
      lease.read((tx) => this.facts.activeLinked(tx, organisationId, connectionId)),
      partial ? null : lease.read((tx) => this.readMeasure(tx, context)),
    ]);
    return { activeLinked, read };
  }

  /** An approval that is too old is void before the plan is made: it takes nobody away. */
  async forgetOldApprovals(context: RunContext): Promise<void> {
    const { lease, organisationId, connectionId } = context;
    if (context.kind !== 'full' && context.kind !== 'delta') return;
    const before = new Date(this.clock.now().getTime() - HOLD_ASKS_AGAIN_MS);
    await lease.write((tx) => this.holds.lapseApprovals(tx, organisationId, connectionId, before));
  }

  /** Judges the removals of the plan, and gives each its disposition. Nothing but the plan changes. */
  async judge(context: RunContext): Promise<GuardVerdict> {
    const { lease, organisationId, connectionId, runId } = context;
    const verdict = guard(await this.input(context, null), directoryOf(context).policy);
    await lease.write(async (tx) => {
      if (verdict.absences === 'drop') await this.removals.dropAbsences(tx, organisationId, runId, READ_WAS_WRONG);
      await this.removals.holdRemovals(
        tx,
        organisationId,
        connectionId,
        runId,
        verdict.removals === 'hold' ? 'all' : 'waiting',
      );
    });
    return verdict;
  }

  /** Brings the connection's hold in line with the plan: new members, and who is not planned to go any more. */
  async updateHold(context: RunContext, verdict: GuardVerdict): Promise<void> {
    const { lease, organisationId, connectionId, runId } = context;
    const now = this.clock.now();
    await lease.write(
      async (tx) => {
        const lines = await this.removals.held(tx, organisationId, runId);
        let hold = await this.holds.findOpen(tx, organisationId, connectionId);
        if (hold === null && lines.length === 0) return this.tellContradictions(tx, context, verdict);
        if (hold === null) {
          hold = await this.holds.open(tx, organisationId, {
            id: newId(),
            connectionId,
            cause: causeOf(verdict.causes),
            at: now,
          });
          await this.audit.record(tx, {
            by: { kind: 'sync', connectionId },
            runId,
            action: 'hold.opened',
            subject: { kind: 'hold', id: hold.id },
            detail: { size: lines.length },
          });
        }
        const gone = await this.plannedToGo(tx, context);
        const reappeared = await this.holds.removeReappeared(tx, organisationId, hold.id, gone, now);
        const added = await this.holds.addMembers(
          tx,
          organisationId,
          hold.id,
          hold.version + 1,
          lines.map(memberOf),
          now,
        );
        if (added > 0 || reappeared > 0) {
          const cause = verdict.causes.length > 0 ? causeOf(verdict.causes) : hold.cause;
          await this.holds.setVersion(
            tx,
            organisationId,
            hold.id,
            hold.version + (added > 0 ? 1 : 0),
            cause,
            await this.shared(tx, context, lines),
          );
        }
        await this.runs.setHold(tx, organisationId, runId, lines.length > 0 ? hold.id : null);
        if (lines.length > 0) await this.tellHeld(tx, context, hold.id, lines.length, verdict);
        await this.tellContradictions(tx, context, verdict);
      },
      { timeoutMs: 120_000 },
    );
  }

  /**
   * Whoever is still planned to go: held, approved and about to be applied, or not confirmed by this run, which says
   * nothing. Nor does a partial run of those whom it did not read.
   */
  private async plannedToGo(tx: Tx, context: RunContext): Promise<string[]> {
    const { organisationId, connectionId, runId } = context;
    const planned = await this.removals.removalRecords(tx, organisationId, runId);
    if (!context.partial) return planned;
    return [...planned, ...(await this.holds.undecidedBy(tx, organisationId, connectionId, runId))];
  }

  private async readMeasure(tx: Tx, context: RunContext): Promise<GuardInput['read']> {
    const { organisationId, connectionId, runId } = context;
    const { named, mirrored, inScope } = await this.staging.measure(tx, organisationId, connectionId, runId);
    const { faulty } = await this.staging.counts(tx, organisationId, runId);
    const run = await this.runs.find(tx, organisationId, runId);
    return { records: named, inScope, mirrorRecords: mirrored, unknown: faulty + (run?.progress.unknown ?? 0) };
  }

  private async shared(tx: Tx, context: RunContext, lines: PlannedRow[]): Promise<{ traits: unknown[] }> {
    const { organisationId, connectionId } = context;
    const held = lines.flatMap((line) => line.externalId ?? []);
    const rows = await this.holds.traits(tx, organisationId, connectionId, held);
    const active = await this.facts.activeLinked(tx, organisationId, connectionId);
    const counts = rows.filter((row): row is SharedCount => SHARED_KINDS.some((kind) => kind === row.kind));
    return { traits: sharedByHeld(counts, held.length, Math.max(0, active - held.length)) };
  }

  private async tellHeld(
    tx: Tx,
    context: RunContext,
    holdId: string,
    size: number,
    verdict: GuardVerdict,
  ): Promise<void> {
    const why = verdict.causes[0]?.text ?? 'They wait since an earlier run.';
    await this.questions.notify(
      tx,
      context.organisationId,
      [
        {
          id: newId(),
          kind: 'held',
          cause: `held:${holdId}`,
          connectionId: context.connectionId,
          personId: null,
          message: `${size} ${size === 1 ? 'removal waits' : 'removals wait'} for an admin. ${why}`,
          detail: { holdId, size },
        },
      ],
      this.clock.now(),
    );
  }

  private async tellContradictions(tx: Tx, context: RunContext, verdict: GuardVerdict): Promise<void> {
    const { organisationId, connectionId } = context;
    const now = this.clock.now();
    const contradiction = verdict.causes.find((cause) => cause.code === 'contradictions');
    const cause = `inconsistent_read:${connectionId}`;
    if (contradiction === undefined) {
      if (!context.partial) await this.questions.mend(tx, organisationId, connectionId, ['inconsistent_read'], [], now);
      return;
    }
    const notice = {
      id: newId(),
      kind: 'inconsistent_read',
      cause,
      connectionId,
      personId: null,
      message: contradiction.text,
      detail: {},
    };
    await this.questions.notify(tx, organisationId, [notice], now);
  }
}

function causeOf(causes: GuardCause[]): { code: string; text: string; causes: GuardCause[] } {
  const first = causes[0];
  return { code: first?.code ?? 'waiting', text: first?.text ?? 'They wait since an earlier run.', causes };
}

function memberOf(line: PlannedRow): NewMember {
  return {
    externalId: line.externalId ?? '',
    personId: line.personId ?? '',
    kind: line.kind,
    reason: line.reason,
    factsHash: line.after?.factsHash ?? '',
    lastSignInAt: line.after?.lastSignInAt ?? null,
  };
}
