import { describe, expect, it } from '@jest/globals';
import { OAUTH } from './oauth-scopes.js';
import { tokenFailure, tokenRefusalOf } from './token-failures.js';

const NOW = new Date('2026-03-02T09:00:00.000Z');
const CUSTOMERS = { clientId: '100000000000000000001', installation: false };

function fail(status: number, body: unknown, installation = false): ReturnType<typeof tokenFailure> {
  return tokenFailure(
    { status, body, retryAfter: null },
    { ...CUSTOMERS, installation },
    [OAUTH.users, OAUTH.groups],
    NOW,
  );
}

describe('what the token endpoint means', () => {
  it.each([
    [
      'unauthorized_client',
      'Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested.',
      'not_delegated',
    ],
    ['access_denied', 'Requested client not authorized.', 'delegation_refused'],
    ['invalid_grant', 'Invalid email or User ID', 'subject_unknown'],
    ['invalid_grant', 'Invalid JWT Signature.', 'key_unknown'],
    ['invalid_grant', 'Invalid grant: account not found', 'account_unknown'],
    ['invalid_grant', 'Not a valid email or user ID.', 'account_unknown'],
    [
      'invalid_grant',
      'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      'clock_off',
    ],
    ['invalid_client', 'The OAuth client was not found.', 'account_unknown'],
    ['invalid_grant', '', 'other'],
    ['invalid_scope', 'Empty or missing scope not allowed.', 'other'],
  ])('%s "%s" is %s', (error, description, refusal) => {
    expect(tokenRefusalOf({ error, error_description: description })).toBe(refusal);
    const failure = fail(400, { error, error_description: description });
    expect(failure).toMatchObject({ failure: 'unauthorized', passing: false, refusal });
    expect(failure.message).toMatch(/^[A-Z].*\.$/u);
  });

  it('a missing delegation names client id, scopes and place, and says to try again later', () => {
    const { message } = fail(401, { error: 'unauthorized_client' });
    expect(message).toContain('100000000000000000001');
    expect(message).toContain('admin.directory.user.readonly, admin.directory.group.readonly');
    expect(message).toContain('Domain-wide delegation');
    expect(message).toContain('try again later');
  });

  it("a lost key of the installation is its operator's to mend", () => {
    expect(fail(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, true).message).toContain(
      'operator',
    );
    expect(fail(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }).message).not.toContain(
      'operator',
    );
  });

  it.each([
    [429, 'throttled'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('%d may pass', (status, failure) => {
    expect(fail(status, null)).toMatchObject({ failure, passing: true });
  });

  it.each([null, 'x', [], { error: { code: 400 } }, { error: 'a\nb' }])(
    'a body such as %j is no known refusal and is not repeated',
    (body) => {
      expect(fail(400, body)).toMatchObject({ failure: 'unauthorized', refusal: 'other', reference: 'token 400' });
    },
  );
});
