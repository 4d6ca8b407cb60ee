import { describe, expect, it } from '@jest/globals';
import { isWithin, liesIn, neighbourhoodOf, parseAddress, parseNetwork } from './networks.js';

describe('networks', () => {
  it.each([
    ['192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.3.7', ['192.0.2.0/24'], false],
    ['::ffff:192.0.2.7', ['192.0.2.0/24'], true],
    ['192.0.2.7', ['192.0.2.7'], true],
    ['192.0.2.7', ['::/0'], false],
    ['2001:db8::1', ['2001:db8::/32'], true],
    ['2001:db9::1', ['2001:db8::/32'], false],
    ['2001:db8::1', ['0.0.0.0/0'], false],
    ['unknown', ['0.0.0.0/0', '::/0'], false],
    ['fe80::1%eth0', ['fe80::/10'], false],
    ['10.1.2.3', ['nonsense', '10.0.0.0/8'], true],
  ])('A-01 %s lies in %j: %s', (address, networks, expected) => {
    expect(liesIn(address, networks)).toBe(expected);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '0x7f.1',
    '127.1',
    '010.0.0.1',
    '1.2.3.4:80',
    '[::1]',
    '::1%lo',
    'a'.repeat(1000),
    '1.2.3.256',
    '4294967295',
  ])('A-11 %j is no address', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it.each(['1.2.3.4/33', '1.2.3.4/', '1.2.3.4/-1', '1.2.3.4/8/8', '::/129', '/8', '1.2.3.4/1e1', ''])(
    '%j is no network',
    (text) => {
      expect(parseNetwork(text)).toBeNull();
    },
  );

  it.each([
    ['10.1.0.0/16', ['10.0.0.0/8'], true],
    ['10.0.0.0/8', ['10.1.0.0/16'], false],
    ['10.0.0.0/8', ['10.0.0.0/8'], true],
    ['10.1.2.3', ['10.0.0.0/8'], true],
    ['11.0.0.0/16', ['10.0.0.0/8'], false],
    ['2001:db8:1::/48', ['2001:db8::/32'], true],
    ['nonsense', ['0.0.0.0/0'], false],
  ])('%s is within %j: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it('A-10 counts one IPv6 host as one, however many of its addresses it uses', () => {
    expect(neighbourhoodOf('2001:db8:1:2::1')).toBe(neighbourhoodOf('2001:db8:1:2:ffff:1:2:3'));
    expect(neighbourhoodOf('2001:db8:1:2::1')).not.toBe(neighbourhoodOf('2001:db8:1:3::1'));
    expect(neighbourhoodOf('::ffff:1.2.3.4')).toBe('1.2.3.4');
    expect(neighbourhoodOf('unknown')).toBe('unknown');
  });
});
