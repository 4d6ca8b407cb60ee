import type { ErrorShapes } from '../faults/apply.ts';
import { json, type Reply } from '../http/answer.ts';

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
};

/** An error body as the Admin SDK writes it; `reason` is what tells two 403s apart. */
export function googleError(code: number, reason: string, message: string, headers: Reply['headers'] = {}): Reply {
  const domain = ['userRateLimitExceeded', 'quotaExceeded', 'accessNotConfigured'].includes(reason)
    ? 'usageLimits'
    : 'global';
  const status = STATUS_NAMES[code];
  const error = { code, message, errors: [{ message, domain, reason }], ...(status ? { status } : {}) };
  return json(code, { error }, headers);
}

export const errors = {
  invalidCredentials: () => googleError(401, 'authError', 'Invalid Credentials'),
  insufficient: () => googleError(403, 'insufficientPermissions', 'Request had insufficient authentication scopes.'),
  forbidden: () => googleError(403, 'forbidden', 'Not Authorized to access this resource/api'),
  notConfigured: () =>
    googleError(403, 'accessNotConfigured', 'Admin SDK API has not been used in project 1 before or it is disabled.'),
  blocked: () => googleError(403, 'domainCannotUseApis', 'Domain cannot use apis.'),
  notFound: (what: string) => googleError(404, 'notFound', `Resource Not Found: ${what}`),
  invalid: (what: string) => googleError(400, 'invalid', `Invalid Input: ${what}`),
  userQuota: () => googleError(403, 'userRateLimitExceeded', 'User Rate Limit Exceeded'),
  projectQuota: () => googleError(403, 'quotaExceeded', 'Quota exceeded for quota metric Queries.'),
  accountRate: (headers?: Reply['headers']) => googleError(429, 'rateLimitExceeded', 'Rate Limit Exceeded', headers),
  tooSlow: () => googleError(503, 'backendError', 'Service unavailable. Please try again'),
};

/** What the token endpoint says instead. */
export function tokenError(status: number, error: string, description: string): Reply {
  return json(status, { error, error_description: description });
}

const REASONS: Readonly<Record<number, readonly [string, string]>> = {
  400: ['invalid', 'Invalid Input'],
  401: ['authError', 'Invalid Credentials'],
  403: ['forbidden', 'Not Authorized to access this resource/api'],
  404: ['notFound', 'Resource Not Found'],
  410: ['deleted', 'Resource has been deleted'],
  412: ['conditionNotMet', 'User is deleted'],
  429: ['rateLimitExceeded', 'Rate Limit Exceeded'],
};

/** Errors that faults ask for; `code` is a reason. */
export const googleShapes: ErrorShapes = {
  status: (status, code) => {
    const [reason, message] = REASONS[status] ?? ['backendError', 'Backend Error'];
    return googleError(status, code ?? reason, message);
  },
  throttle: ({ how, retryAfter }) => {
    const headers = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
    const reply = how === 'user quota' ? errors.userQuota() : how === 'project quota' ? errors.projectQuota() : null;
    return reply ? { ...reply, headers: { ...reply.headers, ...headers } } : errors.accountRate(headers);
  },
  expiredCursor: () => errors.invalid('pageToken'),
};
