import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, type Json } from './canonical.js';

/** Names that objects treat in a way of their own, among others. */
const key = fc.oneof(
  fc.constantFrom('', '0', '9', '10', '01', '-1', '__proto__', 'toJSON', 'constructor', 'a', 'B', 'ä', '\u{1F600}'),
  fc.string(),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false, 0, -1.5, 1e21, '', 'a"\\\n', '\u2028', '\ud800'),
    fc.string(),
    fc.array(tie('value')),
    fc.array(fc.tuple(key, tie('value'))).map((pairs): Json => Object.fromEntries(pairs)),
  ),
}));

/** Each object with its names in the order of their code units, as the definition has it. */
function defined(json: Json): string {
  if (json === null || typeof json !== 'object') return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map((one) => defined(one as Json)).join(',')}]`;
  const pairs = Object.entries(json as Record<string, Json>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${defined(one)}`).join(',')}}`;
}

describe('canonical JSON', () => {
  it('has the names of every object in order, whatever they are', () => {
    fc.assert(
      fc.property(value, (json) => expect(canonicalJson(json)).toBe(defined(json))),
      { numRuns: 2_000 },
    );
  });

  it('leaves out what is not there', () => {
    expect(canonicalJson({ b: 1, a: undefined, 1: { d: undefined, c: null } })).toBe('{"1":{"c":null},"b":1}');
    expect(canonicalJson({ b: 1, a: undefined })).toBe('{"b":1}');
  });
});
