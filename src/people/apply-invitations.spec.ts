import { describe, expect, it } from '@jest/globals';
import { emptyFields } from '../sync/fields.js';
import { endsOfInvitations } from './apply-invitations.js';
import type { Origin, PersonRow, Step } from './people.types.js';

const ID = '01890000-0000-7000-8000-000000000001';
const person = (more: Partial<PersonRow> = {}): PersonRow => ({
  ...emptyFields(),
  ...{ id: ID, origin: 'manual', state: 'pending', emailCanonical: 'ann@acme.example', version: 1 },
  ...{ archiveReasons: [], archivedAt: null, archivedFrom: null },
  ...more,
});
const step = (kind: Step['change']['kind'], before: Partial<PersonRow> | null, after: Partial<PersonRow>): Step => ({
  change: {
    id: ID,
    kind,
    personId: ID,
    reason: { code: 'x', text: 'x' },
    before: null,
    after: {},
    expectedVersion: null,
  },
  current: before === null ? null : person(before),
  next: person(after),
});
const admin = { isAdmin: true, state: 'active' } as const;

describe('I-05 which changes of somebody end invitations', () => {
  it.each<[string, Step, Origin, string[]]>([
    ['they are archived', step('archive', {}, { state: 'archived' }), 'admin', ['archived own']],
    ['a directory archives them', step('archive', {}, { state: 'archived' }), 'directory', ['archived own']],
    ['a directory takes them in', step('link', {}, {}), 'directory', ['directory own']],
    ['a directory gives them another record', step('relink', {}, {}), 'directory', ['directory own']],
    ['a directory makes them active', step('update', {}, { state: 'active' }), 'scim', ['directory own']],
    ['they accept, or a file makes them active', step('update', {}, { state: 'active' }), 'csv', []],
    ['their name changes', step('update', {}, { firstName: 'Ann' }), 'directory', []],
    [
      'their address changes',
      step('update', {}, { emailCanonical: 'b@acme.example' }),
      'admin',
      ['address_changed own'],
    ],
    ['they become an admin', step('update', {}, { isAdmin: true }), 'admin', ['replaced own']],
    ['an admin is one no more', step('update', admin, { state: 'active' }), 'admin', ['inviter made']],
    [
      'an admin is archived',
      step('archive', admin, { isAdmin: true, state: 'archived' }),
      'admin',
      ['archived own', 'inviter made'],
    ],
    ['they come to be', step('add', null, {}), 'directory', []],
    ['they are archived again', step('archive', { state: 'archived' }, { state: 'archived' }), 'csv', []],
  ])('%s', (_, one, origin, expected) => {
    expect(endsOfInvitations(one, origin).map(({ because, made }) => `${because} ${made ? 'made' : 'own'}`)).toEqual(
      expected,
    );
  });
});
