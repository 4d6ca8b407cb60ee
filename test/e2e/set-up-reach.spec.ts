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

  it('cannot delete, pause, stop or list, not even their own', async () => {
    const it_ = await service.setUp(['directory']);
    const id = await made(it_);
    for (const [method, path, body] of [
      ['GET', '/api/v1/connections', undefined],
      ['POST', `/api/v1/connections/${id}/pause`, undefined],
      ['POST', `/api/v1/connections/${id}/stop`, { reason: 'x' }],
      ['POST', `/api/v1/connections/${id}/deletion`, { people: 'keep' }],
      ['GET', '/api/v1/people', undefined],
      ['GET', '/api/v1/audit', undefined],
    ] as const)
      expect([path, (await it_.api(method, path, body)).status]).toEqual([path, 403]);
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
