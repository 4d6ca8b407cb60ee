import type { ArchiveReason, Change, DirectoryRecord, PersonFields, Reason, ScopeVerdict } from './model.js';

/** What a read says of one record, judged: the address is canonical, the fault is known. */
export interface Observation {
  /** Null where the object cannot be a record at all; `fault` then says why. */
  record: DirectoryRecord | null;
  /** Null when there is no address or it is not one. */
  emailCanonical: string | null;
  /** The address lies in a verified domain of the organisation. */
  domainVerified: boolean;
  fault: string | null;
  scope: ScopeVerdict;
  /** Content hash, base64: mapped attributes, standing, verdict, version of mapping and policy. */
  hash: string;
  observedAt: Date;
  /** `page` of a listing, or a `direct` read (also of a delta or a push), which is evidence in its own right. */
  source: 'page' | 'direct';
}

/** What the mirror holds of the record: last observed and last settled. */
export interface MirrorFacts {
  observedHash: string;
  settledHash: string | null;
  observedAt: Date;
  employed: boolean;
  inScope: boolean;
  missedReads: number;
  goneAt: Date | null;
}

export interface PersonFacts extends PersonFields {
  id: string;
  archiveReasons: ArchiveReason[];
  archivedAt: Date | null;
  version: number;
}

/** The person whom the address suggests: the one who is not archived, else the one archived last. */
export interface CandidateFacts extends PersonFacts {
  /** The record of this connection that the candidate is linked to, if any. */
  linkedRecord: {
    externalId: string;
    /** When it was confirmed gone; null while it lives. */
    goneAt: Date | null;
    /** It is gone by the word of this very run: it was absent, and a witness confirmed that. */
    byAbsence?: boolean;
    employeeNumber: string | null;
    firstName: string | null;
    lastName: string | null;
  } | null;
}

/**
 * Another in-scope, employed record of this connection with the same canonical address. One that an admin decided
 * against, when a conflict was resolved, is left out.
 */
export interface Rival {
  externalId: string;
  personId: string | null;
}

/**
 * What another connection of the organisation says of the linked person (of the candidate, while nobody is linked).
 * A smaller rank is higher.
 */
export interface OtherConnection {
  connectionId: string;
  rank: number;
  /** It still knows the person: a living record, in scope. */
  knows: boolean;
  employed: boolean;
  /** False once it was paused or in need of attention for more than 30 days: nothing is inferred from it. */
  trusted: boolean;
  record: DirectoryRecord | null;
  /** Fields that its mapping manages; left out, all of them. */
  managed?: readonly ManagedField[];
}

/** The direct evidence about a record that is absent from a complete read. */
export type WitnessVerdict =
  | { says: 'gone'; how: 'deleted' | 'deprovisioned' | 'missed_twice' }
  | { says: 'not_employed'; status: string }
  | { says: 'out_of_scope'; because: string }
  | { says: 'present' }
  /** A bare 404, first miss: not yet evidence. */
  | { says: 'missing' }
  | { says: 'unknown'; because: string };

export interface OverrideFacts {
  id: string;
  /** `add`, `link`, `relink`, `restore`, `archive`, `update` (every field) or `update:<field>`; see `overrides.ts`. */
  kind: string;
  /** Base64 hash of the facts that it stands against; null stands until released. */
  factsHash: string | null;
}

/** Everything that one decision rests on. */
export interface Facts {
  externalId: string;
  /** Null: absent from a complete read. */
  observed: Observation | null;
  mirror: MirrorFacts | null;
  linked: PersonFacts | null;
  candidate: CandidateFacts | null;
  /** Who has the observed address now and is not archived, other than the linked person. */
  holder: { personId: string } | null;
  /** Set once exchanges were resolved: the holder gives the address up in this very plan. */
  holderMovesOn: boolean;
  rivals: Rival[];
  others: OtherConnection[];
  /**
   * For an absent record of anybody linked, archived or not: an archived person needs no witness to stay so, but the
   * record settles, and can be followed by another (identity rule 3), only once it is confirmed gone.
   */
  witness: WitnessVerdict | null;
  overrides: OverrideFacts[];
  now: Date;
}

export type ManagedField =
  'email' | 'firstName' | 'lastName' | 'team' | 'position' | 'manager' | 'employeeNumber' | 'extras';

/** The settings of a connection that decide. Defaults in `policy.ts`, after the table of `sync.md`. */
export interface Policy {
  newPeopleAre: 'active' | 'pending';
  notStartedCountsAsEmployed: boolean;
  suspendedMeansLeaver: boolean;
  archivedMeansLeaver: boolean;
  createMissingTeams: boolean;
  emptyAttribute: 'clear' | 'keep';
  /** Fields that the mapping manages; the rest belong to the admins. */
  managed: readonly ManagedField[];
  /** Percent, 1 to 50. */
  removalLimitRun: number;
  removalLimitDay: number;
  /** Rank of this connection; 1 is the highest. */
  rank: number;
}

/** The organisation's teams, positions and aliases, by folded name. Small enough to hold in memory. */
export interface Reference {
  /** The one folding of names, given so that this folder needs nothing from outside. */
  fold(text: string): string;
  teamsByName: ReadonlyMap<string, { id: string; frameworkId: string | null }>;
  teamsById: ReadonlyMap<string, { id: string; frameworkId: string | null; name: string }>;
  /** Folded name to every position that has it. */
  positionsByName: ReadonlyMap<string, readonly { id: string; frameworkId: string }[]>;
  positionsById: ReadonlyMap<string, { id: string; frameworkId: string }>;
  teamAliases: ReadonlyMap<string, string>;
  positionAliases: ReadonlyMap<string, string>;
}

export type Situation =
  | 'newcomer' // 1
  | 'newcomer_known_here' // 2
  | 'changed' // 3, 16, 18
  | 'returned' // 4, 19
  | 'returned_archived_by_admin' // 5
  | 'not_employed' // 6
  | 'absent_gone' // 7
  | 'out_of_scope' // 8
  | 'absent_present' // 9
  | 'absent_unconfirmed' // a bare 404, or the witness could not tell
  | 'already_archived' // 6, 7, 8 for somebody who is archived
  | 'returned_archived_by_another' // 4, where a source other than the directory or an admin archived too
  | 'decided_elsewhere' // 4, 6, 7, 8 where another connection decides about employment
  | 'never_linked_absent' // 20: absent, and nobody's
  | 'superseded' // observed earlier than what the mirror holds
  | 'newcomer_not_employed' // 11
  | 'newcomer_out_of_scope' // 12
  | 'unknown' // 13
  | 'rival_addresses' // 14
  | 'address_is_anothers' // 17, 19
  | 'recreated' // identity rule 3: relink or conflict
  | 'candidate_lives' // identity rule 4
  | 'unchanged';

/** A question that only an admin can answer. */
export interface ConflictFound {
  kind: 'same_address' | 'address_taken' | 'recreated' | 'candidate_linked';
  /** Identity of the conflict while it is open. */
  cause: string;
  otherExternalId: string | null;
  otherPersonId: string | null;
  text: string;
}

/** What is decided about one record. */
export interface Decision {
  externalId: string;
  situation: Situation;
  disposition: 'apply' | 'approve' | 'skip' | 'conflict';
  /**
   * For `apply` and `approve`; may stand beside a conflict (rows 17 and 19, disposition `apply`). The id is given when
   * it is stored. Every change of a record that is not linked yet ties the record to `personId`, a `restore` (row 4,
   * newly linked) like a `link`; the `personId` of an `add` is '' until it is stored.
   */
  change: Omit<Change, 'id'> | null;
  conflict: ConflictFound | null;
  /** An archive or a relink: counts for the limits. */
  removal: boolean;
  reason: Reason;
  /** The reaction is complete once the change is applied; an unsettled record is planned again in the next run. */
  settles: boolean;
  /** Department that no team or alias matches, as received. With `createMissingTeams`: the team to make first. */
  unmatchedTeam: string | null;
  unmatchedTitle: string | null;
}
