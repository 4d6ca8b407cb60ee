import { describe, expect, it } from '@jest/globals';
import { absentFacts, linkedFacts, other, person, record, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Facts, OtherConnection, Policy } from './facts.js';
import { defaultPolicy } from './policy.js';

const decided = (given: Facts, policy: Partial<Policy> = {}) =>
  decide(given, { ...defaultPolicy, rank: 5, ...policy }, reference());
const higher = (over: Partial<OtherConnection> = {}) => other({ rank: 1, ...over });
const lower = (over: Partial<OtherConnection> = {}) => other({ rank: 9, ...over });
const gone = { says: 'gone', how: 'deleted' } as const;

describe('several connections: who decides about employment', () => {
  const suspended = seen({ status: 'suspended' });
  const out = seen({ scope: { in: false, because: 'x' } });

  it.each<[string, Facts, string | undefined]>([
    ['a higher one that employs them keeps them', linkedFacts({ observed: suspended, others: [higher()] }), undefined],
    ['a lower one does not', linkedFacts({ observed: suspended, others: [lower()] }), 'archive'],
    [
      'one that does not know them any more passes to the next',
      absentFacts({ witness: gone, others: [lower()] }),
      undefined,
    ],
    ['out of scope is not to know', linkedFacts({ observed: out, others: [lower()] }), undefined],
    [
      'deprovisioned is not to know',
      linkedFacts({ observed: seen({ status: 'deprovisioned' }), others: [lower()] }),
      undefined,
    ],
    [
      'the next does not employ them either',
      absentFacts({ witness: gone, others: [lower({ employed: false })] }),
      'archive',
    ],
    ['nobody else knows them', absentFacts({ witness: gone, others: [lower({ knows: false })] }), 'archive'],
    [
      'nothing is inferred from an unowned one',
      absentFacts({ witness: gone, others: [lower({ trusted: false })] }),
      'archive',
    ],
    [
      'the highest of those that know decides',
      absentFacts({ witness: gone, others: [lower(), other({ connectionId: 'b', rank: 6, employed: false })] }),
      'archive',
    ],
    [
      'a witness who saw them suspended: the record is known here',
      absentFacts({ witness: { says: 'not_employed', status: 'suspended' }, others: [lower()] }),
      'archive',
    ],
    [
      'a higher one that does not employ them keeps them archived',
      linkedFacts({ linked: person({ state: 'archived' }), others: [higher({ employed: false })] }),
      undefined,
    ],
    [
      'a lower one does not',
      linkedFacts({ linked: person({ state: 'archived' }), others: [lower({ employed: false })] }),
      'restore',
    ],
  ])('%s', (_name, given, kind) => {
    const decision = decided(given);
    expect(decision.change?.kind).toBe(kind);
    if (kind === undefined) expect(decision.reason.code).toBe('decided_elsewhere');
  });

  it('a record that is gone here is settled, one that lives waits for its turn', () => {
    expect(decided(absentFacts({ witness: gone, others: [lower()] })).settles).toBe(true);
    expect(decided(linkedFacts({ observed: suspended, others: [higher()] })).settles).toBe(false);
  });

  it('fields follow all the same', () => {
    const observed = seen({ status: 'suspended', lastName: 'Novak' });
    expect(decided(linkedFacts({ observed, others: [higher()] }))).toMatchObject({
      change: { kind: 'update', after: { lastName: 'Novak' } },
      removal: false,
    });
  });
});

describe('several connections: who owns a field', () => {
  const observed = seen({ lastName: 'Ours', email: 'ours@example.com' });

  it('the highest that has a value', () => {
    const theirs = higher({ record: record({ lastName: 'Theirs' }) });
    expect(decided(linkedFacts({ observed, others: [theirs] })).change).toBeNull();
    const empty = higher({ record: record({ lastName: null, email: null }) });
    expect(decided(linkedFacts({ observed, others: [empty] })).change?.after).toMatchObject({ lastName: 'Ours' });
  });

  it('not one that does not manage it, does not know the person, or is unowned', () => {
    const theirs = record({ lastName: 'Theirs', email: null });
    for (const others of [
      [higher({ record: theirs, managed: ['firstName'] })],
      [higher({ record: theirs, knows: false })],
      [higher({ record: theirs, trusted: false })],
      [lower({ record: theirs })],
    ]) {
      expect(decided(linkedFacts({ observed, others })).change?.after).toMatchObject({ lastName: 'Ours' });
    }
  });

  it('where ours is empty, the next lower one’s is taken over, and nothing is cleared', () => {
    const empty = seen({ lastName: null, extras: { site: null } });
    const linked = person({ attributes: { site: 'Split' } });
    const others = [lower({ record: record({ lastName: 'Theirs', extras: { site: 'Split' } }) })];
    expect(decided(linkedFacts({ observed: empty, linked, others })).change?.after).toEqual({ lastName: 'Theirs' });
  });
});
