import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import type { Tx } from '../../src/database/tx.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const PATH = '/api/v1/sign-in-settings';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const within = <T>(of: TestOrganisation, work: (tx: Tx) => Promise<T>): Promise<T> =>
  service.database.asOrganisation(of.id, work);
const addPasskey = (of: TestOrganisation, personId: string): Promise<number> =>
  within(of, (tx) =>
    tx.execute(
      `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
       VALUES ($1, $2, $3, $4, 'k', 0, '{}', 'a key', false)`,
      [of.id, newId(), personId, newId()],
    ),
  );

/** An organisation with an enabled provider, and an admin who signed in there. */
async function ready() {
  const of = await service.newOrganisation();
  const provider = newId();
  const admin = await service.session({ organisationId: of.id });
  await within(of, async (tx) => {
    await tx.execute(
      `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, state, settings, discovery, tested_at)
       VALUES ($1, $2, 'generic', 'x', 'https://idp.example', 'c', 'active', '{}', '{}', now())`,
      [of.id, provider],
    );
    await tx.execute(`UPDATE session SET strength = 'provider', identity_provider_id = $2 WHERE id = $1`, [
      admin.id,
      provider,
    ]);
  });
  const spare = await service.session({ organisationId: of.id });
  await addPasskey(of, spare.personId);
  return { of, admin, spare };
}

it('single sign-on is enforced by somebody for whom it works, with a way back in', async () => {
  const { of, admin, spare } = await ready();
  const on = { ssoEnforced: true, breakGlass: [spare.personId] };
  const set = await admin.api('PUT', PATH, on);
  expect(set).toMatchObject({
    status: 200,
    body: { sso: true, ssoEnforced: true, breakGlass: [{ personId: spare.personId, passkeys: 1 }] },
  });
  expect((await of.api('GET', PATH)).body).toEqual(set.body);
  const actions = await within(of, (tx) =>
    tx.query<{ action: string }>('SELECT action FROM audit_entry ORDER BY seq DESC LIMIT 2'),
  );
  expect(actions.map(({ action }) => action)).toEqual(['organisation.sign_in_settings', 'break_glass.set']);
  expect((await admin.api('PUT', PATH, { ssoEnforced: false, breakGlass: [] })).body).toMatchObject({
    ssoEnforced: false,
    breakGlass: [],
  });
});

it('and not otherwise', async () => {
  const { of, admin, spare } = await ready();
  const on = { ssoEnforced: true, breakGlass: [spare.personId] };
  const unready = { status: 409, body: { code: 'sign_in.not_enforceable' } };
  expect(await of.api('PUT', PATH, on)).toMatchObject(unready);
  expect(await spare.api('PUT', PATH, on)).toMatchObject(unready);
  expect(await admin.api('PUT', PATH, { ...on, breakGlass: [] })).toMatchObject(unready);
  expect(await admin.api('PUT', PATH, { ...on, breakGlass: [admin.personId] })).toMatchObject(unready);
  await within(of, (tx) => tx.execute(`UPDATE identity_provider SET state = 'disabled'`));
  expect(await admin.api('PUT', PATH, on)).toMatchObject(unready);
  await within(of, (tx) => tx.execute(`UPDATE identity_provider SET state = 'active'`));
  await within(of, (tx) => tx.execute('UPDATE organisation SET sso = false'));
  expect((await admin.api('PUT', PATH, on)).body).toMatchObject({ code: 'feature.off' });
  expect((await of.api('GET', PATH)).body).toMatchObject({ ssoEnforced: false, breakGlass: [] });
});

it('while it is enforced the last way back in stays', async () => {
  const { admin, spare } = await ready();
  await admin.api('PUT', PATH, { ssoEnforced: true, breakGlass: [spare.personId] });
  expect((await admin.api('PUT', PATH, { ssoEnforced: true, breakGlass: [] })).status).toBe(409);
});

it('the exceptions are active people of this organisation, three at most', async () => {
  const { of, admin, spare } = await ready();
  const stranger = await service.session();
  for (const breakGlass of [[stranger.personId], [newId()], [spare.personId, stranger.personId]]) {
    expect((await admin.api('PUT', PATH, { ssoEnforced: false, breakGlass })).status).toBe(400);
  }
  const four = await Promise.all(Array.from({ length: 4 }, () => service.session({ organisationId: of.id })));
  const ids = four.map(({ personId }) => personId);
  expect((await admin.api('PUT', PATH, { ssoEnforced: false, breakGlass: ids })).status).toBe(400);
  expect((await admin.api('PUT', PATH, { ssoEnforced: false, breakGlass: [ids[0], ids[0]] })).status).toBe(400);
  expect((await admin.api('PUT', PATH, { ssoEnforced: false, breakGlass: ids.slice(1) })).status).toBe(200);
});

it('O-77 what others have begun by a passkey or a link ends when it is enforced, and the exceptions go on', async () => {
  const { of, admin, spare } = await ready();
  const other = await service.session({ organisationId: of.id });
  const emergency = await service.session({ organisationId: of.id, strength: 'break_glass' });
  await admin.api('PUT', PATH, { ssoEnforced: true, breakGlass: [spare.personId] });
  const alive = async (one: { api: typeof of.api }): Promise<boolean> =>
    (await one.api('GET', '/api/v1/organisation')).status === 200;
  expect([await alive(other), await alive(admin), await alive(spare), await alive(emergency)]).toEqual([
    false,
    true,
    true,
    true,
  ]);
});

it('the operator may, who can let people in from the command line', async () => {
  const { of } = await ready();
  const operator = await service.operator();
  const begun = await operator.api('POST', '/api/v1/operator/support', {
    organisationId: of.id,
    reason: 'their admins have asked for it',
  });
  const cookie = /rollcall-session=([^;]+)/u.exec(begun.headers.getSetCookie().join())?.[1] ?? '';
  const inside = service.browser(cookie);
  expect((await inside('PUT', PATH, { ssoEnforced: true, breakGlass: [] })).status).toBe(200);
});
