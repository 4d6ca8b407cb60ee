import { describe, expect, it } from '@jest/globals';
import { TokenBucket } from './token-bucket.js';

describe('a bucket of three, one more each ten seconds', () => {
  const taken = (bucket: TokenBucket, at: number, tries: number): number =>
    Array.from({ length: tries }, () => bucket.take(at)).filter(Boolean).length;

  it('gives three at once and no more', () => {
    expect(taken(new TokenBucket(3, 10_000), 0, 100)).toBe(3);
  });

  it('never gives more than three and what came meanwhile', () => {
    const bucket = new TokenBucket(3, 10_000);
    let all = 0;
    for (let at = 0; at <= 100_000; at += 100) all += taken(bucket, at, 5);
    expect(all).toBe(3 + 10);
  });

  it('does not fill above three', () => {
    const bucket = new TokenBucket(3, 10_000);
    expect(taken(bucket, 0, 3)).toBe(3);
    expect(taken(bucket, 3_600_000, 10)).toBe(3);
  });

  it('gives nothing for a clock that goes back', () => {
    const bucket = new TokenBucket(3, 10_000);
    expect(taken(bucket, 100_000, 3)).toBe(3);
    expect(taken(bucket, 0, 3)).toBe(0);
    expect(taken(bucket, 9_999, 1)).toBe(0);
    expect(taken(bucket, 10_000, 3)).toBe(1);
  });
});
