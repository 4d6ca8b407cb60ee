import { describe, expect, it } from '@jest/globals';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import type { Answer } from '../support/service.js';
import { ownConnections, token, type View } from './connection-helpers.js';

const { api, at, confirm, create } = ownConnections();

describe('the order of connections, and their switches', () => {
  it('moving one previews those whose order changed, and no others', async () => {
    const org = await at.service.newOrganisation();
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
    const org = await at.service.newOrganisation();
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
    const org = await at.service.newOrganisation();
    const made = await org.api<View>('POST', '/api/v1/connections', {
      provider: 'okta',
      name: 'x',
      credentials: token(),
    });
    const connections = at.service.app.get(ConnectionsService, { strict: false });
    const organisations = at.service.app.get(OrganisationsService, { strict: false });
    const stop = () => at.service.database.asOrganisation(org.id, (tx) => connections.stopOf(tx, made.body.id));
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
    const connections = at.service.app.get(ConnectionsService, { strict: false });
    const domains = at.service.app.get(DomainsService, { strict: false });
    await at.service.database.asOrganisation(at.organisation.id, async (tx) => {
      await domains.noteVerifiedByConnection(tx, id, ['buried.example'], { by: { kind: 'sync', connectionId: id } });
      expect([...(await domains.verified(tx))]).toContain('buried.example');
      await connections.bury(tx, id, { by: { kind: 'operator' } });
      expect([...(await domains.verified(tx))]).not.toContain('buried.example');
    });
    expect((await api('GET', `/api/v1/connections/${id}`)).status).toBe(404);
    expect((await api('GET', '/api/v1/connections')).text).not.toContain(id);
    const row = await at.service.database.asOrganisation(at.organisation.id, (tx) =>
      tx.one<{ credentials: Buffer | null; state: string }>(`SELECT credentials, state FROM connection WHERE id = $1`, [
        id,
      ]),
    );
    expect(row).toEqual({ credentials: null, state: 'deleting' });
  });
});
