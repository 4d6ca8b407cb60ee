import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { messageOf } from '../../src/common/errors.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { insertConnection } from '../support/people.js';
import { startService, type Answer, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const sessionCookie = (): string => cookieName('session', publicSiteOf(service.config.server));

async function waitingRun(of: TestOrganisation): Promise<string> {
  const connection = await insertConnection(service.database, of.id);
  const id = newId();
  await service.database.asOrganisation(of.id, (tx) =>
    tx.execute(
      `INSERT INTO run (organisation_id, id, connection_id, kind, state, asked_by, trigger)
       VALUES ($1, $2, $3, 'full', 'queued', '{"kind":"operator"}', 'manual')`,
      [of.id, id, connection],
    ),
  );
  return id;
}

/** Watches a run that does not end by itself. Null once it has begun; then resolves when somebody ends it. */
async function watch(runId: string, headers: Record<string, string>): Promise<() => Promise<void>> {
  const response = await fetch(new URL(`/api/v1/runs/${runId}/progress`, service.url), { headers });
  expect(response.status).toBe(200);
  if (response.body === null) throw new Error('there is no stream');
  const reader = response.body.getReader();
  expect((await reader.read()).done).toBe(false);
  return async () => {
    try {
      while (!(await reader.read()).done);
    } catch (error) {
      // It was cut off, and did not end by itself.
      if (messageOf(error) !== 'terminated') throw error;
    }
  };
}

const byCookie = (cookie: string) => ({ cookie: `${sessionCookie()}=${cookie}` });

describe('X-09 what somebody watches ends with what let them', () => {
  it('when their session ends', async () => {
    const of = await service.newOrganisation();
    const admin = await service.session({ organisationId: of.id });
    const ended = await watch(await waitingRun(of), byCookie(admin.cookie));
    await of.api('POST', `/api/v1/people/${admin.personId}/sessions/end`);
    await ended();
  });

  it('when they are an admin no more', async () => {
    const of = await service.newOrganisation();
    const [admin] = [
      await service.session({ organisationId: of.id }),
      await service.session({ organisationId: of.id }),
    ];
    const ended = await watch(await waitingRun(of), byCookie(admin.cookie));
    await of.api('PUT', `/api/v1/people/${admin.personId}/admin`, { on: false });
    await ended();
  });

  it('when a key is revoked', async () => {
    const of = await service.newOrganisation();
    const made = await of.api<{ key: string; apiKey: { id: string } }>('POST', '/api/v1/api-keys', {
      ...{ name: 'watches', scopes: ['runs:read'], networks: [], expiresInDays: 1 },
    });
    const ended = await watch(await waitingRun(of), { authorization: `Bearer ${made.body.key}` });
    await of.api('DELETE', `/api/v1/api-keys/${made.body.apiKey.id}`);
    await ended();
  });

  it('T-13 when an admin ends a support session', async () => {
    const of = await service.newOrganisation();
    const operator = await service.operator();
    const body = { organisationId: of.id, reason: 'asked to look at a sync' };
    const begun: Answer<{ id: string }> = await operator.api('POST', '/api/v1/operator/support', body);
    const cookie = begun.headers
      .getSetCookie()
      .flatMap((one) => one.match(`^${sessionCookie()}=([^;]+)`)?.[1] ?? [])[0];
    const ended = await watch(await waitingRun(of), byCookie(cookie ?? ''));
    await of.api('POST', `/api/v1/support-sessions/${begun.body.id}/end`);
    await ended();
  });

  it('and nobody stays signed in by watching', async () => {
    const of = await service.newOrganisation();
    const admin = await service.session({ organisationId: of.id });
    const runId = await waitingRun(of);
    const asOf = async (): Promise<Date> =>
      (
        await service.database.asOrganisation(of.id, (tx) =>
          tx.one<{ lastUsedAt: Date }>('SELECT last_used_at FROM session WHERE id = $1', [admin.id]),
        )
      ).lastUsedAt;
    const ended = await watch(runId, byCookie(admin.cookie));
    const idle = new Date(Date.now() - 29 * 60_000);
    await service.database.asOrganisation(of.id, (tx) =>
      tx.execute('UPDATE session SET last_used_at = $2 WHERE id = $1', [admin.id, idle]),
    );
    // Looked at again several times while another one, begun later, is watched to its end.
    const beside = await service.session({ organisationId: of.id });
    const besideEnded = await watch(runId, byCookie(beside.cookie));
    await of.api('POST', `/api/v1/people/${beside.personId}/sessions/end`);
    await besideEnded();
    expect(await asOf()).toEqual(idle);
    await of.api('POST', `/api/v1/people/${admin.personId}/sessions/end`);
    await ended();
  });
});
