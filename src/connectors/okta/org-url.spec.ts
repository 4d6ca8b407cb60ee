import { describe, expect, it } from '@jest/globals';
import { orgOrigin } from './org-url.js';

describe('orgOrigin', () => {
  it.each([
    ['https://acme.okta.com', 'https://acme.okta.com'],
    ['https://acme.okta.com/', 'https://acme.okta.com'],
    [' ACME.okta.com ', 'https://acme.okta.com'],
    ['https://login.acme.example', 'https://login.acme.example'],
    ['https://acme-admins.example.com', 'https://acme-admins.example.com'],
  ])('takes %p as %p', (typed, origin) => {
    expect(orgOrigin(typed, false)).toBe(origin);
  });

  it.each([
    ['', 'not an address'],
    ['https://{yourOktaDomain}', 'in place of the example'],
    ['https://yourOktaDomain.okta.com', 'in place of the example'],
    ['https://acme-admin.okta.com', 'https://acme.okta.com'],
    ['https://acme-admin.oktapreview.com', 'https://acme.oktapreview.com'],
    ['https://acme.okta.com/admin', 'Leave out'],
    ['https://acme.okta.com?x=1', 'Leave out'],
    ['https://me:secret@acme.okta.com', 'name or password'],
    ['https://acme.okta.com:8443', 'port'],
    ['http://acme.okta.com', 'https://'],
    ['ftp://acme.okta.com', 'https://'],
    ['https://127.0.0.1', 'a name such as'],
    ['https://localhost', 'a name such as'],
    ['https://[::1]', 'a name such as'],
    ['https://2130706433', 'a name such as'],
    ['http://127.0.0.1:8080', 'https://'],
    ['javascript:alert(1)', ''],
  ])('refuses %p with the mend', (typed, mend) => {
    expect(() => orgOrigin(typed, false)).toThrow(mend);
  });

  it('takes plain http to loopback addresses, and to no others, where the installation allows it', () => {
    expect(orgOrigin('http://127.0.0.1:8080/', true)).toBe('http://127.0.0.1:8080');
    expect(orgOrigin('http://[::1]:8080', true)).toBe('http://[::1]:8080');
    expect(() => orgOrigin('http://10.0.0.1', true)).toThrow('https://');
    expect(() => orgOrigin('http://127.0.0.1.evil.example', true)).toThrow('https://');
  });
});
