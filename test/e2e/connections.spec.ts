import { describe, expect, it } from '@jest/globals';
import type { Answer } from '../support/service.js';
import { ownConnections, type View } from './connection-helpers.js';

const { api, confirm, create } = ownConnections();
const patch = (id: string, change: object): Promise<Answer<View>> =>
  api<View>('PATCH', `/api/v1/connections/${id}`, change);

describe('a new connection', () => {
  it('has the settings of the specification, and begins with a preview', async () => {
    const view = await create();
    expect(view.settings.policy).toEqual({
      newPeopleAre: 'active',
      notStartedCountsAsEmployed: false,
      suspendedMeansLeaver: true,
      archivedMeansLeaver: true,
      createMissingTeams: false,
      emptyAttribute: 'clear',
      removalLimitRun: 5,
      removalLimitDay: 10,
    });
    expect(view.settings.schedule).toEqual({ intervalMinutes: 60, fullReadMinutes: 1440 });
    expect([view.state, view.previewNeeded, view.credentials, view.health.status]).toEqual([
      'setup',
      true,
      null,
      'setup',
    ]);
  });

  it.each([
    ['policy.removalLimitRun', { policy: { removalLimitRun: 51 } }],
    ['policy.removalLimitRun', { policy: { removalLimitRun: 0 } }],
    ['policy.removalLimitDay', { policy: { removalLimitDay: 51 } }],
    ['schedule.intervalMinutes', { schedule: { intervalMinutes: 4 } }],
    ['schedule.intervalMinutes', { schedule: { intervalMinutes: 1441 } }],
    ['quotaShare', { quotaShare: 91 }],
    ['quotaShare', { quotaShare: 0 }],
    ['policy.newPeopleAre', { policy: { newPeopleAre: 'archived' } }],
    ['scope.groupIds', { scope: { kind: 'groups', groupIds: [] } }],
    ['mapping.email', { mapping: { email: null } }],
  ])('refuses %s out of its range', async (field, change) => {
    const answer = await api<View>('POST', '/api/v1/connections', { provider: 'okta', name: 'x', ...change });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    expect(answer.body.fields?.map((fault) => fault.field).join(' ')).toContain(field);
  });

  it('refuses a kind of directory that there is none of', async () => {
    const answer = await api<View>('POST', '/api/v1/connections', { provider: 'ldap', name: 'x' });
    expect([answer.status, answer.body.code]).toEqual([400, 'connection.provider_unknown']);
  });
});

describe('F-81 a mapping decides nothing that is a person’s right', () => {
  it.each([
    'isAdmin',
    'is_admin',
    'ADMIN',
    'role',
    'Roles',
    'owner',
    'platform admin',
    'isProtected',
    'state',
    'archiveReasons',
    'organisationId',
  ])('an extra called %j is refused at save', async (name) => {
    const mapping = { ...(await create()).settings.mapping, extras: { [name]: 'profile.costCenter' } };
    const { id } = await create();
    const answer = await patch(id, { mapping });
    expect([answer.status, answer.body.code]).toEqual([400, 'connection.mapping_reserved']);
  });

  it('so is a field of that name beside the ones that there are', async () => {
    const view = await create();
    const answer = await patch(view.id, { mapping: { ...view.settings.mapping, isAdmin: 'profile.admin' } });
    expect([answer.status, answer.body.code]).toEqual([400, 'connection.mapping_reserved']);
  });

  it('any other extra is taken', async () => {
    const view = await create();
    const mapping = { ...view.settings.mapping, extras: { costCenter: 'profile.costCenter' } };
    expect((await patch(view.id, { mapping })).body.settings.mapping).toEqual(mapping);
  });
});

describe('S-07 a change that decides about people is previewed', () => {
  it.each([
    ['scope', { scope: { kind: 'application', applicationId: '0oa1', excluded: [] } }],
    ['policy', { policy: { newPeopleAre: 'pending' } }],
    ['policy', { policy: { removalLimitRun: 20 } }],
  ])('%s %j', async (_part, change) => {
    const { id, settingsVersion } = await create();
    await confirm(id);
    const { body } = await patch(id, change);
    expect([body.settingsVersion, body.previewNeeded]).toEqual([settingsVersion + 1, true]);
  });

  it('mapping', async () => {
    const view = await create();
    await confirm(view.id);
    const { body } = await patch(view.id, { mapping: { ...view.settings.mapping, title: null } });
    expect(body.previewNeeded).toBe(true);
  });

  it.each([
    ['name', { name: 'Another name' }],
    ['schedule', { schedule: { intervalMinutes: 30 } }],
    ['quota', { quotaShare: 20 }],
    ['the same again', { policy: { newPeopleAre: 'active' }, scope: { excluded: [], kind: 'directory' } }],
  ])('%s is not', async (_name, change) => {
    const { id, settingsVersion } = await create();
    await confirm(id);
    const { body } = await patch(id, change);
    expect([body.settingsVersion, body.previewNeeded]).toEqual([settingsVersion, false]);
  });

  it('A-16 a change on top of one that was not seen is refused', async () => {
    const { id, version } = await create();
    expect((await patch(id, { name: 'mine', version })).status).toBe(200);
    const late = await patch(id, { name: 'theirs', version });
    expect([late.status, late.body.code]).toEqual([409, 'connection.changed']);
  });

  it('a shorter interval counts from the last run', async () => {
    const { id } = await create();
    await confirm(id);
    const { body } = await patch(id, { schedule: { intervalMinutes: 5 } });
    const minutes = (Date.parse(body.health.nextTryAt ?? '') - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(4);
    expect(minutes).toBeLessThan(5.1);
  });
});
