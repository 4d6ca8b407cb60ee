import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold, person } from '../../test/support/sync-facts.js';
import type { Reference } from './facts.js';
import { decideRow } from './file-rows.js';
import type { FilePerson, FilePersonField, FilePolicy, FileRow } from './file-rows.types.js';
import type { PersonFields } from './model.js';

const reference: Reference = {
  fold,
  teamsByName: new Map([
    ['apps', { id: 'team-apps', frameworkId: 'eng' }],
    ['sales', { id: 'team-sales', frameworkId: null }],
  ]),
  teamsById: new Map([
    ['team-apps', { id: 'team-apps', frameworkId: 'eng', name: 'Apps' }],
    ['team-sales', { id: 'team-sales', frameworkId: null, name: 'Sales' }],
  ]),
  positionsByName: new Map([
    ['senior', [{ id: 'eng-senior', frameworkId: 'eng' }, { id: 'ops-senior', frameworkId: 'ops' }]],
    ['lead', [{ id: 'ops-lead', frameworkId: 'ops' }]],
  ]), // prettier-ignore
  positionsById: new Map([
    ['eng-senior', { id: 'eng-senior', frameworkId: 'eng' }],
    ['ops-senior', { id: 'ops-senior', frameworkId: 'ops' }],
    ['ops-lead', { id: 'ops-lead', frameworkId: 'ops' }],
  ]),
  teamAliases: new Map([['applications', 'team-apps']]),
  positionAliases: new Map(),
};

const policy = (over: Partial<FilePolicy> = {}): FilePolicy => ({
  clearEmpty: new Set(),
  createTeams: false,
  createPositions: false,
  mayMakeAdmins: true,
  ...over,
});

const here = (over: Partial<FilePerson> = {}): FilePerson => ({
  ...person(over),
  archivedFrom: over.state === 'archived' ? 'active' : null,
  managed: new Set(),
  directoryKeepsArchived: false,
  ...over,
});

const row = (values: FileRow['values']): FileRow => ({
  line: 4,
  email: 'Ana@example.com',
  emailCanonical: 'ana@example.com',
  values,
});

const decided = (values: FileRow['values'], who: FilePerson | null, how: Partial<FilePolicy> = {}) =>
  decideRow(row(values), who, policy(how), reference);

/** What a row does, in a few words. */
function outcome(values: FileRow['values'], who: FilePerson | null): string {
  const { change, invites, removal, notes, kept } = decided(values, who);
  return [
    change === null ? 'nothing' : `${change.kind} ${change.after.state ?? 'as they are'}`,
    ...(invites ? ['invited'] : []),
    ...(removal ? ['counts as removal'] : []),
    ...notes.map(({ code }) => code),
    ...(kept.length > 0 ? [`kept ${kept.join()}`] : []),
  ].join(', ');
}

const ARCHIVED = { state: 'archived' } as const;

describe('V-03 the state that a row says, for everybody it can meet', () => {
  const people: Record<string, FilePerson | null> = {
    nobody: null,
    pending: here({ state: 'pending' }),
    active: here(),
    'archived, was active': here(ARCHIVED),
    'archived, was pending': here({ ...ARCHIVED, archivedFrom: 'pending' }),
    'archived by a directory that lists them': here({
      ...ARCHIVED,
      directoryKeepsArchived: true,
    }),
  };
  it.each<[keyof typeof people, 'active' | 'pending' | 'archived' | null | undefined, string]>([
    ['nobody', 'active', 'add active, invited'],
    ['nobody', 'pending', 'add pending'],
    ['nobody', 'archived', 'nothing, new_archived'],
    ['nobody', null, 'add pending'],
    ['nobody', undefined, 'add pending'],
    ['pending', 'active', 'update active, invited'],
    ['pending', 'pending', 'nothing'],
    ['pending', 'archived', 'archive archived, counts as removal'],
    ['pending', null, 'nothing'],
    ['pending', undefined, 'nothing'],
    ['active', 'active', 'nothing'],
    ['active', 'pending', 'nothing, stays_active'],
    ['active', 'archived', 'archive archived, counts as removal'],
    ['active', null, 'nothing'],
    ['active', undefined, 'nothing'],
    ['archived, was active', 'active', 'restore active'],
    ['archived, was active', 'pending', 'restore pending'],
    ['archived, was active', 'archived', 'nothing'],
    ['archived, was active', null, 'nothing, stays_archived'],
    ['archived, was active', undefined, 'nothing, stays_archived'],
    ['archived, was pending', 'active', 'restore active, invited'],
    ['archived, was pending', 'pending', 'restore pending'],
    ['archived, was pending', 'archived', 'nothing'],
    ['archived by a directory that lists them', 'active', 'nothing, directory_keeps_archived, kept state'],
    ['archived by a directory that lists them', 'pending', 'nothing, directory_keeps_archived, kept state'],
    ['archived by a directory that lists them', 'archived', 'nothing'],
  ])('%s, and the row says %s: %s', (who, state, what) => {
    expect(outcome(state === undefined ? {} : { state }, people[who] ?? null)).toBe(what);
  });

  it('what archives gives its own reason, and what brings back clears all of them', () => {
    expect(decided({ state: 'archived' }, here()).change).toMatchObject({
      archiveReason: 'csv',
      before: { state: 'active' },
      expectedVersion: 7,
    });
    expect(decided({ state: 'active' }, here(ARCHIVED)).change).toMatchObject({
      archiveReason: 'all',
      before: { state: 'archived' },
    });
  });

  it('whoever is archived, or stays so, is edited in nothing else', () => {
    const other = { firstName: 'Other', team: 'Apps', admin: true };
    expect(decided({ ...other, state: 'archived' }, here()).change?.after).toEqual({ state: 'archived' });
    expect(decided({ ...other, state: 'archived' }, here(ARCHIVED)).change).toBeNull();
    expect(decided(other, here(ARCHIVED)).change).toBeNull();
  });
});

/** A value for each field, what a person has who has another, and what it becomes. */
const FIELDS = [
  { field: 'firstName', key: 'firstName', cell: { firstName: 'Anna' }, empty: { firstName: null }, had: 'Ana', becomes: 'Anna', cleared: null },
  { field: 'lastName', key: 'lastName', cell: { lastName: 'Novak' }, empty: { lastName: null }, had: 'Horvat', becomes: 'Novak', cleared: null },
  { field: 'team', key: 'teamId', cell: { team: ' APPS ' }, empty: { team: null }, had: 'team-sales', becomes: 'team-apps', cleared: null },
  { field: 'position', key: 'positionId', cell: { position: 'Lead' }, empty: { position: null }, had: 'eng-senior', becomes: 'ops-lead', cleared: null },
  { field: 'manager', key: 'managerId', cell: { managerId: 'bo' }, empty: { managerId: null }, had: 'cy', becomes: 'bo', cleared: null },
  { field: 'admin', key: 'isAdmin', cell: { admin: false }, empty: { admin: null }, had: true, becomes: false, cleared: false },
] as const; // prettier-ignore

describe.each(FIELDS)('the column $field', ({ field, key, cell, empty, had, becomes, cleared }) => {
  const with_ = (value: unknown): Partial<FilePerson> => ({ [key]: value });

  it('that is not there touches nothing', () => {
    expect(decided({}, here(with_(had))).change).toBeNull();
  });

  it('that differs changes the field, and no other', () => {
    expect(decided(cell, here(with_(had))).change).toMatchObject({
      kind: 'update',
      before: { [key]: had },
      after: { [key]: becomes },
    });
    expect(Object.keys(decided(cell, here(with_(had))).change?.after ?? {})).toEqual([key]);
  });

  it('that says what is so already does nothing', () => {
    expect(decided(cell, here(with_(becomes))).change).toBeNull();
  });

  it('with an empty cell clears only where that was asked for', () => {
    expect(decided(empty, here(with_(had))).change).toBeNull();
    const clears = decided(empty, here(with_(had)), { clearEmpty: new Set([field]) }).change;
    expect(clears).toMatchObject({ kind: 'update', after: { [key]: cleared } });
    expect(decided(empty, here(with_(cleared)), { clearEmpty: new Set([field]) }).change).toBeNull();
  });

  it('that a directory keeps in step stays, and is listed where it differs', () => {
    const managed = new Set([field]);
    expect(decided(cell, here({ ...with_(had), managed }))).toMatchObject({ change: null, kept: [field] });
    expect(decided(cell, here({ ...with_(becomes), managed }))).toMatchObject({ change: null, kept: [] });
  });

  it('is set for somebody new and for somebody who comes back', () => {
    expect(decided(cell, null).change?.after[key]).toBe(becomes);
    const back = here({ ...ARCHIVED, ...with_(had) });
    expect(decided({ ...cell, state: 'active' }, back).change).toMatchObject({
      kind: 'restore',
      after: { state: 'active', [key]: becomes },
    });
  });
});

describe('teams and positions', () => {
  it('are found by name, by alias, and a position within the framework of the team', () => {
    expect(decided({ team: 'Applications', position: 'senior' }, null).change?.after).toMatchObject({
      teamId: 'team-apps',
      positionId: 'eng-senior',
    });
  });

  it('that are not there are said and left', () => {
    expect(decided({ team: 'Nowhere', position: 'Nobody' }, here({ teamId: 'team-sales' }))).toMatchObject({
      change: null,
      missingTeam: 'Nowhere',
      missingPosition: 'Nobody',
      notes: [{ code: 'team_unknown' }, { code: 'position_unknown' }],
    });
  });

  it('that a directory keeps are no missing ones', () => {
    const managed = new Set(['team', 'position'] as const);
    expect(decided({ team: 'Nowhere', position: 'Nobody' }, here({ managed }))).toMatchObject({
      missingTeam: null,
      missingPosition: null,
      kept: ['team', 'position'],
    });
  });

  it('the position that somebody has stays, though others have its name', () => {
    const senior = here({ positionId: 'ops-senior', teamId: 'team-apps' });
    expect(decided({ team: 'Apps', position: 'Senior' }, senior).change).toBeNull();
    expect(decided({ position: 'Senior' }, here({ positionId: 'ops-senior' })).change).toBeNull();
    const moves = here({ positionId: 'ops-senior', teamId: 'team-sales' });
    expect(decided({ team: 'Apps', position: 'Senior' }, moves).change?.after).toEqual({
      teamId: 'team-apps',
      positionId: 'eng-senior',
    });
  });
});

describe('V-11 who is an admin', () => {
  const cannot = { mayMakeAdmins: false };
  it.each<[string, FileRow['values'], FilePerson | null]>([
    ['makes somebody new one', { admin: true }, null],
    ['makes somebody here one', { admin: true }, here()],
    ['unmakes one', { admin: false }, here({ isAdmin: true })],
    ['brings one back as one', { admin: true, state: 'active' }, here({ ...ARCHIVED, isAdmin: true })],
    ['lets one in who waits', { admin: true, state: 'active' }, here({ state: 'pending', isAdmin: true })],
  ])('a row that %s is faulty where the uploader may not', (what, values, who) => {
    const field = what.startsWith('lets') ? 'state' : 'admin';
    expect(decided(values, who, cannot)).toMatchObject({ change: null, invites: false, fault: { field } });
    expect(decided(values, who).fault).toBeNull();
  }); // prettier-ignore

  it('a row that says what is so already is no fault', () => {
    expect(decided({ admin: true }, here({ isAdmin: true }), cannot).fault).toBeNull();
    expect(decided({ admin: false }, null, cannot).fault).toBeNull();
  });

  it('S-22 nobody comes back as an admin by a row that does not say so', () => {
    const was = here({ ...ARCHIVED, isAdmin: true });
    for (const values of [{}, { admin: false }, { admin: null }])
      expect(decided({ ...values, state: 'active' }, was, cannot)).toMatchObject({
        fault: null,
        change: { kind: 'restore', after: { isAdmin: false } },
      });
    expect(decided({ state: 'active' }, was).notes).toMatchObject([{ code: 'admin_left' }]);
  });
});

it('nobody is their own manager', () => {
  expect(decided({ managerId: 'person-ana' }, here())).toMatchObject({
    change: null,
    notes: [{ code: 'manager_self' }],
  });
});

it('V-04 a name that is written otherwise in Unicode is the same name', () => {
  expect(decided({ firstName: 'Zoé' }, here({ firstName: 'Zoe\u0301 ' })).change).toBeNull();
  expect(decided({ lastName: null }, here({ lastName: '' }), { clearEmpty: new Set(['lastName']) }).change).toBeNull();
});

const STATE = fc.constantFrom('active' as const, 'pending' as const, 'archived' as const);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const VALUES = fc.record(
  {
    firstName: optional(fc.constantFrom('Ana', 'Zoé', 'Bo')),
    lastName: optional(fc.constantFrom('Horvat', 'Novak')),
    state: optional(STATE),
    team: optional(fc.constantFrom('Apps', 'sales', 'Nowhere')),
    position: optional(fc.constantFrom('Senior', 'Lead', 'Nobody')),
    managerId: optional(fc.constantFrom('bo', 'cy', 'person-ana')),
    admin: optional(fc.boolean()),
  },
  { requiredKeys: [] },
);
const FIELD = fc.constantFrom(...FIELDS.map(({ field }) => field));
const PERSON: fc.Arbitrary<FilePerson> = fc
  .record({
    state: STATE,
    archivedFrom: fc.constantFrom('pending' as const, 'active' as const),
    firstName: optional(fc.constantFrom('Ana', 'Bo')),
    lastName: optional(fc.constantFrom('Horvat')),
    teamId: optional(fc.constantFrom('team-apps', 'team-sales')),
    positionId: optional(fc.constantFrom('eng-senior', 'ops-senior', 'ops-lead')),
    managerId: optional(fc.constantFrom('bo', 'cy')),
    isAdmin: fc.boolean(),
    managed: fc.uniqueArray(FIELD).map((fields) => new Set(fields)),
    directoryKeepsArchived: fc.boolean(),
  })
  .map((one) => here({ ...one, archivedFrom: one.state === 'archived' ? one.archivedFrom : null }));
const POLICY = fc
  .record({
    clearEmpty: fc.uniqueArray(FIELD).map((fields) => new Set(fields)),
    createTeams: fc.boolean(),
    createPositions: fc.boolean(),
    mayMakeAdmins: fc.boolean(),
  })
  .map(policy);

/** The person as the writer leaves them. */
function written(after: Partial<PersonFields>, before: FilePerson | null): FilePerson {
  const next = { ...(before ?? here({ managed: new Set() })), ...after };
  const archived = next.state === 'archived';
  const archivedFrom = before?.state === 'pending' ? ('pending' as const) : ('active' as const);
  return { ...next, archivedFrom: archived ? archivedFrom : null, directoryKeepsArchived: false };
}

describe('V-04 of any row and any person', () => {
  const any = fc.record({ values: VALUES, who: optional(PERSON), how: POLICY });

  it('what a row changed is unchanged the second time', () => {
    fc.assert(
      fc.property(any, ({ values, who, how }) => {
        const { change } = decideRow(row(values), who, how, reference);
        if (change === null) return;
        const { id, version } = who ?? here();
        const again = decideRow(row(values), { ...written(change.after, who), id, version }, how, reference);
        expect(again.change).toBeNull();
        expect(again.invites).toBe(false);
      }),
      { numRuns: 20_000 },
    );
  });

  it('a faulty row does nothing, what is kept is not changed, and only what differs is', () => {
    fc.assert(
      fc.property(any, ({ values, who, how }) => {
        const { change, fault, kept, invites, removal } = decideRow(row(values), who, how, reference);
        if (fault !== null) expect({ change, invites, removal }).toEqual({ change: null, invites: false, removal: false });
        if (change === null) expect({ invites, removal }).toEqual({ invites: false, removal: false });
        else if (who !== null) {
          // That an admin gets in as one is said although it is so already: it is confirmed by who may make admins.
          for (const [field, value] of Object.entries(change.after))
            if (field !== 'isAdmin' || change.after.state === undefined) expect(who[field as FilePersonField]).not.toEqual(value);
          const getsIn = who.state !== 'active' && change.after.state === 'active';
          if (getsIn && who.isAdmin && !who.managed.has('admin')) expect(change.after.isAdmin).toBeDefined();
          for (const { field, key } of FIELDS) if (kept.includes(field) || who.managed.has(field)) expect(key in change.after && key !== 'isAdmin').toBe(false);
        }
        if (change?.after.isAdmin === true) expect(how.mayMakeAdmins).toBe(true);
        expect(removal).toBe(change?.kind === 'archive');
      }),
      { numRuns: 20_000 },
    ); // prettier-ignore
  });

  it('nobody who may sign in is made pending, and nobody is invited who does not become active', () => {
    fc.assert(
      fc.property(any, ({ values, who, how }) => {
        const { change, invites } = decideRow(row(values), who, how, reference);
        if (who?.state === 'active') expect(change?.after.state).not.toBe('pending');
        if (invites) expect(change?.after.state).toBe('active');
      }),
      { numRuns: 20_000 },
    );
  });
});
