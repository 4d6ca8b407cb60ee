import { describe, expect, it } from '@jest/globals';
import { isPublic, ownDomain } from './domain-rules.js';

describe('a domain of an organisation', () => {
  it.each([
    ['acme.example', 'acme.example'],
    [' ACME.Example. ', 'acme.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['mail.acme.co.uk', 'mail.acme.co.uk'],
    ['example.com', 'example.com'],
  ])('%j is kept as %s', (raw, canonical) => {
    expect(ownDomain(raw)).toBe(canonical);
  });

  it.each([
    'gmail.com',
    'GMAIL.com',
    'googlemail.com',
    'outlook.com',
    'qq.com',
    'gmx.de',
    'proton.me',
    'fastmail.com',
    'tutanota.com',
    'mailinator.com',
  ])('%s is everybody’s, by mail', (name) => {
    expect(() => ownDomain(name)).toThrow('Anybody can have an address there');
  });

  it.each(['co.uk', 'github.io', 'com.au', 'blogspot.com', '公司.hk'])('%s is everybody’s, by name', (name) => {
    expect(() => ownDomain(name)).toThrow('Anybody can have an address there');
  });

  it.each([
    '',
    'acme',
    'a b.example',
    '192.0.2.1',
    '-a.example',
    'x'.repeat(300),
    'https://acme.example',
    '@acme.example',
    'a..example',
  ])('%j is no domain', (name) => {
    expect(() => ownDomain(name)).toThrow('This is not a domain name.');
  });

  it('a name below a public one is not public', () => {
    expect(isPublic('acme.github.io')).toBe(false);
    expect(isPublic('acme.co.uk')).toBe(false);
  });
});
