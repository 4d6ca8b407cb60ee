import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService({ config: { limits: { failuresPerMinute: 3 } } });
});
afterAll(() => service.close());

describe('GET /api/v1/session', () => {
  it('says that nobody is signed in, and takes a dead cookie away', async () => {
    const answer = await service.browser('')('GET', '/api/v1/session');
    expect([answer.status, answer.body, answer.headers.getSetCookie()]).toEqual([200, { signedIn: false }, []]);
    const dead = await service.browser('anything')('GET', '/api/v1/session');
    expect([dead.status, dead.body]).toEqual([200, { signedIn: false }]);
    expect(dead.headers.getSetCookie()).toHaveLength(1);
  });

  it('says who is signed in', async () => {
    const { api, personId, organisationId } = await service.session({ admin: false });
    expect((await api('GET', '/api/v1/session')).body).toMatchObject({
      signedIn: true,
      kind: 'person',
      organisation: { id: organisationId },
      person: { id: personId, isAdmin: false },
      strength: 'passkey',
      operator: false,
      support: null,
      setUp: null,
      needs: null,
    });
  });

  it('says that an admin who came by a link alone needs a passkey, and a member does not', async () => {
    const admin = await service.session({ strength: 'link' });
    const member = await service.session({ strength: 'link', admin: false });
    expect((await admin.api('GET', '/api/v1/session')).body).toMatchObject({ needs: 'passkey' });
    expect((await member.api('GET', '/api/v1/session')).body).toMatchObject({ needs: null });
  });

  it('says what a set-up link is for, and shows nobody', async () => {
    const { api } = await service.setUp(['sso', 'directory']);
    expect((await api('GET', '/api/v1/session')).body).toMatchObject({
      kind: 'set_up',
      person: null,
      setUp: { kinds: ['sso', 'directory'] },
      freshUntil: null,
    });
  });

  it('says who is an operator', async () => {
    const { api } = await service.operator();
    expect((await api('GET', '/api/v1/session')).body).toMatchObject({ operator: true, support: null });
  });
});

describe('who guesses', () => {
  it('is shut out after a few wrong cookies; a session that ended is no guess', async () => {
    const ended = await service.session();
    await ended.api('DELETE', '/api/v1/session');
    for (let times = 0; times < 10; times += 1)
      expect((await ended.api('GET', '/api/v1/me/sessions')).status).toBe(401);
    const guess = service.browser(`${'A'.repeat(22)}.${'A'.repeat(43)}`);
    for (let times = 0; times < 3; times += 1) expect((await guess('GET', '/api/v1/me/sessions')).status).toBe(401);
    expect((await guess('GET', '/api/v1/me/sessions')).status).toBe(429);
  });
});

describe('A-10 a session', () => {
  it('has its own share: another of the same person has another', async () => {
    await using small = await startService({ config: { limits: { credentialPerMinute: 5 } } });
    const one = await small.session();
    const two = await small.session({ personId: one.personId });
    for (let times = 0; times < 5; times += 1) expect((await one.api('GET', '/api/v1/me/sessions')).status).toBe(200);
    expect((await one.api('GET', '/api/v1/me/sessions')).status).toBe(429);
    expect((await two.api('GET', '/api/v1/me/sessions')).status).toBe(200);
  });
});

describe('X-01 the session’s cookie', () => {
  it('is of this host alone, over TLS, where the installation has https', async () => {
    await using secure = await startService({ config: { server: { publicUrl: 'https://rollcall.acme.example' } } });
    const { api } = await secure.session();
    const answer = await api('DELETE', '/api/v1/session');
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([
      204,
      ['__Host-rollcall-session=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Secure; SameSite=Lax'],
    ]);
  });

  it('under the name that is for this machine alone is nothing there', async () => {
    await using secure = await startService({ config: { server: { publicUrl: 'https://rollcall.acme.example' } } });
    const { cookie } = await secure.session();
    const answer = await secure.browser('')('GET', '/api/v1/me/sessions', undefined, {
      headers: { cookie: `rollcall-session=${cookie}` },
    });
    expect(answer.status).toBe(401);
  });
});
