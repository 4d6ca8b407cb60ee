import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startService, type TestService } from '../support/service.js';
import type { TestSession } from '../support/signed-in.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const credentials = {
  method: 'token',
  orgUrl: 'https://okta.acme.example',
  token: '00abcdefghijklmnopqrstuvwxyz0123456789ABCD',
};

let service: TestService;
let admins: string;
beforeAll(async () => {
  service = await startService();
  admins = (await service.api<{ id: string }>('POST', '/api/v1/connections', { provider: 'okta', name: 'Admins’' }))
    .body.id;
});
afterAll(() => service.close());

async function made(by: TestSession): Promise<string> {
  const answer = await by.api<{ id: string }>('POST', '/api/v1/connections', {
    provider: 'okta',
    name: 'IT’s',
    credentials,
  });
  expect(answer.status).toBe(201);
  return answer.body.id;
}

describe('who has a set-up link for the directory', () => {
  it('goes on with the connection that they made, up to its preview, and is named in the log by the link', async () => {
    const it_ = await service.setUp(['directory']);
    const id = await made(it_);
    expect((await it_.api('GET', `/api/v1/connections/${id}`)).status).toBe(200);
    expect((await it_.api('PATCH', `/api/v1/connections/${id}`, { name: 'Renamed' })).status).toBe(200);
    const preview = await it_.api<{ id: string }>('POST', `/api/v1/connections/${id}/previews`);
    expect(preview.status).toBe(202);
    expect((await it_.api('GET', `/api/v1/runs/${preview.body.id}`)).body).toMatchObject({ connectionId: id });
    const { body } = await service.api<{ items: object[] }>('GET', '/api/v1/audit?action=connection.created');
    expect(body.items[0]).toMatchObject({ by: { kind: 'set_up_link', id: it_.linkId }, subject: { id } });
  });

  it('reaches nothing that others made, and cannot tell it from what is not there', async () => {
    const it_ = await service.setUp(['directory']);
    const another = await service.setUp(['directory']);
    const run = await service.api<{ id: string }>('POST', `/api/v1/connections/${admins}/previews`);
    const ofOthers: [string, string][] = [
      ['GET', `/api/v1/connections/${admins}`],
      ['GET', `/api/v1/connections/${await made(another)}`],
      ['POST', `/api/v1/connections/${admins}/previews`],
      ['GET', `/api/v1/runs/${run.body.id}`],
      ['GET', `/api/v1/runs/${run.body.id}/plan`],
    ];
    for (const [method, path] of ofOthers) {
      const seen = await it_.api<{ detail: string }>(method, path);
      const unknown = await it_.api<{ detail: string }>(
        method,
        path.replace(/[0-9a-f-]{36}/, '01890000-0000-7000-8000-000000000bad'),
      );
      expect([path, seen.status, seen.body.detail]).toEqual([path, 403, unknown.body.detail]);
      expect(unknown.status).toBe(403);
    }
  });

  it('lists what they made and asked for, and nothing else, after the page was loaded again too', async () => {
    const it_ = await service.setUp(['directory']);
    const lists = async (): Promise<string[][]> => {
      const answers = ['connections', 'runs'].map((what) =>
        it_.api<{ items: { id: string }[] }>('GET', `/api/v1/${what}`),
      );
      return (await Promise.all(answers)).map(({ body }) => body.items.map(({ id }) => id));
    };
    expect(await lists()).toEqual([[], []]);
    const id = await made(it_);
    const preview = await it_.api<{ id: string }>('POST', `/api/v1/connections/${id}/previews`);
    expect(await lists()).toEqual([[id], [preview.body.id]]);
    expect((await it_.api('POST', `/api/v1/runs/${preview.body.id}/cancel`)).body).toMatchObject({
      state: 'cancelled',
    });
    const attributes = await it_.api<{ items: object[] }>('POST', `/api/v1/connections/${id}/attributes`, {});
    expect([attributes.status, attributes.body.items.length > 5]).toEqual([200, true]);
  });

  it('is told by which ways credentials can be given, each with its own steps', async () => {
    const it_ = await service.setUp(['directory']);
    const { body } = await it_.api<{
      items: { provider: string; methods: { method: string; setUpSteps: { title: string }[] }[] }[];
    }>('GET', '/api/v1/connection-kinds');
    const methods = (provider: string) => body.items.find((kind) => kind.provider === provider)?.methods ?? [];
    expect(methods('okta').map(({ method }) => method)).toEqual(['key', 'token']);
    expect(methods('google').map(({ method }) => method)).toEqual(['key']);
    const [key, token] = methods('okta').map(({ setUpSteps }) => setUpSteps.map(({ title }) => title));
    expect(key).toContain('Give it our public key');
    expect(token).toContain('Make an API token');
  });

  it('cannot delete, pause or stop, not even their own', async () => {
    const it_ = await service.setUp(['directory']);
    const id = await made(it_);
    for (const [method, path, body] of [
      ['POST', `/api/v1/connections/${id}/pause`, undefined],
      ['POST', `/api/v1/connections/${id}/stop`, { reason: 'x' }],
      ['POST', `/api/v1/connections/${id}/deletion`, { people: 'keep' }],
      ['GET', '/api/v1/people', undefined],
      ['GET', '/api/v1/audit', undefined],
    ] as const)
      expect([path, (await it_.api(method, path, body)).status]).toEqual([path, 403]);
  });

  it('keeps the addresses of a provider that is made later, once they were copied', async () => {
    const it_ = await service.setUp(['sso']);
    const asked = (query: string) =>
      it_.api<{ id: string; items: unknown[] }>('GET', `/api/v1/sign-in-presets${query}`);
    const { body } = await asked('');
    expect((await asked(`?id=${body.id}`)).body).toEqual(body);
    expect(JSON.stringify(body.items)).toContain(`/${body.id}`);
    expect((await asked('')).body.id).not.toBe(body.id);
    expect((await asked('?id=x')).status).toBe(400);
  });

  it('is out at once when the link is revoked', async () => {
    const it_ = await service.setUp(['directory']);
    const id = await made(it_);
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute('UPDATE set_up_link SET revoked_at = now() WHERE id = $1', [it_.linkId]),
    );
    expect((await it_.api('GET', `/api/v1/connections/${id}`)).status).toBe(401);
  });
});
