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
import type { Decision, Facts, Policy, WitnessVerdict } from './facts.js';
import { lastAdmins } from './last-admins.js';
import type { ArchiveReason, DirectoryStatus } from './model.js';
import { defaultPolicy } from './policy.js';

const decided = (given: Facts, policy: Partial<Policy> = {}): Decision =>
  decide(given, { ...defaultPolicy, ...policy }, reference());

describe('row 1: somebody new is created, silently', () => {
  it('active, with what the record says', () => {
    const decision = decided(facts({ observed: seen({ department: 'apps', title: 'Engineer', employeeNumber: '7' }) }));
    expect(decision).toMatchObject({ situation: 'newcomer', disposition: 'apply', removal: false, settles: true });
    expect(decision.change).toEqual({
      kind: 'add',
      personId: '',
      reason: { code: 'added', text: 'New in the directory.' },
      before: null,
      after: {
        state: 'active',
        email: 'ana@example.com',
        emailCanonical: 'ana@example.com',
        firstName: 'Ana',
        lastName: 'Horvat',
        teamId: 'team-apps',
        positionId: 'engineer',
        managerId: null,
        employeeNumber: '7',
        attributes: {},
        isAdmin: false,
        isProtected: false,
      },
      expectedVersion: null,
    });
  });

  it('pending, by setting', () => {
    expect(decided(facts(), { newPeopleAre: 'pending' }).change?.after.state).toBe('pending');
  });

  it('a pre-hire only by setting', () => {
    const given = facts({ observed: seen({ status: 'not_started' }) });
    expect(decided(given).change).toBeNull();
    expect(decided(given, { notStartedCountsAsEmployed: true }).change?.kind).toBe('add');
  });

  it('leaves fields that the mapping does not manage to the admins', () => {
    const given = facts({ observed: seen({ employeeNumber: '7', extras: { site: 'Zagreb' } }) });
    const after = decided(given, { managed: ['email', 'lastName'] }).change?.after;
    expect(after).toMatchObject({ firstName: null, lastName: 'Horvat', employeeNumber: null, attributes: {} });
  });
});

describe('row 2: a candidate who is not archived is linked', () => {
  it('with the fields that differ', () => {
    const decision = decided(facts({ candidate: candidate({ firstName: 'Anna' }) }));
    expect(decision).toMatchObject({
      situation: 'newcomer_known_here',
      disposition: 'apply',
      settles: true,
      change: { kind: 'link', personId: 'person-ana', before: { firstName: 'Anna' }, after: { firstName: 'Ana' } },
    });
    expect(decision.change?.expectedVersion).toBe(7);
  });

  it('a pending one becomes active, even where new people are pending', () => {
    const decision = decided(facts({ candidate: candidate({ state: 'pending' }) }), { newPeopleAre: 'pending' });
    expect(decision.change).toMatchObject({ kind: 'link', before: { state: 'pending' }, after: { state: 'active' } });
  });
});

describe('row 3: a linked person follows the record', () => {
  it.each(['active', 'pending'] as const)('%s', (state) => {
    const decision = decided(linkedFacts({ observed: seen({ firstName: 'Anamarija' }), linked: person({ state }) }));
    expect(decision).toMatchObject({
      situation: 'changed',
      change: { kind: 'update', before: { firstName: 'Ana' }, after: { firstName: 'Anamarija' }, expectedVersion: 7 },
      reason: { code: 'updated', text: 'Changed in the directory: first name.' },
      settles: true,
    });
    expect(decision.change?.after.state).toBeUndefined();
  });

  it('archived by the directory, while the record lives', () => {
    const observed = seen({ status: 'suspended', firstName: 'Anamarija' });
    const decision = decided(linkedFacts({ observed, linked: person({ state: 'archived' }) }));
    expect(decision).toMatchObject({ change: { kind: 'update', after: { firstName: 'Anamarija' } }, removal: false });
  });

  it('nothing differs, nothing happens', () => {
    expect(decided(linkedFacts())).toMatchObject({
      situation: 'unchanged',
      change: null,
      conflict: null,
      settles: true,
    });
  });

  it('an empty attribute clears, or is kept by setting', () => {
    const given = linkedFacts({ observed: seen({ lastName: null }) });
    expect(decided(given).change?.after).toEqual({ lastName: null });
    expect(decided(given, { emptyAttribute: 'keep' }).change).toBeNull();
  });

  it('a managed field that was edited here goes back', () => {
    const given = linkedFacts({ linked: person({ lastName: 'Edited' }) });
    expect(decided(given).change?.after).toEqual({ lastName: 'Horvat' });
  });
});

describe('row 4: archived by the directory alone, employed again', () => {
  const gone = person({ state: 'archived', teamId: 'team-apps', positionId: 'engineer', managerId: 'boss' });

  it('brings back the same person with team, position and history', () => {
    const observed = seen({ department: 'Apps', title: 'Engineer' });
    const decision = decided(linkedFacts({ observed, linked: gone }));
    expect(decision).toMatchObject({ situation: 'returned', disposition: 'apply', removal: false, settles: true });
    expect(decision.change).toMatchObject({
      kind: 'restore',
      personId: 'person-ana',
      archiveReason: 'directory',
      before: { state: 'archived' },
      after: { state: 'active' },
    });
    expect(Object.keys(decision.change?.after ?? {})).toEqual(['state']);
  });

  it('newly linked', () => {
    const decision = decided(facts({ candidate: candidate({ state: 'archived' }) }));
    expect(decision).toMatchObject({
      disposition: 'apply',
      change: { kind: 'restore', personId: 'person-ana', after: { state: 'active' } },
    });
  });

  it('newly linked in a domain that is not verified waits for approval', () => {
    const observed = seen({}, { domainVerified: false });
    const decision = decided(facts({ observed, candidate: candidate({ state: 'archived' }) }));
    expect(decision).toMatchObject({ disposition: 'approve', change: { kind: 'restore' }, settles: false });
  });

  it('S-10 never as an admin', () => {
    const linked = person({ state: 'archived', isAdmin: true });
    expect(decided(linkedFacts({ linked })).change).toMatchObject({
      before: { state: 'archived', isAdmin: true },
      after: { state: 'active', isAdmin: false },
    });
  });

  it('not while the record is not employed', () => {
    const given = linkedFacts({ observed: seen({ status: 'suspended' }), linked: person({ state: 'archived' }) });
    expect(decided(given).change).toBeNull();
  });
});

describe('row 5: archived by an admin, among others', () => {
  it.each<{ archiveReasons: ArchiveReason[] }>([
    { archiveReasons: ['admin'] },
    { archiveReasons: ['admin', 'directory'] },
    { archiveReasons: ['scim', 'admin'] },
    { archiveReasons: ['undo', 'directory', 'admin'] },
  ])('stays archived: $archiveReasons', ({ archiveReasons }) => {
    const linked = person({ state: 'archived', archiveReasons });
    const decision = decided(linkedFacts({ linked, observed: seen({ firstName: 'Other' }) }));
    expect(decision).toMatchObject({
      disposition: 'skip',
      change: null,
      reason: { code: 'archived_by_admin', text: 'Archived by an admin; stays archived.' },
      settles: true,
    });
  });

  it('newly linked', () => {
    const decision = decided(facts({ candidate: candidate({ state: 'archived', archiveReasons: ['admin'] }) }));
    expect(decision).toMatchObject({ disposition: 'skip', change: null, reason: { code: 'archived_by_admin' } });
  });
});

describe('row 6: suspended or deprovisioned', () => {
  it.each<[DirectoryStatus, string]>([
    ['suspended', 'suspended'],
    ['archived', 'archived_in_directory'],
    ['deprovisioned', 'deprovisioned'],
    ['deleted', 'left_directory'],
  ])('%s archives', (status, code) => {
    const decision = decided(linkedFacts({ observed: seen({ status }) }));
    expect(decision).toMatchObject({
      disposition: 'apply',
      removal: true,
      settles: true,
      reason: { code, facts: { evidence: 'record' } },
      change: {
        kind: 'archive',
        archiveReason: 'directory',
        before: { state: 'active' },
        after: { state: 'archived' },
      },
    });
  });

  it('says so on a page or a direct read alike', () => {
    const observed = seen({ status: 'suspended' }, { source: 'direct' });
    expect(decided(linkedFacts({ observed })).change?.kind).toBe('archive');
  });

  it('by a witness of somebody whom the read left out', () => {
    const decision = decided(absentFacts({ witness: { says: 'not_employed', status: 'suspended' } }));
    expect(decision).toMatchObject({ removal: true, reason: { code: 'suspended', facts: { evidence: 'status' } } });
  });

  it('a status that the settings say is no leaver’s keeps the person and brings nobody', () => {
    const observed = seen({ status: 'suspended', firstName: 'Anamarija' });
    const policy = { suspendedMeansLeaver: false };
    expect(decided(linkedFacts({ observed }), policy).change).toMatchObject({ kind: 'update' });
    expect(decided(linkedFacts({ observed, linked: person({ state: 'archived' }) }), policy).change?.after).toEqual({
      firstName: 'Anamarija',
    });
    expect(decided(facts({ observed }), policy).change).toBeNull();
    expect(decided(absentFacts({ witness: { says: 'not_employed', status: 'suspended' } }), policy).change).toBeNull();
    const archivedThere = seen({ status: 'archived' });
    expect(decided(linkedFacts({ observed: archivedThere }), { archivedMeansLeaver: false }).change).toBeNull();
  });

  it('a pending person is archived as well', () => {
    const decision = decided(
      linkedFacts({ observed: seen({ status: 'suspended' }), linked: person({ state: 'pending' }) }),
    );
    expect(decision).toMatchObject({
      removal: true,
      change: { before: { state: 'pending' }, after: { state: 'archived' } },
    });
  });

  it('a record that lives updates the fields with it, one that is gone touches none', () => {
    const alive = decided(linkedFacts({ observed: seen({ status: 'suspended', lastName: 'Novak' }) }));
    expect(alive.change?.after).toEqual({ state: 'archived', lastName: 'Novak' });
    const gone = decided(linkedFacts({ observed: seen({ status: 'deprovisioned', lastName: null }) }));
    expect(gone.change?.after).toEqual({ state: 'archived' });
  });

  it('does not archive twice', () => {
    const given = linkedFacts({ observed: seen({ status: 'deprovisioned' }), linked: person({ state: 'archived' }) });
    expect(decided(given)).toMatchObject({
      situation: 'already_archived',
      change: null,
      removal: false,
      settles: true,
    });
  });
});

describe('row 7: absent from a complete read', () => {
  it.each(['deleted', 'deprovisioned', 'missed_twice'] as const)('witness says gone (%s): archived', (how) => {
    const decision = decided(absentFacts({ witness: { says: 'gone', how } }));
    expect(decision).toMatchObject({
      situation: 'absent_gone',
      removal: true,
      settles: true,
      reason: { code: 'left_directory', text: 'Left the directory.', facts: { evidence: 'absence', how } },
      change: { kind: 'archive', archiveReason: 'directory', after: { state: 'archived' } },
    });
  });

  it.each<[string, WitnessVerdict | null]>([
    ['no witness', null],
    ['a bare 404, once', { says: 'missing' }],
    ['a witness who could not tell', { says: 'unknown', because: 'time-out' }],
  ])('%s: never archived', (_name, witness) => {
    const decision = decided(absentFacts({ witness }));
    expect(decision).toMatchObject({ situation: 'absent_unconfirmed', change: null, removal: false, settles: false });
  });
});

describe('row 8: out of scope', () => {
  const because = 'not in the group “Staff”';

  it('the record says so', () => {
    const decision = decided(linkedFacts({ observed: seen({ scope: { in: false, because }, firstName: 'New' }) }));
    expect(decision).toMatchObject({
      situation: 'out_of_scope',
      removal: true,
      reason: { code: 'out_of_scope', text: `Out of scope: ${because}.`, facts: { because } },
    });
    expect(decision.change?.after).toEqual({ state: 'archived' });
  });

  it('the witness says so', () => {
    const decision = decided(absentFacts({ witness: { says: 'out_of_scope', because } }));
    expect(decision).toMatchObject({ removal: true, reason: { facts: { because, evidence: 'absence' } } });
  });

  it('the status counts before the scope', () => {
    const observed = seen({ status: 'suspended', scope: { in: false, because } });
    expect(decided(linkedFacts({ observed })).reason.code).toBe('suspended');
  });
});

describe('row 9: absent, but the witness found them in scope and employed', () => {
  it('keeps the person', () => {
    expect(decided(absentFacts({ witness: { says: 'present' } }))).toMatchObject({
      situation: 'absent_present',
      disposition: 'skip',
      change: null,
      reason: { code: 'still_in_directory' },
      settles: false,
    });
  });
});

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
