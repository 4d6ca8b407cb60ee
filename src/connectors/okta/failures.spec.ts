import { describe, expect, it } from '@jest/globals';
import type { ConnectorError } from '../errors.js';
import type { Incoming } from '../exchange.js';
import { failureOf, OktaRefusal, rateLimitOf } from './failures.js';
import { refused } from './tokens.js';

const now = new Date('2026-03-01T12:00:00Z');
const seconds = now.getTime() / 1_000;

function answer(status: number, headers: Record<string, string> = {}, body = ''): Incoming {
  return { status, header: (name) => headers[name] ?? null, body: Buffer.from(body) };
}

const rate = (limit: string, remaining: string, reset: string, more: Record<string, string> = {}) => ({
  'x-rate-limit-limit': limit,
  'x-rate-limit-remaining': remaining,
  'x-rate-limit-reset': reset,
  ...more,
});

describe('rate-limit headers', () => {
  it("count by Okta's clock, so that ours may be an hour off", () => {
    const headers = rate('600', '599', String(seconds + 3_600 + 30), { date: 'Sun, 01 Mar 2026 13:00:00 GMT' });
    expect(rateLimitOf(answer(200, headers), now)).toEqual({ limit: 600, remaining: 599, resetsInMs: 30_000 });
  });

  it('count by ours where a proxy strips the date', () => {
    expect(rateLimitOf(answer(200, rate('600', '599', String(seconds + 30))), now)?.resetsInMs).toBe(30_000);
  });

  it.each([
    ['missing', {}],
    ['doubled', rate('600, 600', '1, 2', '3, 4')],
    ['words', rate('many', 'some', 'soon')],
    ['negative', rate('600', '-1', '3')],
  ])('that are %s are no report', (_words, headers) => {
    expect(rateLimitOf(answer(200, headers), now)).toBeNull();
  });
});

describe('an answer that is a failure', () => {
  const failure = (incoming: Incoming): ConnectorError => failureOf(incoming, now, () => 0.5) as ConnectorError;

  it.each([
    ['Retry-After', { 'retry-after': '7', ...rate('600', '0', String(seconds + 50)) }, 7_000],
    ['the reset and half a second of jitter', rate('600', '0', String(seconds + 50)), 50_500],
    ['back-off, for the limit on concurrency', rate('0', '0', String(seconds + 50)), null],
    ['back-off, without headers', {}, null],
    ['back-off, with a reset that is past', rate('600', '0', String(seconds - 50)), null],
  ])('F-03 a 429 waits by %s', (_words, headers, expected) => {
    expect(failure(answer(429, headers))).toMatchObject({
      failure: 'throttled',
      retryAfterMs: expected,
      passing: true,
    });
  });

  it.each([500, 502, 503, 504, 408])('%i may pass', (status) => {
    expect(failure(answer(status, {}, '<html>'))).toMatchObject({ failure: 'unavailable', passing: true });
  });

  it('2xx and 401 are for the caller', () => {
    expect(failureOf(answer(200), now, Math.random)).toBeNull();
    expect(failureOf(answer(401), now, Math.random)).toBeNull();
  });

  it('keeps code and request id of a refusal for support, and none of its words', () => {
    const body = JSON.stringify({ errorCode: 'E0000006', errorSummary: 'ana@example.com may not' });
    const refusal = failureOf(answer(403, { 'x-okta-request-id': 'Xreq' }, body), now, Math.random);
    expect(refusal).toBeInstanceOf(OktaRefusal);
    const error = (refusal as OktaRefusal).toConnectorError('the list of users');
    expect(error).toMatchObject({ failure: 'unauthorized', reference: 'E0000006 Xreq', passing: false });
    expect(error.message).toContain('Read-only Administrator');
    expect(error.message).not.toContain('ana@');
  });

  it('is read from its status where the body is the page of a gateway', () => {
    expect(failureOf(answer(403, {}, '<html>no</html>'), now, Math.random)).toMatchObject({ status: 403, code: null });
  });
});

describe('a refusal of the token endpoint', () => {
  const scopes = ['okta.logs.read', 'okta.users.read'];

  it.each([
    ['invalid_client', "Invalid value for 'client_id' parameter.", 'client id'],
    ['invalid_client', 'The client_assertion signature is invalid.', 'public key'],
    ['invalid_client', 'The client_assertion is expired.', 'clock'],
    ['invalid_scope', 'okta.logs.read is not granted', 'okta.logs.read'],
    ['invalid_dpop_proof', "The 'iat' claim is off.", 'proof of possession'],
    ['use_dpop_nonce', '', 'proof of possession'],
    ['unauthorized_client', '', 'API Services'],
    ['access_denied', '', 'active'],
    ['something_new', '', 'something_new'],
    ['<b>rude</b>', '', 'unknown reason'],
  ])('%s is one sentence with the mend', (error, description, mend) => {
    const failure = refused({ error, error_description: description }, scopes);
    expect(failure).toMatchObject({ failure: 'unauthorized', passing: false });
    expect(failure.message).toContain(mend);
  });

  it('names the missing scope alone where Okta does', () => {
    expect(
      refused({ error: 'invalid_scope', error_description: 'okta.logs.read is not granted' }, scopes).message,
    ).not.toContain('okta.users.read');
  });

  it('that is neither token nor reason may pass', () => {
    expect(refused('<html>', scopes)).toMatchObject({ failure: 'bad_response', passing: true });
  });
});
