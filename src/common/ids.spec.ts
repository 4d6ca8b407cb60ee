import { describe, expect, it } from '@jest/globals';
import { version } from 'uuid';
import { derivedId, isId, newId } from './ids.js';

const RUN = '0190a5a0-0000-7000-8000-000000000001';
const ANOTHER = '0190a5a0-0000-7000-8000-000000000002';

describe('a derived id', () => {
  it('is the same for the same name on any machine and at any time', () => {
    // Stored ids rest on this: the expected one is not to be changed.
    expect(derivedId(RUN, 'joiner 00u1')).toBe('300fa60c-9a44-81e0-a0c6-272b1d34bcf6');
    expect(derivedId(RUN, 'Zoë\n部門')).toBe(derivedId(RUN, 'Zoë\n部門'));
  });

  it('is an id of version 8 for any name', () => {
    for (const name of ['', 'a', '\n', 'x'.repeat(10_000), ...Array.from({ length: 200 }, (_, n) => `change ${n}`)]) {
      const id = derivedId(RUN, name);
      expect([isId(id), version(id)]).toEqual([true, 8]);
    }
  });

  it('is another one for another name, or under another id', () => {
    const names = Array.from({ length: 5_000 }, (_, n) => `joiner ${n}`);
    expect(new Set([RUN, ANOTHER].flatMap((under) => names.map((name) => derivedId(under, name)))).size).toBe(10_000);
  });
});

describe('an id', () => {
  it('that is new is one', () => {
    expect(isId(newId())).toBe(true);
  });

  it.each([
    [RUN, true],
    [RUN.toUpperCase(), false],
    ['0190a5a0-0000-7000-8000-00000000000', false],
    ['', false],
  ])('%s: %s', (text, expected) => {
    expect(isId(text)).toBe(expected);
  });
});
