import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { keyIdOf, seal, unseal, type SealedPlace } from './envelope.js';

const place: SealedPlace = { table: 'connection', column: 'credentials', rowId: 'r1', organisationId: 'o1' };
const key = randomBytes(32);

describe('K-01 an envelope', () => {
  it('gives back any bytes at the place they were sealed for', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string({ maxLength: 40 }), (bytes, keyId) => {
        const plain = Buffer.from(bytes);
        const envelope = seal(plain, key, keyId, place);
        expect(unseal(envelope, key, place).equals(plain)).toBe(true);
        expect(keyIdOf(envelope)).toBe(Buffer.from(keyId).toString());
      }),
    );
  });

  it.each(Object.keys(place) as (keyof SealedPlace)[])('does not open for another %s', (part) => {
    const envelope = seal(Buffer.from('secret'), key, 'k', place);
    expect(() => unseal(envelope, key, { ...place, [part]: 'other' })).toThrow('cannot be opened');
  });

  it('does not open where the parts of a place are divided otherwise', () => {
    const envelope = seal(Buffer.from('secret'), key, 'k', { ...place, table: 'ab', column: 'c' });
    expect(() => unseal(envelope, key, { ...place, table: 'a', column: 'bc' })).toThrow('cannot be opened');
  });

  it('does not open with another key, nor with any byte changed or cut off', () => {
    const envelope = seal(Buffer.from('secret'), key, 'k', place);
    expect(() => unseal(envelope, randomBytes(32), place)).toThrow('cannot be opened');
    for (let i = 0; i < envelope.length; i++) {
      const changed = Buffer.from(envelope);
      changed[i] = (changed[i] ?? 0) ^ 1;
      expect(() => unseal(changed, key, place)).toThrow();
      expect(() => unseal(envelope.subarray(0, i), key, place)).toThrow();
    }
  });

  it('never repeats a nonce or shows the secret', () => {
    const envelopes = Array.from({ length: 200 }, () => seal(Buffer.from('canary'), key, 'k', place));
    expect(new Set(envelopes.map((envelope) => envelope.subarray(3, 15).toString('hex'))).size).toBe(200);
    expect(envelopes.some((envelope) => envelope.includes('canary'))).toBe(false);
  });

  it('is refused a short key', () => {
    expect(() => seal(Buffer.from('x'), randomBytes(16), 'k', place)).toThrow(RangeError);
  });
});
