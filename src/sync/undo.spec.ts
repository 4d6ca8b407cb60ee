import { describe, expect, it } from '@jest/globals';
import { linkedFacts, person, reference, seen } from '../../test/support/sync-facts.js';
import { decide } from './decide.js';
import type { PersonFacts } from './facts.js';
import { factsHash } from './overrides.js';
import { defaultPolicy } from './policy.js';
import { planUndo, type AppliedChange } from './undo.js';

const change = (over: Partial<AppliedChange>): AppliedChange => ({
  id: 'change-1',
  kind: 'update',
  personId: 'person-ana',
  externalId: 'ana-1',
  reason: { code: 'updated', text: '' },
  before: {},
  after: {},
  expectedVersion: 1,
  ...over,
});
const undo = (applied: AppliedChange[], ...people: PersonFacts[]) =>
  planUndo(applied, new Map(people.map((one) => [one.id, one])));

describe('undo of a run', () => {
  it('an update goes back and leaves an override for each field', () => {
    const applied = change({
      before: { firstName: 'Anna', teamId: null },
      after: { firstName: 'Ana', teamId: 'team-apps' },
    });
    const plan = undo([applied], person({ teamId: 'team-apps' }));
    expect(plan).toMatchObject({ removals: 0, skipped: [] });
    expect(plan.steps).toEqual([
      {
        personId: 'person-ana',
        externalId: 'ana-1',
        change: {
          kind: 'update',
          personId: 'person-ana',
          reason: { code: 'undone_update', text: 'Undone by an admin: back to what it was.' },
          before: { firstName: 'Ana', teamId: 'team-apps' },
          after: { firstName: 'Anna', teamId: null },
          expectedVersion: 7,
        },
        removal: false,
        untie: null,
        overrides: ['update:firstName', 'update:team'],
      },
    ]);
  });

  it('what was changed since is skipped and listed, the rest goes back', () => {
    const applied = change({
      before: { firstName: 'Anna', lastName: 'Novak' },
      after: { firstName: 'Ana', lastName: 'Horvat' },
    });
    const plan = undo([applied], person({ lastName: 'Since' }));
    expect(plan.steps[0]?.change.after).toEqual({ firstName: 'Anna' });
    expect(plan.skipped).toEqual([{ personId: 'person-ana', field: 'lastName', because: 'changed_since' }]);
  });

  it('an address goes back whole or not at all', () => {
    const applied = change({
      before: { email: 'Old@example.com', emailCanonical: 'old@example.com' },
      after: { email: 'ana@example.com', emailCanonical: 'ana@example.com' },
    });
    expect(undo([applied], person()).steps[0]?.change.after).toEqual({
      email: 'Old@example.com',
      emailCanonical: 'old@example.com',
    });
    expect(undo([applied], person({ emailCanonical: 'since@example.com' })).steps).toEqual([]);
  });

  it('attributes go back one by one', () => {
    const applied = change({
      before: { attributes: { site: 'Split', own: 1 } },
      after: { attributes: { site: 'Zagreb', own: 1, badge: 7 } },
    });
    const plan = undo([applied], person({ attributes: { site: 'Zagreb', own: 2, badge: 8 } }));
    expect(plan.steps[0]?.change.after).toEqual({ attributes: { site: 'Split', own: 2, badge: 8 } });
    expect(plan.skipped).toEqual([{ personId: 'person-ana', field: 'attributes', because: 'changed_since' }]);
  });

  it('nobody who was added is deleted: archived, which counts as a removal', () => {
    const plan = undo([change({ kind: 'add', before: null, after: person() })], person());
    expect(plan).toMatchObject({
      removals: 1,
      steps: [{ removal: true, change: { kind: 'archive', archiveReason: 'undo', after: { state: 'archived' } } }],
    });
    expect(plan.steps[0]?.overrides).toEqual(['restore']);
  });

  it('who was archived comes back, unless others archived them too', () => {
    const applied = change({ kind: 'archive', before: { state: 'active' }, after: { state: 'archived' } });
    const back = undo([applied], person({ state: 'archived' }));
    expect(back.steps).toMatchObject([
      {
        change: { kind: 'restore', archiveReason: 'directory', after: { state: 'active' } },
        overrides: ['archive'],
        removal: false,
      },
    ]);
    const both = undo([applied], person({ state: 'archived', archiveReasons: ['directory', 'admin'] }));
    expect(both.steps[0]?.change).toMatchObject({ kind: 'restore', archiveReason: 'directory', after: {} });
    expect(undo([applied], person())).toMatchObject({
      steps: [],
      skipped: [{ field: 'state', because: 'changed_since' }],
    });
  });

  it('who came back is archived again, never a protected one, and nobody becomes an admin by it', () => {
    const applied = change({
      kind: 'restore',
      before: { state: 'archived', isAdmin: true },
      after: { state: 'active', isAdmin: false },
    });
    const plan = undo([applied], person());
    expect(plan.steps[0]).toMatchObject({ removal: true, change: { kind: 'archive', archiveReason: 'undo' } });
    expect(plan.steps[0]?.change.after).toEqual({ state: 'archived' });
    expect(undo([applied], person({ isProtected: true }))).toMatchObject({
      steps: [],
      skipped: [{ because: 'protected' }],
    });
  });

  it('a link is untied, a relink tied back', () => {
    const link = change({ kind: 'link', before: { state: 'pending' }, after: { state: 'active' } });
    expect(undo([link], person()).steps).toMatchObject([
      {
        untie: { externalId: 'ana-1', to: null },
        change: { kind: 'update', after: { state: 'pending' } },
        overrides: ['link'],
      },
    ]);
    const relink = change({
      kind: 'relink',
      reason: { code: 'relinked', text: '', facts: { previousExternalId: 'ana-0' } },
      before: { state: 'archived' },
      after: { state: 'active' },
    });
    expect(undo([relink], person()).steps).toMatchObject([
      {
        untie: { externalId: 'ana-1', to: 'ana-0' },
        removal: true,
        change: { kind: 'archive' },
        overrides: ['relink'],
      },
    ]);
  });

  it('several changes of one person go back in one step', () => {
    const plan = undo(
      [
        change({ id: '1', before: { firstName: 'A' }, after: { firstName: 'B' } }),
        change({
          id: '2',
          before: { firstName: 'B', managerId: null },
          after: { firstName: 'Ana', managerId: 'boss' },
        }),
      ],
      person({ managerId: 'boss' }),
    );
    expect(plan.steps).toHaveLength(1);
    expect(plan.steps[0]?.change.after).toEqual({ firstName: 'A', managerId: null });
  });

  it('who was erased is listed', () => {
    expect(undo([change({})])).toMatchObject({ steps: [], skipped: [{ field: null, because: 'erased' }] });
  });

  describe('of a file of people', () => {
    const file = (over: Partial<AppliedChange>): AppliedChange => change({ externalId: null, ...over });

    it('leaves no overrides: a file does not come again by itself', () => {
      const plan = undo(
        [file({ before: { firstName: 'Anna' }, after: { firstName: 'Ana' } }), file({ personId: 'bo', kind: 'add' })],
        person(),
        person({ id: 'bo' }),
      );
      expect(plan.steps).toMatchObject([{ overrides: [] }, { overrides: [], change: { archiveReason: 'undo' } }]);
    });

    it('whom it archived comes back, by taking its own reason away', () => {
      const applied = file({
        kind: 'archive',
        archiveReason: 'csv',
        before: { state: 'pending' },
        after: { state: 'archived' },
      });
      const back = undo([applied], person({ state: 'archived', archiveReasons: ['csv'] }));
      expect(back.steps).toMatchObject([
        { removal: false, change: { kind: 'restore', archiveReason: 'csv', after: { state: 'pending' } } },
      ]);
      const both = undo([applied], person({ state: 'archived', archiveReasons: ['admin', 'csv'] }));
      expect(both.steps[0]?.change).toMatchObject({ archiveReason: 'csv', after: {} });
      expect(undo([applied], person({ state: 'archived', archiveReasons: ['admin'] }))).toMatchObject({
        steps: [],
        skipped: [{ field: 'state', because: 'changed_since' }],
      });
    });

    it('an undo that is taken back in its turn archives for the reason of the file again', () => {
      const applied = file({
        kind: 'restore',
        reason: { code: 'undone_archive', text: '' },
        archiveReason: 'csv',
        before: { state: 'archived' },
        after: { state: 'active' },
      });
      expect(undo([applied], person()).steps[0]?.change).toMatchObject({ kind: 'archive', archiveReason: 'csv' });
    });

    it('whom it let in waits again, unless they were archived since', () => {
      const applied = file({ before: { state: 'pending' }, after: { state: 'active' } });
      expect(undo([applied], person()).steps).toMatchObject([
        { removal: false, change: { kind: 'update', before: { state: 'active' }, after: { state: 'pending' } } },
      ]);
      expect(undo([applied], person({ state: 'archived' }))).toMatchObject({
        steps: [],
        skipped: [{ field: 'state', because: 'changed_since' }],
      });
    });

    it('whom it made an admin is none any more, and nobody becomes one again', () => {
      const made = file({ before: { isAdmin: false }, after: { isAdmin: true } });
      expect(undo([made], person({ isAdmin: true })).steps[0]?.change.after).toEqual({ isAdmin: false });
      expect(undo([made], person({ isAdmin: false })).steps).toEqual([]);
      const unmade = file({ before: { isAdmin: true }, after: { isAdmin: false } });
      expect(undo([unmade], person({ isAdmin: false })).steps).toEqual([]);
      const gone = file({
        kind: 'archive',
        archiveReason: 'csv',
        before: { state: 'active' },
        after: { state: 'archived' },
      });
      const admin = person({ state: 'archived', archiveReasons: ['csv'], isAdmin: true });
      expect(undo([gone], admin).steps[0]?.change.after).toEqual({ state: 'active', isAdmin: false });
    });
  });

  it('the next run does not do it again', () => {
    const observed = seen({ firstName: 'Ana' });
    const applied = change({ before: { firstName: 'Anna' }, after: { firstName: 'Ana' } });
    const step = undo([applied], person()).steps[0];
    const overrides = (step?.overrides ?? []).map((kind) => ({ id: kind, kind, factsHash: factsHash(kind, observed) }));
    const linked = person(step?.change.after);
    expect(decide(linkedFacts({ observed, linked }), defaultPolicy, reference()).change?.kind).toBe('update');
    expect(decide(linkedFacts({ observed, linked, overrides }), defaultPolicy, reference()).change).toBeNull();
  });
});
