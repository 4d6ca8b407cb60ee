import { describe, expect, it } from '@jest/globals';
import { facts, linkedFacts, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { Policy } from './facts.js';
import type { DirectoryRecord } from './model.js';
import { defaultPolicy } from './policy.js';

const decided = (over: Partial<DirectoryRecord>, linked = person(), policy: Partial<Policy> = {}) =>
  decide(linkedFacts({ observed: seen(over), linked }), { ...defaultPolicy, ...policy }, reference());

describe('department → team', () => {
  it.each([
    ['Apps', 'team-apps'],
    ['  aPPs ', 'team-apps'],
    ['Applications', 'team-apps'],
  ])('%j by name or alias', (department, teamId) => {
    expect(decided({ department }).change?.after).toEqual({ teamId });
  });

  it('one that does not exist leaves the team and is told', () => {
    const decision = decided({ department: 'Legal' }, person({ teamId: 'team-sales' }));
    expect(decision).toMatchObject({ change: null, unmatchedTeam: 'Legal', settles: true });
  });

  it('one that does not exist is made first, by setting: until then the record waits', () => {
    const decision = decided({ department: 'Legal' }, person(), { createMissingTeams: true });
    expect(decision).toMatchObject({ unmatchedTeam: 'Legal', settles: false });
    const newcomer = decide(
      facts({ observed: seen({ department: 'Legal' }) }),
      { ...defaultPolicy, createMissingTeams: true },
      reference(),
    );
    expect(newcomer).toMatchObject({ unmatchedTeam: 'Legal', settles: false, change: { kind: 'add' } });
  });

  it('an empty one clears, or is kept by setting', () => {
    const linked = person({ teamId: 'team-sales' });
    expect(decided({}, linked).change?.after).toEqual({ teamId: null });
    expect(decided({}, linked, { emptyAttribute: 'keep' }).change).toBeNull();
  });
});

describe('title → position', () => {
  it('by name within the team’s framework, the new team’s', () => {
    const linked = person({ teamId: 'team-sales', positionId: 'lead-selling' });
    expect(decided({ department: 'Apps', title: 'Lead' }, linked).change?.after).toEqual({
      teamId: 'team-apps',
      positionId: 'lead-engineering',
    });
  });

  it('then in the organisation, if just one has the name', () => {
    expect(decided({ department: 'Sales', title: 'Engineer' }).change?.after).toMatchObject({ positionId: 'engineer' });
    expect(decided({ title: 'engineer' }).change?.after).toEqual({ positionId: 'engineer' });
    expect(decided({ title: 'Lead' })).toMatchObject({ change: null, unmatchedTitle: 'Lead' });
  });

  it('then by alias', () => {
    expect(decided({ title: 'SWE' }).change?.after).toEqual({ positionId: 'engineer' });
  });

  it('no match: the title is told, and the position stays', () => {
    const linked = person({ teamId: 'team-apps', positionId: 'engineer' });
    const decision = decided({ department: 'Apps', title: 'Wizard' }, linked);
    expect(decision).toMatchObject({ change: null, unmatchedTitle: 'Wizard', settles: true });
  });

  it('no match: a position of another framework than the new team’s is cleared', () => {
    const linked = person({ teamId: 'team-apps', positionId: 'engineer' });
    const decision = decided({ department: 'Sales', title: 'Wizard' }, linked);
    expect(decision.change?.after).toEqual({ teamId: 'team-sales', positionId: null });
    expect(decision.unmatchedTitle).toBe('Wizard');
  });

  it('a team without framework clears no position', () => {
    const linked = person({ teamId: 'team-apps', positionId: 'engineer' });
    expect(decided({ department: 'Loose', title: 'Wizard' }, linked).change?.after).toEqual({ teamId: 'team-loose' });
  });

  it('a field that the mapping does not manage belongs to the admins', () => {
    const linked = person({ teamId: 'team-apps', positionId: 'engineer' });
    const decision = decided({ department: 'Sales', title: 'Wizard' }, linked, { managed: ['team'] });
    expect(decision).toMatchObject({ change: { after: { teamId: 'team-sales' } }, unmatchedTitle: null });
    expect(decision.change?.after).not.toHaveProperty('positionId');
  });
});

describe('further attributes', () => {
  it('follow the record one by one; others stay', () => {
    const linked = person({ attributes: { site: 'Split', badge: 7, own: 'kept' } });
    const decision = decided({ extras: { site: 'Zagreb', badge: null, tags: ['a', 'b'] } }, linked);
    expect(decision.change?.after).toEqual({ attributes: { site: 'Zagreb', tags: ['a', 'b'], own: 'kept' } });
    expect(decision.change?.before).toEqual({ attributes: { site: 'Split', badge: 7, own: 'kept' } });
  });

  it('an empty one that was never there is no change', () => {
    expect(decided({ extras: { site: null, tags: [] } }).change).toBeNull();
  });

  it('a name that every object has is a name like any other', () => {
    const extras = JSON.parse('{"constructor":"x","__proto__":"y"}') as Record<string, string>;
    const linked = person();
    const after = decided({ extras }, linked).change?.after.attributes ?? {};
    expect(Object.entries(after)).toEqual([
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ]);
  });
});
