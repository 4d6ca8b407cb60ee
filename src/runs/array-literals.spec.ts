import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { byteaArray, textArray } from './array-literals.js';

const readTexts = pg.types.getTypeParser(1009 as number) as (text: string) => (string | null)[];
const readBytes = pg.types.getTypeParser(1001 as number) as (text: string) => (Buffer | null)[];

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
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 20 })), (values) => {
        const bytes = values.map((value) => Buffer.from(value));
        expect(readBytes(byteaArray(bytes.map((one) => one.toString('hex'))))).toEqual(bytes);
      }),
    );
  });
});
