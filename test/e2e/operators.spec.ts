import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newId } from '../../src/common/ids.js';
import { startService, type Api, type TestService } from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const ORGANISATIONS = '/api/v1/operator/organisations';
const OPERATORS = '/api/v1/operator/operators';

interface Shown {
  id: string;
  slug: string;
  sso: boolean;
  directorySync: boolean;
  people: number;
}

let service: TestService;
let api: Api;
let operator: Awaited<ReturnType<TestService['operator']>>;
beforeAll(async () => {
  service = await startService();
  operator = await service.operator();
  api = operator.api;
});
afterAll(() => service.close());

const audited = (id: string): Promise<{ action: string; actor: Record<string, unknown>; detail: object }[]> =>
  service.database.asOrganisation(id, (tx) =>
    tx.query('SELECT action, actor, detail FROM audit_entry ORDER BY seq DESC LIMIT 3'),
  );

describe('an operator', () => {
  it('makes an organisation with nothing switched on, and its log says who', async () => {
    const made = await api<Shown>('POST', ORGANISATIONS, { name: 'Birch', slug: 'birch' });
    expect(made).toMatchObject({
      status: 201,
      body: { slug: 'birch', sso: false, directorySync: false, people: 0, connections: [], providers: [] },
    });
    expect((await audited(made.body.id))[0]).toMatchObject({
      action: 'organisation.created',
      actor: { kind: 'operator', personId: operator.personId, organisationId: operator.organisationId },
    });
    expect((await api('POST', ORGANISATIONS, { name: 'Other', slug: 'birch' })).body).toMatchObject({
      code: 'organisation.slug_taken',
    });
  });

  it('lists them by short name, in pages, without the installation’s own', async () => {
    for (const slug of ['zz-three', 'zz-one', 'zz-two']) await api('POST', ORGANISATIONS, { name: `Of ${slug}`, slug });
    const slugs: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `${ORGANISATIONS}?q=zz-&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page = await api<{ items: Shown[]; next: string | null }>('GET', path);
      slugs.push(...page.body.items.map(({ slug }) => slug));
      cursor = page.body.next;
    } while (cursor !== null);
    expect(slugs).toEqual(['zz-one', 'zz-three', 'zz-two']);
    const { body } = await api<{ items: Shown[] }>('GET', `${ORGANISATIONS}?q=installation`);
    expect(body.items).toEqual([]);
    for (const id of [operator.organisationId, newId()])
      expect((await api('GET', `${ORGANISATIONS}/${id}`)).status).toBe(404);
  });

  it('switches features, each for itself', async () => {
    const { id } = await service.newOrganisation();
    const off = await api<Shown>('PATCH', `${ORGANISATIONS}/${id}`, { directorySync: false });
    expect(off.body).toMatchObject({ sso: true, directorySync: false });
    expect((await audited(id))[0]).toMatchObject({
      action: 'organisation.feature_switched',
      detail: { feature: 'directory_sync', on: false },
    });
    const both = await api<Shown>('PATCH', `${ORGANISATIONS}/${id}`, { directorySync: true, sso: false, name: 'New' });
    expect(both.body).toMatchObject({ sso: false, directorySync: true, name: 'New' });
    expect((await api('PATCH', `${ORGANISATIONS}/${operator.organisationId}`, { sso: false })).status).toBe(404);
  });

  it('O-47 ends sign-ins under way and sessions by a provider with single sign-on, and no others', async () => {
    const { id } = await service.newOrganisation();
    const [byProvider, byPasskey] = [
      await service.session({ organisationId: id }),
      await service.session({ organisationId: id }),
    ];
    const attempt = newId();
    await service.database.asOrganisation(id, async (tx) => {
      const provider = newId();
      await tx.execute(
        `INSERT INTO identity_provider (organisation_id, id, preset, name, issuer, client_id, settings)
         VALUES ($1, $2, 'generic', 'x', 'https://idp.example', 'c', '{}')`,
        [id, provider],
      );
      await tx.execute('UPDATE session SET identity_provider_id = $1, strength = $3 WHERE id = $2', [
        provider,
        byProvider.id,
        'provider',
      ]);
      await tx.execute(
        `INSERT INTO sign_in_attempt (organisation_id, id, identity_provider_id, purpose, state_digest, browser_digest, nonce, verifier,
           issuer, client_id, redirect_uri, return_to, expires_at)
         VALUES ($1, $2, $3, 'sign_in', sha256('a'), sha256('b'), 'n', 'v', 'i', 'c', 'r', '/', now() + interval '10 minutes')`,
        [id, attempt, provider],
      );
    });
    expect((await byProvider.api('GET', '/api/v1/organisation')).status).toBe(200);
    expect((await api('PATCH', `${ORGANISATIONS}/${id}`, { sso: false })).status).toBe(200);
    expect((await byProvider.api('GET', '/api/v1/organisation')).status).toBe(401);
    expect((await byPasskey.api('GET', '/api/v1/organisation')).status).toBe(200);
    const [row] = await service.database.asOrganisation(id, (tx) =>
      tx.query<{ usedAt: Date | null }>('SELECT used_at FROM sign_in_attempt WHERE id = $1', [attempt]),
    );
    expect(row?.usedAt).not.toBeNull();
  });

  it('makes the first admin, who is told by mail where to sign in', async () => {
    const { id } = await service.newOrganisation();
    const body = { email: 'Grace@Birch.example', firstName: 'Grace', lastName: 'Hopper' };
    const made = await api<{ personId: string }>('POST', `${ORGANISATIONS}/${id}/first-admin`, body);
    expect(made).toMatchObject({ status: 201, body: { email: 'grace@birch.example' } });
    const found = await service.database.asOrganisation(id, (tx) =>
      tx.query(
        `SELECT p.state, p.is_admin, p.first_name, (SELECT count(*) FROM mail m WHERE m.person_id = p.id AND m.template = 'first_admin') AS mails
           FROM person p WHERE id = $1`,
        [made.body.personId],
      ),
    );
    expect(found).toEqual([{ state: 'active', isAdmin: true, firstName: 'Grace', mails: 1 }]);
    expect((await api('POST', `${ORGANISATIONS}/${id}/first-admin`, body)).body).toMatchObject(made.body);
    expect((await api('POST', `${ORGANISATIONS}/${id}/first-admin`, { email: 'no address' })).status).toBe(400);
  });

  it('makes somebody who was expected an active admin, and nobody who has left', async () => {
    const { id, api: own } = await service.newOrganisation();
    const pending = await own<{ id: string }>('POST', '/api/v1/people', { email: 'p@birch.example', state: 'pending' });
    const made = await api('POST', `${ORGANISATIONS}/${id}/first-admin`, { email: 'p@birch.example' });
    expect(made.body).toMatchObject({ personId: pending.body.id });
    expect((await own('GET', `/api/v1/people/${pending.body.id}`)).body).toMatchObject({
      state: 'active',
      isAdmin: true,
    });
    const left = await own<{ id: string }>('POST', '/api/v1/people', { email: 'l@birch.example', state: 'active' });
    await own('POST', `/api/v1/people/${left.body.id}/archive`);
    const refused = await api('POST', `${ORGANISATIONS}/${id}/first-admin`, { email: 'l@birch.example' });
    expect(refused.body).toMatchObject({ code: 'person.archived' });
  });

  it('makes set-up links and verifies domains of an organisation, as an operator in its log', async () => {
    const { id } = await service.newOrganisation();
    const link = await api('POST', `${ORGANISATIONS}/${id}/set-up-links`, { kinds: ['sso', 'directory'], note: 'IT' });
    expect(link).toMatchObject({ status: 201, body: { link: { by: 'operator' } } });
    const domain = await api('POST', `${ORGANISATIONS}/${id}/domains`, {
      name: 'birch.example',
      reason: 'I rang them',
    });
    expect(domain).toMatchObject({ status: 201, body: { verifiedBy: 'operator' } });
    for (const { actor } of await audited(id))
      expect(actor).toMatchObject({ kind: expect.stringMatching(/operator|key/u) });
  });
});

describe('operators', () => {
  it('are made of people of the installation, who sign in anew', async () => {
    const made = await api<{ personId: string }>('POST', OPERATORS, { email: 'second@ops.example', firstName: 'Mary' });
    expect(made).toMatchObject({ status: 201, body: { email: 'second@ops.example', firstName: 'Mary', active: true } });
    const theirs = await service.session({
      organisationId: operator.organisationId,
      personId: made.body.personId,
    });
    expect((await theirs.api('GET', OPERATORS)).status).toBe(200);
    expect((await api('DELETE', `${OPERATORS}/${made.body.personId}`)).status).toBe(204);
    expect((await theirs.api('GET', OPERATORS)).status).toBe(401);
    expect((await api('DELETE', `${OPERATORS}/${made.body.personId}`)).body).toMatchObject({
      code: 'operator.not_found',
    });
    expect((await api('POST', OPERATORS, { email: 'second@ops.example' })).status).toBe(201);
  });

  it('never end the last of them, not even two at once', async () => {
    const { body } = await api<{ items: { personId: string }[] }>('GET', OPERATORS);
    const others = body.items.filter(({ personId }) => personId !== operator.personId);
    for (const { personId } of others.slice(1)) await api('DELETE', `${OPERATORS}/${personId}`);
    const [other] = others;
    const theirs = await service.session({
      organisationId: operator.organisationId,
      personId: other?.personId ?? '',
    });
    const answers = await Promise.all([
      api('DELETE', `${OPERATORS}/${other?.personId}`),
      theirs.api('DELETE', `${OPERATORS}/${operator.personId}`),
    ]);
    expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
    const left = await service.database.asMigrate((tx) => tx.query('SELECT 1 FROM operator WHERE ended_at IS NULL'));
    expect(left).toHaveLength(1);
  });
});

it('nobody else gets there: no admin, no key, no operator whom a link let in', async () => {
  const admin = await service.session();
  const linked = await service.operator({ strength: 'link' });
  for (const path of [ORGANISATIONS, OPERATORS]) {
    expect((await admin.api('GET', path)).status).toBe(403);
    expect((await service.api('GET', path)).status).toBe(403);
    expect((await service.api('GET', path, undefined, { key: null })).status).toBe(401);
    expect((await linked.api('GET', path)).body).toMatchObject({ code: 'session.passkey_needed' });
  }
});
