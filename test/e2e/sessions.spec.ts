import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Sessions } from '../../src/auth/sessions.service.js';
import { ManualClock } from '../../src/common/clock.js';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_MINUTE = 60_000;
const AN_HOUR = 3_600_000;
const SOMEWHERE = '/api/v1/organisation';

let service: TestService;
let sessions: Sessions;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
  sessions = service.app.get(Sessions, { strict: false });
});
afterAll(() => service.close());

const inOrganisation = <T>(work: Parameters<TestService['database']['asOrganisation']>[1]): Promise<T> =>
  service.database.asOrganisation(service.organisation.id, work) as Promise<T>;

async function rowOf(id: string): Promise<{ endedBecause: string | null; lastUsedAt: Date }> {
  return inOrganisation((tx) => tx.one('SELECT ended_because, last_used_at FROM session WHERE id = $1', [id]));
}

describe('SESSION how long a session lasts', () => {
  it('ends when nothing was done for 30 minutes, and not before', async () => {
    const { api, id } = await service.session();
    clock.advance(29 * A_MINUTE);
    expect((await api('GET', SOMEWHERE)).status).toBe(200);
    clock.advance(29 * A_MINUTE);
    expect((await api('GET', SOMEWHERE)).status).toBe(200);
    clock.advance(30 * A_MINUTE);
    expect(await api('GET', SOMEWHERE)).toMatchObject({ status: 401, body: { code: 'request.unauthenticated' } });
    expect(await rowOf(id)).toMatchObject({ endedBecause: 'idle' });
  });

  it('O-75 is never outlived by activity: 12 hours, whatever was done', async () => {
    const { api, id } = await service.session();
    for (let at = 0; at < 12 * AN_HOUR - 20 * A_MINUTE; at += 20 * A_MINUTE) {
      clock.advance(20 * A_MINUTE);
      expect((await api('GET', SOMEWHERE)).status).toBe(200);
    }
    clock.advance(20 * A_MINUTE);
    expect((await api('GET', SOMEWHERE)).status).toBe(401);
    expect(await rowOf(id)).toMatchObject({ endedBecause: 'absolute' });
  });

  it('notes its use about once a minute', async () => {
    const { api, id } = await service.session();
    const begun = clock.now();
    clock.advance(59_000);
    await api('GET', SOMEWHERE);
    expect((await rowOf(id)).lastUsedAt).toEqual(begun);
    clock.advance(1_000);
    await api('GET', SOMEWHERE);
    expect((await rowOf(id)).lastUsedAt).toEqual(clock.now());
  });

  it('of a set-up link is an hour without activity, and four with it', async () => {
    const { api, id } = await service.setUp(['directory']);
    clock.advance(59 * A_MINUTE);
    expect((await api('GET', SOMEWHERE)).status).not.toBe(401);
    clock.advance(60 * A_MINUTE);
    expect((await api('GET', SOMEWHERE)).status).toBe(401);
    expect(await rowOf(id)).toMatchObject({ endedBecause: 'idle' });
    const other = await service.setUp(['directory']);
    for (let quarter = 1; quarter < 16; quarter += 1) {
      clock.advance(15 * A_MINUTE);
      expect((await other.api('GET', SOMEWHERE)).status).not.toBe(401);
    }
    clock.advance(15 * A_MINUTE);
    expect((await other.api('GET', SOMEWHERE)).status).toBe(401);
    expect(await rowOf(other.id)).toMatchObject({ endedBecause: 'absolute' });
  });
});

describe('O-10 the id of a session', () => {
  it('is another one after each sign-in, and the old one is dead at once', async () => {
    const { personId, api, id } = await service.session();
    const order = {
      ...{ personId, strength: 'passkey' as const, amr: [], acr: null, authenticatedAt: clock.now(), provider: null },
      ...{ address: '127.0.0.1', userAgent: '' },
    };
    const next = await service.database.asOrganisation(service.organisation.id, (tx) => sessions.begin(tx, order, id));
    expect((await api('GET', SOMEWHERE)).status).toBe(401);
    expect((await service.browser(next.cookie)('GET', SOMEWHERE)).status).toBe(200);
    expect(await rowOf(id)).toMatchObject({ endedBecause: 'replaced' });
    await sessions.endPresented(next.cookie);
    expect((await service.browser(next.cookie)('GET', SOMEWHERE)).status).toBe(401);
  });

  it('is another one after showing again who one is, with the same end', async () => {
    const { api, cookie, id } = await service.session();
    clock.advance(5 * A_MINUTE);
    const how = { strength: 'passkey' as const, amr: ['hwk'], acr: null, at: clock.now() };
    const next = await service.database.asOrganisation(service.organisation.id, (tx) =>
      sessions.reauthenticated(tx, id, how),
    );
    expect([next.id, next.cookie === cookie]).toEqual([id, false]);
    expect(next.endsAt.getTime()).toBe(clock.now().getTime() - 5 * A_MINUTE + 12 * AN_HOUR);
    expect((await api('GET', SOMEWHERE)).status).toBe(401);
    expect((await service.browser(next.cookie)('GET', SOMEWHERE)).status).toBe(200);
  });

  it('is another one on the way into and out of a support session', async () => {
    const operator = await service.operator();
    const home = (work: Parameters<TestService['database']['asOrganisation']>[1]): Promise<unknown> =>
      service.database.asOrganisation(operator.organisationId, work);
    const support = { organisationId: service.organisation.id, id: '01890000-0000-7000-8000-00000000aaaa' };
    await inOrganisation((tx) =>
      tx.execute(
        `INSERT INTO support_session (organisation_id, id, operator_id, operator_name, reason, started_at, ends_at)
         VALUES ($1, $2, $3, 'Op', 'They asked for help.', $4, $4::timestamptz + interval '1 hour')`,
        [support.organisationId, support.id, operator.personId, clock.now()],
      ),
    );
    const inside = (await home((tx) => sessions.enterSupport(tx, operator.id, support))) as { cookie: string };
    expect((await operator.api('GET', SOMEWHERE)).status).toBe(401);
    expect(await service.browser(inside.cookie)('GET', SOMEWHERE)).toMatchObject({
      status: 200,
      body: { id: service.organisation.id },
    });
    await inOrganisation((tx) => tx.execute('UPDATE support_session SET ended_at = $1', [clock.now()]));
    expect(await service.browser(inside.cookie)('GET', SOMEWHERE)).toMatchObject({
      status: 403,
      body: { code: 'support.ended' },
    });
    const outside = (await home((tx) => sessions.enterSupport(tx, operator.id, null))) as { cookie: string };
    expect((await service.browser(inside.cookie)('GET', SOMEWHERE)).status).toBe(401);
    expect((await service.browser(outside.cookie)('GET', SOMEWHERE)).body).toMatchObject({ code: 'request.forbidden' });
  });
});
