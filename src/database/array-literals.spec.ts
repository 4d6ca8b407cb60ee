import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { byteaArray, textArray } from './array-literals.js';

const readTexts = pg.types.getTypeParser(1009 as number) as (text: string) => (string | null)[];

/** As PostgreSQL receives it: dimensions, NULLs, type, size, lower bound, then each element behind its length. */
function readBytes(array: Buffer): Buffer[] {
  const [dimensions, nulls, type] = [array.readInt32BE(0), array.readInt32BE(4), array.readInt32BE(8)];
  expect([nulls, type]).toEqual([0, 17]);
  const values: Buffer[] = [];
  let at = 12;
  if (dimensions > 0) {
    expect([dimensions, array.readInt32BE(16)]).toEqual([1, 1]);
    const size = array.readInt32BE(12);
    at = 20;
    for (let n = 0; n < size; n += 1) {
      const length = array.readInt32BE(at);
      values.push(array.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }
  expect(at).toBe(array.length);
  return values;
}

describe('an array for the database', () => {
  it('of texts holds what was put in, whatever it is', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('NULL', '', '{}', '"', '\\', 'a,b', '\\"'));
    fc.assert(
      fc.property(fc.array(text), (values) => {
        expect(readTexts(textArray(values))).toEqual(values);
      }),
    );
  });

  it('of bytes holds what was put in', () => {
    const values = fc
      .integer({ min: 0, max: 20 })
      .chain((length) => fc.array(fc.uint8Array({ minLength: length, maxLength: length })));
    fc.assert(
      fc.property(values, (put) => {
        const bytes = put.map((value) => Buffer.from(value));
        expect(readBytes(byteaArray(bytes.map((one) => one.toString('hex'))))).toEqual(bytes);
      }),
    );
  });

  it('of bytes is refused where it would be something else than was meant', () => {
    expect(() => byteaArray(['00', '0000'])).toThrow(TypeError);
    expect(() => byteaArray(['00', 'zz'])).toThrow(TypeError);
  });
});
