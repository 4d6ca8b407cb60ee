import { describe, expect, it } from '@jest/globals';
import { isOfTheCompany, isStrongEnough, renewedAt, type AccountRules, type ShownAccount } from './account-rules.js';

const shown = (change: Partial<ShownAccount> = {}): ShownAccount => ({
  hostedDomain: null,
  tenant: null,
  acr: null,
  amr: [],
  ...change,
});
const rules = (change: Partial<AccountRules> = {}): AccountRules => ({
  requires: [],
  hostedDomains: [],
  tenant: null,
  acrValues: [],
  amrValues: [],
  ...change,
});
const VERIFIED = new Set(['maplewood.example', 'maplewood.org.example']);

describe('O-44 the hosted domain', () => {
  const hosted = rules({ requires: ['hosted_domain'] });

  it.each<[string, string | null, boolean]>([
    ['verified', 'maplewood.example', true],
    ['in capitals', 'Maplewood.Example', true],
    ['missing', null, false],
    ['empty', '', false],
    ['another company’s', 'elsewhere.example', false],
    ['below a verified one', 'mail.maplewood.example', false],
    ['around a verified one', 'maplewood.example.elsewhere.example', false],
  ])('%s', (_, hostedDomain, theirs) => {
    expect(isOfTheCompany(shown({ hostedDomain }), hosted, VERIFIED)).toBe(theirs);
  });

  it('must be one that was chosen, if any were', () => {
    const chosen = { ...hosted, hostedDomains: ['maplewood.org.example'] };
    expect(isOfTheCompany(shown({ hostedDomain: 'maplewood.example' }), chosen, VERIFIED)).toBe(false);
    expect(isOfTheCompany(shown({ hostedDomain: 'maplewood.org.example' }), chosen, VERIFIED)).toBe(true);
    const unproven = { ...hosted, hostedDomains: ['elsewhere.example'] };
    expect(isOfTheCompany(shown({ hostedDomain: 'elsewhere.example' }), unproven, VERIFIED)).toBe(false);
  });
});

it('O-45 the tenant is the issuer’s', () => {
  const tenant = rules({ requires: ['tenant'], tenant: 't-1' });
  expect(isOfTheCompany(shown({ tenant: 't-1' }), tenant, VERIFIED)).toBe(true);
  expect(isOfTheCompany(shown({ tenant: 't-2' }), tenant, VERIFIED)).toBe(false);
  expect(isOfTheCompany(shown(), tenant, VERIFIED)).toBe(false);
  expect(isOfTheCompany(shown(), { ...tenant, tenant: null }, VERIFIED)).toBe(false);
});

it('an issuer of one company needs neither', () => {
  expect(isOfTheCompany(shown(), rules(), VERIFIED)).toBe(true);
});

it.each<[Partial<ShownAccount>, Partial<AccountRules>, boolean]>([
  [{}, {}, true],
  [{ acr: 'phr' }, { acrValues: ['phr', 'phrh'] }, true],
  [{ acr: 'pwd' }, { acrValues: ['phr'] }, false],
  [{}, { acrValues: ['phr'] }, false],
  [{ amr: ['pwd', 'mfa'] }, { amrValues: ['mfa'] }, true],
  [{ amr: ['pwd'] }, { amrValues: ['pwd', 'mfa'] }, false],
  [{ acr: 'phr', amr: [] }, { acrValues: ['phr'], amrValues: ['mfa'] }, false],
])('O-74 %j of %j: %s', (account, asked, enough) => {
  expect(isStrongEnough(shown(account), rules(asked))).toBe(enough);
});

describe('O-73 when somebody authenticated', () => {
  const askedAt = new Date('2027-03-01T10:00:00Z');
  const now = new Date('2027-03-01T10:02:00Z');
  const at = (authTime: string | null): string | null =>
    renewedAt(authTime === null ? null : new Date(authTime), { askedAt, now, skewMs: 60_000 })?.toISOString() ?? null;

  it.each<[string, string | null, string | null]>([
    ['after it was asked for', '2027-03-01T10:01:30Z', '2027-03-01T10:01:30.000Z'],
    ['within the skew before', '2027-03-01T09:59:00Z', '2027-03-01T09:59:00.000Z'],
    ['before', '2027-03-01T09:58:59Z', null],
    ['never told', null, null],
    ['within the skew ahead of us counts as now', '2027-03-01T10:03:00Z', '2027-03-01T10:02:00.000Z'],
    ['in the future', '2027-03-01T10:03:01Z', null],
    ['at no time at all', 'never', null],
  ])('%s', (_, told, counts) => {
    const authTime = told === 'never' ? 'not a date' : told;
    expect(at(authTime)).toBe(counts);
  });
});
