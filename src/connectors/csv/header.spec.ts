import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FileFault } from './errors.js';
import { COLUMN_NAMES, FILE_FIELDS, readHeader } from './header.js';

const LIMITS = { rows: 250_000, columns: 64, fieldBytes: 65_536 };

function fieldsOf(header: string): (string | null)[] {
  return readHeader(header, 1, null, LIMITS).columns.map(({ field }) => field);
}

function faultIn(header: string): string | null {
  try {
    readHeader(header, 1, null, LIMITS);
    return null;
  } catch (error) {
    if (error instanceof FileFault) return error.code;
    throw error;
  }
}

/** The same name as somebody else might write it. */
function variants(name: string): fc.Arbitrary<string> {
  const joint = fc.constantFrom('', ' ', '_', '-', '  ', '\u00a0', '\u200b', '＿', ' - ');
  const letter = (one: string): fc.Arbitrary<string> =>
    fc.constantFrom(one, one.toUpperCase(), String.fromCodePoint((one.codePointAt(0) ?? 0) + 0xfee0));
  const parts = [...name.replaceAll(/[_-]/gu, '')].map((one) =>
    fc.tuple(letter(one), joint).map((both) => both.join('')),
  );
  return fc.tuple(...parts).map((all) => all.join(''));
}

const REFUSED = [
  'id',
  'organisationId',
  'organizationid',
  'passwordHash',
  'password',
  'emailVerified',
  'externalId',
  'role',
  'roles',
  'isAdmin',
  'owner',
  '__proto__',
  'constructor',
  'prototype',
];

describe('V-12: the columns are a list of what may be', () => {
  it.each(FILE_FIELDS)('%s is found however its name is written', (field) => {
    fc.assert(
      fc.property(variants(COLUMN_NAMES[field]), (name) => {
        expect(fieldsOf(field === 'email' ? name : `email,${name}`)).toContain(field);
      }),
      { numRuns: 200 },
    );
  });

  it.each(REFUSED)('%s is refused however its name is written', (name) => {
    fc.assert(
      fc.property(variants(name), (written) => {
        expect(faultIn(`email,${written}`)).toBe('refused_column');
      }),
      { numRuns: 200 },
    );
  });

  it('no other name whatever becomes a field, and none does harm', () => {
    const properties = Object.getOwnPropertyNames(Object.prototype);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...properties)), (name) => {
        const header = `email,"${name.replaceAll('"', '""')}"`;
        if (faultIn(header) !== null) return;
        const [first, second, ...others] = fieldsOf(header);
        expect([first, others]).toEqual(['email', []]);
        const known = FILE_FIELDS.filter((field) => field === second);
        const plain = name
          .normalize('NFKC')
          .toLowerCase()
          .replaceAll(/[\s\p{Cf}_-]+/gu, '');
        expect(known.map((field) => COLUMN_NAMES[field].replaceAll('_', ''))).toEqual(known.map(() => plain));
        expect(Object.prototype).not.toHaveProperty(['polluted']);
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('what separates the columns', () => {
  it.each([
    ['email', ','],
    ['email,team', ','],
    ['email;team', ';'],
    ['email\tteam', '\t'],
    ['email;"first_name,last_name";team', ';'],
    ['email,first_name;last_name,team', ','],
    ['Notes;a,email,team', ','],
    ['"email";"team"', ';'],
  ])('%j', (header, delimiter) => {
    expect(readHeader(header, 1, null, LIMITS).delimiter).toBe(delimiter);
  });

  it('is what was chosen, whatever it looks like', () => {
    expect(readHeader('email;first_name,last_name', 1, ';', LIMITS)).toMatchObject({ delimiter: ';' });
  });

  it.each(['email,team;first_name', 'email;first_name,last_name', 'email\tteam,admin'])(
    '%j cannot be told',
    (header) => {
      expect(faultIn(header)).toBe('separator');
    },
  );
});
