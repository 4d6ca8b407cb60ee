import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { LineEnds, lineEndsIn, linesIn } from './lines.js';

describe('line ends', () => {
  it('are all the same afterwards, wherever the text was cut', () => {
    const parts = fc.array(
      fc.array(fc.constantFrom('\r', '\n', '\r\n', 'a', 'ö'), { maxLength: 6 }).map((some) => some.join('')),
    );
    fc.assert(
      fc.property(parts, (pieces) => {
        const ends = new LineEnds();
        const unified = Buffer.concat(pieces.map((piece) => Buffer.from(ends.unify(Buffer.from(piece)))));
        const whole = pieces.join('');
        expect(unified.toString()).toBe(whole.replaceAll(/\r\n?/gu, '\n'));
        expect(linesIn(unified)).toBe(lineEndsIn(whole));
      }),
      { numRuns: 2_000 },
    );
  });
});
