import { json, type Reply } from '../http/answer.ts';
import type { ErrorShapes } from '../faults/apply.ts';

const SUMMARIES: Readonly<Record<string, string>> = {
  E0000001: 'Api validation failed',
  E0000003: 'The request body was not well-formed.',
  E0000006: 'You do not have permission to perform the requested action',
  E0000007: 'Not found: Resource not found',
  E0000009: 'Internal Server Error',
  E0000011: 'Invalid token provided',
  E0000022: 'The endpoint does not support the provided HTTP method',
  E0000031: 'Invalid search criteria.',
  E0000047: 'API call exceeded rate limit due to too many requests.',
  E0000053: 'Invalid parameter',
};

const STATUS: Readonly<Record<string, number>> = {
  E0000001: 400,
  E0000003: 400,
  E0000006: 403,
  E0000007: 404,
  E0000009: 500,
  E0000011: 401,
  E0000022: 405,
  E0000031: 400,
  E0000047: 429,
  E0000053: 400,
};

const CODE: Readonly<Record<number, string>> = {
  400: 'E0000001',
  401: 'E0000011',
  403: 'E0000006',
  404: 'E0000007',
  429: 'E0000047',
};

let errors = 0;

/** An error body as Okta writes it. */
export function oktaError(code: string, detail?: string, headers: Reply['headers'] = {}): Reply {
  const summary = SUMMARIES[code] ?? 'Unknown error';
  const body = {
    errorCode: code,
    errorSummary: detail === undefined ? summary : `${summary}: ${detail}`,
    errorLink: code,
    errorId: `oae${String(errors++).padStart(17, '0')}`,
    errorCauses: detail === undefined ? [] : [{ errorSummary: detail }],
  };
  return json(STATUS[code] ?? 500, body, headers);
}

/** What the token endpoint says instead. */
export function oauthError(status: number, error: string, description: string, headers: Reply['headers'] = {}): Reply {
  return json(status, { error, error_description: description }, headers);
}

/** Errors that faults ask for. Gateways in front of Okta answer 502 to 504 in HTML. */
export function oktaShapes(nowSeconds: () => number): ErrorShapes {
  return {
    status: (status, code) => {
      if (code === undefined && status > 500) {
        const body = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`;
        return { status, headers: { 'content-type': 'text/html' }, body };
      }
      return { ...oktaError(code ?? CODE[status] ?? 'E0000009'), status };
    },
    throttle: ({ how, retryAfter, resetIn }) => {
      const concurrency = how === 'concurrency';
      const headers: Record<string, string> = {
        'x-rate-limit-limit': concurrency ? '0' : '600',
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': String(nowSeconds() + (typeof resetIn === 'number' ? resetIn : 0)),
      };
      // The empty text takes a header away.
      if (resetIn === 'none') for (const name of Object.keys(headers)) headers[name] = '';
      if (retryAfter !== undefined) headers['retry-after'] = retryAfter;
      return oktaError('E0000047', undefined, headers);
    },
    expiredCursor: () => oktaError('E0000053', "'after' is not valid"),
  };
}
