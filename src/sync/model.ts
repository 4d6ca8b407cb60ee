/** How a directory sees one person's standing, in words that every connector shares. */
export type DirectoryStatus =
  /** May work today. */
  | 'employed'
  /** Made, but not started yet: a pre-hire. */
  | 'not_started'
  | 'suspended'
  /** Kept for retention under an archive licence. */
  | 'archived'
  | 'deprovisioned'
  | 'deleted';

/** Whether a connection's scope takes a record in; `because` names the group, unit, application or rule for people. */
export type ScopeVerdict = { in: true } | { in: false; because: string };

/** A manager as the directory names one: by permanent id where it gives one, else by address, else free text. */
export interface ManagerReference {
  by: 'id' | 'email' | 'text';
  value: string;
}

export type AttributeValue = string | number | boolean | null | string[];

/** One person as a directory describes them, mapping applied. Values are as received, trimmed; null is "empty". */
export interface DirectoryRecord {
  externalId: string;
  /** As the mapped attribute gives it; judged and made canonical later, by one function. */
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  department: string | null;
  title: string | null;
  manager: ManagerReference | null;
  employeeNumber: string | null;
  /** The mapped extras, by the name that they have here. */
  extras: Record<string, AttributeValue>;
  status: DirectoryStatus;
  scope: ScopeVerdict;
  /** ISO 8601, null when never or not told. Not part of the content hash. */
  lastSignInAt: string | null;
  /** Not part of the content hash either: as told when the record last differed. */
  traits?: RecordTraits;
}

/** What a read tells besides at no cost, for what held people share. Decides nothing. */
export interface RecordTraits {
  /** Path of the unit that the person is in. */
  unit?: string;
  /** Name of a group of the scope that took the person in; one of them, where several do. */
  group?: string;
}

/** An object of a listing that cannot be a record. `fault` is a sentence; `externalId` null when it has no usable one. */
export interface FaultyRecord {
  externalId: string | null;
  fault: string;
}

/** The fields of a person that a sync may write. Ids are of our own people, teams and positions. */
export interface PersonFields {
  state: 'pending' | 'active' | 'archived';
  email: string;
  emailCanonical: string;
  firstName: string | null;
  lastName: string | null;
  teamId: string | null;
  positionId: string | null;
  managerId: string | null;
  employeeNumber: string | null;
  attributes: Record<string, AttributeValue>;
  isAdmin: boolean;
  isProtected: boolean;
}

export type ArchiveReason = 'directory' | 'scim' | 'csv' | 'admin' | 'undo';

export type Origin = 'manual' | 'csv' | 'directory' | 'scim' | 'sso' | 'admin';

/** What is done to a person. `relink` moves the tie to another record and counts as a removal. */
export type ChangeKind = 'add' | 'link' | 'relink' | 'update' | 'restore' | 'archive';

/** Why, as data: `code` is closed and documented, `text` is one plain sentence for the timeline. */
export interface Reason {
  code: string;
  text: string;
  /** What the sentence is about: group, unit, attribute … never a secret. */
  facts?: Record<string, string | number | boolean | null>;
}

/**
 * One change of one person. Applying it twice is the same as once (`id` is the key).
 * `before` and `after` hold just the fields that change; an `add` has no `before`.
 */
export interface Change {
  id: string;
  kind: ChangeKind;
  /** '' in a decided `add`: ids are given when the plan is stored. */
  personId: string;
  reason: Reason;
  before: Partial<PersonFields> | null;
  after: Partial<PersonFields>;
  /**
   * The reason that an `archive` sets, or a `restore` (or a `relink` of somebody archived) clears; an admin's restore
   * clears all. A person is archived while any reason stands: `after.state` is there only where the state changes.
   */
  archiveReason?: ArchiveReason | 'all';
  /** Version of the person that the change was decided on; null for an `add`. A different one makes it `stale`. */
  expectedVersion: number | null;
}

/** What became of a change when it was applied. */
export type ChangeResult =
  | 'applied'
  /** It was applied before, under the same id. */
  | 'already_applied'
  /** The person changed since it was decided; decide again. */
  | 'stale'
  /** Somebody else who is not archived has the address. */
  | 'address_taken'
  /** Protected, or the last active admin. */
  | 'protected';
