import { describe, expect, it } from '@jest/globals';
import { RollcallError } from '../common/errors.js';
import { RateLimits } from './rate-limits.service.js';

const small = {
  addressPerMinute: 5,
  failuresPerMinute: 3,
  credentialPerMinute: 4,
  organisationPerMinute: 6,
  organisationInFlight: 2,
  organisationStreams: 1,
};

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'none';
  } catch (error) {
    return error instanceof RollcallError ? error.code : 'other';
  }
}

async function passed(times: number, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  for (let turn = 0; turn < times; turn += 1) if ((await codeOf(work)) === 'none') count += 1;
  return count;
}

describe('A-10 rate limits', () => {
  it('end one client address and leave the next alone', async () => {
    const limits = new RateLimits(small);
    expect(await passed(20, () => limits.spendAddress('192.0.2.1'))).toBe(5);
    expect(await passed(2, () => limits.spendAddress('192.0.2.2'))).toBe(2);
  });

  it('count the addresses of one IPv6 host together', async () => {
    const limits = new RateLimits(small);
    let at = 0;
    expect(await passed(20, () => limits.spendAddress(`2001:db8::${(at += 1).toString(16)}`))).toBe(5);
  });

  it('refuse an address that tried too many wrong keys, before it is looked at', async () => {
    const limits = new RateLimits(small);
    for (let turn = 0; turn < 3; turn += 1) await limits.countFailure('192.0.2.1');
    expect(await codeOf(() => limits.spendAddress('192.0.2.1'))).toBe('request.throttled');
    expect(await codeOf(() => limits.spendAddress('192.0.2.2'))).toBe('none');
  });

  it('are per credential, and per organisation over all its credentials', async () => {
    const limits = new RateLimits(small);
    expect(await passed(9, () => limits.spendCredential('a', 'a1'))).toBe(4);
    expect(await passed(9, () => limits.spendCredential('a', 'a2'))).toBe(2);
    expect(await passed(9, () => limits.spendCredential('b', 'b1'))).toBe(4);
  });

  it('keep places for other organisations while one fills its own', () => {
    const limits = new RateLimits(small);
    const leave = limits.enter('a', 'organisationInFlight');
    limits.enter('a', 'organisationInFlight');
    expect(() => limits.enter('a', 'organisationInFlight')).toThrow('Too many requests');
    limits.enter('b', 'organisationInFlight');
    limits.enter('a', 'organisationStreams');
    leave();
    leave();
    limits.enter('a', 'organisationInFlight');
    expect(() => limits.enter('a', 'organisationInFlight')).toThrow('Too many requests');
  });

  it('say how long to wait', async () => {
    const limits = new RateLimits({ ...small, addressPerMinute: 0 });
    const error: unknown = await limits.spendAddress('192.0.2.1').catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'request.throttled', details: { retryAfterSeconds: 60 } });
  });
});
