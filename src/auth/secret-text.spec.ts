import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { newId } from '../common/ids.js';
import { digestOf, makeSecret, organisationOf } from './secret-text.js';

const ORGANISATION = '01890000-0000-7000-8000-000000000bad';

describe('a credential that names its organisation', () => {
  it('has 22 and 43 characters, and what is kept of it is 32 bytes', () => {
    const { text, digest } = makeSecret(ORGANISATION, randomBytes);
    expect(text).toMatch(/^[\w-]{22}\.[\w-]{43}$/u);
    expect(digest).toEqual(digestOf(text));
    expect(digest).toHaveLength(32);
  });

  it('gives its organisation back, whatever the random bytes are', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (id, bytes) => {
        expect(organisationOf(makeSecret(id, () => Buffer.from(bytes)).text)).toBe(id);
      }),
    );
  });

  it('P5 another organisation in front of the same secret is another credential', () => {
    const secret = randomBytes(32);
    const [a, b] = [ORGANISATION, newId()].map((id) => makeSecret(id, () => secret));
    expect(a?.digest.equals(b?.digest ?? Buffer.alloc(32))).toBe(false);
  });

  const { text } = makeSecret(ORGANISATION, (length) => Buffer.alloc(length, 0));
  it.each([
    ['nothing', ''],
    ['one part', text.slice(23)],
    ['a cut one', text.slice(0, -1)],
    ['a longer one', `${text}A`],
    ['other letters', text.replace(/A$/u, '+')],
    ['a line more', `${text}\n`],
    ['spare bits in the secret', text.replace(/A$/u, 'B')],
    ['spare bits in the organisation', text.replace('.', '').replace(/^(.{21})./u, '$1_.')],
    ['16 bytes that are no id', `AAAAAAAAAAAAAAAAAAAAAQ${text.slice(22)}`],
    ['a key of the API', 'rc_Ab3dEf6hIj9L_0123456789012345678901234567890123456789012345678'],
  ])('is not %s', (_, wrong) => {
    expect(organisationOf(wrong)).toBeNull();
  });
});
