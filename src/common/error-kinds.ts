/**
 * What an error is about. HTTP turns it into a status, the command line into an exit code; services know neither.
 */
export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'too_large'
  | 'unsupported'
  | 'unprocessable'
  | 'throttled'
  | 'unavailable'
  | 'internal';

export interface ErrorDescription {
  kind: ErrorKind;
  /** For docs/error-codes.md: what happened and what the reader can do. */
  meaning: string;
}
