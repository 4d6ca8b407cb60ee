import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { candidate, daysAgo, facts, mirror, other, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Facts, Policy, Rival, WitnessVerdict } from './facts.js';
import type { ArchiveReason, DirectoryStatus } from './model.js';
import { MANAGED_FIELDS, defaultPolicy } from './policy.js';

const address = fc.constantFrom('ana@example.com', 'Ana@example.com', 'ivo@example.com', null);
const name = fc.constantFrom('Ana', 'Eva', null);
const status = fc.constantFrom<DirectoryStatus[]>(
  'employed',
  'employed',
  'not_started',
  'suspended',
  'archived',
  'deprovisioned',
  'deleted',
);
const reasons = fc.subarray<ArchiveReason>(['directory', 'scim', 'csv', 'admin', 'undo']);

const observation = fc
  .record({
    email: address,
    firstName: name,
    department: fc.constantFrom('Apps', 'Sales', 'Legal', null),
    title: fc.constantFrom('Engineer', 'Lead', 'Wizard', null),
    employeeNumber: fc.constantFrom('7', null),
    extras: fc.dictionary(fc.constantFrom('site', 'badge'), fc.constantFrom('a', 1, true, null, ['x'])),
    status,
    inScope: fc.boolean(),
    domainVerified: fc.boolean(),
    fault: fc.constantFrom(null, null, null, 'It is too long.'),
    source: fc.constantFrom('page' as const, 'direct' as const),
  })
  .map(({ inScope, domainVerified, fault, source, ...over }) =>
    seen({ ...over, scope: inScope ? { in: true } : { in: false, because: 'x' } }, { domainVerified, fault, source }),
  );

const somebody = fc
  .record({
    archiveReasons: reasons,
    pending: fc.boolean(),
    email: fc.constantFrom('ana@example.com', 'ivo@example.com'),
    firstName: name,
    teamId: fc.constantFrom('team-apps', 'team-sales', null),
    positionId: fc.constantFrom('engineer', 'seller', null),
    managerId: fc.constantFrom('boss', null),
    isAdmin: fc.boolean(),
    isProtected: fc.boolean(),
  })
  .map(({ archiveReasons, pending, email, ...over }) => {
    const state = archiveReasons.length > 0 ? 'archived' : pending ? 'pending' : 'active';
    return person({ ...over, state, archiveReasons, email, emailCanonical: email });
  });

const witness: fc.Arbitrary<WitnessVerdict | null> = fc.constantFrom<(WitnessVerdict | null)[]>(
  null,
  { says: 'gone', how: 'deleted' },
  { says: 'gone', how: 'missed_twice' },
  { says: 'not_employed', status: 'suspended' },
  { says: 'out_of_scope', because: 'x' },
  { says: 'present' },
  { says: 'missing' },
  { says: 'unknown', because: 'time-out' },
);

const old = fc.option(
  fc.record({
    externalId: fc.constant('ana-0'),
    goneAt: fc.constantFrom(null, daysAgo(1), daysAgo(40)),
    employeeNumber: fc.constantFrom('7', null),
    firstName: name,
    lastName: fc.constant('Horvat'),
  }),
  { nil: null },
);

const anyFacts: fc.Arbitrary<Facts> = fc
  .record({
    observed: fc.option(observation, { nil: null }),
    linked: fc.option(somebody, { nil: null }),
    suggested: fc.option(fc.tuple(somebody, old), { nil: null }),
    holder: fc.constantFrom(null, null, { personId: 'person-ivo' }),
    holderMovesOn: fc.boolean(),
    rivals: fc.constantFrom<Rival[][]>(
      [],
      [],
      [{ externalId: 'x', personId: null }],
      [{ externalId: 'x', personId: 'person-ivo' }],
    ),
    others: fc.array(
      fc.record({
        rank: fc.nat(9),
        knows: fc.boolean(),
        employed: fc.boolean(),
        trusted: fc.boolean(),
        seen: observation,
      }),
      { maxLength: 2 },
    ),
    witness,
  })
  .map(({ suggested, others, linked, ...rest }) =>
    facts({
      ...rest,
      linked,
      mirror: linked === null ? null : mirror(),
      candidate:
        linked !== null || suggested === null
          ? null
          : candidate({ ...suggested[0], id: 'person-candidate', linkedRecord: suggested[1] }),
      others: others.map(({ seen: what, ...one }, index) =>
        other({ ...one, connectionId: `other-${index}`, record: what.record }),
      ),
    }),
  );

const anyPolicy: fc.Arbitrary<Policy> = fc
  .record({
    newPeopleAre: fc.constantFrom('active' as const, 'pending' as const),
    notStartedCountsAsEmployed: fc.boolean(),
    suspendedMeansLeaver: fc.boolean(),
    archivedMeansLeaver: fc.boolean(),
    createMissingTeams: fc.boolean(),
    emptyAttribute: fc.constantFrom('clear' as const, 'keep' as const),
    managed: fc.subarray([...MANAGED_FIELDS]),
    rank: fc.nat(9),
  })
  .map((over) => ({ ...defaultPolicy, ...over }));

/** Holds one sentence for every decision that there may be. */
function always(check: (given: Facts, decision: ReturnType<typeof decide>, policy: Policy) => void): void {
  fc.assert(
    fc.property(anyFacts, anyPolicy, (given, policy) => check(given, decide(given, policy, reference()), policy)),
    { numRuns: 3_000 },
  );
}

describe('whatever the facts and the settings', () => {
  it('the same facts give the same decision, and are left as they were', () => {
    always((given, decision, policy) => {
      const copy = structuredClone(given);
      expect(decide(copy, policy, reference())).toEqual(decision);
      expect(copy).toEqual(given);
    });
  });

  it('absence without a witness archives nobody, nor does one who cannot tell', () => {
    always((given, decision) => {
      if (given.observed !== null) return;
      const says = given.witness?.says;
      if (says === 'gone' || says === 'not_employed' || says === 'out_of_scope') return;
      expect(decision.change).toBeNull();
    });
  });

  it('a change is of the linked person, the candidate, or somebody new', () => {
    always((given, { change }) => {
      if (change === null) return;
      const subject = given.linked ?? given.candidate;
      expect(change.kind === 'add' ? '' : subject?.id).toBe(change.personId);
      expect(change.kind === 'add' ? null : subject?.version).toBe(change.expectedVersion);
    });
  });

  it('before tells what is, for just the fields of after; and something changes', () => {
    always((given, { change }) => {
      if (change === null || change.kind === 'add') return;
      const subject = given.linked ?? given.candidate;
      expect(Object.keys(change.before ?? {}).sort()).toEqual(Object.keys(change.after).sort());
      expect(subject).toMatchObject(change.before ?? {});
      const tieOrFlag = given.linked === null || change.archiveReason !== undefined;
      expect(tieOrFlag || Object.keys(change.after).length > 0).toBe(true);
    });
  });

  it('no other source’s reason, manager, protection or admin right is given or set', () => {
    always((_given, { change }) => {
      if (change === null) return;
      expect([undefined, 'directory']).toContain(change.archiveReason);
      if (change.kind === 'add')
        expect(change.after).toMatchObject({ managerId: null, isAdmin: false, isProtected: false });
      else expect(Object.keys(change.after)).not.toEqual(expect.arrayContaining(['managerId']));
      expect(change.after.isAdmin ?? false).toBe(false);
      expect(change.after.isProtected ?? false).toBe(false);
    });
  });

  it('a removal is of nobody who is protected; only removals archive', () => {
    always((given, { change, removal }) => {
      const archives = change?.after.state === 'archived';
      expect(removal).toBe(archives || change?.kind === 'relink');
      if (removal) expect((given.linked ?? given.candidate)?.isProtected).toBe(false);
    });
  });

  it('a new tie never changes the e-mail, and needs approval for an admin or a foreign domain', () => {
    always((given, { change, disposition }) => {
      if (change === null || given.linked !== null || change.kind === 'add') return;
      expect(change.after).not.toHaveProperty('email');
      expect(change.after).not.toHaveProperty('emailCanonical');
      const free = given.observed?.domainVerified === true && given.candidate?.isAdmin === false;
      if (!free) expect(disposition).toBe('approve');
    });
  });

  it('what waits for anybody does not settle', () => {
    always((_given, { disposition, conflict, settles, change }) => {
      if (disposition === 'approve' || disposition === 'conflict' || conflict !== null) expect(settles).toBe(false);
      if (disposition === 'conflict') expect(conflict).not.toBeNull();
      if (disposition === 'skip') expect([change, conflict]).toEqual([null, null]);
      if (disposition === 'apply' || disposition === 'approve') expect(change).not.toBeNull();
    });
  });

  it('nobody gets an address that another has', () => {
    always((given, { change }) => {
      if (given.holder === null || given.holderMovesOn || given.holder.personId === given.linked?.id) return;
      if (change === null || change.kind === 'link' || change.kind === 'relink') return;
      const to = change.after.emailCanonical;
      const same = to === undefined || given.linked?.emailCanonical === to;
      expect(same || given.candidate !== null).toBe(true);
    });
  });
});
