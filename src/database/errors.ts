import pg from 'pg';
import { RollcallError, codeOf, isError } from '../common/errors.js';

/** The connection broke between sending COMMIT and hearing its answer: the change may or may not have happened. */
export class CommitUnknown extends RollcallError {
  override readonly name = 'CommitUnknown';

  constructor(cause: unknown) {
    super(
      'database.commit_unknown',
      'The connection to the database broke while a change was being committed; look whether it happened before asking again.',
      undefined,
      { cause },
    );
  }
}

const SOCKET_FAULTS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);

/** Words of `pg` and `pg-pool` for a broken connection; they carry no code. */
const BROKEN =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|timeout e?xceeded when trying to connect|timeout expired|Query read timeout|Cannot use a pool after calling end|The server does not support|Connection ended)/u;

/** True when the connection, and not the statement, is at fault: the same statement may work on another one. */
export function isConnectionFault(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== '') {
    if (SOCKET_FAULTS.has(code)) return true;
    // 08: connection exceptions; 57P: shut down, crashed, starting; 53300: no connection slot; 25P03: idle too long.
    if (/^(08...|57P0[1-5]|53300|25P0[34])$/u.test(code)) return true;
  }
  return isError(error) && BROKEN.test(error.message);
}

/** True when a unique constraint (that one, if named) refused the statement. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return isViolation(error, '23505', constraint);
}

/** True when a foreign key (that one, if named) refused the statement. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  // PostgreSQL 18 tells apart what ON DELETE RESTRICT refuses (23001); before, it was a foreign key like any other.
  return isViolation(error, '23503', constraint) || isViolation(error, '23001', constraint);
}

/** True when a check constraint (that one, if named) refused the statement. */
export function isCheckViolation(error: unknown, constraint?: string): boolean {
  return isViolation(error, '23514', constraint);
}

/**
 * True when a write may have been refused because its organisation has ended: by row-level security, or by a foreign key to
 * what is gone. Each has other causes, too.
 */
export function mayBeOfTheEnded(error: unknown): boolean {
  return ['42501', '23503'].includes(codeOf(error));
}

function isViolation(error: unknown, code: string, constraint: string | undefined): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === code &&
    (constraint === undefined || error.constraint === constraint)
  );
}

/** True when PostgreSQL asks to run the transaction again: a deadlock or a serialisation failure. */
export function isTransactionConflict(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error));
}

/** Turns faults of the connection and of time into ours; anything else is the caller's and is handed back as it is. */
export function translate(error: unknown): unknown {
  if (error instanceof RollcallError) return error;
  if (isConnectionFault(error)) {
    return new RollcallError('database.unavailable', 'The database cannot be reached at the moment.', undefined, {
      cause: error,
    });
  }
  if (['57014', '55P03'].includes(codeOf(error))) {
    return new RollcallError(
      'database.timeout',
      'The database took longer than the limit; nothing was changed.',
      undefined,
      {
        cause: error,
      },
    );
  }
  return error;
}
