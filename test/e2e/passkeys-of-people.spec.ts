import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { apiOf, startService, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.close());

const rows = <T extends object>(text: string, values: unknown[], organisationId = service.organisation.id) =>
  service.database.asOrganisation(organisationId, (tx) => tx.query<T>(text, values));

async function passkeyOf(personId: string, organisationId = service.organisation.id): Promise<string> {
  const id = newId();
  await rows(
    `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
     VALUES ($1, $2, $3, $4, '\\x00', 0, '{}', 'Lost phone', false)`,
    [organisationId, id, personId, id],
    organisationId,
  );
  return id;
}

const of = (personId: string): string => `/api/v1/people/${personId}/passkeys`;

describe('a passkey of a device that is lost', () => {
  it('X-09 is seen and removed by an admin; whoever sits in a session of the person is out at once, and they hear of it', async () => {
    const admin = await service.session({ admin: true });
    const person = await service.session({ admin: false });
    const id = await passkeyOf(person.personId);
    const list = await admin.api<{ items: object[] }>('GET', of(person.personId));
    expect(list.body.items).toMatchObject([{ id, name: 'Lost phone', backedUp: false }]);
    expect((await admin.api('DELETE', `${of(person.personId)}/${id}`)).status).toBe(204);
    expect((await admin.api('GET', of(person.personId))).body).toEqual({ items: [] });
    expect((await person.api('GET', '/api/v1/me/sessions')).status).toBe(401);
    expect((await admin.api('GET', '/api/v1/me/sessions')).status).toBe(200);
    const [session] = await rows<{ because: string }>(
      'SELECT ended_because AS because FROM session WHERE person_id = $1',
      [person.personId],
    );
    expect(session?.because).toBe('factor_changed');
    const entries = await rows(
      `SELECT actor->>'id' AS by, detail FROM audit_entry WHERE action = 'passkey.removed' AND subject_id = $1`,
      [person.personId],
    );
    expect(entries).toEqual([{ by: admin.personId, detail: { passkey: id } }]);
    expect(await rows('SELECT template FROM mail WHERE person_id = $1', [person.personId])).toEqual([
      { template: 'factor_changed' },
    ]);
    expect(await admin.api('DELETE', `${of(person.personId)}/${id}`)).toMatchObject({
      status: 404,
      body: { code: 'passkey.not_found' },
    });
  });

  it('X-07 needs somebody who has just shown who they are, and who may', async () => {
    const person = await service.session({ admin: false });
    const path = `${of(person.personId)}/${await passkeyOf(person.personId)}`;
    const stale = await service.session({ admin: true, authenticatedAt: new Date(Date.now() - 11 * 60_000) });
    expect((await stale.api('DELETE', path)).body).toMatchObject({ code: 'session.reauthentication_needed' });
    const member = await service.session({ admin: false });
    expect((await member.api('DELETE', path)).status).toBe(403);
    const other = await service.newOrganisation();
    expect((await other.api('DELETE', path)).status).toBe(404);
    expect(await rows('SELECT 1 AS kept FROM passkey WHERE person_id = $1', [person.personId])).toHaveLength(1);
  });

  it('of an admin is no matter for a key that may not make admins', async () => {
    const admin = await service.session({ admin: true });
    const id = await passkeyOf(admin.personId);
    const scopes = ['sign-in:read', 'sign-in:write'] as const;
    const key = apiOf(service.url, await service.newKey(service.organisation.id, { scopes }));
    expect(await key('DELETE', `${of(admin.personId)}/${id}`)).toMatchObject({
      status: 403,
      body: { code: 'request.forbidden', scope: 'people:admin' },
    });
    const another = await service.session({ admin: true });
    expect((await another.api('DELETE', `${of(admin.personId)}/${id}`)).status).toBe(204);
  });

  it('of an operator is removed by operators alone', async () => {
    const operator = await service.operator();
    const id = await passkeyOf(operator.personId, operator.organisationId);
    const admin = await service.session({ organisationId: operator.organisationId, admin: true });
    expect((await admin.api('DELETE', `${of(operator.personId)}/${id}`)).body).toMatchObject({
      code: 'request.forbidden',
    });
  });

  it('the last one of oneself stays, by this way too', async () => {
    const admin = await service.session({ admin: true });
    const id = await passkeyOf(admin.personId);
    expect((await admin.api('DELETE', `${of(admin.personId)}/${id}`)).body).toMatchObject({ code: 'passkey.last' });
    await passkeyOf(admin.personId);
    expect((await admin.api('DELETE', `${of(admin.personId)}/${id}`)).status).toBe(204);
    expect((await admin.api('GET', '/api/v1/me/sessions')).status).toBe(200);
  });
});
