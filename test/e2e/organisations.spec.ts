import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type { AuditContext } from '../../src/audit/audit.types.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { OrganisationsService } from '../../src/organisations/organisations.service.js';
import { RESERVED_SLUGS } from '../../src/organisations/reserved-slugs.js';
import { routesOf } from '../support/inventory.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

interface DomainView {
  id: string;
  name: string;
  code: string;
  verifiedAt: string | null;
  verifiedBy: string | null;
  dnsRecord: { type: string; name: string; value: string };
}

let service: TestService;
let domains: DomainsService;
let organisations: OrganisationsService;

beforeAll(async () => {
  service = await startService();
  domains = service.app.get(DomainsService, { strict: false });
  organisations = service.app.get(OrganisationsService, { strict: false });
});
afterAll(() => service.close());

const add = (to: TestOrganisation, name: string) => to.api<DomainView>('POST', '/api/v1/domains', { name });

describe('an organisation', () => {
  it('shows and changes its settings, within their ranges', async () => {
    const { api, id, slug } = service.organisation;
    expect((await api('GET', '/api/v1/organisation')).body).toMatchObject({
      id,
      slug,
      runsKeptDays: 90,
      eraseAfterDays: null,
      stoppedAt: null,
    });
    const changed = await api('PATCH', '/api/v1/organisation', {
      runsKeptDays: 7,
      eraseAfterDays: 3650,
      name: ' Acme\u0041\u030a ',
    });
    expect(changed.body).toMatchObject({ runsKeptDays: 7, eraseAfterDays: 3650, name: 'AcmeÅ' });
    expect((await api('PATCH', '/api/v1/organisation', { eraseAfterDays: null })).body).toMatchObject({
      eraseAfterDays: null,
      runsKeptDays: 7,
    });
    for (const bad of [
      { runsKeptDays: 6 },
      { runsKeptDays: 401 },
      { eraseAfterDays: 6 },
      { eraseAfterDays: 3651 },
      { slug: 'x' },
      { name: '' },
    ]) {
      expect((await api('PATCH', '/api/v1/organisation', bad)).status).toBe(400);
    }
  });

  it('is stopped with a reason and resumed, and the audit log has both', async () => {
    const { api, id } = await service.newOrganisation();
    const stopped = await api('POST', '/api/v1/organisation/stop', { reason: 'the directory is being rebuilt' });
    expect(stopped.body).toMatchObject({ stopReason: 'the directory is being rebuilt', stoppedAt: expect.any(String) });
    expect((await api('POST', '/api/v1/organisation/resume')).body).toMatchObject({
      stopReason: null,
      stoppedAt: null,
    });
    const entries = await service.database.asOrganisation(id, (tx) =>
      tx.query<{ action: string; detail: object }>(`SELECT action, detail FROM audit_entry ORDER BY seq`),
    );
    expect(entries.map(({ action }) => action).slice(-2)).toEqual(['organisation.stopped', 'organisation.resumed']);
    expect(JSON.stringify(entries)).not.toContain('rebuilt');
  });

  it('is made by the operator, under a short name that is free', async () => {
    const made = await organisations.create({ slug: 'acme-2', name: 'Acme' });
    expect((await organisations.bySlug('acme-2')).id).toBe(made.id);
    await expect(organisations.create({ slug: 'acme-2', name: 'Other' })).rejects.toMatchObject({
      code: 'organisation.slug_taken',
    });
    for (const slug of ['', 'a', 'A-b', '-ab', 'ab-', 'a b', 'ä'.repeat(3), 'a'.repeat(64)]) {
      await expect(organisations.create({ slug, name: 'x' })).rejects.toMatchObject({ code: 'request.invalid' });
    }
    for (const slug of RESERVED_SLUGS) {
      await expect(organisations.create({ slug, name: 'x' })).rejects.toMatchObject({
        code: 'request.invalid',
        message: expect.stringContaining('choose another one'),
      });
    }
    await expect(organisations.bySlug('nobody')).rejects.toMatchObject({ code: 'organisation.not_found' });
    expect((await organisations.list()).map(({ slug }) => slug)).toContain('acme-2');
  });

  it('has a page that is no other page, and no route', () => {
    const pages = [...readFileSync('web/src/app.tsx', 'utf8').matchAll(/^ {2}'(\/[^']+)': /gmu)].map(
      ([, path]) => path,
    );
    expect(pages.length).toBeGreaterThan(5);
    const routes = routesOf(service).map(({ name }) => name.slice(name.indexOf('/')));
    // What could be a short name: of every address the first word, and the second where its own page is.
    const words = [...pages, ...routes, '/metrics'].flatMap((path = '') => {
      const [first = '', second = ''] = path.slice(1).split('/');
      return first === 'sign-in' ? [first, second] : [first];
    });
    const taken = new Set(words.filter((word) => /^[a-z0-9-]{2,}$/u.test(word)));
    expect([...RESERVED_SLUGS].sort()).toEqual([...taken].sort());
  });
});

describe('a domain', () => {
  it('is named with the DNS record that would prove it, and is not verified by that', async () => {
    const { body } = await add(service.organisation, ' Bücher.Example ');
    expect(body).toMatchObject({ name: 'xn--bcher-kva.example', verifiedAt: null, verifiedBy: null });
    expect(body.dnsRecord).toEqual({
      type: 'TXT',
      name: '_rollcall.xn--bcher-kva.example',
      value: expect.stringMatching(/^rollcall-domain=[0-9a-f]{32}$/),
    });
  });

  it.each(['gmail.com', 'co.uk', 'github.io', 'Outlook.com'])('%s is refused: it is everybody’s', async (name) => {
    const { status, body } = await add(service.organisation, name);
    expect([status, body.code]).toEqual([400, 'domain.public']);
    await expect(domains.verifyAsOperator(service.organisation.id, name, 'x')).rejects.toMatchObject({
      code: 'domain.public',
    });
  });

  it('verified for one organisation, is not to be had by another, who learns nothing of whose it is', async () => {
    const [one, two] = [await service.newOrganisation(), await service.newOrganisation()];
    await domains.verifyAsOperator(one.id, 'exclusive.example', 'contract 12');
    // To name it is free, and looks as it would for anybody.
    const named = await add(two, 'exclusive.example');
    expect([named.status, named.body.verifiedAt]).toEqual([201, null]);
    const refusal = domains.verifyAsOperator(two.id, 'exclusive.example', 'x');
    await expect(refusal).rejects.toMatchObject({
      code: 'domain.not_available',
      message: 'This domain cannot be verified for this organisation.',
    });
    await expect(refusal).rejects.not.toMatchObject({ message: expect.stringContaining(one.slug) });
    const listed = await two.api<{ items: DomainView[] }>('GET', '/api/v1/domains');
    expect(listed.body.items.map(({ verifiedAt }) => verifiedAt)).toEqual([null]);
  });

  it('that two organisations want at once is had by exactly one', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => service.newOrganisation()));
    const results = await Promise.allSettled(all.map(({ id }) => domains.verifyAsOperator(id, 'raced.example', 'x')));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results)
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'domain.not_available' });
  });

  it('is free again once it is removed', async () => {
    const [one, two] = [await service.newOrganisation(), await service.newOrganisation()];
    const { id } = await domains.verifyAsOperator(one.id, 'freed.example', 'x');
    expect((await one.api('DELETE', `/api/v1/domains/${id}`)).status).toBe(204);
    expect((await domains.verifyAsOperator(two.id, 'freed.example', 'x')).verifiedBy).toBe('operator');
  });
});

describe('the domains that a directory lists as verified', () => {
  it('are taken over, given back when they are listed no more, and never taken from others or from the operator', async () => {
    const [one, two] = [await service.newOrganisation(), await service.newOrganisation()];
    await domains.verifyAsOperator(two.id, 'theirs.example', 'x');
    await domains.verifyAsOperator(one.id, 'by-operator.example', 'x');
    const connection = await one.api<{ id: string }>('POST', '/api/v1/connections', { provider: 'okta', name: 'x' });
    const by: AuditContext = { by: { kind: 'sync', connectionId: connection.body.id } };
    const note = (...listed: string[]) =>
      service.database.asOrganisation(one.id, (tx) =>
        domains.noteVerifiedByConnection(tx, connection.body.id, listed, by),
      );
    const verified = () =>
      service.database.asOrganisation(one.id, async (tx) => [...(await domains.verified(tx))].sort());
    expect(await note('Own.Example', 'theirs.example', 'gmail.com', 'by-operator.example', 'not a domain')).toEqual({
      added: ['own.example'],
      withdrawn: [],
      refused: ['theirs.example', 'gmail.com'],
    });
    expect(await verified()).toEqual(['by-operator.example', 'own.example']);
    expect(await note('own.example', 'second.example')).toEqual({
      added: ['second.example'],
      withdrawn: [],
      refused: [],
    });
    expect(await note('second.example')).toEqual({ added: [], withdrawn: ['own.example'], refused: [] });
    expect(await verified()).toEqual(['by-operator.example', 'second.example']);
    // A directory that cannot tell says nothing, rather than that there are none.
    expect(await note()).toEqual({ added: [], withdrawn: [], refused: [] });
    expect(await verified()).toEqual(['by-operator.example', 'second.example']);
  });
});
