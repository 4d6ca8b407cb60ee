import { describe, expect, it } from '@jest/globals';
import type { DirectoryRecord, FaultyRecord } from '../../sync/model.js';
import type { Mapping } from '../kind.js';
import { recordMapping, type Judge } from './record.js';
import { defaultGoogleMapping } from './settings.js';

const everybody: Judge = () => ({ in: true });

const ANA = {
  id: '100000000000000000001',
  primaryEmail: 'ana@example.com',
  name: { givenName: 'Ana', familyName: 'Lima', fullName: 'Ana Lima' },
  suspended: false,
  archived: false,
  orgUnitPath: '/Sales',
  lastLoginTime: '2026-01-02T03:04:05.000Z',
  organizations: [
    { title: 'Adviser', department: 'Second' },
    { title: 'Head of Sales', department: 'Sales', primary: true },
  ],
  relations: [
    { type: 'assistant', value: 'eve@example.com' },
    { type: 'manager', value: 'ben@example.com' },
  ],
  externalIds: [
    { type: 'account', value: 'A1' },
    { type: 'organization', value: 'E7' },
    { type: 'custom', customType: 'badge', value: 'B9' },
  ],
};

function read(change: Record<string, unknown>, mapping: Partial<Mapping> = {}): DirectoryRecord | FaultyRecord {
  return recordMapping({ ...defaultGoogleMapping, ...mapping }).toRecord({ ...ANA, ...change }, everybody);
}

describe('a user of Google as a record', () => {
  it('is mapped whole', () => {
    expect(read({})).toEqual({
      externalId: '100000000000000000001',
      email: 'ana@example.com',
      firstName: 'Ana',
      lastName: 'Lima',
      department: 'Sales',
      title: 'Head of Sales',
      manager: { by: 'email', value: 'ben@example.com' },
      employeeNumber: 'E7',
      extras: {},
      status: 'employed',
      scope: { in: true },
      lastSignInAt: '2026-01-02T03:04:05.000Z',
      traits: { unit: '/Sales' },
    });
  });

  it('of several organisations the primary one counts, and the first where none is marked', () => {
    expect(read({ organizations: [{ title: 'One' }, { title: 'Two', primary: false }] })).toMatchObject({
      title: 'One',
      department: null,
    });
    expect(read({ organizations: [] })).toMatchObject({ title: null, department: null });
  });

  it('what is missing, null or blank is empty', () => {
    const nothing = {
      name: undefined,
      organizations: null,
      relations: undefined,
      externalIds: [],
      lastLoginTime: undefined,
    };
    expect(read(nothing)).toMatchObject({
      firstName: null,
      title: null,
      manager: null,
      employeeNumber: null,
      lastSignInAt: null,
    });
    expect(read({ name: { givenName: '  ' } })).toMatchObject({ firstName: null });
  });

  it.each([
    [{ suspended: true }, 'suspended'],
    [{ archived: true }, 'archived'],
    [{ archived: true, suspended: true }, 'archived'],
    [{ suspended: true, suspensionReason: 'WEB_LOGIN_REQUIRED' }, 'suspended'],
    [{ suspended: undefined, archived: undefined }, 'employed'],
    [{ deletionTime: '2026-01-01T00:00:00.000Z' }, 'deleted'],
  ])('%j is %s', (change, status) => {
    expect(read(change)).toMatchObject({ status });
  });

  it('a guest is out of scope', () => {
    expect(read({ isGuestUser: true })).toMatchObject({ scope: { in: false } });
    expect(read({ isGuestUser: false })).toMatchObject({ scope: { in: true } });
  });

  it('a last sign-in of 1970 is none', () => {
    expect(read({ lastLoginTime: '1970-01-01T00:00:00.000Z' })).toMatchObject({ lastSignInAt: null });
  });

  it.each([
    ['ben@example.com', { by: 'email', value: 'ben@example.com' }],
    ['118446744073709551616', { by: 'id', value: '118446744073709551616' }],
    ['Ben from Sales', { by: 'text', value: 'Ben from Sales' }],
    ['', null],
  ])('the manager %j', (value, manager) => {
    expect(read({ relations: [{ type: 'manager', value }] })).toMatchObject({ manager });
  });

  it('values by type and by custom type, custom schemas of one and of several values', () => {
    const record = read(
      { customSchemas: { HR: { grade: '7', remote: true, skills: [{ value: 'a' }, { value: 'b', type: 'work' }] } } },
      {
        employeeNumber: 'externalIds.badge',
        department: 'customSchemas.HR.skills',
        extras: {
          grade: 'customSchemas.HR.grade',
          remote: 'customSchemas.HR.remote',
          skills: 'customSchemas.HR.skills',
          none: 'customSchemas.IT.asset',
        },
      },
    );
    expect(record).toMatchObject({
      employeeNumber: 'B9',
      department: 'a',
      extras: { grade: '7', remote: true, skills: ['a', 'b'], none: null },
    });
  });

  it.each([
    [{ suspended: 'false' }],
    [{ archived: 1 }],
    [{ isGuestUser: 'yes' }],
    [{ name: 'Ana' }],
    [{ name: { givenName: { x: 1 } } }],
    [{ organizations: 'Sales' }],
    [{ organizations: ['Sales'] }],
    [{ relations: [null] }],
    [{ externalIds: {} }],
    [{ primaryEmail: ['ana@example.com'], name: { givenName: 'x'.repeat(300) } }],
  ])('what the typings call any is looked at: %j makes the record faulty', (change) => {
    expect(read(change)).toEqual({ externalId: ANA.id, fault: expect.stringMatching(/^Its .*\.$/u) });
  });

  it.each([undefined, null, 7, '', 'a/b', '..', '😀', 'x'.repeat(4_096)])('F-52 the id %p is none', (id) => {
    expect(read({ id })).toEqual({ externalId: null, fault: 'It has no usable id.' });
  });

  it('F-53 names are cleaned of what no name has', () => {
    const record = read({ name: { givenName: 'A\u0000n\u202ea\ud800', familyName: 'Li\nma' } });
    expect(record).toMatchObject({ firstName: 'Ana\ufffd', lastName: 'Li ma' });
  });

  it.each([[null], ['user'], [[]]])('%j is no user', (user) => {
    expect(recordMapping(defaultGoogleMapping).toRecord(user, everybody)).toEqual({
      externalId: null,
      fault: expect.any(String),
    });
  });

  it('asks for what the mapping names and no more', () => {
    expect(
      recordMapping({
        ...defaultGoogleMapping,
        manager: null,
        extras: { cost: 'organizations.costCenter' },
      }).fields.split(','),
    ).not.toContain('relations');
    expect(recordMapping(defaultGoogleMapping).query).toEqual({ projection: 'basic' });
    const custom = recordMapping({
      ...defaultGoogleMapping,
      title: 'customSchemas.HR.title',
      extras: { asset: 'customSchemas.IT.asset', grade: 'customSchemas.HR.grade' },
    });
    expect(custom.query).toEqual({ projection: 'custom', customFieldMask: 'HR,IT' });
    expect(custom.fields.split(',').filter((field) => field === 'customSchemas')).toHaveLength(1);
  });
});
