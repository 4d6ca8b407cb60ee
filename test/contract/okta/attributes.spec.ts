import { describe, expect, it } from '@jest/globals';
import type { AttributeList } from '../../../src/connectors/connector.js';
import { disposable } from '../disposable.js';
import { makeOktaWorld, type OktaWorld } from '../okta-world.js';
import { never } from '../reading.js';
import { schemaProperty } from '../../simulators/okta/schema.ts';

async function attributesOf(
  prepare: (world: OktaWorld) => void,
  method: 'key' | 'token' = 'token',
): Promise<AttributeList> {
  await using world = await makeOktaWorld({ people: 20, method });
  prepare(world);
  await using connector = disposable(await world.connect());
  return await connector.use.attributes(never);
}

describe('attributes of people in Okta', () => {
  it.each([
    ['string', {}, 'text', false],
    ['boolean', {}, 'boolean', false],
    ['integer', {}, 'number', false],
    ['number', {}, 'number', false],
    ['array', { items: { type: 'number' } }, 'number', true],
    ['array', {}, 'other', true],
    ['something new', {}, 'other', false],
  ])('of type %s %j', async (type, more, said, multiple) => {
    const { items } = await attributesOf((world) => {
      world.okta.settings.customAttributes = { grade: schemaProperty('Grade', type, more) };
    });
    expect(items.filter(({ custom }) => custom)).toEqual([
      { path: 'profile.grade', label: 'Grade', type: said, multiple, custom: true },
    ]);
  });

  it('without a title, or with one that a terminal must not see, are called harmlessly', async () => {
    const { items } = await attributesOf((world) => {
      world.okta.settings.customAttributes = {
        bare: schemaProperty('', 'string'),
        odd: schemaProperty('Cost\u001b[2J\ncentre', 'string'),
      };
    });
    expect(items.filter(({ custom }) => custom).map(({ label }) => label)).toEqual(['bare', 'Cost[2J centre']);
  });

  it('as the examples of Okta’s pages write them, and without a custom part', async () => {
    await using world = await makeOktaWorld({ people: 20 });
    const base = { login: { title: 'Username', type: 'string', required: true, minLength: 5, maxLength: 100 } };
    const custom = {
      twitterUserName: { title: 'Twitter username', description: 'Username for twitter.com', type: 'string' },
      roles: { title: 'Roles', type: 'array', items: { type: 'string' }, union: 'DISABLE', scope: 'NONE' },
    };
    const answer = (definitions: object): void => {
      const schema = {
        id: 'https://acme.okta.com/meta/schemas/user/default',
        name: 'user',
        type: 'object',
        definitions,
      };
      world.okta.faults.add({ route: 'schemas', do: { kind: 'body', status: 200, body: JSON.stringify(schema) } });
    };
    await using connector = disposable(await world.connect());
    answer({
      base: { id: '#base', type: 'object', properties: base },
      custom: { id: '#custom', type: 'object', properties: custom, required: [] },
    });
    const { items } = await connector.use.attributes(never);
    expect(items.map(({ path, multiple }) => [path, multiple])).toEqual([
      ['profile.login', false],
      ['profile.twitterUserName', false],
      ['profile.roles', true],
    ]);
    answer({ base: { id: '#base', type: 'object', properties: base } });
    expect((await connector.use.attributes(never)).items).toHaveLength(1);
  });

  it('whose name no mapping can hold are left out', async () => {
    const { items } = await attributesOf((world) => {
      world.okta.settings.customAttributes = JSON.parse(
        '{"__proto__":{"type":"string"},"constructor":{"type":"string"},"a.b":{"type":"string"},"fine":{"type":"string"}}',
      ) as Record<string, object>;
    });
    expect(items.filter(({ custom }) => custom).map(({ path }) => path)).toEqual(['profile.fine']);
  });

  it('are listed by a token of their own: the scope may be missing, and no sync asks for it', async () => {
    await using world = await makeOktaWorld({ people: 20, method: 'key' });
    await using connector = disposable(await world.connect());
    const before = await connector.use.probe(never);
    await connector.use.attributes(never);
    expect(await connector.use.probe(never)).toEqual(before);
    expect(before.fingerprint).not.toContain('schemas');
  });

  it('by key and by API token, with and without proof of possession', async () => {
    const listed = [
      await attributesOf(() => undefined, 'token'),
      await attributesOf(() => undefined, 'key'),
      await attributesOf((world) => (world.okta.app.dpop = true), 'key'),
    ];
    for (const { items } of listed) expect(items.length).toBe(33);
  });

  it('that the admin role hides are refused, by name', async () => {
    const refused = attributesOf((world) => (world.okta.tokenRole.schemas = false));
    await expect(refused).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('the attributes of people'),
    });
  });
});
