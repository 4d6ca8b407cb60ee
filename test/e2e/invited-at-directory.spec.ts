import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { externalId, type Person } from '../simulators/index.ts';
import { startProvider, type TestProvider } from '../support/hostile-provider.js';
import { Jar } from '../support/jar.js';
import { startRunWorld, type RunWorld } from '../support/run-world.js';
import { comeBack, configFor, enabledProvider, type Landed } from '../support/sign-in-world.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

/** A company that a directory serves, and whose people sign in there; somebody is invited beside it. */
describe.each(['okta', 'google'] as const)('invited, and signing in at the directory itself: %s', (directory) => {
  let issuer: TestProvider;
  let world: RunWorld;
  let providerId: string;

  beforeAll(async () => {
    issuer = await startProvider();
    world = await startRunWorld({ people: 60, directory, config: configFor(issuer) });
    providerId = await enabledProvider(world.service, issuer, world.service.organisation);
    await world.rows('UPDATE identity_provider SET connection_id = $1', [world.connectionId]);
    const domains = world.service.app.get(DomainsService, { strict: false });
    for (const domain of world.company.domains)
      await domains.verifyAsOperator(world.service.organisation.id, domain, 'a test');
    await world.firstSync();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  beforeEach(() => world.directory.faults.clear());

  async function invite(email: string): Promise<{ personId: string; invitationId: string; token: string }> {
    const { api } = world.service;
    const { body } = await api<{ items: { personId: string; invitationId: string }[] }>('POST', '/api/v1/invitations', {
      items: [{ email }],
      send: false,
    });
    const made = body.items[0] ?? { personId: '', invitationId: '' };
    const link = await api<{ url: string }>('POST', `/api/v1/invitations/${made.invitationId}/link`);
    return { ...made, token: link.body.url.split('#')[1] ?? '' };
  }

  async function accept(token: string, who: Record<string, unknown>): Promise<Landed> {
    const jar = new Jar(world.service);
    const order = { token, by: 'provider', providerId, replacing: null };
    const begun = await jar.api<{ url: string }>('POST', '/api/v1/invitation/accept', order);
    return comeBack(jar, issuer, begun.body.url, { email_verified: true, ...who });
  }

  const standing = async (personId: string, invitationId: string): Promise<unknown> => [
    ...(await world.rows('SELECT state FROM person WHERE id = $1', [personId])),
    ...(await world.rows('SELECT accepted_by, closed_because FROM invitation WHERE id = $1', [invitationId])),
    ...(await world.rows('SELECT linked_by FROM identity_link WHERE person_id = $1', [personId])),
  ];

  it('line 13: whom the directory employs is taken in by a run; they are who was invited, and the directory’s from then on', async () => {
    const [dora] = world.company.join(1) as [Person];
    const { personId, invitationId, token } = await invite(dora.email);
    const who = { sub: externalId(world.company, directory, dora), email: dora.email };
    expect(await accept(token, who)).toMatchObject({ status: 303, personId });
    expect(await standing(personId, invitationId)).toEqual([
      { state: 'active' },
      { acceptedBy: null, closedBecause: 'directory' },
      { linkedBy: 'directory' },
    ]);
  });

  it('lines 4 and 25: nobody comes in beside the directory by an invitation to another address', async () => {
    const [dora, eve] = world.company.join(2) as [Person, Person];
    const { personId, invitationId, token } = await invite(dora.email);
    const who = { sub: externalId(world.company, directory, eve), email: eve.email };
    expect(await accept(token, who)).toMatchObject({ status: 403, personId: null, code: 'not_invited' });
    expect(await standing(personId, invitationId)).toEqual([
      { state: 'pending' },
      { acceptedBy: null, closedBecause: null },
    ]);
  });

  it('lines 15 and 26: a silent directory keeps nobody out who was invited', async () => {
    const [dora] = world.company.join(1) as [Person];
    const { personId, invitationId, token } = await invite(dora.email);
    world.directory.faults.add({ times: 'forever', do: { kind: 'hang' } });
    const who = { sub: externalId(world.company, directory, dora), email: dora.email };
    expect(await accept(token, who)).toMatchObject({ status: 303, personId });
    expect(await standing(personId, invitationId)).toEqual([
      { state: 'active' },
      { acceptedBy: 'provider', closedBecause: null },
      { linkedBy: 'invitation' },
    ]);
  });
});
