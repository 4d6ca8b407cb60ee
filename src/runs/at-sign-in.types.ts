/** What a directory says of somebody who signs in at this moment. */
export interface DirectorySays {
  says: 'employed' | 'not_employed' | 'out_of_scope' | 'gone' | 'unknown';
  /** Who the directory's record is here. */
  personId: string | null;
  /** One of a closed list: why it is unknown. */
  because: string | null;
}
