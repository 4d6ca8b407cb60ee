import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { SeenAddresses } from './duplicates.js';

describe('V-10: the same address twice in a file', () => {
  it('names the first row, and tells whether both say the same', () => {
    const seen = new SeenAddresses();
    expect(seen.add('ana@example.com', 'Ana', 2)).toBeNull();
    expect(seen.add('ivo@example.com', 'Ana', 3)).toBeNull();
    expect(seen.add('ana@example.com', 'Ana', 4)).toEqual({ line: 2, same: true });
    expect(seen.add('ana@example.com', 'Anna', 5)).toEqual({ line: 2, same: false });
  });

  it('agrees with a plain map, whatever comes', () => {
    const rows = fc.array(fc.tuple(fc.nat(40), fc.nat(2)), { maxLength: 80 });
    fc.assert(
      fc.property(rows, (all) => {
        const seen = new SeenAddresses();
        const first = new Map<number, { line: number; says: number }>();
        all.forEach(([who, says], line) => {
          const earlier = first.get(who);
          expect(seen.add(`${who}@example.com`, String(says), line)).toEqual(
            earlier === undefined ? null : { line: earlier.line, same: earlier.says === says },
          );
          if (earlier === undefined) first.set(who, { line, says });
        });
      }),
    );
  });

  it('remembers 250,000 in less than 12 MB', () => {
    const seen = new SeenAddresses();
    const before = Array.from({ length: 250_000 }, (_, at) => seen.add(`p${at + 2}@example.com`, 'same', at + 2));
    expect(before.filter((earlier) => earlier !== null)).toEqual([]);
    expect(seen.size).toBeLessThan(12_000_000);
    for (let line = 2; line < 250_002; line += 997) {
      expect(seen.add(`p${line}@example.com`, 'same', 1)).toEqual({ line, same: true });
    }
  });
});
