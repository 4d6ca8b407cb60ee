import { describe, expect, it } from '@jest/globals';
import { isWithin, normalUnitPath } from './unit-paths.js';

describe('paths of units', () => {
  it.each([
    ['/Sales', '/Sales'],
    ['Sales', '/Sales'],
    ['/Sales/', '/Sales'],
    ['//Sales//EMEA/', '/Sales/EMEA'],
    ['/', '/'],
    ['', '/'],
    ['/Cafe\u0301', '/Caf\u00e9'],
  ])('%j is %j', (path, normal) => {
    expect(normalUnitPath(path)).toBe(normal);
  });

  it.each([
    ['/Sales', '/Sales', true],
    ['/Sales/EMEA', '/Sales', true],
    ['/Salesforce', '/Sales', false],
    ['/Sale', '/Sales', false],
    ['/', '/Sales', false],
    ['/Anything', '/', true],
    ['/EMEA/Sales', '/Sales', false],
  ])('%s within %s: %p', (path, above, within) => {
    expect(isWithin(path, above)).toBe(within);
  });
});
