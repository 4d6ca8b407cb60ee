import { Inject, Injectable } from '@nestjs/common';
import { ahead } from '../common/ahead.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import { decide } from '../sync/decide.js';
import { resolveExchanges } from '../sync/exchanges.js';
import type { Decision } from '../sync/facts.js';
import { lapsedOverrides } from '../sync/overrides.js';
import { FactsAssembler, type Extent, type Subject } from './assembling.js';
import { Backlog } from './backlog.js';
import { FactsRepository } from './facts.repository.js';
import { HoldsRepository } from './holds.repository.js';
import { LastAdmin } from './last-admin.js';
import { lineOf, managerLine, notedOf } from './lines.js';
import { managerChange, ManagerPass } from './managing.js';
import type { PlannedChange } from './plan.types.js';
import { RemovalsRepository } from './removals.repository.js';
import { PlanRepository, type RecordNote } from './plan.repository.js';
import { QuestionsRepository, type NewConflict } from './questions.repository.js';
import { directoryOf, type RunContext } from './run-context.js';
import { RunsRepository } from './runs.repository.js';
import { StatisticsRepository } from './statistics.repository.js';
import { MissingTeams } from './missing-teams.js';

/** Records that are decided together. */
const CHUNK = 2_000;

/** What one pass over the staged records carries from chunk to chunk. */
interface Pass {
  seq: number;
  extent: Extent;
  teams: MissingTeams;
  /** Records whose address is given up in this very plan, to the exchange that they belong to. */
  moves: Map<string, string>;
  /** Removals that an admin approved: record to the kind and facts that were approved. */
  approved: Map<string, { kind: string; factsHash: string }>;
}

/** What came of some records. */
interface Decided {
  lines: PlannedChange[];
  notes: RecordNote[];
  conflicts: NewConflict[];
  lapsed: string[];
  /** Records that a listing left out while an override of theirs lapsed: should they be as before, they are decided again. */
  unsettled: string[];
  /** Of the last line so far. */
  seq: number;
}

/** Records with their facts, in order of external id. */
interface Gathered {
  subjects: Subject[];
  /** Behind which record the next ones come; null after the last. */
  last: string | null;
}

/** Makes the plan of a run: every staged record is decided by the pure function, and the lines are stored. */
@Injectable()
export class Planner {
  constructor(
    private readonly assembler: FactsAssembler,
    private readonly facts: FactsRepository,
    private readonly plans: PlanRepository,
    private readonly removals: RemovalsRepository,
    private readonly lastAdmin: LastAdmin,
    private readonly holds: HoldsRepository,
    private readonly questions: QuestionsRepository,
    private readonly managers: ManagerPass,
    private readonly runs: RunsRepository,
    private readonly statistics: StatisticsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Decides every staged record; what stands in the way of nobody is stored as it was decided. The facts of the next
   * records are fetched while these are decided and the decisions on the last ones are stored.
   */
  async decideAll(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    const pass = await this.begin(context);
    const decided = new Backlog<Decided>(
      1,
      () => 1,
      async (chunks) => {
        for (const chunk of chunks) await lease.write((tx) => this.store(tx, context, chunk), { awaitDisk: false });
      },
    );
    let next: Promise<Gathered> | null = ahead(this.gather(context, pass, ''));
    try {
      while (next !== null) {
        const { subjects, last }: Gathered = await next;
        next = last === null ? null : ahead(this.gather(context, pass, last));
        await decided.add(this.decideChunk(context, pass, subjects));
      }
    } finally {
      await Promise.allSettled([next, decided.empty()]);
    }
    await decided.empty();
    await lease.write(async (tx) => {
      await this.plans.store(tx, organisationId, runId, pass.teams.lines(() => (pass.seq += 1))); // prettier-ignore
      await this.statistics.lookAt(tx, pass.seq, 'planned_change');
    });
    await lease.write((tx) => this.removals.settleRelinks(tx, organisationId, runId));
    await this.managers.refuseLoops(context);
    await this.lastAdmin.keep(context, 'left');
  }

  private async begin(context: RunContext): Promise<Pass> {
    const { lease, organisationId, connectionId, runId } = context;
    const directory = directoryOf(context);
    return lease.write(async (tx) => {
      await this.plans.empty(tx, organisationId, runId);
      const extent = await this.assembler.extent(tx, context);
      const approved = await this.holds.approved(tx, organisationId, connectionId);
      return {
        seq: 0,
        extent,
        teams: new MissingTeams(directory.reference, context.organisationId),
        moves: directory.policy.managed.includes('email')
          ? await this.exchanges(tx, context)
          : new Map<string, string>(),
        approved: new Map(approved.map(({ externalId, kind, factsHash }) => [externalId, { kind, factsHash }])),
      };
    });
  }

  /** Row 18: whose address is given up by its holder in this plan, and who has to change together. */
  private async exchanges(tx: Tx, context: RunContext): Promise<Map<string, string>> {
    const rows = await this.facts.addressMoves(tx, context.organisationId, context.connectionId, context.runId);
    const records = new Map(rows.map((row) => [row.id ?? `record:${row.externalId}`, row.externalId]));
    const { mayGo, groups } = resolveExchanges(
      rows.map((row) => ({
        id: row.id ?? `record:${row.externalId}`,
        from: row.from,
        to: row.to,
        holderId: row.holderId,
      })),
    );
    const moves = new Map<string, string>();
    for (const { ids } of groups) {
      for (const id of ids) moves.set(records.get(id) ?? id, `${mayGo.has(id) ? 'waits' : 'frees'}:${ids[0] ?? id}`);
    }
    return moves;
  }

  private gather(context: RunContext, pass: Pass, after: string): Promise<Gathered> {
    const { lease, organisationId, connectionId, runId } = context;
    return lease.read(async (tx) => {
      const rows = await this.facts.subjects(tx, organisationId, connectionId, runId, after, CHUNK);
      const subjects = await this.assembler.assemble(tx, context, rows, pass.extent, this.clock.now());
      return { subjects, last: rows.length < CHUNK ? null : (rows.at(-1)?.externalId ?? null) };
    });
  }

  private decideChunk(context: RunContext, pass: Pass, subjects: readonly Subject[]): Decided {
    const chunk: Decided = { lines: [], notes: [], conflicts: [], lapsed: [], unsettled: [], seq: 0 };
    for (const subject of subjects) {
      const decision = this.decideOne(context, pass, subject);
      const lapsed = lapsedOverrides(subject.facts);
      chunk.lapsed.push(...lapsed.map((override) => override.id));
      if (lapsed.length > 0 && subject.facts.observed === null) chunk.unsettled.push(subject.row.externalId);
      if (decision.conflict !== null) chunk.conflicts.push(conflictOf(subject, decision));
      this.write(context, pass, subject, decision, chunk.lines, chunk.notes);
    }
    return { ...chunk, seq: pass.seq };
  }

  private async store(tx: Tx, context: RunContext, chunk: Decided): Promise<void> {
    const { organisationId, connectionId, runId } = context;
    const now = this.clock.now();
    await this.plans.store(tx, organisationId, runId, chunk.lines);
    await this.plans.note(tx, organisationId, runId, chunk.notes);
    if (context.kind === 'full' || context.kind === 'delta') {
      await this.questions.openConflicts(tx, organisationId, connectionId, firstOfEachCause(chunk.conflicts), now);
      if (chunk.lapsed.length > 0) {
        await this.questions.releaseOverrides(
          tx,
          organisationId,
          chunk.lapsed,
          'the facts in the record differ',
          { kind: 'system' },
          now,
        );
        await this.questions.unsettle(tx, organisationId, [], chunk.unsettled);
      }
    }
    await this.runs.setProgress(tx, organisationId, runId, { decided: chunk.seq });
  }

  private decideOne(context: RunContext, pass: Pass, subject: Subject): Decision {
    const { policy } = directoryOf(context);
    if (pass.moves.get(subject.row.externalId)?.startsWith('waits:')) subject.facts.holderMovesOn = true;
    const decision = decide(subject.facts, policy, pass.teams.reference);
    if (!policy.createMissingTeams || decision.unmatchedTeam === null) return decision;
    pass.teams.take(decision.unmatchedTeam);
    return decide(subject.facts, policy, pass.teams.reference);
  }

  /** The stored line of a decision; a record that is as it should be leaves a note for the mirror alone. */
  private write(
    context: RunContext,
    pass: Pass,
    subject: Subject,
    decision: Decision,
    lines: PlannedChange[],
    notes: RecordNote[],
  ): void {
    const directory = directoryOf(context);
    const manager = managerChange(context, directory, subject, decision);
    const ring = pass.moves.get(subject.row.externalId)?.replace(/^\w+:/u, '') ?? null;
    const calm = decision.change === null && decision.conflict === null && SILENT.has(decision.situation);
    const { linked } = subject.facts;
    if (calm && manager !== null && linked !== null) {
      lines.push(managerLine((pass.seq += 1), subject, decision, manager, linked));
      return;
    }
    if (decision.change === null)
      notes.push({
        ...NO_NOTE,
        ...notedOf(subject, decision),
        externalId: subject.row.externalId,
        settles: decision.settles,
      });
    if (calm) return;
    const line = lineOf((pass.seq += 1), context.runId, subject, decision, manager, ring);
    if (line.disposition === 'approve' && subject.approvedFor !== null && subject.approvedFor === line.personId) {
      line.disposition = 'apply';
      line.approved = true;
    }
    if (line.removal) this.markRemoval(pass, subject, line);
    lines.push(line);
  }

  /** A removal that was approved for these very facts goes; one whose witness was not asked yet waits in any case. */
  private markRemoval(pass: Pass, subject: Subject, line: PlannedChange): void {
    const approval = pass.approved.get(subject.row.externalId);
    line.approved ||= approval?.kind === line.kind && approval.factsHash === line.after?.factsHash;
    if (subject.row.verdict !== 'unasked') return;
    line.disposition = 'hold';
    line.approved = false;
    line.reason = { ...line.reason, facts: { ...line.reason.facts, how: 'not confirmed yet' } };
  }
}

/** Situations that need no line: nothing happens, and nobody would ask. */
const SILENT: ReadonlySet<string> = new Set(['unchanged', 'superseded', 'never_linked_absent', 'already_archived']);

const NO_NOTE = { awaitedManager: null, unmatchedTitle: null, unmatchedTeam: null };

function conflictOf(subject: Subject, decision: Decision): NewConflict {
  const { conflict } = decision;
  if (conflict === null) throw new TypeError('a decision without a conflict');
  return {
    id: newId(),
    kind: conflict.kind,
    cause: `${conflict.cause}`,
    externalId: subject.row.externalId,
    otherExternalId: conflict.otherExternalId,
    personId: subject.facts.linked?.id ?? null,
    otherPersonId: conflict.otherPersonId,
    detail: { text: conflict.text, address: subject.row.emailCanonical },
  };
}

function firstOfEachCause(conflicts: NewConflict[]): NewConflict[] {
  return [...new Map(conflicts.toReversed().map((conflict) => [conflict.cause, conflict])).values()];
}
