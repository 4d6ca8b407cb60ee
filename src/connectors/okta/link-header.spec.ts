import { describe, expect, it } from '@jest/globals';
import { nextLink, nextPath } from './link-header.js';

const origin = 'https://acme.okta.com';

describe('nextLink', () => {
  it.each([
    ['is absent', null, null],
    ['is blank', ' ', null],
    ['names self alone', `<${origin}/api/v1/users>; rel="self"`, null],
    [
      'names self and next',
      `<${origin}/api/v1/users>; rel="self", <${origin}/api/v1/users?after=x%2By&limit=200>; rel="next"`,
      `${origin}/api/v1/users?after=x%2By&limit=200`,
    ],
    ['has no quotes and other parameters', `<${origin}/a>; title="a, b; c"; rel=next`, `${origin}/a`],
    ['holds a comma in the address', `<${origin}/a?f=(x,y)>; rel="next"`, `${origin}/a?f=(x,y)`],
  ])('when the header %s', (_words, header, expected) => {
    expect(nextLink(header)).toBe(expected);
  });

  it('reads a header of 30,000 characters, where the library gives up at 2,000', () => {
    const long = `${origin}/api/v1/users?search=${'a'.repeat(15_000)}`;
    expect(nextLink(`<${long}>; rel="self", <${long}&after=1>; rel="next"`)).toBe(`${long}&after=1`);
  });

  it.each([
    ['is no link', 'next page please'],
    ['is cut off', `<${origin}/api/v1/users?aft`],
    ['has two next ones', `<${origin}/a>; rel="next", <${origin}/b>; rel="next"`],
  ])('a header that %s is an error and never the end', (_words, header) => {
    expect(() => nextLink(header)).toThrow(expect.objectContaining({ failure: 'bad_response' }));
  });
});

describe('nextPath', () => {
  const current = '/api/v1/users?limit=200';

  it('S-26 keeps the marker as it was given, relative or absolute', () => {
    expect(nextPath(`${origin}/api/v1/users?after=a%2Bb%26c&limit=200`, [origin], current)).toBe(
      '/api/v1/users?after=a%2Bb%26c&limit=200',
    );
    expect(nextPath('/api/v1/users?after=1', [origin], current)).toBe('/api/v1/users?after=1');
  });

  it('takes a link to the gateway in front of the organisation for the same', () => {
    const gateway = 'https://gateway.internal:8443';
    expect(nextPath(`${gateway}/api/v1/users?after=1`, [origin, gateway], current)).toBe('/api/v1/users?after=1');
  });

  it.each([
    ['another host', 'https://evil.example/api/v1/users?after=1'],
    ['another port', 'https://acme.okta.com:8443/api/v1/users?after=1'],
    ['plain http', 'http://acme.okta.com/api/v1/users?after=1'],
    ['a host that begins alike', 'https://acme.okta.com.evil.example/api/v1/users'],
    ['a password in front', 'https://me:secret@acme.okta.com/api/v1/users'],
    ['another list', 'https://acme.okta.com/api/v1/groups?after=1'],
    ['a path that climbs', 'https://acme.okta.com/api/v1/users/../groups'],
    ['nothing at all', 'https://'],
  ])('F-20 never follows a link to %s', (_words, link) => {
    expect(() => nextPath(link, [origin], current)).toThrow(expect.objectContaining({ failure: 'bad_response' }));
  });
});
