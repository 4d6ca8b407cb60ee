import { describe, expect, it } from '@jest/globals';
import { contradictionLimit, dayLimit, guard, runLimit, unknownLimit, type GuardInput } from './guard.js';
import { defaultPolicy, faultsOfPolicy } from './policy.js';

const input = (over: Partial<GuardInput> = {}): GuardInput => ({
  activeLinked: 100,
  fresh: { byAbsence: 0, other: 0 },
  waiting: { byAbsence: 0, other: 0 },
  removedLastDay: 0,
  contradictions: 0,
  read: { records: 1000, inScope: 1000, unknown: 0, mirrorRecords: 1000 },
  ...over,
});
const codes = (given: GuardInput, policy = defaultPolicy): string[] =>
  guard(given, policy).causes.map((one) => one.code);
const removing = (activeLinked: number, other: number, more: Partial<GuardInput> = {}): GuardInput =>
  input({ activeLinked, fresh: { byAbsence: 0, other }, ...more });

describe('S-05 the removal limit of a run: equal passes, one more holds', () => {
  it.each([
    [10, 3],
    [59, 3],
    [60, 3],
    [61, 3],
    [79, 3],
    [80, 4],
    [100, 5],
    [1_000, 50],
    [100_000, 5_000],
  ])('of %i active linked people, %i', (active, limit) => {
    expect(runLimit(active, defaultPolicy)).toBe(limit);
    expect(guard(removing(active, limit), defaultPolicy)).toEqual({ removals: 'apply', absences: 'apply', causes: [] });
    expect(guard(removing(active, limit + 1), defaultPolicy)).toMatchObject({ removals: 'hold', absences: 'hold' });
    expect(codes(removing(active, limit + 1))).toContain('run_limit');
  });

  it('can be raised to half, and then half still holds', () => {
    const raised = { ...defaultPolicy, removalLimitRun: 50, removalLimitDay: 50 };
    expect(codes(removing(100, 49), raised)).toEqual([]);
    expect(codes(removing(100, 50), raised)).toEqual(['half_or_more']);
    expect(codes(removing(101, 50), raised)).toEqual([]);
    expect(codes(removing(101, 51), raised)).toContain('half_or_more');
  });

  it('is never switched off', () => {
    expect(faultsOfPolicy(defaultPolicy)).toEqual([]);
    expect(faultsOfPolicy({ ...defaultPolicy, removalLimitRun: 50 })).toEqual([]);
    for (const removalLimitRun of [0, 51, 100, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(faultsOfPolicy({ ...defaultPolicy, removalLimitRun })).toHaveLength(1);
    }
    expect(faultsOfPolicy({ ...defaultPolicy, removalLimitDay: 51, rank: 0 })).toHaveLength(2);
  });
});

describe('half of them or more, of two or more', () => {
  it.each([
    [1, 1, []],
    [2, 1, ['half_or_more']],
    [3, 1, []],
    [3, 2, ['half_or_more']],
    [4, 1, []],
    [4, 2, ['half_or_more']],
    [5, 2, []],
    [5, 3, ['half_or_more']],
    [6, 3, ['half_or_more']],
    [7, 3, []],
  ])('of %i, %i', (active, count, expected) => {
    expect(codes(removing(active, count))).toEqual(expected);
  });
});

describe('the removal limit of 24 hours: equal passes, one more holds', () => {
  it.each([
    [10, 5],
    [59, 5],
    [60, 6],
    [61, 6],
    [100, 10],
    [1_000, 100],
    [100_000, 10_000],
  ])('of %i active linked people, %i', (active, limit) => {
    expect(dayLimit(active, defaultPolicy)).toBe(limit);
    expect(codes(removing(active, 1, { removedLastDay: limit - 1 }))).toEqual([]);
    expect(codes(removing(active, 1, { removedLastDay: limit }))).toEqual(['day_limit']);
  });
});

describe('S-06 an empty read, or one of half the mirror’s records or fewer', () => {
  const read = (records: number, mirrorRecords: number, inScope = records): GuardInput['read'] => ({
    records,
    inScope,
    unknown: 0,
    mirrorRecords,
  });

  it.each([1, 2, 3])('F-33 the directory of %i is empty', (active) => {
    const given = input({ activeLinked: active, fresh: { byAbsence: active, other: 0 }, read: read(0, active) });
    expect(codes(given)).toContain('empty_read');
    expect(guard(given, defaultPolicy).absences).toBe('hold');
  });

  it('nobody is in scope', () => {
    expect(codes(removing(1, 1, { read: read(500, 500, 0) }))).toEqual(['empty_read']);
  });

  it.each([
    [50, 100, ['halved_read']],
    [51, 100, []],
    [50, 101, ['halved_read']],
    [51, 101, []],
    [1, 2, ['halved_read']],
    [2, 3, []],
  ])('%i records of %i', (records, known, expected) => {
    expect(codes(removing(1_000, 1, { read: read(records, known) }))).toEqual(expected);
  });

  it('means nothing where nobody would be removed, or where nothing was listed', () => {
    expect(codes(input({ read: read(0, 100) }))).toEqual([]);
    expect(codes(removing(100, 1, { read: null }))).toEqual([]);
  });
});

describe('S-20 unknown records: more than 1 % or 50', () => {
  it.each([
    [99, 0],
    [100, 1],
    [4_999, 49],
    [5_000, 50],
    [10_000, 50],
    [100_000, 50],
  ])('of %i, %i pass and one more holds', (records, limit) => {
    expect(unknownLimit(records)).toBe(limit);
    const with_ = (unknown: number) =>
      removing(1_000, 1, { read: { records, inScope: records, unknown, mirrorRecords: records } });
    expect(codes(with_(limit))).toEqual([]);
    expect(codes(with_(limit + 1))).toEqual(['unknown_records']);
  });
});

describe('S-04 contradictions of the witness: more than max(1, 0.1 %)', () => {
  it.each([
    [1, 1],
    [1_999, 1],
    [2_000, 2],
    [100_000, 100],
  ])('of %i people, %i pass; one more and nobody is removed for absence', (active, limit) => {
    expect(contradictionLimit(active)).toBe(limit);
    const with_ = (contradictions: number): GuardInput =>
      input({ activeLinked: active, fresh: { byAbsence: 1, other: 0 }, contradictions });
    expect(codes(with_(limit))).toEqual([]);
    expect(guard(with_(limit + 1), defaultPolicy)).toMatchObject({
      removals: 'apply',
      absences: 'drop',
      causes: [{ code: 'contradictions', count: limit + 1, limit }],
    });
  });

  it('explicit statuses still act, and are counted alone', () => {
    const given = input({ fresh: { byAbsence: 90, other: 5 }, contradictions: 2 });
    expect(guard(given, defaultPolicy)).toMatchObject({ removals: 'apply', absences: 'drop' });
    const many = input({ fresh: { byAbsence: 90, other: 6 }, contradictions: 2 });
    expect(guard(many, defaultPolicy)).toMatchObject({ removals: 'hold', absences: 'drop' });
  });
});

describe('the hold', () => {
  it('those who wait in it count: new ones wait with them', () => {
    expect(codes(input({ fresh: { byAbsence: 0, other: 1 }, waiting: { byAbsence: 5, other: 0 } }))).toContain(
      'run_limit',
    );
    expect(codes(input({ fresh: { byAbsence: 0, other: 1 }, waiting: { byAbsence: 4, other: 0 } }))).toEqual([]);
    expect(codes(input({ fresh: { byAbsence: 1, other: 0 }, waiting: { byAbsence: 0, other: 5 } }))).toContain(
      'run_limit',
    );
  });

  it('says in a sentence what is held', () => {
    expect(guard(removing(100, 6), defaultPolicy).causes).toEqual([
      { code: 'run_limit', count: 6, limit: 5, text: '6 people of 100 would be removed; one run may remove 5.' },
    ]);
  });
});
