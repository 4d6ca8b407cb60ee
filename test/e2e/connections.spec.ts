import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { ConnectorsService } from '../../src/connections/connectors.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { makeOktaWorld, type OktaWorld } from '../contract/okta-world.js';
import { startService, type Answer, type Api, type TestOrganisation, type TestService } from '../support/service.js';

interface View {
  id: string;
  code: string;
  detail: string;
  fields?: { field: string }[];
  name: string;
  rank: number;
  state: string;
  settings: {
    scope: Record<string, unknown>;
    mapping: Record<string, unknown>;
    policy: Record<string, unknown>;
    schedule: Record<string, unknown>;
  };
  settingsVersion: number;
  previewNeeded: boolean;
  credentials: { setAt: string; shown: Record<string, unknown> } | null;
  health: { status: string; message: string; held: number; nextTryAt: string | null; attention: unknown };
  version: number;
}

const TOKEN = '00canaryTOKENcanaryTOKENcanaryTOKENcanary01';
const token = (orgUrl = 'https://acme.okta.com') => ({ method: 'token', orgUrl, token: TOKEN });

let service: TestService;
let organisation: TestOrganisation;
let api: Api;

beforeAll(async () => {
  service = await startService({ config: { connectors: { okta: { insecureLoopback: true } } } });
});
beforeEach(async () => {
  organisation = await service.newOrganisation();
  api = organisation.api;
});
afterAll(() => service.close());

const create = async (more: object = {}): Promise<View> => {
  const answer = await api<View>('POST', '/api/v1/connections', { provider: 'okta', name: 'Directory', ...more });
  expect([answer.status, answer.status === 201 ? '' : answer.text]).toEqual([201, '']);
  return answer.body;
};
const patch = (id: string, change: object): Promise<Answer<View>> =>
  api<View>('PATCH', `/api/v1/connections/${id}`, change);
/** As a confirmed connection is, after runs. */
const confirm = (id: string): Promise<unknown> =>
  service.database.asOrganisation(organisation.id, (tx) =>
    tx.execute(
      `UPDATE connection SET state = 'active', confirmed_version = settings_version, last_run_at = now(), last_full_at = now(),
              next_run_at = now() + interval '1 hour' WHERE id = $1`,
      [id],
    ),
  );

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

describe('K-04 credentials only go in', () => {
  it('are shown by their ids alone, on no route by themselves', async () => {
    const { id } = await create({ credentials: token() });
    for (const path of ['/api/v1/connections', `/api/v1/connections/${id}`, `/api/v1/connections/${id}/set-up-steps`]) {
      expect((await api('GET', path)).text).not.toContain(TOKEN);
    }
    const { body } = await api<View>('GET', `/api/v1/connections/${id}`);
    expect(body.credentials?.shown).toEqual({ method: 'token', orgUrl: 'https://acme.okta.com', token: 'set' });
  });

  it('a stored secret does not go to a new address: it has to be entered again', async () => {
    const { id } = await create({ credentials: token() });
    const put = (credentials: object): Promise<Answer<View>> =>
      api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials });
    const elsewhere = await put({ method: 'token', orgUrl: 'https://evil.example' });
    expect([elsewhere.status, elsewhere.body.code]).toEqual([400, 'request.invalid']);
    expect((await put({ method: 'token', orgUrl: 'https://acme.okta.com' })).status).toBe(200);
    expect((await put(token('https://other.okta.com'))).status).toBe(200);
  });

  it('a key pair is made on request, and only its public half is shown', async () => {
    const { id } = await create();
    const { body } = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, {
      credentials: { method: 'key', orgUrl: 'https://acme.okta.com' },
    });
    const jwk = body.credentials?.shown['publicJwk'] as Record<string, unknown>;
    expect(Object.keys(jwk).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi'].includes(name))).toEqual([]);
    expect(jwk['n']).toEqual(expect.any(String));
    const steps = await api('GET', `/api/v1/connections/${id}/set-up-steps`);
    expect(steps.text).toContain(String(jwk['kid']));
  });

  it.each([
    ['no method', {}],
    ['another method', { method: 'password', orgUrl: 'https://acme.okta.com', token: TOKEN }],
    ['a field too many', { ...token(), admin: true }],
    ['no token', { method: 'token', orgUrl: 'https://acme.okta.com' }],
    ['an address that is none', { ...token(), orgUrl: 'file:///etc/passwd' }],
    ['an address with a password', { ...token(), orgUrl: `https://u:${TOKEN}@acme.okta.com` }],
  ])('%s is refused without repeating what was sent', async (_name, credentials) => {
    const { id } = await create();
    const answer = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials });
    expect([answer.status, answer.body.code]).toEqual([400, 'request.invalid']);
    expect(answer.text).not.toContain(TOKEN);
  });

  it('new ones mend what needed attention, and wait for the same tenant', async () => {
    const { id } = await create({ credentials: token() });
    await confirm(id);
    await service.database.asOrganisation(organisation.id, (tx) =>
      tx.execute(
        `UPDATE connection SET attention = '{"code":"unauthorized","message":"Renew the token.","since":"2026-01-01T00:00:00.000Z"}', failures = 3 WHERE id = $1`,
        [id],
      ),
    );
    expect((await api<View>('GET', `/api/v1/connections/${id}`)).body.health).toMatchObject({
      status: 'attention',
      message: 'Renew the token.',
    });
    const { body } = await api<View>('PUT', `/api/v1/connections/${id}/credentials`, { credentials: token() });
    expect([body.health.attention, body.health.status]).toEqual([null, 'healthy']);
  });
});

describe('K-01 and K-05 credentials at rest', () => {
  it('moved to another row or organisation, they do not open', async () => {
    const other = await service.newOrganisation();
    const theirs = await other.api<View>('POST', '/api/v1/connections', {
      provider: 'okta',
      name: 'x',
      credentials: token(),
    });
    const one = await create({ credentials: token() });
    const two = await create({ credentials: token() });
    const move = (from: string, to: string): Promise<unknown> =>
      service.database.asMigrate((tx) =>
        tx.execute(
          `UPDATE connection SET credentials = (SELECT credentials FROM connection WHERE id = $1) WHERE id = $2`,
          [from, to],
        ),
      );
    const connectors = service.app.get(ConnectorsService, { strict: false });
    for (const from of [two.id, theirs.body.id]) {
      await move(from, one.id);
      await expect(connectors.connectorFor(organisation.id, one.id)).rejects.toMatchObject({
        code: 'secret.unreadable',
      });
      expect((await api<View>('POST', `/api/v1/connections/${one.id}/test`)).status).toBe(500);
    }
    const connector = await connectors.connectorFor(organisation.id, two.id);
    await connector.close();
  });

  it('nowhere in the database is a secret that could be used', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await create({ credentials: token() });
    const google = {
      type: 'service_account',
      client_email: 'sync@acme.iam.gserviceaccount.com',
      client_id: '123456789012345678901',
      private_key: pem,
    };
    const made = await api('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'Workspace',
      credentials: { method: 'key', subject: 'admin@acme.example', key: google },
    });
    expect(made.status).toBe(201);
    const dump = await dumpOf(service);
    expect(dump).toContain('sync@acme.iam.gserviceaccount.com');
    for (const canary of [TOKEN, pem.split('\n')[3] ?? '', organisation.key, organisation.key.slice(16)]) {
      for (const form of [
        canary,
        Buffer.from(canary).toString('base64').replace(/=+$/, ''),
        Buffer.from(canary).toString('hex'),
      ]) {
        expect(dump.includes(form)).toBe(false);
      }
    }
  });
});

describe('S-27 and the installation’s own account', () => {
  it('reads a directory only where its domain is proved to be the organisation’s', async () => {
    const made = await api<View>('POST', '/api/v1/connections', {
      provider: 'google',
      name: 'Workspace',
      credentials: { method: 'installation', subject: 'admin@victim.example' },
    });
    const test = async (): Promise<Answer<{ passed: boolean; checks: { message: string }[] }>> =>
      api('POST', `/api/v1/connections/${made.body.id}/test`);
    const before = await test();
    expect([before.status, before.body.passed]).toEqual([200, false]);
    expect(before.body.checks[0]?.message).toContain('victim.example');
    const domains = service.app.get(DomainsService, { strict: false });
    await domains.verifyAsOperator(organisation.id, 'victim.example', 'their contract');
    const after = await test();
    expect(after.text).not.toContain('is not verified for this organisation');
  });
});

describe('Test connection', () => {
  let world: OktaWorld;
  beforeAll(async () => {
    world = await makeOktaWorld({ people: 20 });
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  it('says line by line what works', async () => {
    const { id } = await create({ credentials: world.credentials() });
    const { body } = await api<{ passed: boolean; checks: { outcome: string }[] }>(
      'POST',
      `/api/v1/connections/${id}/test`,
    );
    expect([body.passed, body.checks.length > 1]).toEqual([true, true]);
  });

  it('says what to mend when the token is wrong, and does not repeat it', async () => {
    const { id } = await create({ credentials: { ...world.credentials(), token: TOKEN } });
    const answer = await api<{ passed: boolean }>('POST', `/api/v1/connections/${id}/test`);
    expect([answer.status, answer.body.passed]).toEqual([200, false]);
    expect(answer.text).not.toContain(TOKEN);
  });
});

describe('the order of connections, and their switches', () => {
  it('moving one previews those whose order changed, and no others', async () => {
    const org = await service.newOrganisation();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c', 'd'])
      ids.push((await org.api<View>('POST', '/api/v1/connections', { provider: 'okta', name })).body.id);
    const { body } = await org.api<{ items: View[] }>('POST', `/api/v1/connections/${ids[2]}/move`, { rank: 1 });
    expect(body.items.map(({ name, rank, settingsVersion }) => [name, rank, settingsVersion])).toEqual([
      ['c', 1, 2],
      ['a', 2, 2],
      ['b', 3, 2],
      ['d', 4, 1],
    ]);
    const last = await org.api<{ items: View[] }>('POST', `/api/v1/connections/${ids[2]}/move`, { rank: 1000 });
    expect(last.body.items.map(({ name }) => name).join('')).toBe('abdc');
  });

  it('a thousand moves at once leave every rank once', async () => {
    const org = await service.newOrganisation();
    const ids: string[] = [];
    for (const name of ['a', 'b', 'c'])
      ids.push((await org.api<View>('POST', '/api/v1/connections', { provider: 'okta', name })).body.id);
    const moves = Array.from({ length: 60 }, (_, at) =>
      org.api('POST', `/api/v1/connections/${ids[at % 3]}/move`, { rank: 1 + (at % 3) }),
    );
    for (const { status } of await Promise.all(moves)) expect([200, 429]).toContain(status);
    const { body } = await org.api<{ items: View[] }>('GET', '/api/v1/connections');
    expect(body.items.map(({ rank }) => rank)).toEqual([1, 2, 3]);
  });

  it('pausing takes it off the schedule, resuming makes it due, a connection that was never confirmed stays in set-up', async () => {
    const fresh = await create({ credentials: token() });
    const act = (id: string, what: string, body?: object): Promise<Answer<View>> =>
      api<View>('POST', `/api/v1/connections/${id}/${what}`, body);
    expect((await act(fresh.id, 'pause')).body).toMatchObject({
      state: 'paused',
      health: { status: 'paused', nextTryAt: null },
    });
    expect((await act(fresh.id, 'resume')).body).toMatchObject({ state: 'setup', health: { nextTryAt: null } });
    await confirm(fresh.id);
    await act(fresh.id, 'pause');
    const { body } = await act(fresh.id, 'resume');
    expect([body.state, Date.parse(body.health.nextTryAt ?? '') <= Date.now()]).toEqual(['active', true]);
  });

  it('each of the three stop switches stops, and the widest is named', async () => {
    const org = await service.newOrganisation();
    const made = await org.api<View>('POST', '/api/v1/connections', {
      provider: 'okta',
      name: 'x',
      credentials: token(),
    });
    const connections = service.app.get(ConnectionsService, { strict: false });
    const organisations = service.app.get(OrganisationsService, { strict: false });
    const stop = () => service.database.asOrganisation(org.id, (tx) => connections.stopOf(tx, made.body.id));
    expect(await stop()).toBeNull();
    const stopped = await org.api<View>('POST', `/api/v1/connections/${made.body.id}/stop`, { reason: 'one' });
    expect(stopped.body.health).toMatchObject({ status: 'stopped', message: 'Stopped by an admin: one.' });
    expect(await stop()).toMatchObject({ by: 'connection', reason: 'one' });
    await org.api('POST', '/api/v1/organisation/stop', { reason: 'two' });
    expect(await stop()).toMatchObject({ by: 'organisation', reason: 'two' });
    await organisations.stopInstallation('three');
    expect(await stop()).toMatchObject({ by: 'installation', reason: 'three' });
    await organisations.resumeInstallation();
    await org.api('POST', '/api/v1/organisation/resume');
    await org.api('POST', `/api/v1/connections/${made.body.id}/unstop`);
    expect(await stop()).toBeNull();
  });

  it('a buried connection is in no list, has no secret, and vouches for no domain', async () => {
    const { id } = await create({ credentials: token() });
    const connections = service.app.get(ConnectionsService, { strict: false });
    const domains = service.app.get(DomainsService, { strict: false });
    await service.database.asOrganisation(organisation.id, async (tx) => {
      await domains.noteVerifiedByConnection(tx, id, ['buried.example'], { by: { kind: 'sync', connectionId: id } });
      expect([...(await domains.verified(tx))]).toContain('buried.example');
      await connections.bury(tx, id, { by: { kind: 'operator' } });
      expect([...(await domains.verified(tx))]).not.toContain('buried.example');
    });
    expect((await api('GET', `/api/v1/connections/${id}`)).status).toBe(404);
    expect((await api('GET', '/api/v1/connections')).text).not.toContain(id);
    const row = await service.database.asOrganisation(organisation.id, (tx) =>
      tx.one<{ credentials: Buffer | null; state: string }>(`SELECT credentials, state FROM connection WHERE id = $1`, [
        id,
      ]),
    );
    expect(row).toEqual({ credentials: null, state: 'deleting' });
  });
});

/** Everything that a copy of the database says, as text. */
async function dumpOf({ database }: TestService): Promise<string> {
  return database.asMigrate(async (tx) => {
    const tables = await tx.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      parts.push(
        ...(await tx.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM "${name}" t`)).map(({ row }) => row),
      );
    }
    return parts.join('\n');
  });
}
