import type { Observation, PersonFacts, Policy } from '../../src/sync/facts.js';
import type { ArchiveReason, DirectoryStatus } from '../../src/sync/model.js';
import { factsHash, type OverrideKind } from '../../src/sync/overrides.js';
import { fold } from './sync-facts.js';

/** An account as the directory has it. */
export interface Account {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  department: string | null;
  title: string | null;
  status: DirectoryStatus;
  inScope: boolean;
  /** Deleted accounts are kept for the witness. */
  exists: boolean;
  faulty: boolean;
  /** The next listing leaves it out, though it exists. */
  hidden: boolean;
}

export interface MirrorRow {
  personId: string | null;
  hash: string;
  settledHash: string | null;
  observation: Observation | null;
  goneAt: Date | null;
  missedReads: number;
}

interface Override {
  id: string;
  personId: string;
  externalId: string;
  kind: OverrideKind;
  factsHash: string | null;
}

/** An organisation and its directory in memory, and what people and other sources do to them. */
export class WorldState {
  now = new Date('2026-03-01T00:00:00Z');
  accounts = new Map<string, Account>();
  people = new Map<string, PersonFacts>();
  mirror = new Map<string, MirrorRow>();
  overrides: Override[] = [];
  waiting = new Set<string>();
  approved = new Set<string>();
  removals: Date[] = [];
  protected counter = 0;

  constructor(readonly policy: Policy) {
    this.addPerson('root@example.com', { id: 'root', isAdmin: true, isProtected: true });
  }

  next(prefix: string): string {
    this.counter += 1;
    return `${prefix}-${String(this.counter).padStart(4, '0')}`;
  }

  join(email: string, over: Partial<Account> = {}): Account {
    const id = this.next('record');
    const account: Account = {
      id,
      email,
      firstName: 'First',
      lastName: 'Last',
      department: null,
      title: null,
      status: 'employed',
      inScope: true,
      exists: true,
      faulty: false,
      hidden: false,
      ...over,
    };
    this.accounts.set(id, account);
    return account;
  }

  addPerson(email: string, over: Partial<PersonFacts> = {}): PersonFacts | null {
    const emailCanonical = fold(email);
    if (this.holderOf(emailCanonical, null) !== null) return null;
    const person: PersonFacts = {
      id: this.next('manual'),
      state: 'active',
      email,
      emailCanonical,
      firstName: 'First',
      lastName: 'Last',
      teamId: null,
      positionId: null,
      managerId: null,
      employeeNumber: null,
      attributes: {},
      isAdmin: false,
      isProtected: false,
      archiveReasons: [],
      archivedAt: null,
      version: 1,
      ...over,
    };
    this.people.set(person.id, person);
    this.unsettle(person);
    return person;
  }

  /** A source other than the directory archives; false where it may not. */
  archiveBy(person: PersonFacts, source: Exclude<ArchiveReason, 'directory'>): boolean {
    const admins = [...this.people.values()].filter((one) => one.isAdmin && one.state === 'active');
    if (person.isProtected || (admins.length === 1 && admins[0] === person)) return false;
    if (!person.archiveReasons.includes(source)) person.archiveReasons.push(source);
    if (person.state !== 'archived') person.archivedAt = this.now;
    person.state = 'archived';
    this.touch(person);
    return true;
  }

  /** A source lifts its own reason; an admin lifts all and leaves an override against each record as it is. */
  restoreBy(person: PersonFacts, source: Exclude<ArchiveReason, 'directory'>): void {
    if (person.state !== 'archived') return;
    const left = source === 'admin' ? [] : person.archiveReasons.filter((one) => one !== source);
    if (left.length === 0 && this.holderOf(person.emailCanonical, person.id) !== null) return;
    person.archiveReasons = left;
    if (left.length === 0) person.state = 'active';
    if (source === 'admin') {
      for (const [externalId, row] of this.mirror) {
        if (row.personId === person.id)
          this.override(person.id, externalId, 'archive', row.goneAt ? null : row.observation);
      }
    }
    this.touch(person);
  }

  override(personId: string, externalId: string, kind: OverrideKind, observed: Observation | null): void {
    const hash = factsHash(kind, observed);
    this.overrides.push({ id: this.next('override'), personId, externalId, kind, factsHash: hash });
  }

  /** Rejecting a hold: each of its removals gets an override. */
  rejectHold(): void {
    for (const externalId of this.waiting) {
      const row = this.mirror.get(externalId);
      if (row === undefined || row.personId === null) continue;
      this.override(
        row.personId,
        externalId,
        'archive',
        this.accounts.get(externalId)?.exists ? row.observation : null,
      );
      row.settledHash = null;
    }
    this.waiting.clear();
  }

  approveHold(): void {
    for (const externalId of this.waiting) this.approved.add(externalId);
  }

  /** A local fact changed: the records that may depend on it are planned again. */
  touch(person: PersonFacts): void {
    person.version += 1;
    this.unsettle(person);
  }

  private unsettle(person: PersonFacts): void {
    for (const row of this.mirror.values()) {
      const isAbout = row.personId === person.id || row.observation?.emailCanonical === person.emailCanonical;
      if (isAbout) row.settledHash = null;
    }
  }

  protected holderOf(emailCanonical: string, except: string | null): PersonFacts | null {
    for (const one of this.people.values()) {
      if (one.id !== except && one.state !== 'archived' && one.emailCanonical === emailCanonical) return one;
    }
    return null;
  }

  personOf(externalId: string): PersonFacts | null {
    const personId = this.mirror.get(externalId)?.personId ?? null;
    return personId === null ? null : (this.people.get(personId) ?? null);
  }
}
