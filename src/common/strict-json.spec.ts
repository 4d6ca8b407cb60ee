import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RollcallError } from './errors.js';
import { parseStrictJson } from './strict-json.js';

const limits = { depth: 5, arrayLength: 10 };
const read = (text: string | Uint8Array): unknown =>
  parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text, limits);

function codeOf(text: string | Uint8Array): string | null {
  try {
    read(text);
  } catch (error) {
    if (error instanceof RollcallError) return error.code;
    throw error;
  }
  return null;
}

describe('A-08 JSON from strangers', () => {
  it.each(['{}', '[]', 'null', '0', '"x"', '{"a":{"b":[1,2.5e3,true,null,"\\u00e9"]}}', ' {"a" : 1}\n'])(
    'reads %s',
    (text) => {
      expect(read(text)).toEqual(JSON.parse(text));
    },
  );

  it.each([
    ['nothing', '', 'request.malformed'],
    ['a cut off body', '{"a":1', 'request.malformed'],
    ['something after it', '{} {}', 'request.malformed'],
    ['a comment', '{"a":1 /* b */}', 'request.malformed'],
    ['a comma too many', '[1,]', 'request.malformed'],
    ['single quotes', "{'a':1}", 'request.malformed'],
    ['NaN', '[NaN]', 'request.malformed'],
    ['a leading zero', '[01]', 'request.malformed'],
    ['a raw line break in text', '["a\nb"]', 'request.malformed'],
    ['a NUL', '["a\\u0000b"]', 'request.malformed'],
    ['half a surrogate pair', '["\\ud800"]', 'request.malformed'],
    ['half a surrogate pair in a name', '{"\\udc00":1}', 'request.malformed'],
    ['a member twice', '{"a":1,"a":1}', 'request.duplicate_member'],
    ['a member twice, once escaped', '{"a":1,"\\u0061":1}', 'request.duplicate_member'],
    ['a member twice, deep down', '{"x":[{"a":1,"b":{},"a":2}]}', 'request.duplicate_member'],
    ['__proto__', '{"__proto__":{}}', 'request.forbidden_member'],
    ['__proto__, escaped', '{"\\u005f_proto__":{}}', 'request.forbidden_member'],
    ['constructor', '{"a":{"constructor":1}}', 'request.forbidden_member'],
    ['six levels where five are allowed', '[[[[[[]]]]]]', 'request.too_deep'],
    ['a hundred thousand levels', '['.repeat(100_000), 'request.too_deep'],
    ['eleven items where ten are allowed', '[1,2,3,4,5,6,7,8,9,10,11]', 'request.too_large'],
    ['eleven items of any kind', '[{},[],{},[],{},[],{},[],{},[],{}]', 'request.too_large'],
  ])('refuses %s', (_what, text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it('refuses what is not UTF-8', () => {
    expect(codeOf(Buffer.from([0x22, 0xff, 0x22]))).toBe('request.malformed');
    expect(codeOf(Buffer.from('{"a":1}', 'utf16le'))).toBe('request.malformed');
  });

  it('takes the same member in different objects, five levels and ten items', () => {
    expect(codeOf('[{"a":1},{"a":2}]')).toBeNull();
    expect(codeOf('[[[[[]]]]]')).toBeNull();
    expect(codeOf('[1,2,3,4,5,6,7,8,9,10]')).toBeNull();
  });

  it('agrees with the platform about every value, and fails for arbitrary bytes only in our own words', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value);
        const code = codeOf(text);
        if (code === null) expect(read(text)).toEqual(JSON.parse(text));
        else expect(code).toMatch(/^request\./);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) =>
        expect(codeOf(bytes) ?? 'request.').toMatch(/^request\./),
      ),
      { numRuns: 5_000 },
    );
  });
});
