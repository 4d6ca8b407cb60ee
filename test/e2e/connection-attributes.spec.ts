import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { makeOktaWorld, type OktaWorld } from '../contract/okta-world.js';
import { startService, type Answer, type Api, type TestService } from '../support/service.js';
import { createConnection, type View } from './connection-helpers.js';

interface Attributes {
  code: string;
  items: { path: string; label: string; type: string; multiple: boolean; custom: boolean; fills: string[] }[];
  unlisted: { path: string; fills: string[] }[];
  missing: string | null;
}

let service: TestService;
let world: OktaWorld;
let api: Api;
let connection: View;

beforeAll(async () => {
  service = await startService({ config: { connectors: { okta: { insecureLoopback: true } } } });
});
beforeEach(async () => {
  world = await makeOktaWorld({ people: 20 });
  ({ api } = await service.newOrganisation());
  const { url, credentials } = world.okta;
  connection = await createConnection(api, {
    credentials: { method: 'token', orgUrl: url, token: credentials.apiToken },
  });
});
afterEach(async () => {
  await world[Symbol.asyncDispose]();
});
afterAll(() => service.close());

const list = (body: object = {}): Promise<Answer<Attributes>> =>
  api<Attributes>('POST', `/api/v1/connections/${connection.id}/attributes`, body);

describe('what a mapping can be chosen from', () => {
  it('the attributes of the directory with path, label and type, and what each fills now', async () => {
    const { status, body } = await list();
    expect([status, body.missing, body.unlisted]).toEqual([200, null, []]);
    expect(body.items).toContainEqual({
      path: 'profile.department',
      label: 'Department',
      type: 'text',
      multiple: false,
      custom: false,
      fills: ['department'],
    });
    expect(body.items.filter(({ custom }) => custom).map(({ path, fills }) => [path, fills])).toEqual([
      ['profile.workSite', []],
      ['profile.badges', []],
    ]);
  });

  it('a path that was chosen from it can be saved, and is read', async () => {
    const { body } = await list();
    const site = body.items.find(({ label }) => label === 'Work site');
    const mapping = { ...connection.settings.mapping, extras: { site: site?.path } };
    const saved = await api<View>('PATCH', `/api/v1/connections/${connection.id}`, { mapping });
    expect(saved.status).toBe(200);
    expect((await list()).body.items.find(({ path }) => path === site?.path)?.fills).toEqual(['extras.site']);
  });

  it('for settings that are not saved, which stay unsaved', async () => {
    const mapping = { ...connection.settings.mapping, title: 'profile.titel', extras: { site: 'profile.workSite' } };
    const { body } = await list({ mapping });
    expect(body.unlisted).toEqual([{ path: 'profile.titel', fills: ['title'] }]);
    expect(body.items.find(({ path }) => path === 'profile.workSite')?.fills).toEqual(['extras.site']);
    const { body: stored } = await api<View>('GET', `/api/v1/connections/${connection.id}`);
    expect(stored).toMatchObject({ settings: { mapping: connection.settings.mapping }, version: connection.version });
  });

  it('settings that could not be saved are refused in the same words', async () => {
    const refused = await list({ mapping: { ...connection.settings.mapping, extras: { isAdmin: 'profile.x' } } });
    expect([refused.status, refused.body.code]).toEqual([400, 'connection.mapping_reserved']);
    expect((await list({ scope: { kind: 'nobody' } })).body.code).toBe('request.invalid');
    expect((await list({ policy: {} })).body.code).toBe('request.invalid');
  });

  it.each([
    ['the role may not', () => (world.okta.tokenRole.schemas = false), /^Okta does not let us read the attributes/u],
    ['the token is wrong', () => world.okta.auth.apiTokens.clear(), /^Okta does not accept the API token/u],
  ])('the standard ones and why there are no more, when %s', async (_words, break_, sentence) => {
    break_();
    const { status, body } = await list();
    expect([status, body.unlisted]).toEqual([200, []]);
    expect(body.missing).toMatch(sentence);
    expect(body.items.map(({ path }) => path)).toContain('profile.costCenter');
    expect(body.items.some(({ custom }) => custom)).toBe(false);
  });

  it('the same before there are credentials', async () => {
    connection = await createConnection(api, { name: 'Another' });
    const { body } = await list();
    expect([body.items.length, body.missing]).toEqual([31, 'The connection has no credentials; set them.']);
  });

  it('asking is written down, with how it ended', async () => {
    await list();
    world.okta.tokenRole.schemas = false;
    await list();
    const { body } = await api<{ items: { action: string; outcome: string; subject: object }[] }>(
      'GET',
      '/api/v1/audit?action=connection.attributes_listed',
    );
    expect(body.items.map(({ outcome, subject }) => [outcome, subject])).toEqual(
      ['failed', 'done'].map((outcome) => [outcome, { kind: 'connection', id: connection.id }]),
    );
  });
});
