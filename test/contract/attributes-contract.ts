import { describe, expect, it } from '@jest/globals';
import { ConnectorError } from '../../src/connectors/errors.js';
import { connectorKind } from '../../src/connectors/registry.js';
import { disposable } from './disposable.js';
import { never, readAll } from './reading.js';
import type { Provider } from './world.js';

/** What an admin chooses a mapping from. */
export function attributesContract(provider: Provider): void {
  const kind = connectorKind(provider.name);
  if (kind === null) throw new TypeError('a provider has a kind');

  describe('the attributes that a mapping can name', () => {
    it('are the standard ones and the customer’s own, each once, and each may be mapped', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      const { items, unlisted } = await connector.use.attributes(never);
      expect(items.filter(({ custom }) => custom)).toEqual(world.customAttributes);
      const paths = items.map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
      expect(paths).toEqual(expect.arrayContaining(kind.standardAttributes.map(({ path }) => path)));
      for (const path of paths) {
        const mapping = { ...kind.defaultMapping, extras: { own: path } };
        expect([path, kind.mapping.safeParse(mapping).success]).toEqual([path, true]);
      }
      expect(unlisted).toEqual([]);
    });

    it('are known in part without asking, the whole default mapping among them', () => {
      const { extras, ...fields } = kind.defaultMapping;
      const standard = kind.standardAttributes.map(({ path }) => path);
      expect(standard).toEqual(expect.arrayContaining(Object.values(fields)));
      expect([extras, new Set(standard).size]).toEqual([{}, standard.length]);
    });

    it('have the values that they say they have', async () => {
      await using world = await provider.makeWorld({ people: 40 });
      const extras = Object.fromEntries(world.customAttributes.map(({ path }, n) => [`own${n}`, path]));
      await using connector = disposable(await world.connect({ mapping: { extras } }));
      const { records } = await readAll(connector.use);
      world.customAttributes.forEach(({ type, multiple, path }, n) => {
        const values = records.map((record) => record.extras[`own${n}`]).filter((value) => value !== null);
        expect([path, values.length > 0]).toEqual([path, true]);
        const [word] = multiple ? ['array'] : [type === 'text' ? 'string' : type];
        for (const value of values) expect([path, Array.isArray(value) ? 'array' : typeof value]).toEqual([path, word]);
      });
    });

    it('name what a mapping names and the directory does not have', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      const [known] = world.customAttributes;
      if (!known) throw new TypeError('a company has custom attributes');
      const wrong = `${known.path.slice(0, -1)}x`;
      const mapping = { title: wrong, extras: { site: known.path, wrong } };
      await using connector = disposable(await world.connect({ mapping }));
      expect((await connector.use.attributes(never)).unlisted).toEqual([wrong]);
    });

    it('are the standard ones where the customer has no others', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      world.dropCustomAttributes();
      await using connector = disposable(await world.connect());
      const { items } = await connector.use.attributes(never);
      expect(items.length).toBeGreaterThanOrEqual(kind.standardAttributes.length);
      expect(items.filter(({ custom }) => custom)).toEqual([]);
    });

    it('that may not be listed: the mend is named, and the sync goes on', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      const grant = world.withdrawAttributes();
      await using connector = disposable(await world.connect());
      const error = await connector.use.attributes(never).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ConnectorError);
      expect(error).toMatchObject({ failure: 'unauthorized', message: expect.stringContaining(grant) });
      expect((error as ConnectorError).message).toMatch(/^[A-Z].*[.)]$/su);
      expect((await readAll(connector.use)).coverage).toBe('complete');
      const checks = await connector.use.test(never);
      expect(checks.filter((check) => check.outcome !== 'passed')).toEqual([]);
    });

    it.each([
      ['cut off', { kind: 'truncate', how: 'json' } as const, 'bad_response'],
      ['a list in place of an object', { kind: 'body', status: 200, body: '[]' } as const, 'bad_response'],
      ['refused', { kind: 'status', status: 403 } as const, 'unauthorized'],
    ])('are not taken for none when the answer is %s', async (_words, fault, failure) => {
      await using world = await provider.makeWorld({ people: 20 });
      world.server.faults.add({ route: 'schemas', times: 'forever', do: fault });
      await using connector = disposable(await world.connect());
      await expect(connector.use.attributes(never)).rejects.toMatchObject({ failure });
    });

    it('are asked for in one request, which is counted', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      await connector.use.attributes(never);
      expect(world.server.requests.count('schemas')).toBe(1);
      expect(connector.use.requests).toBe(world.server.requests.count());
    });

    it('are not waited for once it was told to stop', async () => {
      await using world = await provider.makeWorld({ people: 20 });
      await using connector = disposable(await world.connect());
      const reason = new Error('told to stop');
      await expect(connector.use.attributes(AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
}
