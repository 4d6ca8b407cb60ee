import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { clientAddress } from './client-address.js';

const none: string[] = [];
const one = ['10.0.0.1'];
const two = ['10.0.0.1', '10.0.0.2'];
const listed = ['10.0.0.0/8', 'fd00::/8'];

describe('A-11 the client address', () => {
  it.each([
    ['no proxy: the header is a lie', '9.9.9.9', '1.1.1.1', none, '9.9.9.9'],
    ['no header', '10.0.0.1', undefined, one, '10.0.0.1'],
    ['one hop', '10.0.0.1', '1.1.1.1', one, '1.1.1.1'],
    ['one hop: what the client wrote before it is not believed', '10.0.0.1', '6.6.6.6, 1.1.1.1', one, '1.1.1.1'],
    ['two hops', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', two, '1.1.1.1'],
    ['two hops, only one written', '10.0.0.1', '1.1.1.1', two, '1.1.1.1'],
    ['several headers are one list', '10.0.0.1', ['6.6.6.6', '1.1.1.1'], one, '1.1.1.1'],
    ['no spaces', '10.0.0.1', '6.6.6.6,1.1.1.1', one, '1.1.1.1'],
    ['many spaces', '10.0.0.1', '   1.1.1.1   ', one, '1.1.1.1'],
    ['empty header', '10.0.0.1', '', one, '10.0.0.1'],
    ['only commas', '10.0.0.1', ',,,', one, '10.0.0.1'],
    ['a word', '10.0.0.1', 'unknown', one, '10.0.0.1'],
    ['an obfuscated name', '10.0.0.1', '_hidden', one, '10.0.0.1'],
    ['a port', '10.0.0.1', '1.1.1.1:4711', one, '10.0.0.1'],
    ['brackets', '10.0.0.1', '[2001:db8::1]', one, '10.0.0.1'],
    ['a zone', '10.0.0.1', 'fe80::1%eth0', one, '10.0.0.1'],
    ['a short form', '10.0.0.1', '127.1', one, '10.0.0.1'],
    ['octal', '10.0.0.1', '0177.0.0.1', one, '10.0.0.1'],
    ['a number', '10.0.0.1', '2130706433', one, '10.0.0.1'],
    ['hexadecimal', '10.0.0.1', '0x7f.0.0.1', one, '10.0.0.1'],
    ['IPv6', '10.0.0.1', '2001:db8::1', one, '2001:db8::1'],
    ['IPv4 in IPv6', '::ffff:10.0.0.1', '::ffff:1.1.1.1', one, '1.1.1.1'],
    ['a script', '10.0.0.1', '<script>', one, '10.0.0.1'],
    ['a line break', '10.0.0.1', '1.1.1.1\r\nX: y', one, '10.0.0.1'],
    ['something readable behind something that is not', '10.0.0.1', '1.1.1.1, garbage', one, '10.0.0.1'],
    ['a very long header is not read', '10.0.0.1', `${'1.1.1.1, '.repeat(400)}1.1.1.1`, one, '10.0.0.1'],
    ['listed proxies, however many', '10.0.0.1', '6.6.6.6, 1.1.1.1, 10.2.2.2, fd00::1', listed, '1.1.1.1'],
    ['listed proxies, peer is none of them', '9.9.9.9', '1.1.1.1', listed, '9.9.9.9'],
    ['listed proxies all the way', '10.0.0.1', '10.0.0.2, 10.0.0.3', listed, '10.0.0.2'],
    ['a peer with a zone', 'fe80::1%eth0', undefined, none, 'fe80::1'],
    ['no peer at all', undefined, '1.1.1.1', one, 'unknown'],
  ])('%s', (_name, peer, header, trusted, expected) => {
    expect(clientAddress(peer, header, trusted)).toBe(expected);
  });

  it('no header whatever makes it throw, or gives anything but an address', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 3000 }),
          fc.array(fc.ipV4()).map((list) => list.join(',')),
        ),
        (header) => {
          expect(clientAddress('10.0.0.1', header, two)).toMatch(/^[0-9a-f.:]+$/);
        },
      ),
    );
  });
});
