import type { Actor } from '../audit/audit.types.js';
import type { ArchiveReason, Change, ChangeKind, ChangeResult, Origin, PersonFields } from '../sync/model.js';

/** On whose word people are changed. */
export interface ChangedBy {
  origin: Origin;
  actor: Actor;
  runId?: string | undefined;
  requestId?: string | undefined;
  /** Network address of the request. */
  address?: string | undefined;
}

/** A person as the writer holds them, locked. */
export interface PersonRow extends PersonFields {
  id: string;
  origin: Origin;
  archiveReasons: ArchiveReason[];
  archivedAt: Date | null;
  /** What an archived person was before. */
  archivedFrom: 'pending' | 'active' | null;
  version: number;
}

/** A change together with what it makes of the person. */
export interface Step {
  change: Change;
  /** Null for an `add`. */
  current: PersonRow | null;
  next: PersonRow;
}

export type { ArchiveReason, Change, ChangeKind, ChangeResult, Origin, PersonFields };
export { CreatePerson, EditPerson, PeopleQuery } from './people.dto.js';
