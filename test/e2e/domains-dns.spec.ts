import type { Resolver } from 'node:dns/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { DomainChecks } from '../../src/organisations/domain-checks.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { TXT_RESOLVER } from '../../src/organisations/txt-records.js';
import { startNameServer, type NameServer } from '../support/dns.js';
import { operationsOf } from '../support/operations.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_DAY = 24 * 3_600_000;

interface Domain {
  id: string;
  name: string;
  verifiedAt: string | null;
  verifiedBy: string | null;
  checkedAt: string | null;
  failingSince: string | null;
  dnsRecord: { name: string; value: string };
}

let service: TestService;
let checks: DomainChecks;
let dns: NameServer;
let next = 0;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
  dns = await startNameServer();
  checks = service.app.get(DomainChecks, { strict: false });
  service.app.get<Resolver>(TXT_RESOLVER, { strict: false }).setServers([dns.address]);
});
afterAll(async () => {
  await service.close();
  await dns.close();
});
beforeEach(() => {
  dns.broken = false;
});

const newName = (): string => `maple-${(next += 1)}.example`;
const add = async (of: TestOrganisation, name = newName()): Promise<Domain> =>
  (await of.api<Domain>('POST', '/api/v1/domains', { name })).body;
const check = (of: TestOrganisation, { id }: Domain) => of.api<Domain>('POST', `/api/v1/domains/${id}/check`);
const publish = ({ dnsRecord }: Domain, texts = [dnsRecord.value]): void => void dns.texts.set(dnsRecord.name, texts);
async function proven(): Promise<{ of: TestOrganisation; domain: Domain }> {
  const of = await service.newOrganisation();
  const domain = await add(of);
  publish(domain);
  return { of, domain: (await check(of, domain)).body };
}
const linking = (of: TestOrganisation): Promise<ReadonlySet<string>> =>
  service.database.asOrganisation(of.id, (tx) => service.app.get(DomainsService, { strict: false }).verified(tx));
const notices = async (of: TestOrganisation): Promise<string[]> =>
  (await of.api<{ items: { message: string }[] }>('GET', '/api/v1/notices')).body.items.map(({ message }) => message);
const recheck = async (): Promise<void> => {
  while ((await checks.recheckDue()) > 0);
};

describe('O-43 a domain is proven by what the DNS shows', () => {
  it('the record of this organisation, among whatever else stands there', async () => {
    const { domain } = await proven();
    expect(domain).toMatchObject({ verifiedBy: 'dns', verifiedAt: clock.now().toISOString(), failingSince: null });
    const of = await service.newOrganisation();
    const other = await add(of);
    publish(other, ['v=spf1 -all', 'x'.repeat(600), other.dnsRecord.value]);
    expect((await check(of, other)).body).toMatchObject({ verifiedBy: 'dns' });
  });

  it.each([
    ['nothing', () => []],
    ['another text', () => ['rollcall-domain=00000000000000000000000000000000']],
    ['more than it', ({ dnsRecord }: Domain) => [`${dnsRecord.value} `, `${dnsRecord.value}0`]],
    ['less than it', ({ dnsRecord }: Domain) => [dnsRecord.value.slice(0, -1)]],
    ['it in capitals', ({ dnsRecord }: Domain) => [dnsRecord.value.toUpperCase()]],
  ] as [string, (of: Domain) => string[]][])('not %s', async (_, texts) => {
    const of = await service.newOrganisation();
    const domain = await add(of);
    publish(domain, texts(domain));
    const refused = await check(of, domain);
    expect(refused).toMatchObject({ status: 422, body: { code: 'domain.record_missing' } });
    expect(refused.text).toContain(domain.dnsRecord.name);
    expect(await linking(of)).toEqual(new Set());
  });

  it('not the domain itself, nor a server that does not answer', async () => {
    const of = await service.newOrganisation();
    const domain = await add(of);
    dns.texts.set(domain.name, [domain.dnsRecord.value]);
    expect((await check(of, domain)).status).toBe(422);
    publish(domain);
    dns.broken = true;
    expect((await check(of, domain)).body).toMatchObject({ code: 'domain.record_missing' });
    dns.broken = false;
    expect((await check(of, domain)).status).toBe(200);
  });

  it('for one organisation alone, whoever else has the record too', async () => {
    const { domain } = await proven();
    const other = await service.newOrganisation();
    const theirs = await add(other, domain.name);
    publish(theirs, [domain.dnsRecord.value, theirs.dnsRecord.value]);
    expect(await check(other, theirs)).toMatchObject({ status: 409, body: { code: 'domain.not_available' } });
    expect(await linking(other)).toEqual(new Set());
  });

  it.each(['gmail.com', 'co.uk', 'github.io'])('never %s', async (name) => {
    expect((await service.api('POST', '/api/v1/domains', { name })).body).toMatchObject({ code: 'domain.public' });
  });
});

describe('O-43 a proof is looked at again every 24 hours', () => {
  it('and not before', async () => {
    const { of, domain } = await proven();
    await recheck();
    clock.advance(A_DAY - 1);
    dns.asked = [];
    await recheck();
    expect(dns.asked).not.toContain(domain.dnsRecord.name);
    clock.advance(1);
    await recheck();
    expect(dns.asked).toContain(domain.dnsRecord.name);
    const shown = await of.api<Domain>('GET', `/api/v1/domains/${domain.id}`);
    expect(shown.body).toMatchObject({ checkedAt: clock.now().toISOString(), failingSince: null, verifiedBy: 'dns' });
  });

  it('one that comes back within seven days was never lost', async () => {
    const { of, domain } = await proven();
    dns.texts.delete(domain.dnsRecord.name);
    for (let day = 1; day <= 7; day++) {
      clock.advance(A_DAY);
      await recheck();
      expect(await linking(of)).toEqual(new Set([domain.name]));
    }
    const failing = await of.api<Domain>('GET', `/api/v1/domains/${domain.id}`);
    expect(failing.body.failingSince).toBe(new Date(clock.now().getTime() - 6 * A_DAY).toISOString());
    expect(await notices(of)).toEqual([
      `The DNS does not show the record of ${domain.name} any more. In seven days the domain is not verified any more.`,
    ]);
    publish(domain);
    expect((await check(of, domain)).body).toMatchObject({ failingSince: null, verifiedBy: 'dns' });
    expect(await notices(of)).toEqual([]);
    clock.advance(A_DAY);
    await recheck();
    expect(await linking(of)).toEqual(new Set([domain.name]));
  });

  it.each([
    ['is gone', (): void => undefined],
    ['cannot be asked for', (): void => void (dns.broken = true)],
  ])('one that %s for seven days is none any more, and whoever has the domain now can prove it', async (_, stop) => {
    const { of, domain } = await proven();
    dns.texts.delete(domain.dnsRecord.name);
    stop();
    clock.advance(A_DAY);
    await recheck();
    clock.advance(7 * A_DAY - 1);
    expect(await linking(of)).toEqual(new Set([domain.name]));
    clock.advance(1);
    expect(await linking(of)).toEqual(new Set());
    await recheck();
    const lapsed = await of.api<Domain>('GET', `/api/v1/domains/${domain.id}`);
    expect(lapsed.body).toMatchObject({ verifiedAt: null, verifiedBy: null, failingSince: null });
    const entries = await service.database.asOrganisation(of.id, (tx) =>
      tx.query<{ action: string }>(`SELECT action FROM audit_entry WHERE action ~ '^domain' ORDER BY seq`),
    );
    expect(entries.map(({ action }) => action)).toEqual([
      'domain.added',
      'domain.verified',
      'domain.failing',
      'domain.lapsed',
    ]);
    expect(await notices(of)).toEqual([expect.stringContaining('is not verified any more: its DNS record')]);
    dns.broken = false;
    const other = await service.newOrganisation();
    const theirs = await add(other, domain.name);
    publish(theirs);
    expect((await check(other, theirs)).body).toMatchObject({ verifiedBy: 'dns' });
  });

  it('what an operator has verified needs no record', async () => {
    const of = await service.newOrganisation();
    const name = newName();
    await service.app.get(DomainsService, { strict: false }).verifyAsOperator(of.id, name, 'a test');
    clock.advance(9 * A_DAY);
    await recheck();
    expect(await linking(of)).toEqual(new Set([name]));
  });
});

it('another organisation’s domain is not there', async () => {
  const { domain } = await proven();
  expect((await check(await service.newOrganisation(), domain)).status).toBe(404);
});

it('I-02 who came by a set-up link checks what they named themselves, and nothing else', async () => {
  const of = await service.newOrganisation();
  const theirs = await add(of);
  const { api } = await service.setUp(['sso'], of.id);
  const own = await api<Domain>('POST', '/api/v1/domains', { name: newName() });
  expect(own.status).toBe(201);
  publish(own.body);
  expect((await api('POST', `/api/v1/domains/${own.body.id}/check`)).status).toBe(200);
  expect((await api('GET', `/api/v1/domains/${own.body.id}`)).status).toBe(200);
  expect((await api('POST', `/api/v1/domains/${theirs.id}/check`)).status).toBeGreaterThanOrEqual(403);
  expect((await api('DELETE', `/api/v1/domains/${own.body.id}`)).status).toBe(403);
  const directory = await service.setUp(['directory'], of.id);
  expect((await directory.api('GET', '/api/v1/domains')).status).toBe(403);
});

describe('O-55 nobody says of themselves that an address or a domain is verified', () => {
  /** Whether a provider writes "true" as text: of the token, not of a person. */
  const OF_PROVIDERS = ['emailVerifiedAsText'];

  it('no route that writes takes a word for it', () => {
    const { operations, schemas } = operationsOf(service);
    const whole = (text: string): string =>
      [
        text,
        ...[...text.matchAll(/#\/components\/schemas\/(\w+)/gu)].map(([, name = '']) => whole(named(name))),
      ].join();
    const named = (name: string): string => JSON.stringify(schemas[name] ?? {});
    const bodies = operations.filter(({ method }) => method !== 'GET').map(({ body }) => whole(JSON.stringify(body)));
    expect(bodies.length).toBeGreaterThan(50);
    expect(bodies.join()).toContain('"email"');
    const words = bodies.join().match(/"[A-Za-z_]*verified[A-Za-z_]*"/giu) ?? [];
    expect([...new Set(words)].filter((word) => !OF_PROVIDERS.includes(word.slice(1, -1)))).toEqual([]);
  });

  it('and one that is sent is refused', async () => {
    const of = await service.newOrganisation();
    for (const extra of [{ verifiedAt: clock.now().toISOString() }, { verifiedBy: 'dns' }, { verified: true }]) {
      expect((await of.api('POST', '/api/v1/domains', { name: newName(), ...extra })).status).toBe(400);
    }
    const person = { email: 'a@acme.example', emailVerified: true };
    expect((await of.api('POST', '/api/v1/people', person)).status).toBe(400);
  });
});
