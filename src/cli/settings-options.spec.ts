import { describe, expect, it } from '@jest/globals';
import { changeOf } from './settings-options.js';

const before = { email: 'mail', title: 'job', extras: { site: 'place', floor: 'storey' } };

describe('settings given at the command line', () => {
  it.each([
    ['a field', { title: 'role' }, { ...before, title: 'role' }],
    ['a field that is left to the admins', { title: null }, { ...before, title: null }],
    ['an extra that is new', { grade: 'g' }, { ...before, extras: { ...before.extras, grade: 'g' } }],
    ['an extra that is there', { site: 's' }, { ...before, extras: { site: 's', floor: 'storey' } }],
    ['an extra that goes', { site: null }, { ...before, extras: { floor: 'storey' } }],
  ])('--map changes %s, and nothing else', (_words, map, mapping) => {
    expect(changeOf({ map }, before)).toEqual({ mapping });
  });

  it('--map begins with --mapping where that is given', () => {
    expect(changeOf({ mapping: { email: 'm', extras: {} }, map: { site: 's' } }, before)).toEqual({
      mapping: { email: 'm', extras: { site: 's' } },
    });
  });

  it('what is left out is not changed', () => {
    expect(changeOf({ quotaShare: 20 }, before)).toEqual({ quotaShare: 20 });
    expect(changeOf({}, before)).toEqual({});
  });
});
