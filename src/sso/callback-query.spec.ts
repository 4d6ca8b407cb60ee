import { describe, expect, it } from '@jest/globals';
import { readCallbackQuery } from './callback-query.js';

describe('what comes back from a provider', () => {
  it('is a code', () => {
    expect(readCallbackQuery('?state=s1&code=c1')).toEqual({ kind: 'code', state: 's1', code: 'c1', issuer: null });
  });

  it('is a code with its issuer, and what else a provider adds', () => {
    expect(
      readCallbackQuery('code=a%2Fb&state=s&iss=https%3A%2F%2Fidp.example&session_state=1.2&scope=openid+email'),
    ).toEqual({ kind: 'code', state: 's', code: 'a/b', issuer: 'https://idp.example' });
  });

  it('O-14: is an error of the closed list, never its words', () => {
    const query = readCallbackQuery('state=s&error=access_denied&error_description=%3Cimg%20src%3Dx%3E');
    expect(query).toEqual({ kind: 'error', state: 's', error: 'access_denied', issuer: null });
  });

  it('O-14: calls an error that nobody knows `other`', () => {
    expect(readCallbackQuery('state=s&error=%3Cscript%3E')).toMatchObject({ kind: 'error', error: 'other' });
  });

  it.each([
    ['no state', 'code=a'],
    ['nothing', ''],
    ['neither code nor error', 'state=s'],
    ['code and error', 'state=s&code=a&error=access_denied'],
    ['O-08: two codes', 'state=s&code=a&code=b'],
    ['O-08: the same code twice', 'state=s&code=a&code=a'],
    ['O-08: two states', 'state=s&state=t&code=a'],
    ['O-08: two issuers', 'state=s&code=a&iss=https://a&iss=https://b'],
    ['O-08: two errors', 'state=s&error=access_denied&error=login_required'],
    ['an empty state', 'state=&code=a'],
    ['an empty code', 'state=s&code='],
    ['a line break in the code', 'state=s&code=a%0Ab'],
    ['a NUL in the state', 'state=s%00&code=a'],
    ['a code beyond ASCII', 'state=s&code=%C3%A4'],
    ['a long code', `state=s&code=${'a'.repeat(2_049)}`],
    ['a long state', `state=${'s'.repeat(101)}&code=a`],
    ['a long issuer', `state=s&code=a&iss=${'i'.repeat(1_001)}`],
    ['a long error', `state=s&error=${'e'.repeat(201)}`],
    ['more than 4 kB', `state=s&code=a&x=${'x'.repeat(4_096)}`],
    ['many parameters', `state=s&code=a${'&x=1'.repeat(19)}`],
  ])('is refused: %s', (_name, search) => {
    expect(readCallbackQuery(search)).toBeNull();
  });
});
