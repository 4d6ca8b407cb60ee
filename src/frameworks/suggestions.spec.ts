import { describe, expect, it } from '@jest/globals';
import { foldName } from '../common/fold.js';
import { suggester } from './suggestions.js';

const positions = [
  'Engineer', 'Senior Engineer', 'Staff Engineer', 'Engineering Manager', 'Product Manager', 'Senior Product Manager',
  'Account Executive', 'Accountant',
].map((name, index) => ({ id: `p${index}`, frameworkId: 'f', name, folded: foldName(name) })); // prettier-ignore

describe('suggestions for a title', () => {
  const suggest = suggester(positions);

  it.each([
    ['Enginer', 'Engineer'],
    ['Senior Software Engineer', 'Senior Engineer'],
    ['Prod Manager', 'Product Manager'],
    ['Snr Product Manager', 'Senior Product Manager'],
    ['Acct Executive', 'Account Executive'],
  ])('%s may mean %s', (title, expected) => {
    expect(suggest(title).map(({ name }) => name)).toContain(expected);
  });

  it('are three at most, the likeliest first, and none for what is like nothing', () => {
    const found = suggest('Engineer');
    expect(found[0]).toMatchObject({ name: 'Engineer', likeness: 1 });
    expect(found.length).toBeLessThanOrEqual(3);
    expect(found.map(({ likeness }) => likeness)).toEqual(found.map(({ likeness }) => likeness).sort((a, b) => b - a));
    expect(suggest('Xyzzy')).toEqual([]);
    expect(suggest('…')).toEqual([]);
  });
});
