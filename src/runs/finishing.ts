import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { backOffMs, nextRunAt } from './backing-off.js';
import { ConnectionStateRepository } from './connection-state.repository.js';
import { failureOf, type Failure } from './failures.js';
import { HoldsRepository } from './holds.repository.js';
import { LocalKinds, type RunEnd } from './local-kinds.service.js';
import { MirrorRepository } from './mirror.repository.js';
import { PlanRepository } from './plan.repository.js';
import { QuestionsRepository } from './questions.repository.js';
import { RemovalRepository } from './removal.repository.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { isOfFiles, type Counts } from './runs.types.js';
import { StagingRepository } from './staging.repository.js';

/** Random numbers from 0 up to 1, for jitter. */
export const RANDOM = Symbol('random');

const SKIP_NOTICES: Readonly<Record<string, string>> = {
  protected: 'A sync would archive a protected person; it kept them.',
  last_admin: 'A sync would archive the last active admin; it kept them.',
  archived_by_admin: 'Somebody whom an admin archived is employed in the directory; they stay archived.',
};

/** Ends runs: the mirror, the connection and the counts agree with what was committed, and the staging is empty. */
@Injectable()
export class Finisher {
  constructor(
    private readonly mirror: MirrorRepository,
    private readonly staging: StagingRepository,
    private readonly plans: PlanRepository,
    private readonly holds: HoldsRepository,
    private readonly questions: QuestionsRepository,
    private readonly connections: ConnectionStateRepository,
    private readonly runs: RunsRepository,
    private readonly removal: RemovalRepository,
    private readonly connectionsService: ConnectionsService,
    private readonly kinds: LocalKinds,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(RANDOM) private readonly random: () => number,
  ) {}

  /** After apply: everything that was observed is in the mirror, the cursor moves in the same transaction. */
  async succeed(context: RunContext): Promise<void> {
    // Two connections of an organisation that end at once touch each other's records.
    await retryOnConflict(() => context.lease.write((tx) => this.settle(tx, context), { timeoutMs: 300_000 }));
  }

  private async settle(tx: Tx, context: RunContext): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const now = this.clock.now();
    const counts = await this.counts(tx, context, 'applied');
    await this.holds.closeIfEmpty(tx, organisationId, connectionId, now);
    if (context.directory !== null) {
      await this.mirror.observe(tx, organisationId, connectionId, runId, now);
      if (!context.partial) await this.mirror.miss(tx, organisationId, connectionId, runId, now);
      await this.mirror.unsettleElsewhere(tx, organisationId, connectionId, runId);
      await this.askAndMend(tx, context, now);
      await this.advance(tx, context, now);
    }
    if (context.kind === 'removal') await this.bury(tx, context);
    await this.end(tx, context, 'succeeded', counts, null, null);
  }

  /** A preview or a simulation: the plan stays to be looked at, nothing else does. */
  async showPlan(context: RunContext): Promise<void> {
    await context.lease.write(async (tx) => {
      const counts = await this.counts(tx, context, 'planned');
      // Not before its plan is whole: whoever takes the run over begins it anew as what it was.
      if (context.kind === 'full' || context.kind === 'delta')
        await this.runs.becomePreview(tx, context.organisationId, context.runId);
      await this.end(tx, context, 'ready', counts, null, null);
      if (context.kind === 'preview')
        await this.connections.rest(tx, context.organisationId, context.connectionId, this.nextAt(context));
    });
  }

  async cancel(context: RunContext, code: string, message: string): Promise<void> {
    const { lease, organisationId } = context;
    await lease.writeAnyway(organisationId, async (tx) => {
      const counts = await this.counts(tx, context, 'applied');
      if (!(await this.end(tx, context, 'cancelled', counts, code, message))) return;
      await this.connections.rest(tx, organisationId, context.connectionId, this.nextAt(context));
    });
  }

  /** What next is told by the kind of failure: an admin must act, or the next try comes by back-off. */
  async fail(context: RunContext, error: unknown): Promise<void> {
    const { lease, organisationId, connectionId } = context;
    const failure = failureOf(error);
    await lease.writeAnyway(organisationId, async (tx) => {
      const now = this.clock.now();
      const counts = await this.counts(tx, context, 'applied');
      if (!(await this.end(tx, context, 'failed', counts, failure.code, failure.message))) return;
      // A file's failure is told with the file: there is no connection to mend, and nothing that tries again.
      if (context.kind === 'simulation' || isOfFiles(context.connection)) return;
      if (failure.attention) await this.needAttention(tx, context, failure, now);
      else if (failure.theirs) {
        const failures = context.connection.failures + 1;
        const wait = backOffMs(failures, failure.retryAfterMs, this.random());
        await this.connections.failed(tx, organisationId, connectionId, {
          at: now,
          nextRunAt: new Date(now.getTime() + wait),
        });
      } else {
        // A fault of ours never changes a customer's connection; the schedule tries again.
        await this.connections.rest(tx, organisationId, connectionId, this.nextAt(context));
        await this.tellFault(tx, context, failure, now);
      }
    });
  }

  /** Nobody's connection changes, and nobody should have to find out by themselves that it stands still. */
  private async tellFault(tx: Tx, context: RunContext, failure: Failure, now: Date): Promise<void> {
    const { organisationId, connectionId } = context;
    const cause = `run_failed:${connectionId}:${failure.code}`;
    const notice = { id: newId(), kind: 'run_failed', cause, connectionId, personId: null, message: failure.message };
    await this.questions.notify(tx, organisationId, [{ ...notice, detail: { code: failure.code } }], now);
  }

  private async needAttention(tx: Tx, context: RunContext, failure: Failure, now: Date): Promise<void> {
    const { organisationId, connectionId, connection } = context;
    const changed = await this.connections.needAttention(tx, organisationId, connectionId, {
      code: failure.code,
      message: failure.message,
      since: (connection.attention?.code === failure.code ? connection.attention.since : null) ?? now.toISOString(),
    }, now); // prettier-ignore
    const notice = {
      kind: 'needs_attention',
      cause: `needs_attention:${connectionId}:${failure.code}`,
      connectionId,
      personId: null,
    };
    await this.questions.notify(
      tx,
      organisationId,
      [{ ...notice, id: newId(), message: failure.message, detail: { name: connection.name } }],
      now,
    );
    if (changed)
      await this.audit.record(tx, {
        by: { kind: 'sync', connectionId },
        action: 'connection.attention',
        subject: { kind: 'connection', id: connectionId },
        detail: { code: failure.code },
      });
  }

  /** The end of a deletion: nobody is linked any more, and the credentials are gone. */
  private async bury(tx: Tx, context: RunContext): Promise<void> {
    const { organisationId, connectionId } = context;
    await this.removal.forget(tx, organisationId, connectionId, this.clock.now());
    await this.connectionsService.bury(tx, connectionId, { by: { kind: 'sync', connectionId }, runId: context.runId });
  }

  private async askAndMend(tx: Tx, context: RunContext, now: Date): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const standing = await this.plans.conflictCauses(tx, organisationId, runId);
    await this.questions.closeVanished(tx, organisationId, connectionId, runId, standing, now);
    const skipped = await this.plans.skippedFor(tx, organisationId, runId, Object.keys(SKIP_NOTICES));
    const notices = skipped.map(({ code, personId, label }) => ({
      id: newId(),
      kind: code,
      cause: `${code}:${personId}`,
      connectionId,
      personId,
      message: `${label}: ${SKIP_NOTICES[code] ?? code}`,
      detail: {},
    }));
    await this.questions.notify(tx, organisationId, notices, now);
    if (!context.partial) await this.questions.mend(tx, organisationId, connectionId, Object.keys(SKIP_NOTICES), notices.map((one) => one.cause), now); // prettier-ignore
    await this.questions.mend(tx, organisationId, connectionId, ['needs_attention', 'run_failed'], [], now);
    const open = await this.holds.findOpen(tx, organisationId, connectionId);
    const waiting = open ? [`held:${open.id}`, `hold_asks_again:${open.id}`] : [];
    await this.questions.mend(tx, organisationId, connectionId, ['held', 'hold_asks_again'], waiting, now);
  }

  private async advance(tx: Tx, context: RunContext, now: Date): Promise<void> {
    const { organisationId, connectionId, connection, run } = context;
    const whole = context.kind === 'full' && !context.partial;
    const healed = await this.connections.succeeded(tx, organisationId, connectionId, {
      at: now,
      fullAt: whole ? (run.readStartedAt ?? now) : null,
      cursor: (await this.runs.find(tx, organisationId, run.id))?.nextCursor ?? null,
      confirmedVersion: context.kind === 'full' ? run.settingsVersion : null,
      nextRunAt: this.nextAt(context),
    });
    if (healed && connection.attention) {
      await this.audit.record(tx, {
        by: { kind: 'sync', connectionId },
        action: 'connection.healed',
        subject: { kind: 'connection', id: connectionId },
      });
    }
  }

  private nextAt(context: RunContext): Date {
    return nextRunAt(this.clock.now(), context.connection.intervalMs, this.random());
  }

  /** Counts of what was committed, or of a plan that is only shown. */
  private async counts(tx: Tx, context: RunContext, of: 'applied' | 'planned'): Promise<Partial<Counts>> {
    const counts: Counts = {
      add: 0,
      link: 0,
      relink: 0,
      update: 0,
      restore: 0,
      archive: 0,
      skip: 0,
      conflict: 0,
      held: 0,
      approve: 0,
      unchanged: 0,
      stale: 0,
      read: 0,
    };
    for (const { kind, disposition, result, applied, n } of await this.plans.tally(
      tx,
      context.organisationId,
      context.runId,
    )) {
      if (disposition === 'hold') counts.held += n;
      else if (disposition === 'approve') counts.approve += n;
      else if (disposition === 'skip') counts.skip += n;
      else if (disposition === 'conflict') counts.conflict += n;
      else if (result !== null && result !== 'already_applied') counts.stale += n;
      else if ((applied || of === 'planned') && isCounted(kind)) counts[kind] += n;
    }
    const run = await this.runs.find(tx, context.organisationId, context.runId);
    const read = run?.progress.records ?? 0;
    const { toDecide } = await this.staging.counts(tx, context.organisationId, context.runId);
    return { ...counts, read, unchanged: run?.progress.unchanged ?? Math.max(0, read - toDecide) };
  }

  private async end(
    tx: Tx,
    context: RunContext,
    state: RunEnd['state'],
    counts: Partial<Counts>,
    code: string | null,
    message: string | null,
  ): Promise<boolean> {
    const { lease, organisationId, runId } = context;
    const ended = await this.runs.end(
      tx,
      { organisationId, runId, fence: lease.ref.fence },
      { state, counts, code, message, at: this.clock.now() },
    );
    // Only whoever ended it: a worker that lost its lease must not take the staging away from the next one.
    if (!ended) return false;
    await this.staging.empty(tx, organisationId, runId);
    await this.kinds.of(context.kind)?.ended(tx, context, { state, code, message });
    return true;
  }
}

type CountedKind = 'add' | 'link' | 'relink' | 'update' | 'restore' | 'archive';

function isCounted(kind: string): kind is CountedKind {
  return ['add', 'link', 'relink', 'update', 'restore', 'archive'].includes(kind);
}
