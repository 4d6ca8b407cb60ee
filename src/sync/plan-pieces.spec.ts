import { describe, expect, it } from '@jest/globals';
import { absentFacts, linkedFacts, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Facts } from './facts.js';
import { isByAbsence } from './leaving.js';
import { defaultPolicy } from './policy.js';
import { REACTIONS } from './reactions.js';
import { REASON_CODES, REASONS } from './reasons.js';
import { sharedByHeld } from './shared.js';
import { summarise } from './summary.js';

describe('what the held people share that the others lack', () => {
  it('finds the group that was taken away, and says so', () => {
    const shared = sharedByHeld(
      [
        { kind: 'department', value: 'Apps', held: 20, others: 60 },
        { kind: 'group', value: 'Contractors', held: 20, others: 0 },
        { kind: 'unit', value: '/Zagreb', held: 17, others: 3 },
        { kind: 'domain', value: 'example.com', held: 20, others: 100 },
      ],
      20,
      100,
    );
    expect(shared.map((one) => one.text)).toEqual([
      'All 20 have the group “Contractors”, and nobody else has.',
      '17 of 20 have the unit “/Zagreb”; of the others 3.',
    ]);
    expect(shared.map((one) => one.exact)).toEqual([true, false]);
  });

  it('one person shares nothing', () => {
    expect(sharedByHeld([{ kind: 'group', value: 'Staff', held: 1, others: 0 }], 1, 9)).toEqual([]);
  });
});

describe('the summary of a plan', () => {
  it('is one sentence', () => {
    const summary = summarise([
      { kind: 'add', disposition: 'apply', count: 5 },
      { kind: 'archive', disposition: 'hold', count: 100 },
      { kind: 'archive', disposition: 'apply', count: 1 },
      { kind: 'link', disposition: 'approve', count: 1 },
      { kind: 'conflict', disposition: 'conflict', count: 2 },
      { kind: 'skip', disposition: 'skip', count: 9 },
    ]);
    expect(summary).toMatchObject({ apply: { add: 5, archive: 1 }, held: 100, toApprove: 1, skipped: 9, conflicts: 2 });
    expect(summary.text).toBe(
      '5 added, 1 archived; 100 removals are held; 1 link waits for approval; 2 conflicts wait for an admin.',
    );
    expect(summarise([]).text).toBe('Nothing to change.');
  });
});

describe('reasons', () => {
  it('each code has a meaning and a sentence', () => {
    for (const { code, doc } of REASON_CODES) {
      expect(doc).toMatch(/\.$/u);
      expect(REASONS[code].text({})).toMatch(/^\p{Lu}.*\.$/u);
    }
  });

  it('every row of the table has a reaction, and every number of the specification a row', () => {
    const numbers = Object.values(REACTIONS).flatMap((one) => one.row.match(/(?<!rule )\b\d+/gu) ?? []);
    // 10 stands beside the table, 15 is decided by the observation that the facts carry.
    const missing = Array.from({ length: 20 }, (_, i) => String(i + 1)).filter((one) => !numbers.includes(one));
    expect(missing).toEqual(['10', '15']);
  });
});

describe('evidence', () => {
  it('says what falls with a wrong read: absence, not an explicit status', () => {
    const why = (given: Facts) => decide(given, defaultPolicy, reference()).reason;
    expect(isByAbsence(why(absentFacts({ witness: { says: 'gone', how: 'deleted' } })))).toBe(true);
    expect(isByAbsence(why(absentFacts({ witness: { says: 'out_of_scope', because: 'x' } })))).toBe(true);
    expect(isByAbsence(why(absentFacts({ witness: { says: 'not_employed', status: 'suspended' } })))).toBe(false);
    expect(isByAbsence(why(linkedFacts({ observed: seen({ status: 'suspended' }) })))).toBe(false);
  });
});
