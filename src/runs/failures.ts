import { messageOf, RollcallError } from '../common/errors.js';
import { ConnectorError } from '../connectors/errors.js';

/** What stands behind the credentials is not what it was: another tenant, other rights, a scope object that is gone. */
export class NeedsAttention extends Error {
  override readonly name = 'NeedsAttention';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** What a failed run means for its connection. */
export interface Failure {
  code: string;
  message: string;
  /** An admin must act: no automatic retries. */
  attention: boolean;
  /** The directory's fault, or its network's: back off. */
  theirs: boolean;
  retryAfterMs: number | null;
}

/** The database was away, or its answer was: what is stored says how far things are. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof RollcallError &&
    (error.code === 'database.commit_unknown' || error.code === 'database.unavailable')
  );
}

/** Sorted by what happens next. Anything unexpected is our bug: it never changes a customer's connection. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ConnectorError) {
    const attention = error.failure === 'unauthorized';
    return {
      code: error.failure,
      message: error.message,
      attention,
      theirs: !attention,
      retryAfterMs: error.retryAfterMs,
    };
  }
  if (error instanceof NeedsAttention) {
    return { code: error.code, message: error.message, attention: true, theirs: false, retryAfterMs: null };
  }
  const expected = error instanceof RollcallError;
  return {
    code: expected ? error.code : 'internal.error',
    message: expected ? messageOf(error) : 'A fault of ours; it is in the log of the service.',
    attention: false,
    theirs: false,
    retryAfterMs: null,
  };
}
