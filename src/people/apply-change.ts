import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { isUniqueViolation } from '../database/errors.js';
import type { Tx } from '../database/tx.js';
import { EventsService } from '../events/events.service.js';
import { ApplyManagers } from './apply-managers.js';
import { losesPrivileges } from './apply-next.js';
import { newWords, personColumns, toldOf } from './apply-rows.js';
import { freedAddress, isActiveAdmin, judge, type Verdicts, wantedAddress } from './apply-verdicts.js';
import { ACCESS_ENDS, ApplyRepository, type AccessEnd } from './apply.repository.js';
import { ManagerNotices } from './manager-notices.js';
import type { Change, ChangedBy, ChangeResult, PersonRow, Step } from './people.types.js';
import { searchWords } from './search-words.js';

/** How often a batch looks again because somebody else took an address between looking and writing. */
const MOST_ATTEMPTS = 5;

/**
 * The only writer of people. Each change is applied whole, with its audit entry and its event, or not at all, and one
 * that no longer holds never takes another with it. The number of statements does not grow with the batch.
 */
@Injectable()
export class ApplyChange {
  constructor(
    private readonly people: ApplyRepository,
    private readonly audit: AuditService,
    private readonly events: EventsService,
    private readonly managers: ManagerNotices,
    private readonly chains: ApplyManagers,
  ) {}

  async apply(tx: Tx, changes: readonly Change[], by: ChangedBy, now: Date): Promise<Map<string, ChangeResult>> {
    const results = new Map<string, ChangeResult>();
    await this.chains.queue(tx, changes);
    for (const round of roundsOf(changes)) {
      for (const [id, result] of await this.round(tx, round, by, now)) if (!results.has(id)) results.set(id, result);
    }
    return results;
  }

  /** Changes of different people. Looks again when an address was taken by somebody else just now. */
  private async round(
    tx: Tx,
    changes: readonly Change[],
    by: ChangedBy,
    now: Date,
  ): Promise<Map<string, ChangeResult>> {
    if (changes.every((change) => change.kind === 'add')) return this.attempt(tx, changes, by, now);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await tx.savepoint((inner) => this.attempt(inner, changes, by, now));
      } catch (error) {
        if (attempt >= MOST_ATTEMPTS || !isUniqueViolation(error, 'person_address')) throw error;
      }
    }
  }

  private async attempt(
    tx: Tx,
    changes: readonly Change[],
    by: ChangedBy,
    now: Date,
  ): Promise<Map<string, ChangeResult>> {
    const { results, steps } = await this.judged(tx, changes, by, now);
    const moved = steps.filter((step) => step.current !== null);
    const wanted = new Set(steps.map(wantedAddress));
    const inTheWay = moved.filter((step) => freedAddress(step) !== null && wanted.has(freedAddress(step)));
    if (inTheWay.length > 0) await this.people.vacate(tx, inTheWay.map(idOf));
    const added = await this.add(tx, steps.filter((step) => step.current === null), by, now, results); // prettier-ignore
    if (moved.length > 0) await this.move(tx, moved, by, now);
    const done = added === null ? steps : steps.filter((step) => step.current !== null || added.has(step.next.id));
    await this.tell(tx, done, by);
    return results;
  }

  private async judged(tx: Tx, changes: readonly Change[], by: ChangedBy, now: Date): Promise<Verdicts> {
    const missing = await this.missing(tx, changes);
    const others = changes.filter((change) => change.kind !== 'add');
    const ground = {
      people: new Map<string, PersonRow>(),
      known: new Set<string>(),
      holders: new Map<string, string>(),
    };
    let activeAdmins: ReadonlySet<string> = new Set();
    if (others.length > 0) {
      const rows = await this.people.lock(tx, others.map((change) => change.personId), others.some(couldEndAnAdmin)); // prettier-ignore
      ground.people = new Map(rows.map((row) => [row.id, row]));
      activeAdmins = new Set(rows.filter(isActiveAdmin).map((row) => row.id));
      ground.known = await this.events.known(tx, others.map((change) => change.id)); // prettier-ignore
      const addresses = others.flatMap((change) => addressesOf(change, ground.people.get(change.personId)));
      if (addresses.length > 0) ground.holders = await this.people.holders(tx, addresses);
    }
    const loops = await this.chains.closing(tx, changes);
    return judge(changes, { ...ground, activeAdmins, missing, loops, origin: by.origin, now });
  }

  /** Teams, positions and managers that changes refer to and that are gone since they were decided. */
  private async missing(tx: Tx, changes: readonly Change[]): Promise<Set<string>> {
    const teams = referredTo(changes, 'teamId');
    const positions = referredTo(changes, 'positionId');
    const arriving = new Set(changes.filter((change) => change.kind === 'add').map((change) => change.personId));
    const managers = referredTo(changes, 'managerId').filter((id) => !arriving.has(id));
    const all = new Set([...teams, ...positions, ...managers]);
    return all.size === 0 ? all : all.difference(await this.people.existing(tx, teams, positions, managers));
  }

  /**
   * Nobody asks beforehand who is there: a first import adds hundreds of thousands and nearly none is.
   *
   * @returns Who was added; null when all were.
   */
  private async add(
    tx: Tx,
    steps: readonly Step[],
    by: ChangedBy,
    now: Date,
    results: Map<string, ChangeResult>,
  ): Promise<Set<string> | null> {
    if (steps.length === 0) return null;
    const rows = steps.map(({ next }) => ({ ...personColumns(next), words: searchWords(next) }));
    const added = await this.people.add(tx, JSON.stringify(rows), by.origin, now);
    if (added.size === steps.length) return null;
    const refused = steps.filter((step) => !added.has(step.next.id));
    const known = await this.events.known(tx, refused.map((step) => step.change.id)); // prettier-ignore
    const there = await this.people.existing(tx, [], [], refused.map(idOf));
    for (const { change } of refused) {
      const result = known.has(change.id) ? 'already_applied' : there.has(change.personId) ? 'stale' : 'address_taken';
      results.set(change.id, result);
    }
    return added;
  }

  private async move(tx: Tx, steps: readonly Step[], by: ChangedBy, now: Date): Promise<void> {
    await this.people.update(tx, JSON.stringify(steps.map((step) => personColumns(step.next))), now);
    const renamed = steps.flatMap((step) => {
      const words = newWords(step);
      return words === null ? [] : [{ id: step.next.id, words }];
    });
    if (renamed.length > 0) await this.people.replaceWords(tx, renamed.map((one) => one.id), JSON.stringify(renamed)); // prettier-ignore
    const former = steps.flatMap(({ change, current, next }) =>
      current && current.emailCanonical !== next.emailCanonical
        ? [{ id: change.id, person_id: next.id, email: current.email }]
        : [],
    );
    if (former.length > 0) {
      await this.people.keepFormerAddresses(tx, JSON.stringify(former), now);
      await this.people.endLinks(tx, former.map((one) => one.person_id), now); // prettier-ignore
    }
    const cutOff = steps.filter(({ change, current, next }) => losesAccess(current, next) || change.kind === 'relink');
    if (cutOff.length > 0) await this.people.revokeKeys(tx, cutOff.map(idOf), now);
    await this.endAccess(tx, steps, now);
    await this.endPrivileges(tx, steps, by, now);
    await this.managers.follow(tx, steps, now);
    if (by.origin !== 'directory') await this.people.unsettle(tx, steps.map(idOf), addressesConcerned(steps)); // prettier-ignore
  }

  /** Ids of sessions change with every change of what one may do, upwards too: one signs in again to be more. */
  private async endAccess(tx: Tx, steps: readonly Step[], now: Date): Promise<void> {
    const byReason = Object.groupBy(steps, (step) => endOfAccess(step) ?? 'goes_on');
    for (const reason of ACCESS_ENDS) {
      const people = byReason[reason]?.map(idOf) ?? [];
      if (people.length > 0) await this.people.endAccess(tx, people, reason, now);
    }
  }

  /** What stands beside the person: being an admin is a field, and gone already. */
  private async endPrivileges(tx: Tx, steps: readonly Step[], by: ChangedBy, now: Date): Promise<void> {
    const lost = steps.filter(
      ({ change, current, next }) => current !== null && losesPrivileges(change, current, next.state, by.origin),
    );
    if (lost.length === 0) return;
    const { operators, breakGlass } = await this.people.endPrivileges(tx, lost.map(idOf), now);
    const ended = (action: 'operator.ended' | 'break_glass.ended') => (id: string) => ({
      ...{ action, subject: { kind: 'person', id }, detail: { because: 'returned' } },
    });
    const { actor, runId, requestId, address } = by;
    const entries = [...operators.map(ended('operator.ended')), ...breakGlass.map(ended('break_glass.ended'))];
    await this.audit.recordMany(tx, { by: actor, runId, requestId, address }, entries);
  }

  private async tell(tx: Tx, steps: readonly Step[], by: ChangedBy): Promise<void> {
    if (steps.length === 0) return;
    const told = steps.map((step) => toldOf(step, by));
    const { actor, runId, requestId, address } = by;
    const arrived =
      by.origin === 'directory' ? [] : steps.filter(hasNewAddress).map((step) => step.next.emailCanonical);
    if (arrived.length > 0) await this.people.unsettleAwaiting(tx, arrived);
    await this.audit.recordMany(tx, { by: actor, runId, requestId, address }, told.map(({ entry }) => entry)); // prettier-ignore
    await this.events.append(tx, told.map(({ event }) => event), runId); // prettier-ignore
  }
}

/** Two changes of one person follow each other: the second is judged by what the first made. */
function roundsOf(changes: readonly Change[]): Change[][] {
  const rounds: Change[][] = [];
  const seen = new Map<string, number>();
  for (const change of changes) {
    const round = seen.get(change.personId) ?? 0;
    seen.set(change.personId, round + 1);
    (rounds[round] ??= []).push(change);
  }
  return rounds;
}

function couldEndAnAdmin({ kind, after }: Change): boolean {
  return (
    kind === 'archive' ||
    kind === 'relink' ||
    after.isAdmin === false ||
    (after.state !== undefined && after.state !== 'active')
  );
}

/** Addresses that a change may come to need: the new one, and one's own when coming back. */
function addressesOf({ kind, after }: Change, current: PersonRow | undefined): string[] {
  if (after.emailCanonical !== undefined) return [after.emailCanonical];
  return kind === 'restore' && current ? [current.emailCanonical] : [];
}

function referredTo(changes: readonly Change[], field: 'teamId' | 'positionId' | 'managerId'): string[] {
  return [...new Set(changes.flatMap(({ after }) => after[field] ?? []))];
}

function losesAccess(current: PersonRow | null, next: PersonRow): boolean {
  return current?.state !== 'archived' && next.state === 'archived';
}

function endOfAccess({ change, current, next }: Step): AccessEnd | null {
  if (losesAccess(current, next)) return 'archived';
  if (change.kind === 'relink') return 'relinked';
  if (current === null || current.isAdmin === next.isAdmin) return null;
  return next.isAdmin ? 'role_gained' : 'role_lost';
}

function hasNewAddress({ current, next }: Step): boolean {
  return (
    next.state !== 'archived' &&
    (current === null || current.state === 'archived' || current.emailCanonical !== next.emailCanonical)
  );
}

/** What anybody of these was or is known by. */
function addressesConcerned(steps: readonly Step[]): string[] {
  return [...new Set(steps.flatMap(({ current, next }) => [current?.emailCanonical ?? next.emailCanonical, next.emailCanonical]))]; // prettier-ignore
}

function idOf(step: Step): string {
  return step.next.id;
}
