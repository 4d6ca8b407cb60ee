import { describe, expect, it } from '@jest/globals';
import { failureOf, refusalOf, saysDeleted, type Asked } from './api-failures.js';

const NOW = new Date('2026-03-02T09:00:00.000Z');
const ASKED: Asked = { what: 'the list of users', privilege: 'Users > Read', paged: false };

function body(code: number, reason: string, message = 'Some words of Google about ana@example.com'): unknown {
  return { error: { code, message, errors: [{ domain: 'global', reason, message }] } };
}

describe('what an error of the Directory API means', () => {
  it.each([
    [403, 'userRateLimitExceeded', 'throttled', true],
    [403, 'rateLimitExceeded', 'throttled', true],
    [403, 'quotaExceeded', 'throttled', true],
    [403, 'dailyLimitExceeded', 'throttled', false],
    [429, 'rateLimitExceeded', 'throttled', true],
    [403, 'forbidden', 'unauthorized', false],
    [403, 'insufficientPermissions', 'unauthorized', false],
    [403, 'accessNotConfigured', 'unauthorized', false],
    [403, 'domainCannotUseApis', 'unauthorized', false],
    [403, 'somethingNew', 'unauthorized', false],
    [401, 'authError', 'unauthorized', false],
    [400, 'invalid', 'bad_response', false],
    [404, 'notFound', 'bad_response', false],
    [412, 'conditionNotMet', 'bad_response', false],
    [408, 'timeout', 'unavailable', true],
    [500, 'backendError', 'unavailable', true],
    [502, 'backendError', 'unavailable', true],
    [503, 'backendError', 'unavailable', true],
    [418, 'teapot', 'bad_response', false],
  ])('%d %s is %s, passing: %p', (status, reason, failure, passing) => {
    const error = failureOf(refusalOf(status, body(status, reason), null), ASKED, NOW);
    expect(error).toMatchObject({ failure, passing, reference: `${status} ${reason}` });
    expect(error.message).toMatch(/^[A-Z].*\.$/u);
    expect(error.message).not.toContain('ana@example.com');
  });

  it('a 403 is told by its reason, never by its words', () => {
    const words = 'Quota exceeded for quota metric Queries';
    expect(failureOf(refusalOf(403, body(403, 'forbidden', words), null), ASKED, NOW).failure).toBe('unauthorized');
    expect(failureOf(refusalOf(403, body(403, 'quotaExceeded', 'Not Authorized'), null), ASKED, NOW).failure).toBe(
      'throttled',
    );
  });

  it('reads the newer error bodies too', () => {
    const disabled = {
      error: {
        code: 403,
        status: 'PERMISSION_DENIED',
        message: 'x',
        details: [{ '@type': 'x', reason: 'SERVICE_DISABLED' }],
      },
    };
    expect(failureOf(refusalOf(403, disabled, null), ASKED, NOW).message).toContain('Admin SDK API');
    const exhausted = { error: { code: 403, status: 'RESOURCE_EXHAUSTED', message: 'x' } };
    expect(failureOf(refusalOf(403, exhausted, null), ASKED, NOW).failure).toBe('throttled');
  });

  it('a 400 to a page token is an expired cursor, any other 400 is not', () => {
    const refusal = refusalOf(400, body(400, 'invalid', 'Invalid Input: pageToken'), null);
    expect(failureOf(refusal, { ...ASKED, paged: true }, NOW).failure).toBe('cursor_expired');
    expect(failureOf(refusal, ASKED, NOW).failure).toBe('bad_response');
  });

  it('waits as long as Google says, up to 15 minutes', () => {
    const waits = (header: string | null): number | null =>
      failureOf(refusalOf(429, body(429, 'rateLimitExceeded'), header), ASKED, NOW).retryAfterMs;
    expect([waits('7'), waits('86400'), waits('soon'), waits(null)]).toEqual([7_000, 900_000, null, null]);
  });

  it.each([
    null,
    '',
    'a page of a proxy',
    [],
    { error: 'unauthorized_client' },
    { error: { errors: 'x' } },
    { error: { errors: [{ reason: 4 }] } },
  ])('a body such as %j has no reason', (odd) => {
    expect(refusalOf(403, odd, null).reason).toBe('unknown');
  });

  it.each([
    [412, 'conditionNotMet', 'User is deleted', true],
    [412, 'conditionNotMet', 'Precondition is not met', false],
    [412, 'other', 'User is deleted', false],
    [410, 'deleted', 'Resource has been deleted', true],
    [404, 'notFound', 'Resource Not Found: userKey', false],
    [403, 'forbidden', 'User is deleted', false],
  ])('%d %s "%s" says deleted: %p', (status, reason, message, deleted) => {
    expect(saysDeleted(refusalOf(status, body(status, reason, message), null))).toBe(deleted);
  });
});
