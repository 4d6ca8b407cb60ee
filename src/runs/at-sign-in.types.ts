/** What a directory says of somebody who signs in at this moment. */
export interface DirectorySays {
  /** `not_asked`: the connection is none that may be asked now. `unknown`: it gave no answer in time. */
  says: 'employed' | 'not_employed' | 'out_of_scope' | 'gone' | 'unknown' | 'not_asked';
  /** One of a closed list: why it is unknown. */
  because: string | null;
  connection: {
    /** Its first run was confirmed: people may come to be by it. */
    confirmed: boolean;
    /** Runs apply what they read: confirmed as it is set now, neither paused nor stopped nor in need of attention. */
    ready: boolean;
  };
  /** What the mirror holds of the record; null: the directory never showed it. */
  record: RecordAtSignIn | null;
}

export interface RecordAtSignIn {
  /** Whose it is here. */
  personId: string | null;
  /** A removal of it waits for an admin. */
  held: boolean;
  /** An admin ruled out that its person is archived, and what the directory says now is what they ruled it out for. */
  keptIn: boolean;
  /** An admin ruled out that somebody is added, linked or brought back for it. */
  keptOut: boolean;
  /** A conflict about it waits for an admin. */
  conflict: boolean;
}
