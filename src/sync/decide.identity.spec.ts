import { describe, expect, it } from '@jest/globals';
import { candidate, daysAgo, facts, linkedFacts, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { CandidateFacts, Decision, Facts } from './facts.js';
import { defaultPolicy } from './policy.js';

const decided = (given: Facts): Decision => decide(given, defaultPolicy, reference());

const gone: NonNullable<CandidateFacts['linkedRecord']> = {
  externalId: 'ana-0',
  goneAt: daysAgo(3),
  employeeNumber: null,
  firstName: 'Ana',
  lastName: 'Horvat',
};

describe('identity rule 1: a link decides, whatever the e-mail says', () => {
  it('another person with the new address is no candidate', () => {
    const given = linkedFacts({
      observed: seen({ email: 'ivo@example.com', lastName: 'Novak' }),
      candidate: candidate({ id: 'person-ivo' }),
    });
    expect(decided(given).change).toMatchObject({ kind: 'update', personId: 'person-ana' });
  });
});

describe('identity rule 2: a candidate by e-mail', () => {
  it('is linked in a verified domain', () => {
    expect(decided(facts({ candidate: candidate() }))).toMatchObject({
      disposition: 'apply',
      change: { kind: 'link', personId: 'person-ana' },
      removal: false,
    });
  });

  it.each<[string, Facts, string]>([
    [
      'the domain is not verified',
      facts({ observed: seen({}, { domainVerified: false }), candidate: candidate() }),
      'domain',
    ],
    ['they are an admin', facts({ candidate: candidate({ isAdmin: true }) }), 'admin'],
    ['they are protected', facts({ candidate: candidate({ isProtected: true }) }), 'protected'],
  ])('needs approval where %s', (_name, given, because) => {
    expect(decided(given)).toMatchObject({
      disposition: 'approve',
      change: { kind: 'link' },
      reason: { code: 'link_needs_approval', facts: { because } },
      settles: false,
    });
  });

  it('linking never changes the e-mail in the same step, not even its spelling; the record waits for that', () => {
    const decision = decided(facts({ observed: seen({ email: 'Ana@example.com' }), candidate: candidate() }));
    expect(decision.change?.after).toEqual({});
    expect(decision.settles).toBe(false);
  });

  it('an archived candidate who was archived by another source alone stays so', () => {
    const given = facts({ candidate: candidate({ state: 'archived', archiveReasons: ['scim'] }) });
    expect(decided(given)).toMatchObject({
      change: null,
      reason: { code: 'archived_by_another', facts: { by: 'scim' } },
    });
  });
});

describe('identity rule 3: the candidate’s record is gone', () => {
  it.each<[string, Partial<NonNullable<CandidateFacts['linkedRecord']>>, string | null]>([
    ['the full name agrees', {}, null],
    ['the full name agrees but for case and spacing', { firstName: ' ANA', lastName: 'horvat ' }, null],
    ['the employee number agrees', { lastName: 'Novak', employeeNumber: 'E-7' }, 'E-7'],
    ['the old record went just 30 days ago', { goneAt: daysAgo(30) }, null],
  ])('relink, where %s', (_name, old, employeeNumber) => {
    const given = facts({
      observed: seen({ employeeNumber }),
      candidate: candidate({ linkedRecord: { ...gone, ...old } }),
    });
    expect(decided(given)).toMatchObject({
      situation: 'recreated',
      disposition: 'apply',
      removal: true,
      change: { kind: 'relink', personId: 'person-ana', reason: { facts: { previousExternalId: 'ana-0' } } },
    });
  });

  it('relink brings an archived person back', () => {
    const given = facts({ candidate: candidate({ state: 'archived', linkedRecord: gone }) });
    expect(decided(given).change).toMatchObject({
      kind: 'relink',
      archiveReason: 'directory',
      before: { state: 'archived' },
      after: { state: 'active' },
    });
  });

  it('whom an admin archived stays archived', () => {
    const archived = candidate({ state: 'archived', archiveReasons: ['admin'], linkedRecord: gone });
    expect(decided(facts({ candidate: archived }))).toMatchObject({
      change: null,
      reason: { code: 'archived_by_admin' },
    });
  });

  it.each<[string, Partial<CandidateFacts>, Partial<NonNullable<CandidateFacts['linkedRecord']>>, boolean]>([
    ['the old record went longer than 30 days ago', {}, { goneAt: daysAgo(30.001) }, true],
    ['neither name nor number agrees', {}, { lastName: 'Novak' }, true],
    ['only half of a name is known', {}, { firstName: null }, true],
    ['both have no employee number', {}, { lastName: null, employeeNumber: null }, true],
    ['the domain is not verified', {}, {}, false],
    ['the candidate is an admin', { isAdmin: true }, {}, true],
    ['the candidate is protected', { isProtected: true }, {}, true],
  ])('conflict, where %s', (_name, over, old, domainVerified) => {
    const given = facts({
      observed: seen({}, { domainVerified }),
      candidate: candidate({ ...over, linkedRecord: { ...gone, ...old } }),
    });
    expect(decided(given)).toMatchObject({
      disposition: 'conflict',
      change: null,
      removal: false,
      settles: false,
      conflict: { kind: 'recreated', otherExternalId: 'ana-0', otherPersonId: 'person-ana' },
    });
  });
});

describe('identity rule 4: the candidate’s record lives', () => {
  it('conflict: nothing changes for either, both are named', () => {
    const given = facts({ candidate: candidate({ linkedRecord: { ...gone, goneAt: null } }) });
    expect(decided(given)).toMatchObject({
      disposition: 'conflict',
      change: null,
      settles: false,
      conflict: { kind: 'candidate_linked', otherExternalId: 'ana-0', otherPersonId: 'person-ana' },
    });
  });
});

describe('identity rule 5: nobody', () => {
  it('a new person', () => {
    expect(decided(facts()).change?.kind).toBe('add');
  });

  it('a newcomer takes over an address that is given up in this very plan', () => {
    const given = facts({
      candidate: candidate({ linkedRecord: { ...gone, goneAt: null } }),
      holder: { personId: 'person-ana' },
      holderMovesOn: true,
    });
    expect(decided(given).change?.kind).toBe('add');
  });

  it('the address of somebody who is no candidate is a conflict, never a second owner', () => {
    expect(decided(facts({ holder: { personId: 'person-ivo' } }))).toMatchObject({
      disposition: 'conflict',
      change: null,
      conflict: { kind: 'address_taken', otherPersonId: 'person-ivo' },
    });
  });
});

describe('F-38 every external id changed', () => {
  it('is a conflict for each while the old records live, and a removal each once they are gone', () => {
    const given = (goneAt: Date | null): Facts =>
      facts({ candidate: candidate({ linkedRecord: { ...gone, goneAt } }) });
    expect(decided(given(null)).disposition).toBe('conflict');
    expect(decided(given(daysAgo(0)))).toMatchObject({ change: { kind: 'relink' }, removal: true });
  });
});

describe('S-11 archive reasons are flags of their own', () => {
  const sources = ['directory', 'admin', 'scim', 'undo'] as const;
  const sets = Array.from({ length: 16 }, (_, bits) => sources.filter((_source, index) => bits & (1 << index)));

  it.each(sets.map((archiveReasons) => ({ archiveReasons })))('$archiveReasons', ({ archiveReasons }) => {
    const linked = person({ state: archiveReasons.length === 0 ? 'active' : 'archived', archiveReasons });
    const employed = decided(linkedFacts({ linked }));
    const suspended = decided(linkedFacts({ linked, observed: seen({ status: 'suspended' }) }));
    for (const decision of [employed, suspended]) {
      // The one reason that a sync names is its own.
      expect([undefined, 'directory']).toContain(decision.change?.archiveReason);
    }
    const alone = archiveReasons.length === 1 && archiveReasons[0] === 'directory';
    expect(employed.change?.after.state).toBe(alone ? 'active' : undefined);
    expect(suspended.removal).toBe(archiveReasons.length === 0);
    const admin = archiveReasons.includes('admin');
    const own = archiveReasons.includes('directory');
    expect(employed.change?.kind).toBe(own && !admin ? 'restore' : undefined);
    expect(suspended.change?.kind).toBe(!own && !admin ? 'archive' : undefined);
  });
});
