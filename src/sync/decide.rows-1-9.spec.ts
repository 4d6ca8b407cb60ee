import { describe, expect, it } from '@jest/globals';
import { absentFacts, candidate, facts, linkedFacts, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Decision, Facts, Policy, WitnessVerdict } from './facts.js';
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

  it('newly linked, the e-mail stays in this step, its spelling too', () => {
    const observed = seen({ email: 'ANA@example.com' });
    const decision = decided(facts({ observed, candidate: candidate({ state: 'archived' }) }));
    expect(decision.change?.after).toEqual({ state: 'active' });
    expect(decision.settles).toBe(false);
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
