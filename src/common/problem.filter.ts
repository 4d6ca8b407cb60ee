import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.js';
import { RollcallError, isError, type ErrorDetails } from './errors.js';

const STATUS: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unsupported: 415,
  unprocessable: 422,
  throttled: 429,
  internal: 500,
  unavailable: 503,
};

const TITLE: Record<ErrorKind, string> = {
  invalid: 'The request is not valid',
  unauthenticated: 'Who asks is not known',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'Not possible as things stand',
  too_large: 'Too large',
  unsupported: 'Not supported',
  unprocessable: 'Cannot be done',
  throttled: 'Too many requests',
  internal: 'Something is wrong with Rollcall',
  unavailable: 'Not available at the moment',
};

/** RFC 9457, with a stable code and the id by which the log is searched. */
export interface Problem extends ErrorDetails {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  requestId: string | null;
}

/** Turns whatever was thrown into a problem. What is not an expected error is logged whole, and nothing of it is shown. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request & { id?: unknown }>();
    const response = http.getResponse<Response>();
    const error = expectedError(thrown);
    if (error.kind === 'internal') this.logger.error({ err: thrown }, 'a request failed');
    else if (error.kind === 'unavailable') this.logger.warn({ err: thrown }, 'a request could not be answered');
    // An answer that has begun cannot become another one; cut off, it does not look whole.
    if (response.headersSent) return void response.destroy();
    const problem = problemOf(error, typeof request.id === 'string' ? request.id : null);
    const retryAfter = error.details?.['retryAfterSeconds'];
    if (typeof retryAfter === 'number') response.setHeader('Retry-After', String(Math.ceil(retryAfter)));
    if (problem.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  }
}

function problemOf(error: RollcallError, requestId: string | null): Problem {
  const internal = error.kind === 'internal';
  return {
    ...(internal ? {} : error.details),
    type: `urn:rollcall:error:${internal ? 'internal.error' : error.code}`,
    title: TITLE[error.kind],
    status: statusOf(error),
    code: internal ? 'internal.error' : error.code,
    detail: internal ? ERROR_CODES['internal.error'].meaning : error.message,
    requestId,
  };
}

/** The status with which an error is answered. */
export function statusOf(error: RollcallError): number {
  return STATUS[error.kind];
}

/** What may be shown of whatever was thrown: itself when it was expected, else an error that says nothing of it. */
export function expectedError(thrown: unknown): RollcallError {
  if (thrown instanceof RollcallError) return thrown;
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOfMiddleware(thrown);
  const known = status === null ? undefined : BY_STATUS[status];
  if (known) return new RollcallError(...known);
  if (status !== null && status >= 400 && status < 500)
    return new RollcallError('request.invalid', 'The request is not valid.');
  return new RollcallError('internal.error', ERROR_CODES['internal.error'].meaning);
}

/** What Nest and Express throw by themselves; their words are not ours to show. */
const BY_STATUS: Record<number, [ErrorCode, string]> = {
  400: ['request.malformed', 'The request cannot be read.'],
  404: ['route.not_found', 'There is nothing at this address.'],
  413: ['request.too_large', 'The body of the request is larger than the limit.'],
  415: ['request.unsupported_media_type', 'Send application/json in UTF-8, not compressed.'],
  503: ['service.stopping', 'This instance is shutting down; ask again.'],
};

/** Express and its body parsers mark their errors with a status; a database's error has none. */
function statusOfMiddleware(thrown: unknown): number | null {
  if (thrown instanceof URIError) return 400;
  if (!isError(thrown) || !('expose' in thrown) || !('status' in thrown)) return null;
  return typeof thrown.status === 'number' ? thrown.status : null;
}
