import { describe, expect, it } from '@jest/globals';
import { managedFields } from './managed-fields.js';
import type { PersonRecord } from './records.repository.js';

const mapping = { email: 'email', firstName: 'firstName', title: 'title', department: null, extras: { cost: 'cost' } };

function record(connection: string, over: Partial<PersonRecord> = {}): PersonRecord {
  const now = new Date(0);
  return {
    connectionId: connection, connection, connectionState: 'active', rank: 1, settings: { mapping }, externalId: 'x', personId: 'p',
    linkedAt: now, body: { email: 'a@b.co', firstName: 'Ana', title: null, extras: { cost: 'C1' } }, emailCanonical: 'a@b.co',
    employed: true, inScope: true, outOfScopeBecause: null, fault: null, observedAt: now, missingSince: null, goneAt: null,
    goneBecause: null, settled: true, ...over,
  }; // prettier-ignore
}

const owners = (records: PersonRecord[]) =>
  Object.fromEntries(managedFields(records).map(({ field, connection }) => [field, connection]));

describe('managed fields', () => {
  it('are those of the mapping; the rest belong to the admins', () => {
    expect(owners([record('one')])).toEqual({
      email: 'one',
      firstName: 'one',
      positionId: 'one',
      'attributes.cost': 'one',
    });
  });

  it('belong to the highest connection that has a value', () => {
    const empty = record('one', { body: { email: 'a@b.co', firstName: '', title: null, extras: {} } });
    expect(owners([empty, record('two')])).toMatchObject({ email: 'one', firstName: 'two', 'attributes.cost': 'two' });
  });

  it('that are empty are free where the connection keeps what is empty', () => {
    const keeps = record('one', { settings: { mapping, policy: { emptyAttribute: 'keep' } } });
    expect(owners([keeps])).not.toHaveProperty('positionId');
  });

  it.each<[string, Partial<PersonRecord>]>([
    ['gone', { goneAt: new Date(0) }],
    ['out of scope', { inScope: false }],
    ['of a connection that is being deleted', { connectionState: 'deleting' }],
  ])('are none by a record that is %s', (_name, over) => {
    expect(managedFields([record('one', over)])).toEqual([]);
  });
});
