import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, holdsAKey, lookupOf, makeKey, maskKeys, sameDigest } from './key-format.js';

describe('A-01 the form of a key', () => {
  it('has a prefix, a look-up part, 256 bits and a check', () => {
    const { key, lookup } = makeKey(randomBytes);
    expect(key).toMatch(/^rc_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
    expect(key.slice(3, 15)).toBe(lookup);
  });

  it('finds its own look-up part, whatever the random bytes are', () => {
    const bytes = fc.tuple(
      fc.uint8Array({ minLength: 9, maxLength: 9 }),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
    );
    fc.assert(
      fc.property(bytes, ([short, long]) => {
        const { key, lookup, digest } = makeKey((length) => Buffer.from(length === 9 ? short : long));
        expect(lookupOf(key)).toBe(lookup);
        expect(sameDigest(digestOf(key), digest)).toBe(true);
      }),
    );
  });

  it('two keys from different bytes differ, the largest and the smallest included', () => {
    const keys = [0x00, 0x01, 0xff].map((byte) => makeKey((length) => Buffer.alloc(length, byte)).key);
    expect(new Set(keys).size).toBe(3);
    expect(new Set(keys.map((key) => key.length))).toEqual(new Set([65]));
  });

  it('a single wrong character anywhere is seen without the database', () => {
    const { key } = makeKey(randomBytes);
    for (let at = 3; at < key.length; at += 1) {
      if (key[at] === '_') continue;
      const other = key[at] === 'a' ? 'b' : 'a';
      expect(lookupOf(key.slice(0, at) + other + key.slice(at + 1))).toBeNull();
    }
  });

  it.each([
    '',
    'rc_',
    'rc__',
    'Bearer',
    `rc_${'a'.repeat(62)}`,
    `rc_${'a'.repeat(12)}_${'a'.repeat(49)}`,
    'rc_a b_c',
    'x'.repeat(100_000),
  ])('is not found in %j', (text) => {
    expect(lookupOf(text)).toBeNull();
  });

  it('digests of other lengths are not the same', () => {
    expect(sameDigest(Buffer.alloc(32), Buffer.alloc(31))).toBe(false);
    expect(sameDigest(Buffer.alloc(32), Buffer.alloc(32, 1))).toBe(false);
  });
});

describe('A-03 a key in a text', () => {
  it('is found and masked wherever it stands, cut off or not', () => {
    const { key, lookup } = makeKey(randomBytes);
    for (const text of [`/people?x=${key}`, `/${key}/y`, `a ${key.slice(0, 40)} b ${key}`]) {
      expect(holdsAKey(text)).toBe(true);
      expect(maskKeys(text)).toContain(`rc_${lookup}_***`);
      expect(holdsAKey(maskKeys(text))).toBe(false);
    }
  });

  it('leaves everything else as it is', () => {
    expect(holdsAKey('/api/v1/people?q=rc_hat')).toBe(false);
    expect(maskKeys('src_auth and rc_1')).toBe('src_auth and rc_1');
  });
});
