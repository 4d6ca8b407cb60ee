import type { PersonFacts } from './facts.js';
import type { Change } from './model.js';

/** What a file of people can say of one person. `state` and `admin` are the organisation's own; the rest may be a directory's. */
export type FileField = 'email' | 'firstName' | 'lastName' | 'state' | 'position' | 'team' | 'manager' | 'admin';

/** One row, judged by itself. A field that is not there was in no column; null is an empty cell. */
export interface FileRow {
  line: number;
  /** As written. */
  email: string;
  emailCanonical: string;
  values: {
    firstName?: string | null;
    lastName?: string | null;
    /** An empty cell says nothing but for somebody new, whom it leaves pending. */
    state?: 'active' | 'pending' | 'archived' | null;
    /** Names, as written. */
    team?: string | null;
    position?: string | null;
    /** Already looked up: somebody here, or somebody whom this very file brings. */
    managerId?: string | null;
    admin?: boolean | null;
  };
}

/** Fields of a person that a file can change; whoever has the address keeps it. */
export type FilePersonField = 'state' | 'firstName' | 'lastName' | 'teamId' | 'positionId' | 'managerId' | 'isAdmin';

/** Who has the address of a row: the one who is not archived, else the one archived last. */
export interface FilePerson extends Pick<PersonFacts, FilePersonField | 'id' | 'emailCanonical' | 'version'> {
  /** What they were before they were archived. */
  archivedFrom: 'pending' | 'active' | null;
  /** What a directory keeps in step, which a file leaves alone. */
  managed: ReadonlySet<FileField>;
  /** Archived for a reason of a directory that still has a record of them: a file does not bring them back. */
  directoryKeepsArchived: boolean;
}

export interface FilePolicy {
  /** Columns whose empty cells clear the field. */
  clearEmpty: ReadonlySet<FileField>;
  createTeams: boolean;
  createPositions: boolean;
  /** Who uploaded it may make admins, and unmake them. */
  mayMakeAdmins: boolean;
}

/** What is said of a row besides what it changes. */
export type RowNoteCode =
  /** New and `Archived`: nobody is made in order to be archived. */
  | 'new_archived'
  /** `Pending` does not take sign-in away from somebody who is active. */
  | 'stays_active'
  /** Archived, and a directory still keeps it so. */
  | 'directory_keeps_archived'
  /** Archived, and the row does not ask for anything else: nothing of them is edited. */
  | 'stays_archived'
  | 'team_unknown'
  | 'position_unknown'
  /** Nobody is their own manager. */
  | 'manager_self'
  /** Brought back without being an admin, since the row does not say that they are one. */
  | 'admin_left';

export interface RowNote {
  code: RowNoteCode;
  field: FileField | null;
  /** One sentence. */
  text: string;
}

/** What one row would do. Absence from a file is never asked about. */
export interface RowDecision {
  /** Null: nothing. The `personId` of an `add` is '' until it is given. */
  change: Omit<Change, 'id'> | null;
  /** Archives somebody who is not archived: counts for the guard. */
  removal: boolean;
  /** Goes out when the change is applied: somebody becomes active who never was. */
  invites: boolean;
  /** Fields that differ and stay, since a directory keeps them. */
  kept: FileField[];
  notes: RowNote[];
  /** Nothing is done with the row, and the file is not applied with it unless faulty rows are left out. */
  fault: { field: FileField; text: string } | null;
  /** Names that nothing here has; to be made first where the policy says so. */
  missingTeam: string | null;
  missingPosition: string | null;
}
