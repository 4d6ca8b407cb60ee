import { describe, expect, it } from '@jest/globals';
import { googleMapping, defaultGoogleMapping } from '../../../src/connectors/google/settings.js';
import { standardAttributes } from '../../../src/connectors/google/standard-attributes.js';
import type { CustomSchema } from '../../simulators/google/settings.ts';
import { googleWorld, never } from './world.js';

type Field = CustomSchema['fields'][number];

async function customOf(fields: Field[], name = 'HR'): Promise<unknown[]> {
  await using world = await googleWorld({ customSchemas: [{ name, displayName: 'People & culture', fields }] });
  const { items } = await (await world.connect()).attributes(never);
  return items.filter(({ custom }) => custom);
}

describe('attributes of people in Google', () => {
  it.each([
    ['STRING', 'text'],
    ['EMAIL', 'text'],
    ['PHONE', 'text'],
    ['BOOL', 'boolean'],
    ['DATE', 'date'],
    ['INT64', 'number'],
    ['DOUBLE', 'number'],
    ['SOMETHING_NEW', 'other'],
  ])('of type %s', async (type, said) => {
    const field = { name: 'grade', displayName: 'Grade', type: type as Field['type'] };
    const path = 'customSchemas.HR.grade';
    const expected = { path, label: 'People & culture: Grade', type: said, multiple: false, custom: true };
    expect(await customOf([field])).toEqual([expected]);
    expect(await customOf([{ ...field, multiValued: true }])).toEqual([{ ...expected, multiple: true }]);
  });

  it('whose name no mapping can hold are left out', async () => {
    const field = (name: string): Field => ({ name, displayName: name, type: 'STRING' });
    expect(await customOf([field('a.b'), field('fine'), field('x'.repeat(65))])).toMatchObject([
      { path: 'customSchemas.HR.fine' },
    ]);
    expect(await customOf([field('fine')], 'H/R')).toEqual([]);
  });

  it('of a schema without fields are none', async () => {
    expect(await customOf([])).toEqual([]);
  });

  it('of lists by type may be of any type, and are never said to be unknown', async () => {
    await using world = await googleWorld();
    const extras = { badge: 'externalIds.badge', mentor: 'relations.mentor', gone: 'customSchemas.Work.Gone' };
    const connector = await world.connect({ mapping: { extras } });
    expect((await connector.attributes(never)).unlisted).toEqual(['customSchemas.Work.Gone']);
  });

  it('hold nothing that is secret or private', () => {
    expect(standardAttributes.map(({ path }) => path).join(' ')).not.toMatch(/recovery|password|hash|ssh|posix/iu);
    for (const path of ['recoveryEmail', 'recoveryPhone', 'password']) {
      expect(googleMapping.safeParse({ ...defaultGoogleMapping, extras: { own: path } }).success).toBe(false);
    }
  });

  it('that the privileges of the subject hide are refused, by the name of the privilege', async () => {
    await using world = await googleWorld();
    world.google.settings.privileges.schemas = false;
    await expect((await world.connect()).attributes(never)).rejects.toMatchObject({
      failure: 'unauthorized',
      message: expect.stringContaining('"Schema Management"'),
    });
  });

  it('are listed by a token of their own, by the customer’s id where the scope names it', async () => {
    await using world = await googleWorld();
    const customer = world.google.ids.customer;
    const connector = await world.connect({ scope: { kind: 'directory', excluded: [], customer } });
    const before = await connector.probe(never);
    expect((await connector.attributes(never)).items.some(({ custom }) => custom)).toBe(true);
    expect(await connector.probe(never)).toEqual(before);
    expect(world.google.requests.entries.some(({ url }) => url.includes(`/customer/${customer}/schemas`))).toBe(true);
  });
});
