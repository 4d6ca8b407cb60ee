import { describe, expect, it } from '@jest/globals';
import type { DirectoryRecord } from '../../sync/model.js';
import { exclusions } from '../exclusions.js';
import { defaultOktaMapping, oktaMapping } from './settings.js';
import { managerReference, STATUSES, userMapper } from './user.js';

const IN = { in: true } as const;
const mapping = {
  ...defaultOktaMapping,
  extras: { costCentre: 'profile.costCenter', badges: 'profile.badges', remote: 'profile.remote' },
};
const map = userMapper(
  mapping,
  exclusions(['00uexcluded0000000001', 'Boss@Example.com']),
  new Set(['00gdesign00000000001']),
);

function user(change: Record<string, unknown> = {}, profile: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '00uana00000000000001',
    status: 'ACTIVE',
    lastLogin: '2026-01-02T03:04:05.000Z',
    profile: { login: 'ana', email: 'ana@example.com', firstName: ' Ana ', lastName: 'Ñ', ...profile },
    ...change,
  };
}

function record(value: unknown): DirectoryRecord {
  const mapped = map(value, IN);
  if ('fault' in mapped) throw new Error(mapped.fault);
  return mapped;
}

describe('a user of Okta', () => {
  it('becomes a record; what is null or left out is null', () => {
    expect(record(user({}, { title: null, costCenter: 'CC-1', badges: ['a', null], remote: false }))).toEqual({
      externalId: '00uana00000000000001',
      email: 'ana@example.com',
      firstName: 'Ana',
      lastName: 'Ñ',
      department: null,
      title: null,
      manager: null,
      employeeNumber: null,
      extras: { costCentre: 'CC-1', badges: ['a'], remote: false },
      status: 'employed',
      scope: { in: true },
      lastSignInAt: '2026-01-02T03:04:05.000Z',
    });
  });

  it.each([
    ['STAGED', 'not_started'],
    ['PROVISIONED', 'employed'],
    ['ACTIVE', 'employed'],
    ['RECOVERY', 'employed'],
    ['PASSWORD_EXPIRED', 'employed'],
    ['LOCKED_OUT', 'employed'],
    ['SUSPENDED', 'suspended'],
    ['DEPROVISIONED', 'deprovisioned'],
  ])('%s means %s', (status, expected) => {
    expect(record(user({ status })).status).toBe(expected);
    expect(STATUSES).toHaveProperty(status);
  });

  it.each([
    ['of no known status', user({ status: 'FROZEN' })],
    ['of a status that every object has', user({ status: 'constructor' })],
    ['of no status', user({ status: undefined })],
    ['without a profile', user({ profile: null })],
    ['with a title that is a structure', user({}, { title: { x: 1 } })],
    ['with a name that is too long', user({}, { firstName: 'a'.repeat(257) })],
  ])('S-20 one %s is unknown, never a guess', (_words, value) => {
    expect(map(value, IN)).toMatchObject({ externalId: '00uana00000000000001', fault: expect.any(String) });
  });

  it.each([
    ['no user', 'Ana'],
    ['null', null],
    ['one without an id', user({ id: undefined })],
    ['one with a number for an id', user({ id: 7 })],
    ['one with an id of 4 kB', user({ id: 'a'.repeat(4_096) })],
    ['one with the id of a group', user({ id: '00gdesign00000000001' })],
  ])('F-52 %s has no id that could be trusted', (_words, value) => {
    expect(map(value, IN)).toMatchObject({
      externalId: null,
      fault: expect.any(String),
    });
  });

  it('is left out by id or by address in any case', () => {
    expect(record(user({ id: '00uexcluded0000000001' })).scope).toMatchObject({ in: false });
    expect(record(user({}, { email: 'BOSS@example.com' })).scope).toMatchObject({ in: false });
    expect(record(user()).scope).toEqual({ in: true });
  });

  it('keeps a login apart from the address', () => {
    const byLogin = userMapper({ ...mapping, email: 'profile.login' }, exclusions([]), new Set());
    expect(byLogin(user({}, { login: 'ana@login.example.com' }), IN)).toMatchObject({ email: 'ana@login.example.com' });
  });
});

describe('managerId is free text', () => {
  it.each([
    [null, null],
    ['00ub0oNGTSWTBKOLGLNR', { by: 'id', value: '00ub0oNGTSWTBKOLGLNR' }],
    ['boss@example.com', { by: 'email', value: 'boss@example.com' }],
    ['E100001', { by: 'text', value: 'E100001' }],
    ['Ana Ñandú', { by: 'text', value: 'Ana Ñandú' }],
    ['00ushort', { by: 'text', value: '00ushort' }],
  ])('%p', (value, expected) => {
    expect(managerReference(value)).toEqual(expected);
  });
});

describe('the mapping', () => {
  it.each([
    ['an attribute outside the profile', { title: 'credentials.password' }],
    ['an attribute of every object', { title: 'profile.constructor' }],
    ['a prototype', { title: 'profile.__proto__' }],
    ['a query', { title: 'profile.title)&filter=x' }],
    ['no address', { email: null }],
    ['an unknown field', { role: 'profile.title' }],
    ['F-81 a role', { extras: { role: 'profile.title' } }],
    ['F-81 a platform flag', { extras: { isAdmin: 'profile.title' } }],
  ])('refuses %s', (_words, change) => {
    expect(oktaMapping.safeParse({ ...defaultOktaMapping, ...change }).success).toBe(false);
  });
});
