import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cleanText, extraValue, Fault, instantValue, textValue, usableId } from './text.js';

describe('F-53 text', () => {
  it.each([
    ['NUL', 'An\u0000a', 'Ana'],
    ['control characters', 'A\u0007n\u009fa', 'Ana'],
    ['line ends and tabs', 'Ana\r\n\tMaria', 'Ana Maria'],
    ['a lone surrogate', 'An\ud800a', 'An\ufffda'],
    ['a right-to-left override', 'gpj.\u202eana', 'gpj.ana'],
    ['blanks around', '  Ana\u00a0', 'Ana'],
    ['a whole surrogate pair', '𠮷田', '𠮷田'],
    ['a joiner that a script needs', 'می\u200cخواهم', 'می\u200cخواهم'],
  ])('%s', (_name, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it('is well formed, holds no control character, and cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const clean = cleanText(text);
        // eslint-disable-next-line no-control-regex
        expect(clean).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(clean.isWellFormed()).toBe(true);
        expect(cleanText(clean)).toBe(clean);
      }),
    );
  });

  it.each([
    ['missing', undefined, null],
    ['null', null, null],
    ['blank', ' \u0000 ', null],
    ['a number', 4711, '4711'],
    ['text', ' Sales ', 'Sales'],
  ])('%s', (_name, value, expected) => {
    expect(textValue(value, 'title')).toBe(expected);
  });

  it.each([
    ['an attribute of 10 MB', 'a'.repeat(10_000_000)],
    ['a structure', { a: 1 }],
    ['a list', ['a']],
    ['a truth value', true],
    ['1e400', JSON.parse('1e400')],
  ])('%s is a fault', (_name, value) => {
    expect(() => textValue(value, 'title')).toThrow(Fault);
  });

  it('names the attribute and never the value in a fault', () => {
    expect(() => textValue('secret'.repeat(100), 'title', 10)).toThrow('Its title is longer than 10 characters.');
  });
});

describe('F-53 extras', () => {
  it.each([
    ['text', ' x ', 'x'],
    ['a number', 3.5, 3.5],
    ['a truth value', false, false],
    ['missing', undefined, null],
    ['null', null, null],
    ['a list', ['a', ' ', 1, true, null], ['a', '1', 'true']],
  ])('%s', (_name, value, expected) => {
    expect(extraValue(value, 'cost centre')).toEqual(expected);
  });

  const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;

  it.each([
    ['a structure', { a: 1 }],
    ['a list of lists, 1,000 deep', deep(1_000)],
    ['a number out of range', JSON.parse('1e400')],
    ['text beyond 4,096 characters', 'a'.repeat(4_097)],
    ['more than 200 entries', Array.from({ length: 201 }, () => 'a')],
  ])('%s is a fault', (_name, value) => {
    expect(() => extraValue(value, 'cost centre')).toThrow(Fault);
  });
});

describe('F-52 ids', () => {
  it.each(['00ub0oNGTSWTBKOLGLNR', '104857600123456789012', 'a_b-c'])('%s may be one', (id) => {
    expect(usableId(id)).toBe(id);
  });

  it.each([undefined, null, 7, '', 'a'.repeat(4_096), 'a/b', '..', '00u😀', ' 00u', {}])('%p may not', (id) => {
    expect(usableId(id)).toBeNull();
  });
});

describe('F-53 times', () => {
  it.each([
    ['2026-02-01T10:00:00.000Z', '2026-02-01T10:00:00.000Z'],
    ['2026-02-01T10:00:00+02:00', '2026-02-01T08:00:00.000Z'],
    ['1970-01-01T00:00:00.000Z', null],
    ['0000-01-01T00:00:00.000Z', null],
    ['+275760-09-13T00:00:00.000Z', null],
    ['2026-02-31T99:00:00Z', null],
    ['yesterday', null],
    [42, null],
  ])('%p', (value, expected) => {
    expect(instantValue(value)).toBe(expected);
  });

  it('is kept as it is when it is written as we write it', () => {
    const dates = fc.date({
      min: new Date(Date.UTC(1971, 0)),
      max: new Date(Date.UTC(9999, 0) - 1),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(dates, (date) => {
        expect(instantValue(date.toISOString())).toBe(date.toISOString());
      }),
    );
  });
});
