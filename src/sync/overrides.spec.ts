import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { absentFacts, candidate, facts, linkedFacts, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Facts, Observation } from './facts.js';
import type { DirectoryRecord } from './model.js';
import { factsHash, lapsedOverrides, type OverrideKind } from './overrides.js';
import { defaultPolicy } from './policy.js';
import { sha256 } from './sha256.js';

const against = (kind: OverrideKind, observed: Observation | null): Facts['overrides'] => [
  { id: kind, kind, factsHash: factsHash(kind, observed) },
];
const decided = (given: Facts) => decide(given, defaultPolicy, reference());

describe('an override', () => {
  const suspended = seen({ status: 'suspended' });

  it('of an archive stands while the standing is the same, whatever else changes', () => {
    const overrides = against('archive', suspended);
    const observed = seen({ status: 'suspended', firstName: 'Other', title: 'Engineer' });
    const given = linkedFacts({ observed, overrides });
    expect(decided(given)).toMatchObject({
      disposition: 'skip',
      change: null,
      reason: { code: 'overridden', facts: { change: 'archive' } },
      settles: true,
    });
    expect(lapsedOverrides(given)).toEqual([]);
  });

  it.each<[string, Partial<DirectoryRecord>]>([
    ['another status', { status: 'deprovisioned' }],
    ['another verdict', { status: 'suspended', scope: { in: false, because: 'x' } }],
  ])('falls with %s', (_name, over) => {
    const given = linkedFacts({ observed: seen(over), overrides: against('archive', suspended) });
    expect(decided(given).change?.kind).toBe('archive');
    expect(lapsedOverrides(given)).toHaveLength(1);
  });

  it('against absence stands while the record is absent', () => {
    const witness = { says: 'gone', how: 'deleted' } as const;
    expect(decided(absentFacts({ witness, overrides: against('archive', null) })).reason.code).toBe('overridden');
    expect(decided(absentFacts({ witness, overrides: against('archive', suspended) })).change?.kind).toBe('archive');
  });

  it('an absence that nobody confirms lifts nothing, nor does a record that cannot be judged', () => {
    const overrides = against('archive', suspended);
    expect(lapsedOverrides(absentFacts({ overrides }))).toEqual([]);
    expect(lapsedOverrides(absentFacts({ overrides, witness: { says: 'missing' } }))).toEqual([]);
    expect(lapsedOverrides(linkedFacts({ overrides, observed: seen({}, { fault: 'It is too long.' }) }))).toEqual([]);
    expect(lapsedOverrides(absentFacts({ overrides, witness: { says: 'gone', how: 'deleted' } }))).toHaveLength(1);
  });

  it.each<[string, Partial<DirectoryRecord>, Facts['witness']]>([
    ['a status', { status: 'suspended' }, { says: 'not_employed', status: 'suspended' }],
    ['a verdict', { scope: { in: false, because: 'x' } }, { says: 'out_of_scope', because: 'x' }],
  ])('against %s stands when a listing leaves the record out and a witness tells the same', (_name, over, witness) => {
    const given = absentFacts({ witness, overrides: against('archive', seen(over)) });
    expect(decided(given)).toMatchObject({ change: null, reason: { code: 'overridden' } });
    expect(lapsedOverrides(given)).toEqual([]);
  });

  it.each<[string, Facts['witness']]>([
    ['another status', { says: 'not_employed', status: 'archived' }],
    ['another verdict', { says: 'out_of_scope', because: 'x' }],
    ['that it is gone', { says: 'gone', how: 'deprovisioned' }],
  ])('falls when a witness tells %s of a record that a listing left out', (_name, witness) => {
    const given = absentFacts({ witness, overrides: against('archive', suspended) });
    expect(decided(given).change?.kind).toBe('archive');
    expect(lapsedOverrides(given)).toHaveLength(1);
  });

  it('of a field is not lifted by a witness who tells of the standing alone', () => {
    const overrides = against('update:firstName', seen({ firstName: 'One' }));
    const witness = { says: 'not_employed', status: 'suspended' } as const;
    expect(lapsedOverrides(absentFacts({ overrides, witness }))).toEqual([]);
    expect(lapsedOverrides(absentFacts({ overrides, witness: { says: 'gone', how: 'deleted' } }))).toHaveLength(1);
  });

  it('without facts stands until it is released', () => {
    const overrides = [{ id: 'one', kind: 'archive', factsHash: null }];
    const given = linkedFacts({ observed: suspended, overrides });
    expect(decided(given).reason.code).toBe('overridden');
    expect(lapsedOverrides(given)).toEqual([]);
  });

  it('goes before protection: an admin decided already', () => {
    const linked = person({ isProtected: true });
    const given = linkedFacts({ observed: suspended, linked, overrides: against('archive', suspended) });
    expect(decided(given).reason.code).toBe('overridden');
  });

  it('of one field leaves the others alone', () => {
    const observed = seen({ firstName: 'One', lastName: 'Two' });
    const given = linkedFacts({ observed, overrides: against('update:firstName', observed) });
    expect(decided(given).change?.after).toEqual({ lastName: 'Two' });
    const later = linkedFacts({ observed: seen({ firstName: 'Three' }), overrides: given.overrides });
    expect(decided(later).change?.after).toEqual({ firstName: 'Three' });
  });

  it('of every field, while all of them are the same', () => {
    const observed = seen({ firstName: 'One', lastName: 'Two' });
    expect(decided(linkedFacts({ observed, overrides: against('update', observed) })).change).toBeNull();
    const later = seen({ firstName: 'One', lastName: 'Three' });
    expect(decided(linkedFacts({ observed: later, overrides: against('update', observed) })).change?.after).toEqual({
      firstName: 'One',
      lastName: 'Three',
    });
  });

  it('of an e-mail ends the conflict over it', () => {
    const observed = seen({ email: 'ivo@example.com' });
    const overrides = against('update:email', observed);
    const given = linkedFacts({ observed, overrides, holder: { personId: 'person-ivo' } });
    expect(decided(given)).toMatchObject({ conflict: null, change: null, situation: 'unchanged' });
  });

  it('of a restore keeps the person archived', () => {
    const observed = seen();
    const linked = person({ state: 'archived' });
    expect(decided(linkedFacts({ observed, linked, overrides: against('restore', observed) }))).toMatchObject({
      change: null,
      reason: { code: 'overridden' },
      settles: true,
    });
  });

  it.each(['link', 'relink'] as const)(
    'of a %s: the candidate is left alone; an archived one is somebody else',
    (kind) => {
      const overrides = against(kind, seen());
      expect(decided(facts({ candidate: candidate(), overrides }))).toMatchObject({
        change: null,
        reason: { code: 'overridden' },
      });
      const archived = facts({ candidate: candidate({ state: 'archived' }), overrides });
      expect(decided(archived).change?.kind).toBe('add');
    },
  );
});

describe('sha256', () => {
  it.each([
    '',
    'abc',
    'ž',
    '€',
    '😀',
    'a'.repeat(55),
    'a'.repeat(56),
    'a'.repeat(63),
    'a'.repeat(64),
    'b'.repeat(1000),
  ])('agrees with the platform (%#)', (text) => {
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('base64'));
  });
});
