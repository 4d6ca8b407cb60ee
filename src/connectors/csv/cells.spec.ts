import { describe, expect, it } from '@jest/globals';
import { cellText, controlIn, isLonger } from './cells.js';

describe('cellText', () => {
  it.each([
    ['Ana', 'Ana'],
    ['  Ana\u00a0', 'Ana'],
    ['Ana Maria', 'Ana Maria'],
    ['Sales\nNorth', 'Sales North'],
    ['Zoe\u0308', 'Zoë'],
    ["'=1+1", '=1+1'],
    [" '=1+1 ", '=1+1'],
    ["'t Hooft", "'t Hooft"],
    ["''=x", "'=x"],
    ['Ana\u202e', 'Ana'],
    ['', ''],
    [' ', ''],
  ])('%j is %j', (cell, text) => {
    expect(cellText(cell)).toBe(text);
  });
});

describe('controlIn', () => {
  it.each(['\0', '\x01', '\x0b', '\r', '\x1f', '\x7f', '\x80', '\x9f'])('finds %j', (control) => {
    expect(controlIn(`A${control}B`)).toBe(control);
  });

  it.each(['', 'Ana', 'a\tb', 'a\nb', 'ä\u00a0ö', '\u2028'])('finds none in %j', (text) => {
    expect(controlIn(text)).toBeNull();
  });
});

describe('isLonger', () => {
  it.each([
    ['abc', 3, false],
    ['abcd', 3, true],
    ['ä', 2, false],
    ['ää', 3, true],
    ['😀', 4, false],
    ['😀', 3, true],
  ])('%j than %i bytes: %s', (text, bytes, longer) => {
    expect(isLonger(text, bytes)).toBe(longer);
  });
});
