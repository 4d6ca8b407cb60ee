import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { returnPath } from './return-path.js';

describe('O-12: where a browser goes after it signed in', () => {
  it.each([['/'], ['/account'], ['/a?b=c#d'], ['/people/1?next=https://evil.example'], ['/a/%2F%2Fb']])(
    'keeps %s',
    (path) => {
      expect(returnPath(path)).toBe(path);
    },
  );

  it.each([
    ['//evil.example'],
    ['///evil.example'],
    ['/\\evil.example'],
    ['\\\\evil.example'],
    ['https://evil.example'],
    ['https:evil.example'],
    ['http://own.invalid@evil.example'],
    ['https://own.invalid'],
    ['https://own.invalid.evil.example/'],
    ['javascript:alert(1)'],
    ['data:text/html,x'],
    ['/a\r\nLocation: https://evil.example'],
    ['/\t/evil.example'],
    ['/.//evil.example'],
    ['/a/..//evil.example'],
    ['/%5c\\evil.example'],
    ['a'],
    [''],
    [' /a'],
    [`/${'a'.repeat(5_000)}`],
    ['/\ud800'],
  ])('sends %j to the beginning', (path) => {
    expect(returnPath(path)).toBe('/');
  });

  it('goes to the beginning when nobody asked for anything', () => {
    expect(returnPath(null)).toBe('/');
    expect(returnPath(undefined)).toBe('/');
  });

  it('never leaves the own origin, whatever it is given, and changes nothing when asked twice', () => {
    const pieces = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      ':',
      '@',
      '//',
      '#',
      '?',
      '%2f',
      '%5c',
      'evil.example',
      '\t',
      '\n',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ maxLength: 5 })), { maxLength: 12 }), (parts) => {
        const path = returnPath(parts.join(''));
        expect(new URL(path, 'https://rollcall.example').origin).toBe('https://rollcall.example');
        expect(path).toMatch(/^\/(?![/\\])/u);
        expect(returnPath(path)).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
