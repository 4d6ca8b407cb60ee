import { describe, expect, it } from '@jest/globals';
import { exclusions } from './exclusions.js';

describe('exclusions', () => {
  const excluded = exclusions(['00uana00000000000001', ' Boss@BÜCHER.example ', 'no-address@']);

  it.each([
    ['by id', '00uana00000000000001', null, true],
    ['by id in another case', '00UANA00000000000001', null, false],
    ['by address in another form', 'x', 'boss@xn--bcher-kva.example', true],
    ['by address with a plus', 'x', 'boss+1@bücher.example', false],
    ['without an address', 'x', null, false],
    ['by what is no address', 'no-address@', 'y@example.com', true],
  ])('%s', (_words, id, email, expected) => {
    expect(excluded(id, email)).toBe(expected);
  });

  it('of nobody leave nobody out', () => {
    expect(exclusions([])('x', 'x@example.com')).toBe(false);
  });
});
