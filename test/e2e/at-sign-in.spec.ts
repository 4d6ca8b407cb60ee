import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ConnectionsService } from '../../src/connections/connections.service.js';
import { DomainsService } from '../../src/organisations/domains.service.js';
import { PeopleLifecycle } from '../../src/people/people-lifecycle.service.js';
import { externalId, type Person } from '../simulators/index.ts';
import { startProvider, type TestProvider } from '../support/hostile-provider.js';
import { startRunWorld, type PersonOfWorld, type RunWorld } from '../support/run-world.js';
import { configFor, enabledProvider, signInAt, type Landed } from '../support/sign-in-world.js';

jest.setTimeout(120_000);

/** A company that a directory serves, and whose people sign in there: a subject is the directory's id of a person. */
describe.each(['okta', 'google'] as const)('signing in at the directory itself: %s', (directory) => {
  let issuer: TestProvider;
  let world: RunWorld;
  let providerId: string;
  let next = 1;

  beforeAll(async () => {
    issuer = await startProvider();
    world = await startRunWorld({ people: 200, directory, config: configFor(issuer) });
    providerId = await enabledProvider(world.service, issuer, world.service.organisation);
    await world.rows('UPDATE identity_provider SET connection_id = $1', [world.connectionId]);
    const domains = world.service.app.get(DomainsService, { strict: false });
    for (const domain of world.company.domains)
      await domains.verifyAsOperator(world.service.organisation.id, domain, 'a test');
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    world.directory.faults.clear();
    await world.rows(`UPDATE directory_record SET observed_at = observed_at - interval '1 hour'`);
  });

  const signIn = (person: Person, claims: Record<string, unknown> = {}): Promise<Landed> =>
    signInAt(
      world.service,
      issuer,
      {
        sub: externalId(world.company, directory, person),
        email: person.email,
        email_verified: true,
        given_name: person.given,
        family_name: person.family,
        ...claims,
      },
      { organisation: world.service.organisation, providerId },
    );
  const here = async (person: Person): Promise<PersonOfWorld | undefined> =>
    (await world.people()).find(({ email }) => email.toLowerCase() === person.email.toLowerCase());
  /** Somebody who is employed, and whom no test has touched yet. */
  const somebody = (): Person => world.company.employed().filter((one) => one.n !== 0)[(next += 1)] as Person;
  const linkOf = (id: string | undefined): Promise<{ linkedBy: string }[]> =>
    world.rows('SELECT linked_by FROM identity_link WHERE person_id = $1', [id]);
  const waitingRuns = (): Promise<unknown[]> => world.rows(`SELECT kind, trigger FROM run WHERE state = 'queued'`);

  it('line 14: before the first run was confirmed nobody comes to be', async () => {
    expect(await signIn(somebody())).toMatchObject({ status: 403, code: 'not_yet_confirmed', personId: null });
    expect(await world.people()).toEqual([]);
    await world.firstSync();
  });

  it('line 11: is the person of that record, admins too, and gets in', async () => {
    const ada = somebody();
    const { id } = (await here(ada)) ?? { id: '' };
    await world.rows('UPDATE person SET is_admin = true WHERE id = $1', [id]);
    // By the id alone: nothing is proven of the address.
    expect(await signIn(ada, { email_verified: false, email: 'ada@elsewhere.example' })).toMatchObject({
      status: 303,
      personId: id,
    });
    expect(await linkOf(id)).toEqual([{ linkedBy: 'directory' }]);
    expect(await world.rows('SELECT * FROM mail')).toEqual([]);
    expect(await signIn(ada)).toMatchObject({ status: 303, personId: id });
  });

  it('line 13: who joined a moment ago is taken in by a run of that one, and gets in', async () => {
    const [dora] = world.company.join(1) as [Person];
    expect(await here(dora)).toBeUndefined();
    const landed = await signIn(dora);
    expect(landed).toMatchObject({ status: 303, personId: (await here(dora))?.id });
    expect(await world.rows(`SELECT state, kind FROM run WHERE trigger = 'push'`)).toEqual([
      { state: 'succeeded', kind: 'delta' },
    ]);
  });

  it.each(['not linked', 'linked'] as const)(
    'lines 4 to 6: the directory’s word of this moment goes first (%s)',
    async (which) => {
      const [sus, era] = [somebody(), somebody()];
      if (which === 'linked') for (const one of [sus, era]) expect((await signIn(one)).status).toBe(303);
      await world.rows(`UPDATE directory_record SET observed_at = observed_at - interval '1 hour'`);
      world.company.suspend([sus]);
      world.company.erase([era]);
      expect(await signIn(sus)).toMatchObject({ status: 403, code: 'suspended', personId: null });
      expect(await signIn(era)).toMatchObject({ status: 403, code: 'left', personId: null });
      // Nobody is archived at the door; a run is asked for, and judges by its own rules.
      expect([(await here(sus))?.state, (await here(era))?.state]).toEqual(['active', 'active']);
      expect(await waitingRuns()).toEqual([{ kind: 'delta', trigger: 'push' }]);
      await world.runner.runAllDue();
      expect((await here(sus))?.state).toBe('archived');
      expect(await signIn(sus)).toMatchObject({ status: 403, code: 'suspended' });
      await world.runner.runAllDue();
    },
  );

  it('line 8: who is back in the directory is brought back by a run of that one, and gets in', async () => {
    const ada = somebody();
    world.company.suspend([ada]);
    await world.sync();
    expect((await here(ada))?.state).toBe('archived');
    world.company.unsuspend([ada]);
    expect(await signIn(ada)).toMatchObject({ status: 303, personId: (await here(ada))?.id });
    expect((await here(ada))?.state).toBe('active');
  });

  it('line 9: not whom an admin archived, whatever the directory says', async () => {
    const ada = somebody();
    const { id } = (await here(ada)) ?? { id: '' };
    await world.service.app.get(PeopleLifecycle, { strict: false }).archive(world.caller, id);
    expect(await signIn(ada)).toMatchObject({ status: 403, code: 'archived' });
  });

  it('line 3b: whom an admin brought back against the directory’s word gets in', async () => {
    const ada = somebody();
    world.company.suspend([ada]);
    await world.sync();
    const { id } = (await here(ada)) ?? { id: '' };
    await world.service.app.get(PeopleLifecycle, { strict: false }).restore(world.caller, id);
    expect(await signIn(ada)).toMatchObject({ status: 303, personId: id });
  });

  it('line 12: the person of the record has another account', async () => {
    const ada = somebody();
    const { id } = (await here(ada)) ?? { id: '' };
    await world.rows(
      `INSERT INTO identity_link (organisation_id, identity_provider_id, subject, person_id, linked_by, last_used_at)
       VALUES ($1, $2, 'another', $3, 'session', now())`,
      [world.service.organisation.id, providerId, id],
    );
    expect(await signIn(ada)).toMatchObject({ status: 403, code: 'other_subject' });
    expect(await world.rows(`SELECT person_id FROM notice WHERE kind = 'identity_conflict'`)).toEqual([
      { personId: id },
    ]);
  });

  it('O-40 an account made anew with the same address is nobody until the directory’s own rules have settled it', async () => {
    const old = somebody();
    const { id } = (await here(old)) ?? { id: '' };
    expect((await signIn(old)).personId).toBe(id);
    const [made] = world.company.recreate([old]) as [Person];
    const landed = await signIn(made);
    expect(landed).toMatchObject({ status: 403, personId: null });
    expect(await linkOf(id)).toEqual([{ linkedBy: 'directory' }]);
    await world.runner.runAllDue();
  });

  it('line 15: a directory that is silent keeps nobody out who is here, and lets nobody come to be', async () => {
    const [ada, bea] = [somebody(), somebody()];
    const [dora] = world.company.join(1) as [Person];
    expect((await signIn(ada)).status).toBe(303);
    await world.rows(`UPDATE directory_record SET observed_at = observed_at - interval '1 hour'`);
    await world.rows(`UPDATE identity_provider SET settings = settings || '{"justInTime": true}'`);
    world.directory.faults.add({ times: 'forever', do: { kind: 'hang' } });
    const [known, recorded, nobody] = await Promise.all([signIn(ada), signIn(bea), signIn(dora)]);
    expect(known).toMatchObject({ status: 303, personId: (await here(ada))?.id });
    expect(recorded).toMatchObject({ status: 303, personId: (await here(bea))?.id });
    expect(nobody).toMatchObject({ status: 403, code: 'unknown', personId: null });
    expect(await here(dora)).toBeUndefined();
  });

  it('a paused connection is not asked: what is known here decides', async () => {
    const ada = somebody();
    const connections = world.service.app.get(ConnectionsService, { strict: false });
    const by = { by: { kind: 'operator' as const } };
    await connections.pause(world.service.organisation.id, world.connectionId, by);
    const asked = world.directory.requests.entries.length;
    expect(await signIn(ada)).toMatchObject({ status: 303, personId: (await here(ada))?.id });
    expect(world.directory.requests.entries.length).toBe(asked);
    await connections.resume(world.service.organisation.id, world.connectionId, by);
  });

  it('lines 4 and 14: a removal that waits in a hold keeps them out, and a joiner is not held up by it', async () => {
    const leavers = world.company
      .employed()
      .filter((one) => one.n !== 0)
      .slice(-60);
    const [ada] = leavers as [Person];
    world.company.leave(leavers);
    const run = await world.sync();
    expect(run.counts).toMatchObject({ archive: 0 });
    expect((await here(ada))?.state).toBe('active');
    const landed = await signIn(ada);
    expect(landed).toMatchObject({ status: 403, personId: null });
    expect(['left', 'suspended']).toContain(landed.code);
    const [dora] = world.company.join(1) as [Person];
    expect((await signIn(dora)).status).toBe(303);
  });
});
