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

  it('as the examples of Google’s pages write them, a flag as a text', async () => {
    await using world = await googleWorld();
    const field = (name: string, flag: unknown): object => ({
      kind: 'admin#directory#schema#fieldspec',
      fieldId: '21_B4iQIRY-dIFGFgAX-Og==',
      etag: '"St7vIdePbbDsQUvvrssynd-6JLg/LZxiGaz6_N4R40OpKbDhOcy2qiE"',
      fieldType: 'STRING',
      fieldName: name,
      multiValued: flag,
    });
    const schema = {
      kind: 'admin#directory#schema',
      schemaId: 'dKaYmUwmSZy5lreXyh75hQ==',
      schemaName: 'employmentData',
      fields: [field('EmployeeNumber', 'false'), field('Skills', 'true'), field('JobFamily', false)],
    };
    const body = JSON.stringify({ kind: 'admin#directory#schemas', schemas: [schema] });
    world.google.faults.add({ route: 'schemas', do: { kind: 'body', status: 200, body } });
    const { items } = await (await world.connect()).attributes(never);
    expect(items.filter(({ custom }) => custom).map(({ path, label, multiple }) => [path, label, multiple])).toEqual([
      ['customSchemas.employmentData.EmployeeNumber', 'employmentData: EmployeeNumber', false],
      ['customSchemas.employmentData.Skills', 'employmentData: Skills', true],
      ['customSchemas.employmentData.JobFamily', 'employmentData: JobFamily', false],
    ]);
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
