import { describe, expect, it } from '@jest/globals';
import {
  absentFacts,
  candidate,
  daysAgo,
  facts,
  linkedFacts,
  mirror,
  person,
  reference,
  seen,
} from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Decision, Facts, Policy } from './facts.js';
import { lastAdmins } from './last-admins.js';
import type { DirectoryStatus } from './model.js';
import { defaultPolicy } from './policy.js';

const decided = (given: Facts, policy: Partial<Policy> = {}): Decision =>
  decide(given, { ...defaultPolicy, ...policy }, reference());

describe('row 10: whoever is protected, or the last active admin', () => {
  it.each<[string, Facts]>([
    ['suspended', linkedFacts({ observed: seen({ status: 'suspended' }), linked: person({ isProtected: true }) })],
    ['gone', absentFacts({ witness: { says: 'gone', how: 'deleted' }, linked: person({ isProtected: true }) })],
    [
      'out of scope',
      linkedFacts({ observed: seen({ scope: { in: false, because: 'x' } }), linked: person({ isProtected: true }) }),
    ],
  ])('protected and %s: kept', (_name, given) => {
    expect(decided(given)).toMatchObject({
      disposition: 'skip',
      change: null,
      removal: false,
      reason: { code: 'protected' },
      settles: false,
    });
  });

  it('the last active admin: kept, the same one whatever the order', () => {
    expect(lastAdmins(['a'], ['a'])).toEqual(['a']);
    expect(lastAdmins(['a'], ['a', 'b'])).toEqual([]);
    expect(lastAdmins(['b', 'a', 'm'], ['a', 'b'])).toEqual(['a']);
    expect(lastAdmins(['m', 'a', 'b'], ['b', 'a'])).toEqual(['a']);
    expect(lastAdmins(['m'], ['a'])).toEqual([]);
    expect(lastAdmins(['m'], [])).toEqual([]);
  });
});

describe('row 11: new, but not employed', () => {
  it.each<DirectoryStatus>(['suspended', 'archived', 'deprovisioned', 'deleted', 'not_started'])('%s', (status) => {
    const decision = decided(facts({ observed: seen({ status }), candidate: candidate() }));
    expect(decision).toMatchObject({
      disposition: 'skip',
      change: null,
      reason: { code: 'not_active_in_directory' },
      settles: true,
    });
  });
});

describe('row 12: out of scope and never linked', () => {
  it('nothing happens, not even to a candidate', () => {
    const observed = seen({ scope: { in: false, because: 'not in the unit /Staff' } });
    expect(decided(facts({ observed, candidate: candidate() }))).toMatchObject({
      disposition: 'skip',
      change: null,
      reason: { code: 'never_in_scope', facts: { because: 'not in the unit /Staff' } },
      settles: true,
    });
  });
});

describe('row 13: a record that cannot be judged', () => {
  it.each([
    ['no record', seen({}, { record: null, fault: 'It has no id.' })],
    ['no address', seen({ email: null })],
    ['an invalid address', seen({ email: 'nonsense' }, { emailCanonical: null })],
    ['too long', seen({}, { fault: 'The first name is too long.' })],
    ['suspended, but faulty', seen({ status: 'suspended' }, { fault: 'The first name is too long.' })],
    ['out of scope, but faulty', seen({ scope: { in: false, because: 'x' } }, { fault: 'It is too long.' })],
  ])('%s: never a removal, nothing else', (_name, observed) => {
    for (const given of [linkedFacts({ observed }), facts({ observed, candidate: candidate() })]) {
      expect(decided(given)).toMatchObject({
        situation: 'unknown',
        disposition: 'skip',
        change: null,
        removal: false,
        reason: { code: 'unknown' },
        settles: false,
      });
    }
  });
});

describe('row 14: two in-scope employed records with one address', () => {
  it('the linked one lives on', () => {
    const rivals = [{ externalId: 'ana-2', personId: null }];
    const decision = decided(linkedFacts({ rivals, observed: seen({ firstName: 'Anna' }) }));
    expect(decision).toMatchObject({ conflict: null, change: { kind: 'update' } });
  });

  it('the unlinked one is not created, and the conflict names the linked one', () => {
    const decision = decided(facts({ rivals: [{ externalId: 'ana-2', personId: 'person-ana' }] }));
    expect(decision).toMatchObject({
      disposition: 'conflict',
      change: null,
      settles: false,
      conflict: { kind: 'same_address', otherExternalId: 'ana-2', otherPersonId: 'person-ana' },
    });
  });

  it('none linked: neither, and one conflict for both', () => {
    const one = decided(facts({ externalId: 'a', rivals: [{ externalId: 'b', personId: null }] }));
    const two = decided(facts({ externalId: 'b', rivals: [{ externalId: 'a', personId: null }] }));
    expect([one.change, two.change]).toEqual([null, null]);
    expect(one.conflict?.cause).toBe(two.conflict?.cause);
    expect([one.conflict?.otherExternalId, two.conflict?.otherExternalId]).toEqual(['b', 'a']);
  });

  it('two linked people ask for one free address: neither gets it', () => {
    const observed = seen({ email: 'free@example.com' });
    const rivals = [{ externalId: 'ivo-1', personId: 'person-ivo' }];
    expect(decided(linkedFacts({ observed, rivals }))).toMatchObject({
      disposition: 'conflict',
      change: null,
      conflict: { kind: 'address_taken', otherPersonId: 'person-ivo' },
    });
  });
});

describe('row 15: one external id twice, different content', () => {
  it('the direct read decides, whatever page came before it', () => {
    const before = mirror({ observedAt: daysAgo(0) });
    const direct = seen({ status: 'suspended' }, { source: 'direct', observedAt: daysAgo(0) });
    expect(decided(linkedFacts({ mirror: before, observed: direct })).change?.kind).toBe('archive');
  });

  it('newer wins: what was observed earlier changes nothing', () => {
    const given = linkedFacts({
      mirror: mirror({ observedAt: daysAgo(0) }),
      observed: seen({ firstName: 'Old' }, { observedAt: daysAgo(1) }),
    });
    expect(decided(given)).toMatchObject({ situation: 'superseded', change: null, settles: false });
  });
});

describe('row 16: a new address that is free', () => {
  it.each(['active', 'pending'] as const)('%s', (state) => {
    const observed = seen({ email: 'ana.novak@example.com', lastName: 'Novak' });
    const decision = decided(linkedFacts({ observed, linked: person({ state }) }));
    expect(decision).toMatchObject({ situation: 'changed', conflict: null, settles: true });
    expect(decision.change).toMatchObject({
      kind: 'update',
      before: { email: 'ana@example.com', emailCanonical: 'ana@example.com', lastName: 'Horvat' },
      after: { email: 'ana.novak@example.com', emailCanonical: 'ana.novak@example.com', lastName: 'Novak' },
    });
  });

  it('another spelling is no other address', () => {
    const observed = seen({ email: 'Ana@Example.com' });
    const decision = decided(linkedFacts({ observed, holder: null }));
    expect(decision.change?.after).toEqual({ email: 'Ana@Example.com' });
  });
});

describe('row 17: a new address that is somebody else’s', () => {
  const observed = seen({ email: 'ivo@example.com', firstName: 'Anamarija' });
  const holder = { personId: 'person-ivo' };

  it('everything but the e-mail is updated', () => {
    const decision = decided(linkedFacts({ observed, holder }));
    expect(decision).toMatchObject({
      situation: 'address_is_anothers',
      disposition: 'apply',
      conflict: { kind: 'address_taken', otherPersonId: 'person-ivo' },
      settles: false,
    });
    expect(decision.change?.after).toEqual({ firstName: 'Anamarija' });
  });

  it('nothing but the e-mail differs: a conflict alone', () => {
    const decision = decided(linkedFacts({ observed: seen({ email: 'ivo@example.com' }), holder }));
    expect(decision).toMatchObject({ disposition: 'conflict', change: null, conflict: { kind: 'address_taken' } });
  });
});

describe('row 18: an exchange of addresses', () => {
  it('the holder moves on in the same plan: the e-mail is updated', () => {
    const given = linkedFacts({
      observed: seen({ email: 'ivo@example.com' }),
      holder: { personId: 'person-ivo' },
      holderMovesOn: true,
    });
    expect(decided(given)).toMatchObject({
      conflict: null,
      settles: true,
      change: { kind: 'update', after: { email: 'ivo@example.com', emailCanonical: 'ivo@example.com' } },
    });
  });
});

describe('row 19: as row 4, but the address is another’s now', () => {
  it('brings back without touching the e-mail, and asks', () => {
    const given = linkedFacts({
      observed: seen({ email: 'ivo@example.com', firstName: 'Anamarija' }),
      holder: { personId: 'person-ivo' },
      linked: person({ state: 'archived' }),
    });
    const decision = decided(given);
    expect(decision).toMatchObject({
      situation: 'address_is_anothers',
      disposition: 'apply',
      conflict: { kind: 'address_taken' },
      settles: false,
      change: { kind: 'restore', archiveReason: 'directory' },
    });
    expect(decision.change?.after).toEqual({ state: 'active', firstName: 'Anamarija' });
  });

  it('the very address that they have is another’s: nobody has two, so an admin decides first', () => {
    const given = linkedFacts({ holder: { personId: 'person-ivo' }, linked: person({ state: 'archived' }) });
    expect(decided(given)).toMatchObject({
      situation: 'address_is_anothers',
      disposition: 'conflict',
      change: null,
      conflict: { kind: 'address_taken' },
    });
  });
});

describe('row 20: whoever was never linked to this connection is never touched', () => {
  it('a record that nobody is linked to and that is absent', () => {
    const decision = decided(
      facts({ observed: null, candidate: candidate(), witness: { says: 'gone', how: 'deleted' } }),
    );
    expect(decision).toMatchObject({ change: null, conflict: null, settles: true });
  });
});
