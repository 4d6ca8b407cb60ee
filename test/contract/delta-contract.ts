import { describe, expect, it } from '@jest/globals';
import type { Cursor } from '../../src/connectors/connector.js';
import { disposable } from './disposable.js';
import { never, wholeDelta } from './reading.js';
import type { Provider, World } from './world.js';

async function started(world: World, options?: Parameters<World['connect']>[0]) {
  const held = disposable(await world.connect(options));
  const cursor = await held.use.deltaStart(new Date(world.clock.now()), never);
  return { held, connector: held.use, cursor };
}

function must(cursor: Cursor | null): Cursor {
  if (cursor === null) throw new Error('a delta was expected');
  return cursor;
}

/** What a delta keeps, where there is one; where there is none, that it says so. */
export function deltaContract(provider: Provider): void {
  describe('delta', () => {
    it('is offered exactly where it can be begun', async () => {
      await using world = await provider.makeWorld({ people: 60 });
      for (const scope of world.scopes) {
        const { held, connector, cursor } = await started(world, { scope });
        expect(cursor !== null).toBe(connector.capabilities.delta);
        if (cursor === null) {
          await expect(connector.fetchDelta('{}', never)).rejects.toMatchObject({ failure: 'cursor_expired' });
        }
        await held[Symbol.asyncDispose]();
      }
    });

    it('names whoever changed, joined, was suspended or left, once, and then nobody', async () => {
      await using world = await provider.makeWorld({ people: 300 });
      const { held, connector, cursor } = await started(world);
      await using _held = held;
      if (cursor === null) return expect(connector.capabilities.delta).toBe(false);
      world.clock.advance(60_000);
      const changed = [
        ...world.company.edit(5),
        ...world.company.join(2),
        ...world.company.suspend(2),
        ...world.company.leave(3),
        ...world.company.erase(world.company.employed().slice(-2)),
      ].map((person) => world.id(person.n));
      world.clock.advance(60_000);
      const first = await wholeDelta(connector, cursor);
      expect(first.everything).toBe(false);
      expect(new Set(first.ids)).toEqual(new Set(changed));
      expect(first.ids.length).toBe(new Set(changed).size);
      expect(await wholeDelta(connector, first.cursor)).toMatchObject({ ids: [], everything: false });

      world.clock.advance(60_000);
      const [again] = world.company.edit([world.company.person(7)]);
      expect(again?.n).toBe(7);
      expect((await wholeDelta(connector, first.cursor)).ids).toEqual([world.id(7)]);
    });

    it('of 100 people costs at most 110 requests, reads of each included', async () => {
      await using world = await provider.makeWorld({ people: 400 });
      const { held, connector, cursor } = await started(world);
      await using _held = held;
      if (cursor === null) return expect(connector.capabilities.delta).toBe(false);
      world.clock.advance(60_000);
      world.company.edit(world.company.employed().slice(10, 110));
      await using second = disposable(await world.connect());
      await second.use.probe(never);
      const { ids } = await wholeDelta(second.use, cursor);
      expect(ids.length).toBe(100);
      await Promise.all(ids.map((id) => second.use.readOne(id, never)));
      expect(second.use.requests).toBeLessThanOrEqual(110);
    });

    it.each([
      ['no JSON', () => 'x'],
      ['empty', () => ''],
      ['of another version', (cursor: string) => cursor.replace('"v":1', '"v":2')],
    ])('F-71 a cursor that is %s is an expired one', async (_words, spoil) => {
      await using world = await provider.makeWorld({ people: 30 });
      const { held, connector, cursor } = await started(world);
      await using _held = held;
      if (cursor === null) return expect(connector.capabilities.delta).toBe(false);
      await expect(connector.fetchDelta(spoil(must(cursor)), never)).rejects.toMatchObject({
        failure: 'cursor_expired',
      });
    });

    it('F-71 a cursor from the future, or of another connection, is an expired one', async () => {
      await using world = await provider.makeWorld({ people: 30 });
      await using other = await provider.makeWorld({ people: 30, seed: 8 });
      const { held, connector, cursor } = await started(world);
      await using _held = held;
      if (cursor === null) return expect(connector.capabilities.delta).toBe(false);
      await using stranger = disposable(await other.connect());
      await expect(stranger.use.fetchDelta(cursor, never)).rejects.toMatchObject({ failure: 'cursor_expired' });
      const ahead = new Date(world.clock.now() + 86_400_000);
      const future = must(await connector.deltaStart(ahead, never));
      // Begun with a time that has not come, it is either taken as of now or refused; never believed.
      const outcome = await connector.fetchDelta(future, never).then(
        () => 'as of now',
        (error: unknown) => (error as { failure?: string }).failure,
      );
      expect(['as of now', 'cursor_expired']).toContain(outcome);
    });
  });
}
