import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { DomainRoutes } from '../../src/organisations/domain-routes.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { LeaseRepository } from '../../src/runs/lease.repository.js';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_DAY = 24 * 60 * 60_000;

let service: TestService;
let organisations: OrganisationsService;
let domains: DomainsService;
let routes: DomainRoutes;
const clock = new ManualClock(new Date());

beforeAll(async () => {
  service = await startService({ clock });
  organisations = service.app.get(OrganisationsService, { strict: false });
  domains = service.app.get(DomainsService, { strict: false });
  routes = service.app.get(DomainRoutes, { strict: false });
});
afterAll(() => service.close());

const within = <T>(id: string, work: (tx: Tx) => Promise<T>): Promise<T> => service.database.asOrganisation(id, work);

async function newProvider(organisationId: string, state = 'active', of: string[] = []): Promise<string> {
  const id = newId();
  await within(organisationId, (tx) =>
    tx.execute(
      `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, state, settings, domains, discovery, tested_at)
       VALUES ($1, $2, 'generic', 'Acme', 'https://idp.example', 'rollcall', $3, '{}', $4, '{}', now())`,
      [organisationId, id, state, of],
    ),
  );
  return id;
}

describe('features', () => {
  it('are off for a new organisation, and what is off is refused by name', async () => {
    const { id } = await organisations.create({ slug: 'bare', name: 'Bare' });
    await within(id, async (tx) => {
      await expect(organisations.requireFeature(tx, 'sso')).rejects.toMatchObject({ code: 'feature.off' });
      await expect(organisations.requireFeature(tx, 'directory_sync')).rejects.toMatchObject({ code: 'feature.off' });
      expect(await organisations.signInSettings(tx)).toEqual({
        sso: false,
        ssoEnforced: false,
        deleting: false,
        isInstallation: false,
      });
    });
  });

  it('are as the operator switched them, each for itself', async () => {
    const { id } = await organisations.create({ slug: 'half', name: 'Half', sso: true });
    await within(id, async (tx) => {
      await organisations.requireFeature(tx, 'sso');
      await expect(organisations.requireFeature(tx, 'directory_sync')).rejects.toMatchObject({ code: 'feature.off' });
    });
  });

  it('are of no use to an organisation that is about to be deleted', async () => {
    const { id } = await service.newOrganisation();
    await within(id, async (tx) => {
      await tx.execute('UPDATE organisation SET delete_after = now() WHERE id = $1', [id]);
      await expect(organisations.requireFeature(tx, 'sso')).rejects.toMatchObject({ code: 'organisation.deleting' });
      expect(await organisations.signInSettings(tx)).toMatchObject({ sso: true, deleting: true });
    });
  });
});

describe('the domain of an address leads to the provider of who verified it', () => {
  it('and nowhere when it is unknown, not verified, or not a domain', async () => {
    const { id } = await service.newOrganisation();
    await newProvider(id);
    await domains.add(id, 'unproven.example', { by: { kind: 'operator' } });
    for (const name of ['unproven.example', 'nobody.example', '', 'no domain at all', 'x'.repeat(400)]) {
      expect(await routes.ofDomain(name)).toBeNull();
    }
  });

  it('as long as the provider is active, the feature on and the organisation there', async () => {
    const { id } = await service.newOrganisation();
    await domains.verifyAsOperator(id, 'leads.example', 'a test');
    expect(await routes.ofDomain('leads.example')).toBeNull();
    const provider = await newProvider(id);
    const there = { organisationId: id, identityProviderId: provider };
    expect(await routes.ofDomain('LEADS.example')).toEqual(there);
    for (const [off, on] of [
      ["UPDATE identity_provider SET state = 'disabled'", "UPDATE identity_provider SET state = 'active'"],
      ["UPDATE identity_provider SET state = 'setup'", "UPDATE identity_provider SET state = 'active'"],
      ['UPDATE organisation SET sso = false', 'UPDATE organisation SET sso = true'],
      ['UPDATE organisation SET delete_after = now()', 'UPDATE organisation SET delete_after = NULL'],
      [
        "UPDATE identity_provider SET domains = '{other.example}'",
        "UPDATE identity_provider SET domains = '{leads.example}'",
      ],
    ] as const) {
      await within(id, (tx) => tx.execute(off));
      expect([off, await routes.ofDomain('leads.example')]).toEqual([off, null]);
      await within(id, (tx) => tx.execute(on));
      expect(await routes.ofDomain('leads.example')).toEqual(there);
    }
  });

  it('O-43 for seven days after its proof began to fail, and so does linking by address', async () => {
    const { id } = await service.newOrganisation();
    await domains.verifyAsOperator(id, 'lapsing.example', 'a test');
    const provider = await newProvider(id);
    await within(id, (tx) => tx.execute('UPDATE domain SET failing_since = $1', [clock.now()]));
    clock.advance(7 * A_DAY - 1);
    expect(await routes.ofDomain('lapsing.example')).toEqual({ organisationId: id, identityProviderId: provider });
    expect(await within(id, (tx) => domains.verified(tx))).toEqual(new Set(['lapsing.example']));
    clock.advance(1);
    expect(await routes.ofDomain('lapsing.example')).toBeNull();
    expect(await within(id, (tx) => domains.verified(tx))).toEqual(new Set());
  });
});

describe('without directory sync', () => {
  it('no connection is made, no run asked for, none begun, and a running one stops at its next batch', async () => {
    const { id, api } = await service.newOrganisation();
    const order = { provider: 'google', name: 'Directory' };
    const made = await api<{ id: string }>('POST', '/api/v1/connections', order);
    expect(made.status).toBe(201);
    const off = (on: boolean): Promise<number> =>
      within(id, (tx) => tx.execute('UPDATE organisation SET directory_sync = $1', [on]));
    await off(false);
    expect((await api('POST', '/api/v1/connections', order)).body).toMatchObject({ code: 'feature.off' });
    const path = `/api/v1/connections/${made.body.id}`;
    expect((await api('POST', `${path}/previews`)).body).toMatchObject({ code: 'feature.off' });
    expect((await api('GET', path)).body).toMatchObject({ health: { status: 'stopped' } });
    const leases = service.app.get(LeaseRepository, { strict: false });
    const runId = newId();
    await within(id, (tx) =>
      tx.execute(
        `INSERT INTO run (organisation_id, id, connection_id, kind, trigger, state, asked_by, settings_version, settings)
         SELECT organisation_id, $1, id, 'full', 'manual', 'queued', '{"kind":"system"}', settings_version, settings FROM connection WHERE state <> 'deleted'`,
        [runId],
      ),
    );
    const due = async (): Promise<boolean> =>
      (await service.database.asWorker((tx) => leases.due(tx, 100))).some(
        ({ connectionId }) => connectionId === made.body.id,
      );
    const stopped = async (): Promise<string | null> =>
      (await within(id, (tx) => leases.pulse(tx, id, made.body.id, runId, 0))).stopped;
    expect([await due(), await stopped()]).toEqual([false, 'directory sync was switched off']);
    await off(true);
    expect([await due(), await stopped()]).toEqual([true, null]);
    await within(id, (tx) => tx.execute('UPDATE organisation SET delete_after = now()'));
    expect([await due(), await stopped()]).toEqual([false, 'the organisation is about to be deleted']);
  });
});
