import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, decideStepUp, decideTie } from './decide.js';
import type { OwnFacts, PersonFacts, SignInFacts } from './decide.types.js';

const person = (change: Partial<PersonFacts> = {}): PersonFacts => ({
  id: 'ada',
  state: 'active',
  archiveReasons: [],
  isAdmin: false,
  isOperator: false,
  isBreakGlass: false,
  erased: false,
  otherSubject: false,
  ...change,
});

const record = (change: Partial<NonNullable<SignInFacts['record']>> = {}): NonNullable<SignInFacts['record']> => ({
  person: null,
  held: false,
  keptIn: false,
  keptOut: false,
  conflict: false,
  ...change,
});

const READY = { confirmed: true, ready: true };

/** Nobody knows the subject; the address is proven in every way. */
const facts = (change: Partial<SignInFacts> = {}, provider: Partial<SignInFacts['provider']> = {}): SignInFacts => ({
  organisation: { sso: true, deleting: false },
  provider: { active: true, connection: null, mayLinkByEmail: true, linkByEmail: true, justInTime: false, ...provider },
  identity: { ofTheCompany: true, strongEnough: true, emailVerified: true, domainVerified: true },
  linked: null,
  record: null,
  directory: 'not_asked',
  candidate: null,
  waited: false,
  ...change,
});

const tied = (change: Partial<SignInFacts> = {}, connection = READY): SignInFacts =>
  facts({ directory: 'employed', ...change }, { connection });

const refusal = (because: string): unknown => expect.objectContaining({ do: 'refuse', because });
const identity = facts().identity;
const archived = (change: Partial<PersonFacts> = {}): PersonFacts =>
  person({ state: 'archived', archiveReasons: ['directory'], ...change });

describe('at the door', () => {
  it.each([
    ['the organisation has no single sign-on', facts({ organisation: { sso: false, deleting: false } })],
    ['the organisation is being deleted', facts({ organisation: { sso: true, deleting: true } })],
    ['O-47 the provider is not active', facts({}, { active: false })],
  ])('line 1: %s', (_, some) => {
    expect(decide({ ...some, linked: person() })).toEqual(refusal('closed'));
  });

  it('line 2: an account of another company is refused even when it is known here', () => {
    expect(decide(facts({ linked: person(), identity: { ...identity, ofTheCompany: false } }))).toEqual(
      refusal('other_account'),
    );
  });

  it('line 24: a sign-in that is too weak is refused', () => {
    expect(decide(facts({ linked: person(), identity: { ...identity, strongEnough: false } }))).toEqual(
      refusal('too_weak'),
    );
  });
});

describe('whose subject is known (O-38)', () => {
  it.each(['employed', 'not_asked', 'unknown'] as const)('line 3: directory says %s', (directory) => {
    expect(decide(tied({ linked: person(), directory }))).toEqual({ do: 'enter', personId: 'ada' });
  });

  it('O-38 another address in the token changes nothing', () => {
    const other = person({ id: 'bea' });
    expect(decide(facts({ linked: person(), candidate: other, identity }))).toEqual({ do: 'enter', personId: 'ada' });
  });

  it.each(['gone', 'not_employed', 'out_of_scope'] as const)(
    'line 3b: an admin ruled the archiving out, so the directory saying %s changes nothing',
    (directory) => {
      const kept = record({ person: person(), keptIn: true });
      expect(decide(tied({ linked: person(), record: kept, directory }))).toEqual({
        do: 'enter',
        personId: 'ada',
      });
    },
  );

  it.each([
    ['4', 'gone', 'left'],
    ['5', 'not_employed', 'suspended'],
    ['6', 'out_of_scope', 'out_of_scope'],
  ] as const)('line %s: directory says %s', (_, directory, because) => {
    const refused = { do: 'refuse', because, personId: 'ada', askRun: true, notice: false };
    expect(decide(tied({ linked: person(), directory }))).toEqual(refused);
    expect(decide(tied({ record: record({ person: person() }), directory }))).toEqual(refused);
    expect(decide(tied({ linked: person(), record: record({ person: person(), held: true }), directory }))).toEqual(
      refused,
    );
  });

  it('line 7: pending', () => {
    expect(decide(tied({ linked: person({ state: 'pending' }) }))).toEqual(refusal('pending'));
  });

  it('line 8: archived by the directory alone, which employs them again', () => {
    const linked = archived();
    expect(decide(tied({ linked, record: record({ person: linked }) }))).toEqual({ do: 'wait_for_run' });
  });

  it.each<[string, Partial<SignInFacts>, typeof READY?]>([
    ['an admin archived them', { linked: archived({ archiveReasons: ['directory', 'admin'] }) }],
    ['nobody says why', { linked: archived({ archiveReasons: [] }) }],
    ['the directory does not answer', { linked: archived(), directory: 'unknown' }],
    ['the connection is not ready', { linked: archived() }, { confirmed: true, ready: false }],
    ['a removal of them is held', { linked: archived(), record: record({ held: true }) }],
    ['an admin ruled it out', { linked: archived(), record: record({ keptOut: true }) }],
    ['a conflict waits', { linked: archived(), record: record({ conflict: true }) }],
    ['the run did not bring them back', { linked: archived(), waited: true }],
  ])('line 9: archived, and %s', (_, change, connection = READY) => {
    expect(decide(tied(change, connection))).toEqual(refusal('archived'));
  });

  it('line 10: the erased are as unknown as strangers', () => {
    expect(decide(facts({ linked: archived({ erased: true }) }))).toEqual(refusal('unknown'));
  });
});

describe('whom the directory of the provider knows', () => {
  it('line 11: its record is the person’s, admins’ too', () => {
    const link = { do: 'link', personId: 'ada', by: 'directory' };
    expect(decide(tied({ record: record({ person: person() }) }))).toEqual(link);
    expect(decide(tied({ record: record({ person: person({ isAdmin: true }) }) }))).toEqual(link);
    expect(decide(tied({ record: record({ person: person() }), directory: 'unknown' }))).toEqual(link);
  });

  it.each(['isOperator', 'isBreakGlass'] as const)('line 11: never for %s', (what) => {
    expect(decide(tied({ record: record({ person: person({ [what]: true }) }) }))).toEqual(
      refusal('link_from_session'),
    );
  });

  it('line 12: the person has another subject (O-40)', () => {
    expect(decide(tied({ record: record({ person: person({ otherSubject: true }) }) }))).toEqual({
      do: 'refuse',
      because: 'other_subject',
      personId: 'ada',
      askRun: false,
      notice: true,
    });
  });

  it('lines 8 and 9 hold for a record’s person too', () => {
    expect(decide(tied({ record: record({ person: archived() }) }))).toEqual({ do: 'wait_for_run' });
    expect(decide(tied({ record: record({ person: archived() }), waited: true }))).toEqual(refusal('archived'));
    expect(decide(tied({ record: record({ person: person({ state: 'pending' }) }) }))).toEqual(refusal('pending'));
  });

  it('line 13: nobody here yet: a run of that one, and then not yet', () => {
    expect(decide(tied())).toEqual({ do: 'wait_for_run' });
    expect(decide(tied({ record: record() }))).toEqual({ do: 'wait_for_run' });
    expect(decide(tied({ candidate: person() }))).toEqual({ do: 'wait_for_run' });
    expect(decide(tied({ waited: true }))).toEqual(refusal('not_yet'));
  });

  it.each(['held', 'keptOut', 'conflict'] as const)('line 14: %s', (what) => {
    expect(decide(tied({ record: record({ [what]: true }) }))).toEqual(refusal('held'));
  });

  it.each(['unknown', 'not_asked'] as const)('line 14: nor by an address while the directory is %s', (directory) => {
    for (const what of ['held', 'keptOut', 'conflict'] as const)
      expect(decide(tied({ record: record({ [what]: true }), directory, candidate: person() }))).toEqual(
        refusal('held'),
      );
  });

  it('line 14: before the first run was confirmed nobody comes to be', () => {
    const unconfirmed = { confirmed: false, ready: false };
    expect(decide(tied({ directory: 'not_asked' }, unconfirmed))).toEqual(refusal('not_yet_confirmed'));
    const some = tied({ directory: 'not_asked', candidate: person() }, unconfirmed);
    expect(decide(some)).toEqual({ do: 'link', personId: 'ada', by: 'email' });
  });

  it('line 15: a silent directory makes nobody', () => {
    const some = tied({ directory: 'unknown' });
    expect(decide({ ...some, provider: { ...some.provider, justInTime: true } })).toEqual(refusal('unknown'));
    expect(decide({ ...some, candidate: person() })).toEqual({ do: 'link', personId: 'ada', by: 'email' });
  });

  it('of a stranger it is not said that they have left', () => {
    expect(decide(tied({ directory: 'gone' }))).toEqual({
      do: 'refuse',
      because: 'unknown',
      personId: null,
      askRun: false,
      notice: false,
    });
  });
});

describe('by a proven address', () => {
  it('line 16: links', () => {
    expect(decide(facts({ candidate: person() }))).toEqual({ do: 'link', personId: 'ada', by: 'email' });
  });

  it.each<[string, SignInFacts]>([
    ['the address is verified', facts({ candidate: person(), identity: { ...identity, emailVerified: false } })],
    ['its domain is verified', facts({ candidate: person(), identity: { ...identity, domainVerified: false } })],
    ['the provider may link', facts({ candidate: person() }, { linkByEmail: false })],
    ['O-45 an address proves anything there', facts({ candidate: person() }, { mayLinkByEmail: false })],
    ['they are here', facts()],
    ['they are not erased', facts({ candidate: archived({ erased: true }) })],
  ])('O-39 line 20: not unless %s', (_, some) => {
    expect(decide(some)).toEqual(refusal('unknown'));
  });

  it.each(['isAdmin', 'isOperator', 'isBreakGlass'] as const)('O-42 line 17: never for %s', (what) => {
    expect(decide(facts({ candidate: person({ [what]: true }) }))).toEqual(refusal('link_from_session'));
  });

  it('O-40 line 18: another subject of theirs is known', () => {
    expect(decide(facts({ candidate: person({ otherSubject: true }) }))).toMatchObject({
      because: 'other_subject',
      notice: true,
    });
  });

  it('line 19: pending and archived', () => {
    expect(decide(facts({ candidate: person({ state: 'pending' }) }))).toEqual(refusal('pending'));
    expect(decide(facts({ candidate: archived() }))).toEqual(refusal('archived'));
  });

  it('O-48 line 21: makes a person where that is allowed, and only then', () => {
    expect(decide(facts({}, { justInTime: true }))).toEqual({ do: 'create' });
    for (const candidate of [person({ otherSubject: true }), archived(), person({ state: 'pending' })])
      expect(decide(facts({ candidate }, { justInTime: true })).do).toBe('refuse');
    for (const what of ['emailVerified', 'domainVerified'] as const)
      expect(decide(facts({ identity: { ...identity, [what]: false } }, { justInTime: true }))).toEqual(
        refusal('unknown'),
      );
  });
});

describe('whatever the facts', () => {
  const anybody = fc.record({
    id: fc.constantFrom('ada', 'bea'),
    state: fc.constantFrom('pending', 'active', 'archived'),
    archiveReasons: fc.subarray(['directory', 'admin', 'csv']),
    isAdmin: fc.boolean(),
    isOperator: fc.boolean(),
    isBreakGlass: fc.boolean(),
    erased: fc.boolean(),
    otherSubject: fc.boolean(),
  }) as fc.Arbitrary<PersonFacts>;
  const bool = fc.boolean();
  const anything: fc.Arbitrary<SignInFacts> = fc.record({
    organisation: fc.record({ sso: bool, deleting: bool }),
    provider: fc.record({
      active: bool,
      connection: fc.option(fc.record({ confirmed: bool, ready: bool })),
      mayLinkByEmail: bool,
      linkByEmail: bool,
      justInTime: bool,
    }),
    identity: fc.record({ ofTheCompany: bool, strongEnough: bool, emailVerified: bool, domainVerified: bool }),
    linked: fc.option(anybody),
    record: fc.option(
      fc.record({ person: fc.option(anybody), held: bool, keptIn: bool, keptOut: bool, conflict: bool }),
    ),
    directory: fc.constantFrom('employed', 'not_employed', 'out_of_scope', 'gone', 'unknown', 'not_asked'),
    candidate: fc.option(anybody),
    waited: bool,
  });
  const RUNS = { numRuns: 3_000 };

  it('nobody gets in who is not active, and nobody through a closed door', () => {
    fc.assert(
      fc.property(anything, (some) => {
        const decision = decide(some);
        if (decision.do === 'refuse') return;
        expect(some.organisation.sso && !some.organisation.deleting && some.provider.active).toBe(true);
        expect(some.identity.ofTheCompany && some.identity.strongEnough).toBe(true);
        if (decision.do !== 'enter' && decision.do !== 'link') return;
        const who = some.linked ?? some.record?.person ?? some.candidate;
        expect(who).toMatchObject({ id: decision.personId, state: 'active', erased: false });
      }),
      RUNS,
    );
  });

  it('O-42 nobody privileged is linked by an address, nobody at all without proof of it', () => {
    fc.assert(
      fc.property(anything, (some) => {
        const decision = decide(some);
        if (decision.do !== 'create' && !(decision.do === 'link' && decision.by === 'email')) return;
        expect(some.linked).toBeNull();
        expect(some.identity.emailVerified && some.identity.domainVerified && some.provider.mayLinkByEmail).toBe(true);
        if (decision.do === 'create') expect(some.candidate).toBeNull();
        else {
          const { candidate } = some;
          expect(candidate?.isAdmin || candidate?.isOperator || candidate?.isBreakGlass).toBe(false);
          expect(candidate?.otherSubject).toBe(false);
        }
      }),
      RUNS,
    );
  });

  it('nobody is made, or tied by an address, past what an admin decides about', () => {
    fc.assert(
      fc.property(anything, (some) => {
        const decision = decide(some);
        if (decision.do !== 'create' && !(decision.do === 'link' && decision.by === 'email')) return;
        const { connection } = some.provider;
        const { record: kept } = some;
        expect(connection !== null && kept !== null && (kept.held || kept.keptOut || kept.conflict)).toBe(false);
      }),
      RUNS,
    );
  });

  it('P3 nobody gets in against the word of the directory, but for an admin’s override', () => {
    fc.assert(
      fc.property(anything, fc.constantFrom('gone', 'not_employed', 'out_of_scope'), (some, directory) => {
        const record = some.record && { ...some.record, keptIn: false };
        const decision = decide({ ...some, record, directory: directory });
        expect(decision.do).toBe('refuse');
      }),
      RUNS,
    );
  });

  it('a run is waited for once', () => {
    fc.assert(
      fc.property(anything, (some) => {
        expect(decide({ ...some, waited: true }).do).not.toBe('wait_for_run');
      }),
      RUNS,
    );
  });
});

describe('who is signed in already', () => {
  const own = (change: Partial<OwnFacts> = {}): OwnFacts => {
    const { organisation, provider, identity: proven } = facts();
    return {
      organisation,
      provider,
      identity: proven,
      record: null,
      directory: 'not_asked',
      self: person(),
      linkedTo: null,
      ...change,
    };
  };

  it('line 23: shows who they are again by their own subject alone', () => {
    expect(decideStepUp(own({ linkedTo: 'ada' }))).toEqual({ do: 'enter', personId: 'ada' });
    expect(decideStepUp(own({ linkedTo: 'bea' }))).toEqual(refusal('other_person'));
    expect(decideStepUp(own())).toEqual(refusal('other_person'));
  });

  it('is told what the directory says when they do', () => {
    expect(decideStepUp(own({ linkedTo: 'ada', directory: 'gone' }))).toEqual(refusal('left'));
    expect(decideStepUp(own({ linkedTo: 'ada', self: archived() }))).toEqual(refusal('archived'));
    expect(decideStepUp(own({ linkedTo: 'ada', identity: { ...identity, strongEnough: false } }))).toEqual(
      refusal('too_weak'),
    );
  });

  it('ties a subject that is nobody’s, admins and operators too', () => {
    const tie = { do: 'link', personId: 'ada', by: 'session' };
    expect(decideTie(own())).toEqual(tie);
    expect(decideTie(own({ self: person({ isAdmin: true, isOperator: true }) }))).toEqual(tie);
    expect(decideTie(own({ record: record({ person: person() }) }))).toEqual(tie);
    expect(decideTie(own({ linkedTo: 'ada' }))).toEqual({ do: 'enter', personId: 'ada' });
  });

  it('line 23: never ties what is another’s, or a second one', () => {
    expect(decideTie(own({ linkedTo: 'bea' }))).toEqual(refusal('other_person'));
    expect(decideTie(own({ record: record({ person: person({ id: 'bea' }) }) }))).toEqual(refusal('other_person'));
    expect(decideTie(own({ self: person({ otherSubject: true }) }))).toEqual(refusal('other_subject'));
    expect(decideTie(own({ organisation: { sso: false, deleting: false } }))).toEqual(refusal('closed'));
  });
});
