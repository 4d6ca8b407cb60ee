import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import type { Tx } from '../database/tx.js';
import type { Decision } from '../sync/facts.js';
import { resolveManagers } from '../sync/managers.js';
import { reason } from '../sync/reasons.js';
import { standingOverride } from '../sync/overrides.js';
import { ownedValue } from '../sync/ownership.js';
import type { Subject } from './assembling.js';
import { joinerId, type ManagerChange } from './lines.js';
import { PlanOrderRepository } from './plan-order.repository.js';
import { QuestionsRepository } from './questions.repository.js';
import type { Directory, RunContext } from './run-context.js';

const NO_MANAGER = 'The manager is not here, or reports to the person in turn; the manager was left as it is.';

/** Kinds of changes with which a manager may come. */
const CARRIES_MANAGER: ReadonlySet<string> = new Set(['add', 'link', 'relink', 'update', 'restore']);

/** Levels of management above anybody that are followed in search of a loop. */
const HIGHEST = 200;

/**
 * The manager that a record gives to its person, where that differs. One who is only in the directory yet is taken for
 * somebody of this plan; whom the plan does not bring is awaited.
 */
export function managerChange(
  context: RunContext,
  directory: Directory,
  subject: Subject,
  decision: Decision,
): ManagerChange | null {
  const { facts, manager } = subject;
  const { policy } = directory;
  const record = facts.observed?.record ?? null;
  const carries =
    decision.change === null ? decision.situation === 'unchanged' : CARRIES_MANAGER.has(decision.change.kind);
  if (!carries || record === null || !policy.managed.includes('manager')) return null;
  if (standingOverride(facts, 'update:manager') !== null) return null;
  const person = facts.linked ?? (decision.change?.kind === 'add' ? null : facts.candidate);
  const before = person?.managerId ?? null;
  const owned = ownedValue('manager', (one) => one.manager?.value ?? null, record, facts.others, policy.rank);
  if (owned.by === 'theirs' || (owned.by === 'us' && record.manager === null)) return null;
  if (owned.by === 'nobody')
    return before !== null && policy.emptyAttribute === 'clear' ? { before, after: null } : null;
  const after = manager?.personId ?? (manager?.externalId ? joinerId(context.runId, manager.externalId) : null);
  const self = person?.id ?? joinerId(context.runId, subject.row.externalId);
  return after === null || after === before || after === self ? null : { before, after };
}

/** Looks at new managers across the plan: loops are refused, edge by edge, and told. */
@Injectable()
export class ManagerPass {
  constructor(
    private readonly order: PlanOrderRepository,
    private readonly questions: QuestionsRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async refuseLoops(context: RunContext): Promise<void> {
    const { lease, organisationId, runId } = context;
    await lease.write(
      async (tx) => {
        const ofFile = context.kind === 'import';
        await this.order.dropAbsentManagers(tx, organisationId, runId, ofFile ? 'absent' : 'here');
        const edges = await this.order.suspectEdges(tx, organisationId, runId);
        const above = edges.length === 0 ? new Map<string, string>() : await this.above(tx, context, edges);
        const { refused } = resolveManagers(edges, (personId) => above.get(personId) ?? null);
        const dropped = new Set(refused.map((edge) => edge.personId));
        await this.order.dropManagers(tx, organisationId, runId, edges.filter((edge) => dropped.has(edge.personId)).map((edge) => edge.seq)); // prettier-ignore
        if (ofFile) await this.order.skipEmpty(tx, organisationId, runId, reason('file_left', { because: NO_MANAGER }));
        else await this.order.leaveOutEmpty(tx, organisationId, runId);
        if (context.kind === 'full' || context.kind === 'delta') await this.tell(tx, context, refused);
      },
      { timeoutMs: 120_000 },
    );
  }

  /** Refused edges are decided again in every run, so that a loop which this one did not find is none any more. */
  private async tell(tx: Tx, context: RunContext, refused: readonly { loop: readonly string[] }[]): Promise<void> {
    const { organisationId, connectionId } = context;
    const now = this.clock.now();
    const causes = [...new Set(refused.map(({ loop }) => `manager_loop:${[...loop].sort().join(',')}`))];
    const notices = causes.map((cause) => ({
      id: newId(),
      kind: 'manager_loop',
      cause,
      connectionId,
      personId: null,
      message: 'The directory names people as each other’s managers in a circle; these managers were not set.',
      detail: { people: cause.slice('manager_loop:'.length).split(',') },
    }));
    await this.questions.notify(tx, organisationId, notices, now);
    await this.questions.mend(tx, organisationId, connectionId, ['manager_loop'], causes, now);
  }

  /** Who is above the people of these edges, as the plan leaves it. */
  private async above(
    tx: Tx,
    context: RunContext,
    edges: { personId: string; managerId: string }[],
  ): Promise<Map<string, string | null>> {
    const above = new Map<string, string | null>();
    let ask = [...new Set(edges.flatMap((edge) => [edge.personId, edge.managerId]))];
    for (let level = 0; ask.length > 0 && level < HIGHEST; level += 1) {
      const found = await this.order.managersOf(tx, context.organisationId, context.runId, ask);
      for (const personId of ask) above.set(personId, null);
      for (const { personId, managerId } of found) above.set(personId, managerId);
      ask = [
        ...new Set(found.flatMap(({ managerId }) => (managerId !== null && !above.has(managerId) ? [managerId] : []))),
      ];
    }
    return above;
  }
}
