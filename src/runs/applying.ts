import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import type { Actor } from '../audit/audit.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { retryOnConflict } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { PeopleWriter } from '../people/people-writer.service.js';
import type { Change, ChangeResult, ChangedBy, PersonFields } from '../people/people.types.js';
import { emptyFields } from '../sync/fields.js';
import { isOutage } from './failures.js';
import { HoldsRepository } from './holds.repository.js';
import { changeId } from './lines.js';
import { LocalKinds } from './local-kinds.service.js';
import { MirrorRepository, type Tie } from './mirror.repository.js';
import { PlanRepository, type BatchRow } from './plan.repository.js';
import { Places } from './places.service.js';
import { isPlace, type PlannedAfter, type PlannedRow } from './plan.types.js';
import type { RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { isLocal, isOfFiles } from './runs.types.js';
import { StatisticsRepository, WORTH_A_LOOK } from './statistics.repository.js';
import { UndoTraces } from './undo-traces.js';

/** How often a batch whose answer was lost is looked at again. */
const MOST_TRIES = 5;

/** Batches that are applied at once, each on a connection of its own. */
const SIDE_BY_SIDE = 4;

/** Longest time of the statements of one batch, milliseconds. */
const BATCH_WITHIN = 60_000;

/** What a person is; the rest of a line only its application needs. */
const FIELDS = Object.keys(emptyFields()) as (keyof PersonFields)[];

/**
 * Applies a stored plan: whole batches, each one transaction that checks the fence, changes people with audit and
 * events, ties and settles their records, and marks itself. Whoever claims next goes on with the rest.
 */
@Injectable()
export class Applier {
  constructor(
    private readonly people: PeopleWriter,
    private readonly places: Places,
    private readonly kinds: LocalKinds,
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
    const places = await this.makePlaces(context);
    const look = this.looker(context);
    for (const wave of wavesOf(waiting)) {
      await this.applyWave(wave, async (batch) => {
        await this.applyBatch(context, batch.batch, places);
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
  private async applyBatch(context: RunContext, batch: number, places: ReadonlyMap<string, string>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await retryOnConflict(() =>
          context.lease.write((tx) => this.inOneTransaction(tx, context, batch, places), {
            timeoutMs: BATCH_WITHIN,
          }),
        );
        return;
      } catch (error) {
        if (!isOutage(error) || attempt >= MOST_TRIES) throw error;
      }
    }
  }

  private async inOneTransaction(
    tx: Tx,
    context: RunContext,
    batch: number,
    places: ReadonlyMap<string, string>,
  ): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const now = this.clock.now();
    const rows = await this.plans.batch(tx, organisationId, runId, batch);
    // Marked first: the row lock keeps anybody else from the same batch, and a batch that is marked is done.
    if (!(await this.plans.markBatch(tx, organisationId, runId, batch, rows.length, now))) return;
    const overtaken = await this.plans.overtaken(tx, organisationId, connectionId, runId, rows);
    const lines = rows.filter((row) => !isPlace(row) && !overtaken.has(row.seq));
    const changes = lines.map((line) => changeOf(runId, line, places));
    const results = await this.people.apply(tx, changes, this.changedBy(context));
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
    await this.tell(tx, context, done);
    // Last, since batches side by side wait for each other at this row until they are committed.
    await this.runs.addApplied(tx, organisationId, runId, rows.length);
  }

  /**
   * Makes the teams and positions of the plan, or finds those that somebody made meanwhile. The plan names them by ids of
   * its own; returned is which each came to be.
   */
  private async makePlaces(context: RunContext): Promise<ReadonlyMap<string, string>> {
    const { lease, organisationId, runId } = context;
    const lines = await lease.read((tx) => this.plans.places(tx, organisationId, runId));
    if (lines.length === 0) return new Map();
    const handler = this.kinds.of(context.kind);
    return lease.write((tx) =>
      handler === null
        ? this.places.make(tx, lines, { by: actorOf(context), runId }, 'directory')
        : handler.makePlaces(tx, context, lines),
    );
  }

  /** A directory's own word, or that of the admin who asked for an undo, a removal, or a file. */
  private changedBy(context: RunContext): ChangedBy {
    const handler = this.kinds.of(context.kind);
    if (handler !== null) return handler.changedBy(context);
    const origin = isLocal(context.kind) ? 'admin' : 'directory';
    return { origin, actor: actorOf(context), runId: context.runId };
  }

  /** Who made the plan does what goes with it; a file is told as well what of it is taken back. */
  private async tell(tx: Tx, context: RunContext, done: readonly PlannedRow[]): Promise<void> {
    const handler = this.kinds.of(context.kind);
    if (handler !== null) await handler.applied(tx, context, done);
    else if (context.kind === 'undo' && isOfFiles(context.connection))
      await this.kinds.of('import')?.undone(tx, context, done);
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

function isDone(result: ChangeResult | undefined): boolean {
  return result === 'applied' || result === 'already_applied';
}

/** The stored line as the change that the writer of people takes. */
function changeOf(runId: string, line: PlannedRow, places: ReadonlyMap<string, string>): Change {
  const { archiveReason, expectedVersion } = line.after ?? {};
  return {
    id: changeId(runId, line.seq),
    kind: line.kind as Change['kind'],
    personId: line.personId ?? '',
    reason: line.reason,
    before: line.before,
    after: fieldsOf(line.after ?? {}, places),
    ...(archiveReason === undefined ? {} : { archiveReason: archiveReason as NonNullable<Change['archiveReason']> }),
    expectedVersion: expectedVersion ?? null,
  };
}

/** What of a line is the person's, a team or position of the plan's own as which it came to be. */
function fieldsOf(after: PlannedAfter, places: ReadonlyMap<string, string>): Partial<PersonFields> {
  const fields: Partial<Record<keyof PersonFields, unknown>> = {};
  for (const field of FIELDS) {
    const value = after[field];
    if (value === undefined) continue;
    const isPlaced = (field === 'teamId' || field === 'positionId') && typeof value === 'string';
    fields[field] = isPlaced ? (places.get(value) ?? value) : value;
  }
  return fields as Partial<PersonFields>;
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
