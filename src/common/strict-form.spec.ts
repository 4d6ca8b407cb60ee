import { describe, expect, it } from '@jest/globals';
import { parseStrictForm } from './strict-form.js';

const read = (text: string) => parseStrictForm(Buffer.from(text));

describe('a form that a stranger sent', () => {
  it.each([
    ['logout_token=a.b.c', { logout_token: 'a.b.c' }],
    ['a=1&b=two+words%21&c=', { a: '1', b: 'two words!', c: '' }],
    ['a=b=c&', { a: 'b=c' }],
    ['a=%C3%BC', { a: 'ü' }],
    ['', {}],
  ])('%s is read', (text, fields) => {
    expect(read(text)).toEqual(fields);
  });

  it.each([
    ['a=1&a=2', 'request.duplicate_member'],
    ['a=1&%61=2', 'request.duplicate_member'],
    ['a', 'request.malformed'],
    ['a=%FF', 'request.malformed'],
    ['a=%', 'request.malformed'],
    ['a=%00', 'request.malformed'],
  ])('%s is refused', (text, code) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code }));
  });

  it('is UTF-8', () => {
    expect(() => parseStrictForm(Buffer.from([0x61, 0x3d, 0xff]))).toThrow(
      expect.objectContaining({ code: 'request.malformed' }),
    );
  });

  it('has no name that changes what an object is', () => {
    const form = read('__proto__=x');
    expect(Object.getPrototypeOf(form)).toBe(Object.prototype);
  });
});
