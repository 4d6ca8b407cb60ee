import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connector } from '../../src/connectors/connector.js';
import { expected, verdict, type ExpectedScope, type Person } from '../simulators/index.ts';
import { until } from '../support/patience.js';
import { deltaContract } from './delta-contract.js';
import { attributesContract } from './attributes-contract.js';
import { disposable } from './disposable.js';
import { faultContract } from './fault-contract.js';
import { expectedPeople, never, peopleOf, readAll } from './reading.js';
import type { Provider, World } from './world.js';

function words(scope: ExpectedScope): string {
  return `${scope.kind} ${(scope.of ?? []).join(', ')}${scope.except ? ' with exclusions' : ''}`.trim();
}

/** What every connector keeps, against a real server over real HTTP. */
export function contractSuite(name: string, provider: Provider, scopes: readonly ExpectedScope[]): void {
  describe(`${name} keeps the contract of a connector`, () => {
    let world: World;
    const open: Connector[] = [];

    const connect = async (options?: Parameters<World['connect']>[0]): Promise<Connector> => {
      const connector = await world.connect(options);
      open.push(connector);
      return connector;
    };

    beforeAll(async () => {
      world = await provider.makeWorld({ people: provider.threePages });
    });
    afterEach(async () => {
      world.server.faults.clear();
      world.server.setLatency(0);
      world.waits.length = 0;
      await Promise.all(open.splice(0).map((connector) => connector.close()));
    });
    afterAll(async () => {
      await world[Symbol.asyncDispose]();
    });

    describe.each(scopes.map((scope) => [words(scope), scope] as const))('scope %s', (_words, scope) => {
      it('a full read is the company', async () => {
        const read = await readAll(await connect({ scope }));
        expect(read.coverage).toBe('complete');
        expect(read.faulty).toEqual([]);
        expect(peopleOf(read.records)).toEqual(expectedPeople(expected(world.company, scope)));
      });

      it('a single read tells of everybody what is true', async () => {
        const connector = await connect({ scope });
        const sample = world.company.people.filter((person) => person.n < 60 || person.state !== 'employed');
        const told = await Promise.all(sample.map((person) => tellOf(connector, world, person)));
        expect(told).toEqual(sample.map((person) => `${person.n} ${verdict(world.company, scope, person)}`));
      });

      it('a single read gives the record that the full read gives', async () => {
        const connector = await connect({ scope });
        const { records } = await readAll(connector);
        // Of several groups that take somebody in, either may be told.
        for (const { traits: _traits, ...record } of records.filter((one) => one.scope.in).slice(0, 20)) {
          const reading = await connector.readOne(record.externalId, never);
          expect(reading).toMatchObject({ kind: 'found', record });
        }
      });

      it('the probe names the scope, and is the same when asked again', async () => {
        const connector = await connect({ scope });
        const probe = await connector.probe(never);
        expect(probe.tenant).toMatch(/^[A-Za-z0-9]+$/);
        expect(probe.scopeObjects.length).toBe(scope.kind === 'application' ? 1 : (scope.of ?? []).length);
        expect(await (await connect({ scope })).probe(never)).toEqual(probe);
      });

      it('Test connection finds all well', async () => {
        const checks = await (await connect({ scope })).test(never);
        expect(checks.length).toBeGreaterThan(2);
        expect(checks.filter((check) => check.outcome !== 'passed')).toEqual([]);
      });
    });

    it('a page says when its request began, and holds no more than announced', async () => {
      const connector = await connect();
      const before = world.clock.now();
      const { pages } = await readAll(connector);
      expect(pages.length).toBeGreaterThanOrEqual(3);
      for (const page of pages) {
        expect(page.observedAt.getTime()).toBeGreaterThanOrEqual(before);
        expect(page.records.length).toBeLessThanOrEqual(connector.capabilities.pageSize);
      }
    });

    it('another connector resumes a read from a stored cursor', async () => {
      const whole = await readAll(await connect());
      const [first, second] = whole.pages;
      if (!first || !second?.nextCursor) throw new Error('three pages were expected');
      const resume = { cursor: second.nextCursor, pages: 2, records: first.records.length + second.records.length };
      const rest = await readAll(await connect(), { resume });
      expect(rest.coverage).toBe('complete');
      expect([...first.records, ...second.records, ...rest.pages.flatMap((page) => page.records)]).toEqual(
        whole.pages.flatMap((page) => page.records),
      );
    });

    it.each([['no JSON'], ['{}'], ['{"v":99}'], ['']])('the cursor %p of nobody is an expired one', async (cursor) => {
      const connector = await connect();
      await expect(connector.fetchPage(cursor, never)).rejects.toMatchObject({ failure: 'cursor_expired' });
    });

    it('a person is found by address in any case, whatever the scope says', async () => {
      const connector = await connect({ scope: { provider: world.provider, kind: 'everyone', except: [9] } });
      const { email } = world.company.person(9);
      const reading = await connector.readByEmail(email.toUpperCase(), never);
      expect(reading).toMatchObject({ kind: 'found', record: { externalId: world.id(9), email } });
      const nobody = await connector.readByEmail('nobody."\\@example.com', never);
      expect(nobody).toMatchObject({ kind: 'missing' });
    });

    it('whom it never heard of is missing, without proof of deletion', async () => {
      const connector = await connect();
      const stranger = world.id(world.company.people.length + 5_000);
      expect(await connector.readOne(stranger, never)).toMatchObject({ kind: 'missing', positive: false });
    });

    it.each(['', '../users', 'a/b', 'x'.repeat(4_096), 'me?x=1'])('F-52 the id %p is asked of nobody', async (id) => {
      const connector = await connect();
      const before = world.server.requests.count();
      expect(await connector.readOne(id, never)).toMatchObject({ kind: 'unknown' });
      expect(world.server.requests.count()).toBe(before);
    });

    it('a fault about one person leaves that person unknown', async () => {
      const connector = await connect();
      const subject = world.id(11);
      world.server.faults.add({ route: 'users.get', subject, times: 'forever', do: { kind: 'status', status: 403 } });
      expect(await connector.readOne(subject, never)).toMatchObject({ kind: 'unknown' });
    });

    it('at most four single reads are under way at once', async () => {
      const connector = await connect();
      await connector.readOne(world.id(1), never);
      // As long as a busy machine may take to begin the others.
      world.server.setLatency(50);
      world.server.requests.reset();
      await Promise.all(Array.from({ length: 24 }, (_none, n) => connector.readOne(world.id(n), never)));
      expect(world.server.requests.maxInFlight).toBe(4);
    });

    it('counts every request that the server saw, retries included', async () => {
      const connector = await connect();
      world.server.requests.reset();
      world.server.faults.add({ route: 'users.list', page: 'middle', do: { kind: 'status', status: 503 } });
      await readAll(connector);
      expect(connector.requests).toBe(world.server.requests.count());
    });

    it('a full read makes no call per person', async () => {
      const connector = await connect();
      world.server.requests.reset();
      await readAll(connector);
      expect(world.server.requests.count()).toBeLessThan(12);
    });

    leaversContract(provider);
    attributesContract(provider);
    deltaContract(provider);
    faultContract(provider);
    cancellationContract(provider);
  });
}

/** What a single read comes to, in the words of the reference model. */
async function tellOf(connector: Connector, world: World, person: Person): Promise<string> {
  const reading = await connector.readOne(world.id(person.n), never);
  if (reading.kind !== 'found') return `${person.n} ${reading.kind === 'missing' ? 'gone' : reading.because}`;
  const { status, scope } = reading.record;
  if (status === 'deprovisioned' || status === 'deleted') return `${person.n} gone`;
  if (status !== 'employed') return `${person.n} not employed`;
  return `${person.n} ${scope.in ? 'in scope and employed' : 'out of scope'}`;
}

function leaversContract(provider: Provider): void {
  describe('evidence for leavers', () => {
    it('is there for everybody who left, and for nobody who works here', async () => {
      await using world = await provider.makeWorld({ people: 120 });
      await using connector = disposable(await world.connect());
      const since = new Date(world.clock.now());
      const gone = world.company.leave(4);
      world.clock.advance(5_000);
      const seen = new Set<string>();
      for await (const batch of connector.use.leavers(since, never)) {
        for (const evidence of batch) {
          expect(['deleted', 'deprovisioned']).toContain(evidence.verdict);
          seen.add(evidence.externalId);
        }
      }
      expect(gone.map((person) => world.id(person.n)).filter((id) => !seen.has(id))).toEqual([]);
      expect(world.company.employed().filter((person) => seen.has(world.id(person.n)))).toEqual([]);
    });
  });
}

function cancellationContract(provider: Provider): void {
  describe('cancellation', () => {
    /** Resolves with the reason as soon as the work gives up; the test's own time limit is the bound. */
    const stopped = async (work: (signal: AbortSignal) => Promise<unknown>, begun: () => boolean): Promise<void> => {
      const stop = new AbortController();
      const reason = new Error('told to stop');
      const outcome = work(stop.signal).then(
        () => 'finished',
        (error: unknown) => error,
      );
      await until('the work to begin', begun);
      stop.abort(reason);
      expect(await outcome).toBe(reason);
    };

    it('ends a request that is never answered', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      await connector.use.probe(never);
      world.server.requests.reset();
      world.server.faults.add({ times: 'forever', do: { kind: 'hang' } });
      await stopped(
        (signal) => connector.use.fetchPage(null, signal),
        () => world.server.requests.inFlight > 0,
      );
    });

    it('ends a wait that the directory asked for', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect({ realWaits: true }));
      await connector.use.probe(never);
      world.server.requests.reset();
      world.server.faults.add({ times: 'forever', do: { kind: 'throttle', retryAfter: '600' } });
      await stopped(
        (signal) => connector.use.fetchPage(null, signal),
        () => world.server.requests.count() > 0,
      );
    });

    it('ends single reads that wait for their turn', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      await connector.use.probe(never);
      world.server.requests.reset();
      world.server.faults.add({ times: 'forever', do: { kind: 'hang' } });
      await stopped(
        (signal) => Promise.all(Array.from({ length: 12 }, (_none, n) => connector.use.readOne(world.id(n), signal))),
        () => world.server.requests.inFlight >= 4,
      );
    });

    it('sends nothing once it was told to stop', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      const reason = new Error('told to stop');
      await expect(connector.use.fetchPage(null, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(world.server.requests.count()).toBe(0);
    });
  });
}
