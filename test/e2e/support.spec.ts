import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { startService, type Answer, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_MINUTE = 60_000;
const REASON = 'asked to look at a sync';

let service: TestService;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
});
afterAll(() => service.close());

const cookieOf = (answer: Answer): string => {
  const name = cookieName('session', publicSiteOf(service.config.server));
  return answer.headers.getSetCookie().flatMap((one) => one.match(`^${name}=([^;]+)`)?.[1] ?? [])[0] ?? '';
};
async function enter(organisationId: string, minutes?: number) {
  const operator = await service.operator();
  const body = { organisationId, reason: REASON, ...(minutes === undefined ? {} : { minutes }) };
  const begun = await operator.api<{ id: string }>('POST', '/api/v1/operator/support', body);
  expect(begun.status).toBe(201);
  return { operator, begun, inside: service.browser(cookieOf(begun)) };
}

describe('T-13 an operator is in an organisation by a support session alone', () => {
  it('with a reason, which its admins see, and a name', async () => {
    const of = await service.newOrganisation();
    const { operator, inside } = await enter(of.id);
    expect((await inside('GET', '/api/v1/organisation')).body).toMatchObject({ id: of.id });
    const list = await of.api<{ items: object[] }>('GET', '/api/v1/support-sessions');
    expect(list.body.items).toMatchObject([
      { reason: REASON, operator: expect.stringContaining('@acme.example'), endedAt: null },
    ]);
    const entries = await service.database.asOrganisation(of.id, (tx) =>
      tx.query<{ action: string; actor: object }>(`SELECT action, actor FROM audit_entry ORDER BY seq DESC LIMIT 1`),
    );
    expect(entries).toMatchObject([
      { action: 'support.begun', actor: { kind: 'operator', personId: operator.personId } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(REASON);
  });

  it('and not without one, nor for ever', async () => {
    const operator = await service.operator();
    const organisationId = service.organisation.id;
    for (const body of [
      { organisationId },
      { organisationId, reason: 'short' },
      { organisationId, reason: ' '.repeat(20) },
      { organisationId, reason: REASON, minutes: 14 },
      { organisationId, reason: REASON, minutes: 481 },
    ]) {
      expect([body, (await operator.api('POST', '/api/v1/operator/support', body)).status]).toEqual([body, 400]);
    }
    expect((await operator.api('GET', '/api/v1/people')).status).toBe(403);
  });

  it('until its time is over', async () => {
    const of = await service.newOrganisation();
    const { inside } = await enter(of.id, 15);
    clock.advance(15 * A_MINUTE - 1);
    expect((await inside('GET', '/api/v1/organisation')).status).toBe(200);
    clock.advance(1);
    expect(await inside('GET', '/api/v1/organisation')).toMatchObject({ status: 403, body: { code: 'support.ended' } });
  });

  it('or an admin ends it, at once', async () => {
    const of = await service.newOrganisation();
    const { inside, begun } = await enter(of.id);
    const ended = await of.api('POST', `/api/v1/support-sessions/${begun.body.id}/end`);
    expect(ended.body).toMatchObject({ endedAt: clock.now().toISOString() });
    expect((await inside('GET', '/api/v1/organisation')).body).toMatchObject({ code: 'support.ended' });
    expect((await of.api('POST', `/api/v1/support-sessions/${begun.body.id}/end`)).body).toEqual(ended.body);
    const other = await service.newOrganisation();
    expect((await other.api('POST', `/api/v1/support-sessions/${begun.body.id}/end`)).status).toBe(404);
  });

  it('or they are no operator any more', async () => {
    const of = await service.newOrganisation();
    const { inside, operator } = await enter(of.id);
    await service.database.asWorker((tx) =>
      tx.execute('UPDATE operator SET ended_at = now() WHERE person_id = $1', [operator.personId]),
    );
    expect((await inside('GET', '/api/v1/organisation')).status).toBe(403);
  });

  it('O-10 under a new id on the way in and on the way out', async () => {
    const of = await service.newOrganisation();
    const { operator, inside } = await enter(of.id);
    expect((await operator.api('GET', '/api/v1/me/sessions')).status).toBe(401);
    const left = await inside('DELETE', '/api/v1/operator/support');
    expect(left.status).toBe(204);
    expect((await inside('GET', '/api/v1/organisation')).status).toBe(401);
    const home = service.browser(cookieOf(left));
    expect((await home('GET', '/api/v1/me/sessions')).status).toBe(200);
    expect((await home('GET', '/api/v1/organisation')).status).toBe(403);
    expect((await home('DELETE', '/api/v1/operator/support')).body).toMatchObject({ code: 'support.not_found' });
    const { body } = await of.api<{ items: { endedAt: string | null }[] }>('GET', '/api/v1/support-sessions');
    expect(body.items[0]?.endedAt).toBe(clock.now().toISOString());
  });

  it('and not once they signed out inside of it', async () => {
    const of = await service.newOrganisation();
    const { operator, inside, begun } = await enter(of.id);
    expect((await inside('POST', '/api/v1/session/sign-out')).status).toBe(200);
    expect((await inside('GET', '/api/v1/organisation')).status).toBe(401);
    const { body } = await of.api<{ items: object[] }>('GET', '/api/v1/support-sessions');
    expect(body.items).toMatchObject([{ id: begun.body.id, endedAt: clock.now().toISOString() }]);
    const entries = await service.database.asOrganisation(of.id, (tx) =>
      tx.query<{ action: string; actor: object }>(`SELECT action, actor FROM audit_entry ORDER BY seq DESC LIMIT 1`),
    );
    expect(entries).toMatchObject([{ action: 'support.ended', actor: { personId: operator.personId } }]);
  });

  it('and what they do there is theirs in its log', async () => {
    const of = await service.newOrganisation();
    const { operator, begun, inside } = await enter(of.id);
    expect((await inside('PATCH', '/api/v1/organisation', { runsKeptDays: 30 })).status).toBe(200);
    const [entry] = await service.database.asOrganisation(of.id, (tx) =>
      tx.query(`SELECT actor FROM audit_entry WHERE action = 'organisation.updated'`),
    );
    expect(entry).toEqual({
      actor: {
        kind: 'operator',
        personId: operator.personId,
        organisationId: operator.organisationId,
        supportSessionId: begun.body.id,
      },
    });
  });
});

it('only operators begin one, and only elsewhere', async () => {
  const admin = await service.session();
  const body = { organisationId: service.organisation.id, reason: REASON };
  expect((await admin.api('POST', '/api/v1/operator/support', body)).status).toBe(403);
  expect((await service.api('POST', '/api/v1/operator/support', body)).status).toBe(403);
  const operator = await service.operator();
  const home = { ...body, organisationId: operator.organisationId };
  expect((await operator.api('POST', '/api/v1/operator/support', home)).status).toBe(400);
  const nowhere = { ...body, organisationId: '00000000-0000-7000-8000-000000000000' };
  expect((await operator.api('POST', '/api/v1/operator/support', nowhere)).status).toBe(404);
});
