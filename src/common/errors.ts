import { types } from 'node:util';
import { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.js';

/** What may be said about an error besides its sentence: shown to the caller, so never a secret. */
export type ErrorDetails = Record<string, unknown>;

/**
 * Something expected that ends a request or a command. The message is one sentence for the person who must act,
 * without secrets or personal data. Anything else that is thrown is our bug.
 */
export class RollcallError extends Error {
  override readonly name: string = 'RollcallError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails | undefined;

  constructor(code: ErrorCode, message: string, details?: ErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }
}

/** True for any error, also one from another realm of the process, which `instanceof` does not know. */
export function isError(thrown: unknown): thrown is Error {
  return thrown instanceof Error || types.isNativeError(thrown);
}

/** The words of anything that was thrown, for messages and logs. */
export function messageOf(thrown: unknown): string {
  return isError(thrown) ? thrown.message : String(thrown);
}

/** The code that the system, or PostgreSQL, gave an error; empty when there is none. */
export function codeOf(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : '';
}
