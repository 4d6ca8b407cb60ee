import { describe, expect, it } from '@jest/globals';
import { ago, fitted, folded, padded, shortly } from './text.js';

describe('text on a terminal', () => {
  it.each([
    ['Ana', 6, 'Ana   '],
    ['하은 황보', 12, '하은 황보   '],
    ['健太 小鳥遊 <kenta@x>', 10, '健太 小鳥…'],
    ['健太 小鳥遊 <kenta@x>', 9, '健太 小… '],
    ['e\u0301tude', 4, 'e\u0301tu…'],
  ])('%j is padded or cut to %d columns', (text, width, shown) => expect(padded(text, width)).toBe(shown));

  it('acts on nothing that a directory put into a name', () => {
    expect(fitted('Ana\u001b[31m\u202eSoares', 40)).toBe('Ana�[31m�Soares');
  });

  it('folds at spaces, never within a word', () => {
    expect(folded('one two three', 7)).toEqual(['one two', 'three']);
    expect(folded('unbreakable', 3)).toEqual(['unbreakable']);
  });

  it.each([
    [null, 'never'],
    ['2026-04-05T12:00:30.000Z', 'now'],
    ['2026-04-05T11:50:00.000Z', '11 min ago'],
    ['2026-04-05T02:00:00.000Z', '10 h ago'],
    ['2026-04-01T12:00:00.000Z', '4 days ago'],
  ])('%s was %s', (instant, text) => expect(ago(instant, new Date('2026-04-05T12:01:00.000Z'))).toBe(text));

  it.each([
    [null, '–'],
    ['', '–'],
    ['Sales', 'Sales'],
    [7, '7'],
    [{ a: 1 }, '{"a":1}'],
  ])('the value %j is shown as %s', (value, text) => expect(shortly(value)).toBe(text));
});
