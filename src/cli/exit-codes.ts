import { ERROR_CODES, type ErrorKind } from '../common/error-codes.js';
import { RollcallError } from '../common/errors.js';

/** What a script can tell from how a command ended; `rollcall --help` prints this table. */
export const EXIT_CODES = {
  done: { code: 0, meaning: 'done, or all is well' },
  fault: { code: 1, meaning: 'a fault of ours; the log tells more' },
  usage: { code: 2, meaning: 'the command was not understood, or a value is out of range' },
  notFound: { code: 3, meaning: 'there is no such thing' },
  refused: { code: 4, meaning: 'refused: the state does not allow it' },
  unavailable: { code: 5, meaning: 'the database or the directory cannot be reached; try again' },
  attention: {
    code: 6,
    meaning: 'somebody must act: removals are held, a run or a test failed',
  },
  interrupted: { code: 130, meaning: 'stopped by ctrl-C; a run that was started goes on' },
} as const;

export type ExitReason = keyof typeof EXIT_CODES;

const BY_KIND: Record<ErrorKind, ExitReason> = {
  invalid: 'usage',
  unauthenticated: 'refused',
  forbidden: 'refused',
  not_found: 'notFound',
  conflict: 'refused',
  too_large: 'usage',
  unsupported: 'usage',
  unprocessable: 'usage',
  throttled: 'unavailable',
  unavailable: 'unavailable',
  internal: 'fault',
};

export function exitReasonOf(error: unknown): ExitReason {
  return error instanceof RollcallError ? BY_KIND[ERROR_CODES[error.code].kind] : 'fault';
}
