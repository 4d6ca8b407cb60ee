import { describe, expect, it } from '@jest/globals';
import { oneAddress } from './address.js';

const GOOD = [
  'ada@acme.example',
  'ada.lovelace@acme.example',
  'ada+rollcall@acme.example',
  "o'brien@acme.example",
  'ada_l-1%2@acme.example',
  '{ada}@acme.example',
  'ada@sub.acme.example',
  'ada@xn--mller-kva.example',
  'zoë@acme.example',
  `${'a'.repeat(64)}@acme.example`,
  `${'a'.repeat(63)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`,
];

const BAD: [string, string][] = [
  ['nothing', ''],
  ['a blank', ' '],
  ['no at sign', 'ada'],
  ['nothing before it', '@acme.example'],
  ['nothing after it', 'ada@'],
  ['two at signs', 'ada@x@acme.example'],
  ['a list by comma', 'ada@acme.example,mallory@evil.example'],
  ['a list by comma and blank', 'ada@acme.example, mallory@evil.example'],
  ['a list by semicolon', 'ada@acme.example;mallory@evil.example'],
  ['a list by blank', 'ada@acme.example mallory@evil.example'],
  ['a list by line', 'ada@acme.example\nmallory@evil.example'],
  ['a name and an address', 'Ada <ada@acme.example>'],
  ['an address in brackets', '<ada@acme.example>'],
  ['an address as a name', 'ada@acme.example <mallory@evil.example>'],
  ['a quoted address as a name', '"ada@acme.example" <mallory@evil.example>'],
  ['an open bracket', 'ada<mallory@evil.example'],
  ['a closing bracket', 'ada@acme.example>'],
  ['a group', 'staff: ada@acme.example, mallory@evil.example;'],
  ['an empty group', 'undisclosed-recipients:;'],
  ['a quoted local part', '"ada"@acme.example'],
  ['a quoted one with a blank', '"ada lovelace"@acme.example'],
  ['a quoted one with an at sign', '"ada@acme.example"@evil.example'],
  ['a quoted list', '"ada@acme.example,mallory"@evil.example'],
  ['a comment before', '(mallory@evil.example)ada@acme.example'],
  ['a comment behind', 'ada@acme.example(comment)'],
  ['a comment within', 'ada(comment)@acme.example'],
  ['a line feed behind', 'ada@acme.example\n'],
  ['a carriage return behind', 'ada@acme.example\r'],
  ['a header behind', 'ada@acme.example\r\nBcc: mallory@evil.example'],
  ['a command behind', 'ada@acme.example>\r\nRCPT TO:<mallory@evil.example'],
  ['a line feed within', 'ada\n@acme.example'],
  ['a NUL within', 'ada\0@acme.example'],
  ['a NUL behind', 'ada@acme.example\0'],
  ['a NUL before another', 'ada@acme.example\0mallory@evil.example'],
  ['a tab', 'ada\t@acme.example'],
  ['a vertical tab', 'ada\v@acme.example'],
  ['a blank before', ' ada@acme.example'],
  ['a blank behind', 'ada@acme.example '],
  ['a blank within', 'ada lovelace@acme.example'],
  ['a no-break space', 'ada\u00a0@acme.example'],
  ['a zero-width space', 'ada\u200b@acme.example'],
  ['an override of direction', 'ada\u202e@acme.example'],
  ['a line separator', 'ada\u2028@acme.example'],
  ['a soft hyphen', 'a\u00adda@acme.example'],
  ['half of a surrogate pair', 'ada\ud800@acme.example'],
  ['65 characters before the at sign', `${'a'.repeat(65)}@acme.example`],
  ['65 bytes before the at sign', `${'ä'.repeat(32)}b@acme.example`],
  ['255 bytes', `${'a'.repeat(64)}@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.example`],
  ['capitals', 'Ada@acme.example'],
  ['capitals in the domain', 'ada@Acme.example'],
  ['a domain in Unicode', 'ada@müller.example'],
  ['a domain in wide letters', 'ada@ａcme.example'],
  ['a domain with another dot', 'ada@acme。example'],
  ['a broken IDN', 'ada@xn--a-.example'],
  ['a dot at the end', 'ada@acme.example.'],
  ['a dot at the beginning', '.ada@acme.example'],
  ['two dots', 'ada..lovelace@acme.example'],
  ['a dot before the at sign', 'ada.@acme.example'],
  ['an empty label', 'ada@acme..example'],
  ['a hyphen at the end of a label', 'ada@acme-.example'],
  ['one label', 'ada@localhost'],
  ['numbers', 'ada@127.0.0.1'],
  ['numbers in brackets', 'ada@[127.0.0.1]'],
  ['an address in letters that are not composed', 'zoe\u0308@acme.example'],
  ['a backslash', 'ada\\@acme.example'],
  ['an encoded word', '=?utf-8?q?ada=40acme.example?= <mallory@evil.example>'],
  ['a path through another host', '@evil.example:ada@acme.example'],
];

describe('I-08 mail goes to exactly one address', () => {
  it.each(GOOD)('takes %s', (address) => {
    expect(oneAddress(address)).toBe(address);
  });

  it('looks at more than sixty that are not', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(60);
  });

  it.each(BAD)('refuses %s', (_what, text) => {
    expect(() => oneAddress(text)).toThrow(expect.objectContaining({ code: 'mail.address_invalid' }));
  });

  it('does not say the text again', () => {
    expect(() => oneAddress('secret@x, y')).not.toThrow('secret');
  });
});
