import { decide } from '../../src/sync/decide.js';
import { resolveExchanges, type AddressMove } from '../../src/sync/exchanges.js';
import type {
  CandidateFacts,
  Decision,
  Facts,
  Observation,
  PersonFacts,
  WitnessVerdict,
} from '../../src/sync/facts.js';
import { guard, type GuardVerdict } from '../../src/sync/guard.js';
import { lastAdmins } from '../../src/sync/last-admins.js';
import { isByAbsence } from '../../src/sync/leaving.js';
import type { Change, DirectoryRecord } from '../../src/sync/model.js';
import { lapsedOverrides } from '../../src/sync/overrides.js';
import { isEmployed, isLeaver } from '../../src/sync/standing.js';
import { fold, reference } from './sync-facts.js';
import { WorldState, type Account, type MirrorRow } from './sync-world-state.js';

export interface RunResult {
  decisions: Decision[];
  applied: { decision: Decision; change: Omit<Change, 'id'> }[];
  verdict: GuardVerdict | null;
}

const HOUR = 3_600_000;
const names = reference();

/**
 * A world with as little of a service around the engine as lets it run, so that what goes wrong is the engine's. Every
 * operation is deterministic.
 */
export class World extends WorldState {
  clone(): World {
    const copy = new World(this.policy);
    const { now, accounts, people, mirror, overrides, waiting, approved, removals, counter } = this;
    Object.assign(copy, structuredClone({ now, accounts, people, mirror, overrides, waiting, approved, removals }));
    copy.counter = counter;
    return copy;
  }

  /**
   * One read with everything that follows from it.
   *
   * @param coverage A partial one (a delta, a broken read that was stopped) tells of those it names, and of nobody else.
   * @param reversed Records in the other order; must not matter.
   */
  run(
    coverage: 'complete' | 'partial',
    options: { reversed?: boolean; witness?: 'knows' | 'cannot tell' } = {},
  ): RunResult {
    this.now = new Date(this.now.getTime() + HOUR);
    const listed = this.observe(coverage);
    const plan = this.plan(coverage, listed, options.witness ?? 'knows');
    if (options.reversed === true) plan.reverse();
    for (const facts of plan) this.releaseLapsed(facts);
    const decisions = this.exchange(plan).map((facts) => ({ facts, decision: decide(facts, this.policy, names) }));
    const contradictions = decisions.filter(({ decision }) => decision.situation === 'absent_present').length;
    const verdict = this.judge(
      coverage,
      listed,
      decisions.map(({ decision }) => decision),
      contradictions,
    );
    return { decisions: decisions.map(({ decision }) => decision), applied: this.apply(decisions, verdict), verdict };
  }

  private observe(coverage: 'complete' | 'partial'): Map<string, Observation> {
    const listed = new Map<string, Observation>();
    for (const account of this.accounts.values()) {
      const left = !account.exists || account.status === 'deprovisioned' || account.hidden;
      if (left || (coverage === 'partial' && account.id.charCodeAt(account.id.length - 1) % 2 === 0)) continue;
      const observation = this.observationOf(account, 'page');
      listed.set(account.id, observation);
      const row = this.mirror.get(account.id);
      const known = { hash: observation.hash, observation, goneAt: null, missedReads: 0 };
      if (row === undefined) this.mirror.set(account.id, { personId: null, settledHash: null, ...known });
      else Object.assign(row, known);
    }
    for (const account of this.accounts.values()) account.hidden = false;
    return listed;
  }

  observationOf(account: Account, source: Observation['source']): Observation {
    const { id, email, firstName, lastName, department, title, status } = account;
    const scope = account.inScope ? ({ in: true } as const) : ({ in: false, because: 'not in the group' } as const);
    const record: DirectoryRecord = {
      externalId: id,
      email,
      firstName,
      lastName,
      department,
      title,
      manager: null,
      employeeNumber: null,
      extras: {},
      status,
      scope,
      lastSignInAt: null,
    };
    return {
      record,
      emailCanonical: fold(email),
      domainVerified: !fold(email).startsWith('foreign'),
      fault: account.faulty ? 'The first name is too long.' : null,
      scope,
      hash: JSON.stringify([record, account.faulty]),
      observedAt: this.now,
      source,
    };
  }

  private plan(coverage: 'complete' | 'partial', listed: Map<string, Observation>, witness: string): Facts[] {
    const plan: Facts[] = [];
    for (const [externalId, observation] of listed) {
      if (this.mirror.get(externalId)?.settledHash !== observation.hash) {
        plan.push(this.factsOf(externalId, observation, listed, null));
      }
    }
    if (coverage === 'partial') return plan;
    for (const [externalId, row] of this.mirror) {
      if (listed.has(externalId) || row.personId === null) continue;
      if (row.goneAt !== null && row.settledHash === 'gone') continue;
      const verdict =
        witness === 'knows' ? this.witness(externalId, row) : ({ says: 'unknown', because: 'time-out' } as const);
      if (verdict.says === 'gone') row.goneAt ??= this.now;
      plan.push(this.factsOf(externalId, null, listed, verdict));
    }
    return plan;
  }

  private witness(externalId: string, row: MirrorRow): WitnessVerdict {
    const account = this.accounts.get(externalId);
    if (account === undefined || !account.exists) {
      row.missedReads += 1;
      return row.missedReads > 1 ? { says: 'gone', how: 'missed_twice' } : { says: 'missing' };
    }
    if (account.status === 'deprovisioned') return { says: 'gone', how: 'deprovisioned' };
    if (isLeaver(account.status, this.policy)) return { says: 'not_employed', status: account.status };
    return account.inScope ? { says: 'present' } : { says: 'out_of_scope', because: 'not in the group' };
  }

  factsOf(
    externalId: string,
    observed: Observation | null,
    listed: Map<string, Observation>,
    witness: WitnessVerdict | null,
  ): Facts {
    const linked = this.personOf(externalId);
    const email = observed?.emailCanonical ?? null;
    const holder = email === null ? null : this.holderOf(email, linked?.id ?? null);
    const candidate = linked === null && email !== null ? this.candidateFor(email) : null;
    const about = linked ?? candidate;
    return {
      externalId,
      observed,
      mirror: null,
      linked,
      candidate,
      holder: holder === null ? null : { personId: holder.id },
      holderMovesOn: false,
      rivals: [...listed]
        .filter(([id, one]) => id !== externalId && one.emailCanonical === email && this.competes(one))
        .map(([id]) => ({ externalId: id, personId: this.mirror.get(id)?.personId ?? null })),
      others: [],
      witness,
      overrides: this.overrides
        .filter((one) => one.personId === about?.id && one.externalId === externalId)
        .map(({ id, kind, factsHash: hash }) => ({ id, kind, factsHash: hash })),
      now: this.now,
    };
  }

  private competes(one: Observation): boolean {
    return one.fault === null && one.scope.in && one.record !== null && isEmployed(one.record.status, this.policy);
  }

  private candidateFor(email: string): CandidateFacts | null {
    const named = [...this.people.values()].filter((one) => one.emailCanonical === email);
    const best =
      named.find((one) => one.state !== 'archived') ??
      named.toSorted(
        (a, b) => (b.archivedAt?.getTime() ?? 0) - (a.archivedAt?.getTime() ?? 0) || (a.id < b.id ? -1 : 1),
      )[0];
    if (best === undefined) return null;
    const row = [...this.mirror].find(([, one]) => one.personId === best.id);
    const old = row?.[1].observation?.record;
    return {
      ...best,
      linkedRecord:
        row === undefined
          ? null
          : {
              externalId: row[0],
              goneAt: row[1].goneAt,
              employeeNumber: null,
              firstName: old?.firstName ?? null,
              lastName: old?.lastName ?? null,
            },
    };
  }

  private releaseLapsed(facts: Facts): void {
    const lapsed = new Set(lapsedOverrides(facts).map((one) => one.id));
    if (lapsed.size === 0) return;
    this.overrides = this.overrides.filter((one) => !lapsed.has(one.id));
    const row = this.mirror.get(facts.externalId);
    if (row !== undefined && facts.observed === null && row.goneAt === null) row.settledHash = null;
    facts.overrides = facts.overrides.filter((one) => !lapsed.has(one.id));
  }

  /** Row 18: whoever's new address is given up in this very plan is decided again. */
  private exchange(plan: Facts[]): Facts[] {
    const moves: AddressMove[] = [];
    for (const facts of plan) {
      const { change, removal, disposition } = decide(
        { ...facts, holderMovesOn: facts.holder !== null },
        this.policy,
        names,
      );
      const to = change?.after.emailCanonical;
      if (change === null || removal || disposition !== 'apply' || to === undefined) continue;
      const from = facts.linked !== null && facts.linked.state !== 'archived' ? facts.linked.emailCanonical : null;
      moves.push({ id: moveId(facts), from, to, holderId: facts.holder?.personId ?? null });
    }
    const { mayGo } = resolveExchanges(moves);
    return plan.map((facts) => (mayGo.has(moveId(facts)) ? { ...facts, holderMovesOn: true } : facts));
  }

  private judge(
    coverage: 'complete' | 'partial',
    listed: Map<string, Observation>,
    decisions: Decision[],
    contradictions: number,
  ): GuardVerdict {
    const fresh = { byAbsence: 0, other: 0 };
    const waiting = { byAbsence: 0, other: 0 };
    for (const decision of decisions) {
      if (!decision.removal || this.approved.has(decision.externalId)) continue;
      const counts = this.waiting.has(decision.externalId) ? waiting : fresh;
      counts[isByAbsence(decision.reason) ? 'byAbsence' : 'other'] += 1;
    }
    const unknown = decisions.filter((one) => one.situation === 'unknown').length;
    const inScope = [...listed.values()].filter((one) => one.scope.in).length;
    const mirrorRecords = [...this.mirror.values()].filter((row) => row.goneAt === null).length;
    const day = this.now.getTime() - 24 * HOUR;
    return guard(
      {
        activeLinked: this.activeLinked(),
        fresh,
        waiting,
        removedLastDay: this.removals.filter((at) => at.getTime() > day).length,
        contradictions,
        read: coverage === 'complete' ? { records: listed.size, inScope, unknown, mirrorRecords } : null,
      },
      this.policy,
    );
  }

  activeLinked(): number {
    const linked = new Set([...this.mirror.values()].map((row) => row.personId));
    return [...this.people.values()].filter((one) => one.state === 'active' && linked.has(one.id)).length;
  }

  private apply(plan: { facts: Facts; decision: Decision }[], verdict: GuardVerdict): RunResult['applied'] {
    const applied: RunResult['applied'] = [];
    const admins = [...this.people.values()]
      .filter((one) => one.isAdmin && one.state === 'active')
      .map((one) => one.id);
    const leaving = plan
      .filter(({ decision }) => decision.removal)
      .map(({ decision }) => decision.change?.personId ?? '');
    const kept = new Set(lastAdmins(leaving, admins));
    const sorted = plan.toSorted((a, b) => (a.decision.externalId < b.decision.externalId ? -1 : 1));
    const reappeared = new Set(
      sorted.filter(({ decision }) => !decision.removal).map(({ decision }) => decision.externalId),
    );
    for (const externalId of reappeared) this.waiting.delete(externalId);
    const order = ['update', 'restore', 'link', 'add', 'relink', 'archive'];
    const steps = sorted.toSorted((a, b) => order.indexOf(kindOf(a.decision)) - order.indexOf(kindOf(b.decision)));
    for (const { facts, decision } of steps) {
      if (decision.removal && !this.mayRemove(decision, verdict, kept)) continue;
      if (decision.change === null || decision.disposition !== 'apply') this.settle(facts, decision);
      else if (this.applyOne(facts, decision.change, steps)) {
        this.settle(facts, decision);
        applied.push({ decision, change: decision.change });
        if (decision.removal && !this.approved.has(decision.externalId)) this.removals.push(this.now);
        this.waiting.delete(decision.externalId);
        this.approved.delete(decision.externalId);
      }
    }
    return applied;
  }

  private mayRemove(decision: Decision, verdict: GuardVerdict, kept: Set<string>): boolean {
    if (kept.has(decision.change?.personId ?? '')) return false;
    if (this.approved.has(decision.externalId)) return true;
    const judged = isByAbsence(decision.reason) ? verdict.absences : verdict.removals;
    if (judged === 'drop') return false;
    if (judged === 'hold') this.waiting.add(decision.externalId);
    return !this.waiting.has(decision.externalId);
  }

  private settle(facts: Facts, decision: Decision): void {
    const row = this.mirror.get(facts.externalId);
    if (row === undefined) return;
    if (decision.settles) row.settledHash = facts.observed === null ? 'gone' : facts.observed.hash;
    // What was observed and is not settled is decided again, also when it is as it was once settled.
    else if (facts.observed !== null) row.settledHash = null;
  }

  private applyOne(facts: Facts, change: Omit<Change, 'id'>, steps: { facts: Facts; decision: Decision }[]): boolean {
    const row = this.mirror.get(facts.externalId);
    if (row === undefined) throw new Error('a change without a record');
    if (change.kind === 'add') {
      const address = change.after.emailCanonical ?? '';
      if (this.holderOf(address, null) !== null) return false;
      const id = `person of ${facts.externalId} ${this.now.toISOString()}`;
      const fields = change.after as PersonFacts;
      this.people.set(id, { ...fields, id, archiveReasons: [], archivedAt: null, version: 1 });
      row.personId = id;
      return true;
    }
    const person = this.people.get(change.personId);
    if (person === undefined) throw new Error('a change without a person');
    // Somebody may be in a plan twice: linked anew to one record, and archived for the old one. The first wins.
    if (person.version !== change.expectedVersion) return false;
    const address = change.after.emailCanonical ?? person.emailCanonical;
    const state = change.after.state ?? person.state;
    const holder = state === 'archived' ? null : this.holderOf(address, person.id);
    // Within an exchange the holder gives the address up in the same transaction.
    const exchanged = steps.some(({ facts: one, decision }) => {
      const moved = decision.change?.after.emailCanonical;
      return (
        one.linked?.id === holder?.id && moved !== undefined && moved !== address && decision.disposition === 'apply'
      );
    });
    if (holder !== null && !(facts.holderMovesOn && exchanged)) return false;
    Object.assign(person, change.after);
    if (change.kind === 'archive') {
      if (!person.archiveReasons.includes('directory')) person.archiveReasons.push('directory');
      if (change.after.state === 'archived') person.archivedAt = this.now;
    } else if (change.archiveReason !== undefined) {
      person.archiveReasons = person.archiveReasons.filter((one) => one !== change.archiveReason);
    }
    person.version += 1;
    if (change.kind === 'relink') {
      for (const old of this.mirror.values()) if (old.personId === person.id) old.personId = null;
    }
    row.personId = person.id;
    return true;
  }
}

function moveId(facts: Facts): string {
  return facts.linked?.id ?? `record ${facts.externalId}`;
}

function kindOf(decision: Decision): string {
  return decision.change?.kind ?? 'update';
}
