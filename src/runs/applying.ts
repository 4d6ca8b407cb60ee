import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { Actor } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { foldName } from '../common/fold.js';
import { retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { ReferenceService } from '../frameworks/reference.service.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import type { Change, ChangeResult, ChangedBy } from '../people/people.types.js';
import { HoldsRepository } from './holds.repository.js';
import { changeId } from './lines.js';
import { MirrorRepository, type Tie } from './mirror.repository.js';
import { PlanRepository, type BatchRow } from './plan.repository.js';
import type { PlannedRow } from './plan.types.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StatisticsRepository, WORTH_A_LOOK } from './statistics.repository.js';
import { UndoTraces } from './undo-traces.js';

/** How often a batch whose answer was lost is looked at again. */
const MOST_TRIES = 5;

/** Batches that are applied at once, each on a connection of its own. */
const SIDE_BY_SIDE = 4;

/** Longest time of the statements of one batch, milliseconds. */
const BATCH_WITHIN = 60_000;

/** A directory's own word, or that of the admin who asked for an undo or a removal. */
const ORIGINS = { undo: 'admin', removal: 'admin' } as const;

/**
 * Applies a stored plan: whole batches, each one transaction that checks the fence, changes people with audit and
 * events, ties and settles their records, and marks itself. Whoever claims next goes on with the rest.
 */
@Injectable()
export class Applier {
  constructor(
    private readonly people: PeopleWriter,
    private readonly references: ReferenceService,
    private readonly plans: PlanRepository,
    private readonly mirror: MirrorRepository,
    private readonly holds: HoldsRepository,
    private readonly undone: UndoTraces,
    private readonly runs: RunsRepository,
    private readonly statistics: StatisticsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async applyAll(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const batches = await lease.read((tx) => this.plans.batches(tx, organisationId, runId));
    const waiting = batches.filter((one) => one.appliedAt === null);
    if (waiting.length === 0) return;
    const teams = await this.makeTeams(context, batches.map((one) => one.batch)[0] ?? 0);
    const look = this.looker(context);
    for (const wave of wavesOf(waiting)) {
      await this.applyWave(wave, async (batch) => {
        await this.applyBatch(context, batch.batch, teams);
        await look(batch.size);
      });
    }
    const changes = waiting.reduce((sum, { size }) => sum + size, 0);
    await lease.write((tx) => this.statistics.lookAt(tx, changes, 'person', 'directory_record'));
  }

  /**
   * Once the first rows are there the planner looks at the tables. PostgreSQL keeps the plan by which a session checks a
   * foreign key, and in an empty table every index that begins with the organisation seems as good as the primary key: a
   * first import would check each newcomer by reading all of them.
   */
  private looker(context: RunContext): (applied: number) => Promise<void> {
    let applied = 0;
    let looked = false;
    return async (changes) => {
      applied += changes;
      if (looked || applied < WORTH_A_LOOK) return;
      looked = true;
      await context.lease.write((tx) => this.statistics.lookAt(tx, applied, 'person', 'directory_record'));
    };
  }

  /** What needs nothing of each other goes side by side. Nothing is under way any more when this returns or throws. */
  private async applyWave(wave: readonly BatchRow[], apply: (batch: BatchRow) => Promise<void>): Promise<void> {
    const limit = pLimit(SIDE_BY_SIDE);
    let failed = false;
    const done = await Promise.allSettled(
      wave.map((batch) =>
        limit(async () => {
          if (failed) return;
          try {
            await apply(batch);
          } catch (error) {
            failed = true;
            throw error;
          }
        }),
      ),
    );
    for (const one of done) if (one.status === 'rejected') throw one.reason;
  }

  /** Exactly once: when the answer to a commit was lost, the mark of the batch tells whether it happened (F-62). */
  private async applyBatch(context: RunContext, batch: number, teams: ReadonlyMap<string, string>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await retryOnConflict(() =>
          context.lease.write((tx) => this.inOneTransaction(tx, context, batch, teams), {
            timeoutMs: BATCH_WITHIN,
          }),
        );
        return;
      } catch (error) {
        const lost =
          error instanceof RollcallError &&
          (error.code === 'database.commit_unknown' || error.code === 'database.unavailable');
        if (!lost || attempt >= MOST_TRIES) throw error;
      }
    }
  }

  private async inOneTransaction(
    tx: Tx,
    context: RunContext,
    batch: number,
    teams: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const now = this.clock.now();
    const rows = await this.plans.batch(tx, organisationId, runId, batch);
    // Marked first: the row lock keeps anybody else from the same batch, and a batch that is marked is done.
    if (!(await this.plans.markBatch(tx, organisationId, runId, batch, rows.length, now))) return;
    const overtaken = await this.plans.overtaken(tx, organisationId, connectionId, runId, rows);
    const lines = rows.filter((row) => row.kind !== 'team' && !overtaken.has(row.seq));
    const changes = lines.map((line) => changeOf(runId, line, teams));
    const results = await this.people.apply(tx, changes, changedBy(context));
    const outcome = new Map<PlannedRow, ChangeResult>(
      lines.map((line, at) => [line, results.get(changes[at]?.id ?? '') ?? 'stale']),
    );
    const done = lines.filter((line) => isDone(outcome.get(line)));
    await this.mirror.leaveGone(tx, organisationId, connectionId, done.flatMap((line) => line.after?.formerExternalId ?? []), now); // prettier-ignore
    await this.mirror.tie(tx, organisationId, connectionId, runId, done.flatMap((line) => tieOf(line)), now); // prettier-ignore
    const left = [...outcome].flatMap(([line, result]) =>
      result === 'applied' ? [] : [{ seq: line.seq, result: String(result) }],
    );
    await this.plans.markResults(tx, organisationId, runId, [
      ...left,
      ...[...overtaken].map((seq) => ({ seq, result: 'stale' })),
    ]);
    await this.undone.leave(tx, context, done, now);
    const removed = done.filter((line) => line.removal).flatMap((line) => line.personId ?? []);
    if (removed.length > 0) await this.holds.markApplied(tx, organisationId, connectionId, removed, now);
    // Last, since batches side by side wait for each other at this row until they are committed.
    await this.runs.addApplied(tx, organisationId, runId, rows.length);
  }

  /**
   * Makes the teams of the plan, or finds those that somebody made meanwhile. The plan names them by ids of its own;
   * returned is which team each came to be.
   */
  private async makeTeams(context: RunContext, firstBatch: number): Promise<ReadonlyMap<string, string>> {
    const { lease, organisationId, runId } = context;
    const rows = await lease.read((tx) => this.plans.batch(tx, organisationId, runId, firstBatch));
    const wanted = rows.filter((row) => row.kind === 'team');
    if (wanted.length === 0) return new Map();
    return lease.write(async (tx) => {
      const names = wanted.flatMap((row) => row.after?.teamName ?? []);
      await this.references.createMissingTeams(tx, names, { by: actorOf(context), runId });
      const { teamsByName } = await this.references.reference(tx);
      return new Map(
        wanted.flatMap(({ after }): [string, string][] => {
          const made = teamsByName.get(foldName(after?.teamName ?? ''));
          return made && after?.teamId ? [[after.teamId, made.id]] : [];
        }),
      );
    });
  }
}

/** Batches in their order, those of one wave together. */
function wavesOf(batches: readonly BatchRow[]): BatchRow[][] {
  const waves: BatchRow[][] = [];
  for (const batch of batches) {
    const last = waves.at(-1);
    if (last?.[0]?.wave === batch.wave) last.push(batch);
    else waves.push([batch]);
  }
  return waves;
}

export function actorOf(context: RunContext): Actor {
  return { kind: 'sync', connectionId: context.connectionId };
}

function changedBy(context: RunContext): ChangedBy {
  const origin = context.kind === 'undo' || context.kind === 'removal' ? ORIGINS[context.kind] : 'directory';
  return { origin, actor: actorOf(context), runId: context.runId };
}

function isDone(result: ChangeResult | undefined): boolean {
  return result === 'applied' || result === 'already_applied';
}

/** The stored line as the change that the writer of people takes. */
function changeOf(runId: string, line: PlannedRow, teams: ReadonlyMap<string, string>): Change {
  const {
    archiveReason,
    expectedVersion,
    teamName: _name,
    formerExternalId: _former,
    awaitedManager: _manager,
    ...rest
  } = line.after ?? {};
  const {
    unmatchedTitle: _title,
    unmatchedTeam: _team,
    factsHash: _facts,
    lastSignInAt: _seen,
    conflict: _conflict,
    ...others
  } = rest;
  const { untie: _untie, overrides: _overrides, ...fields } = others;
  const teamId = fields.teamId ? (teams.get(fields.teamId) ?? fields.teamId) : fields.teamId;
  return {
    id: changeId(runId, line.seq),
    kind: line.kind as Change['kind'],
    personId: line.personId ?? '',
    reason: line.reason,
    before: line.before,
    after: teamId === undefined ? fields : { ...fields, teamId },
    ...(archiveReason === undefined ? {} : { archiveReason: archiveReason as NonNullable<Change['archiveReason']> }),
    expectedVersion: expectedVersion ?? null,
  };
}

/** What the change means for the record that it was decided on. */
function tieOf(line: PlannedRow): Tie[] {
  if (line.externalId === null) return [];
  const { after } = line;
  const how = line.reason.facts?.['how'];
  const gone = line.kind === 'archive' && line.situation === 'absent_gone';
  return [
    {
      externalId: line.externalId,
      personId: line.personId,
      links: true,
      settles: line.settles,
      goneBecause: gone ? (typeof how === 'string' ? how : 'deleted') : null,
      awaitedManager: after?.managerId ? null : (after?.awaitedManager ?? null),
      unmatchedTitle: after?.unmatchedTitle ?? null,
      unmatchedTeam: after?.unmatchedTeam ?? null,
    },
  ];
}
