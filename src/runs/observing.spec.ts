import { describe, expect, it } from '@jest/globals';
import type { DirectoryRecord } from '../sync/model.js';
import { contentHash, judgeSeen, managerRef, seenOnPage, seenRecord } from './observing.js';

const ana: DirectoryRecord = {
  externalId: '00u1',
  email: 'Ana@Example.com',
  firstName: 'Ana',
  lastName: 'Novak',
  department: 'Sales',
  title: 'Seller',
  manager: null,
  employeeNumber: '7',
  extras: { b: 1, a: ['x'] },
  status: 'employed',
  scope: { in: true },
  lastSignInAt: null,
};

const hashOf = (change: Partial<DirectoryRecord>, version = '1'): string => contentHash({ ...ana, ...change }, version);

describe('contentHash', () => {
  it.each<[string, Partial<DirectoryRecord>]>([
    ['another title', { title: 'Buyer' }],
    ['an empty title', { title: null }],
    ['a manager', { manager: { by: 'id', value: '00u2' } }],
    ['a manager named in another way', { manager: { by: 'email', value: '00u2' } }],
    ['another standing', { status: 'suspended' }],
    ['another verdict', { scope: { in: false, because: 'Design' } }],
    ['another extra', { extras: { a: ['x'], b: 2 } }],
  ])('differs for %s', (_name, change) => {
    expect(hashOf(change)).not.toBe(hashOf({}));
  });

  it('differs under another version of mapping and policy', () => {
    expect(hashOf({}, '2')).not.toBe(hashOf({}, '1'));
  });

  it('is the same whatever the order of the extras, and whenever somebody last signed in', () => {
    expect(hashOf({ extras: { a: ['x'], b: 1 } })).toBe(hashOf({}));
    expect(hashOf({ lastSignInAt: '2026-01-01T00:00:00Z' })).toBe(hashOf({}));
  });
});

describe('a page', () => {
  it('keeps faulty records with an id, and tells of those without one', () => {
    const { seen, faults } = seenOnPage(
      {
        records: [ana, { externalId: '00u9', fault: 'too long' }, { externalId: null, fault: 'no id' }],
        observedAt: new Date(0),
      },
      '1',
    );
    expect(seen.map((one) => [one.externalId, one.fault])).toEqual([
      ['00u1', null],
      ['00u9', 'too long'],
    ]);
    expect(faults).toEqual(['no id']);
  });

  it.each([
    ['an address', 'Ana@Example.com', 'ana@example.com', null],
    ['no address', null, null, 'It has no e-mail address.'],
    ['none that is valid', 'ana at home', null, 'Its e-mail address is not a valid one.'],
  ])('row 13: judges %s', (_name, email, canonical, fault) => {
    const record = { ...ana, email };
    const row = judgeSeen(seenRecord(record, new Date(0), '1'), () => true);
    expect([row.emailCanonical, row.fault]).toEqual([canonical, fault]);
  });
});

describe('managerRef', () => {
  it.each([
    ['by id', { by: 'id' as const, value: '00u2' }, 'id:00u2'],
    ['by address', { by: 'email' as const, value: 'Bo@Example.com' }, 'email:bo@example.com'],
    ['free text that is an address', { by: 'text' as const, value: 'bo@example.com' }, 'email:bo@example.com'],
    ['free text that may be an id', { by: 'text' as const, value: '00u2' }, 'id:00u2'],
    ['an address that is none', { by: 'email' as const, value: 'nobody' }, null],
    ['nobody', null, null],
  ])('%s', (_name, manager, expected) => {
    expect(managerRef(manager)).toBe(expected);
  });
});
