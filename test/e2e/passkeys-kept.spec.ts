import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Authenticator } from '../support/authenticator.js';
import { PasskeyPeople, type Signed } from '../support/passkey-people.js';
import { startService, type Answer, type TestService } from '../support/service.js';

const ORIGIN = 'https://rollcall.acme.example';
const MINUTE = 60_000;

const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let service: TestService;
let people: PasskeyPeople;

beforeAll(async () => {
  service = await startService({ clock, config: { server: { publicUrl: ORIGIN, trustedProxies: ['127.0.0.1'] } } });
  people = new PasskeyPeople(service, ORIGIN);
});
afterAll(() => service.close());
beforeEach(() => {
  clock.advance(MINUTE);
});

describe('renaming a passkey', () => {
  const named = async ({ jar }: Signed): Promise<{ id: string; name: string }[]> =>
    (await jar.api<{ items: { id: string; name: string }[] }>('GET', '/api/v1/me/passkeys')).body.items;

  it('changes its name alone, ends no session, and stands in the log', async () => {
    const somebody = await people.withPasskey();
    const elsewhere = await people.signed({ personId: somebody.personId });
    const [before] = await named(somebody);
    const answer = await somebody.jar.api('PATCH', `/api/v1/me/passkeys/${before?.id}`, { name: 'Old laptop' });
    expect(answer).toMatchObject({ status: 200, body: { ...before, name: 'Old laptop' } });
    expect(await named(somebody)).toEqual([{ ...before, name: 'Old laptop' }]);
    expect(await people.who(elsewhere.jar)).toMatchObject({ signedIn: true });
    expect((await people.entriesOf(somebody.personId)).map(({ action }) => action)).toContain('passkey.renamed');
  });

  it('is for oneself: the others’ are not there', async () => {
    const [one, two] = [await people.withPasskey(), await people.withPasskey()];
    const [passkey] = await named(one);
    const path = `/api/v1/me/passkeys/${passkey?.id}`;
    expect((await two.jar.api('PATCH', path, { name: 'Mine' })).status).toBe(404);
    expect((await one.jar.api('PATCH', path, { name: ' ' })).status).toBe(400);
    expect((await named(one))[0]?.name).toBe('MacBook');
  });
});

describe('removing a passkey', () => {
  const remove = async ({ jar }: Signed): Promise<Answer> => {
    const { body } = await jar.api<{ items: { id: string }[] }>('GET', '/api/v1/me/passkeys');
    return jar.api('DELETE', `/api/v1/me/passkeys/${body.items[0]?.id}`);
  };

  it('is for oneself: the others’ are not there', async () => {
    const one = await people.withPasskey();
    const other = await people.withPasskey();
    const { body } = await one.jar.api<{ items: { id: string }[] }>('GET', '/api/v1/me/passkeys');
    expect(await other.jar.api('DELETE', `/api/v1/me/passkeys/${body.items[0]?.id}`)).toMatchObject({
      status: 404,
      body: { code: 'passkey.not_found' },
    });
    expect((await other.jar.api('DELETE', `/api/v1/me/passkeys/${newId()}`)).status).toBe(404);
  });

  it('leaves an admin without single sign-on the last one', async () => {
    const somebody = await people.withPasskey({ admin: true });
    expect(await remove(somebody)).toMatchObject({ status: 409, body: { code: 'passkey.last' } });
    expect((await people.enrol(somebody.jar, new Authenticator(ORIGIN), {}, 'spare')).status).toBe(201);
    expect((await remove(somebody)).status).toBe(204);
    expect((await people.signIn(people.newJar(), somebody.device)).status).toBe(401);
    expect(await people.mailsTo(somebody.personId)).toEqual(['factor_changed', 'factor_changed', 'factor_changed']);
  });

  it('a member may remove all of them, and the other sessions end', async () => {
    const somebody = await people.withPasskey({ admin: false });
    const other = await people.signed({ personId: somebody.personId });
    expect((await remove(somebody)).status).toBe(204);
    expect(await people.who(other.jar)).toEqual({ signedIn: false });
    expect((await people.entriesOf(somebody.personId)).map(({ action }) => action)).toContain('passkey.removed');
  });

  it('X-07 wants somebody who has just shown who they are', async () => {
    const somebody = await people.withPasskey({ admin: false });
    clock.advance(11 * MINUTE);
    expect(await remove(somebody)).toMatchObject({ status: 403, body: { code: 'session.reauthentication_needed' } });
  });
});
