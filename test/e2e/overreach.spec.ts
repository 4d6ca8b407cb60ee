import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ALL_SCOPES, type Scope } from '../../src/auth/auth.types.js';
import { cookieName } from '../../src/auth/cookies.js';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { publicSiteOf } from '../../src/config/public-site.js';
import { Links } from '../../src/sign-in/links.service.js';
import { insertConnection } from '../support/people.js';
import {
  apiOf,
  startService,
  type Answer,
  type Api,
  type TestOrganisation,
  type TestService,
} from '../support/service.js';

/** Machines differ, and others work on them too; nothing here is about time. */
jest.setTimeout(120_000);

const A_MINUTE = 60_000;
const ORGANISATIONS = '/api/v1/operator/organisations';

let service: TestService;
const clock = new ManualClock(new Date());
beforeAll(async () => {
  service = await startService({ clock });
});
afterAll(() => service.close());

async function keyWithout(organisation: TestOrganisation, ...left: Scope[]): Promise<Api> {
  const scopes = ALL_SCOPES.filter((scope) => !left.includes(scope));
  return apiOf(service.url, await service.newKey(organisation.id, { scopes }));
}

const cookieOf = (answer: Answer): string => {
  const name = cookieName('session', publicSiteOf(service.config.server));
  return answer.headers.getSetCookie().flatMap((one) => one.match(`^${name}=([^;]+)`)?.[1] ?? [])[0] ?? '';
};

async function inSupportOf(organisationId: string): Promise<Api> {
  const operator = await service.operator();
  const body = { organisationId, reason: 'asked to look at a sync' };
  const begun = await operator.api('POST', '/api/v1/operator/support', body);
  expect(begun.status).toBe(201);
  return service.browser(cookieOf(begun));
}

const addressOf = async (organisationId: string, personId: string): Promise<string> =>
  (
    await service.database.asOrganisation(organisationId, (tx) =>
      tx.one<{ email: string }>('SELECT email_canonical AS email FROM person WHERE id = $1', [personId]),
    )
  ).email;

const mine = (): string => `mine-${newId()}@acme.example`;

describe('who has the address of an admin can sign in as one, so that A-04 it is changed by those alone who make admins', () => {
  it('not by a key, nor in a support session, that may edit people and make no admins', async () => {
    const of = await service.newOrganisation();
    const { personId } = await service.session({ organisationId: of.id });
    const before = await addressOf(of.id, personId);
    for (const api of [await keyWithout(of, 'people:admin'), await inSupportOf(of.id)]) {
      const refused = await api('PATCH', `/api/v1/people/${personId}`, { email: mine() });
      expect(refused).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
      expect(await addressOf(of.id, personId)).toBe(before);
      expect((await api('PATCH', `/api/v1/people/${personId}`, { firstName: 'Ada' })).status).toBe(200);
    }
  });

  it('nor of an archived admin, who would come back with it', async () => {
    const of = await service.newOrganisation();
    await service.session({ organisationId: of.id });
    const { personId } = await service.session({ organisationId: of.id });
    expect((await of.api('POST', `/api/v1/people/${personId}/archive`)).status).toBe(200);
    const api = await keyWithout(of, 'people:admin');
    expect((await api('PATCH', `/api/v1/people/${personId}`, { email: mine() })).status).toBe(403);
  });

  it('and who is brought back by somebody who makes no admins is none', async () => {
    const of = await service.newOrganisation();
    await service.session({ organisationId: of.id });
    const weak = await keyWithout(of, 'people:admin');
    for (const [api, isAdmin] of [
      [weak, false],
      [of.api, true],
    ] as const)
      for (const many of [false, true]) {
        const { personId } = await service.session({ organisationId: of.id });
        const path = `/api/v1/people/${personId}`;
        expect((await of.api('POST', `${path}/archive`)).status).toBe(200);
        await (many ? api('POST', '/api/v1/people/restore', { ids: [personId] }) : api('POST', `${path}/restore`));
        expect((await of.api('GET', path)).body).toMatchObject({ state: 'active', isAdmin });
      }
  });

  it('nor of somebody who is let in when all else fails', async () => {
    const of = await service.newOrganisation();
    const { personId } = await service.session({ organisationId: of.id, admin: false });
    await service.database.asOrganisation(of.id, (tx) =>
      tx.execute(
        `INSERT INTO break_glass (organisation_id, person_id, made_by, made_at) VALUES ($1, $2, '{}', now())`,
        [of.id, personId],
      ),
    );
    const api = await keyWithout(of, 'people:admin');
    expect((await api('PATCH', `/api/v1/people/${personId}`, { email: mine() })).status).toBe(403);
  });

  it('X-07 by an admin who has just shown who they are', async () => {
    const of = await service.newOrganisation();
    const { personId } = await service.session({ organisationId: of.id });
    const member = await service.session({ organisationId: of.id, admin: false });
    const admin = await service.session({ organisationId: of.id });
    clock.advance(11 * A_MINUTE);
    const refused = await admin.api('PATCH', `/api/v1/people/${personId}`, { email: mine() });
    expect(refused).toMatchObject({ status: 403, body: { code: 'session.reauthentication_needed' } });
    expect((await admin.api('PATCH', `/api/v1/people/${member.personId}`, { email: mine() })).status).toBe(200);
    const fresh = await service.session({ organisationId: of.id });
    expect((await fresh.api('PATCH', `/api/v1/people/${personId}`, { email: mine() })).status).toBe(200);
  });

  it('and of an operator by operators alone: no admin of the installation becomes one', async () => {
    const operator = await service.operator();
    const organisationId = operator.organisationId;
    const admin = await service.session({ organisationId });
    const key = apiOf(service.url, await service.newKey(organisationId));
    const path = `/api/v1/people/${operator.personId}`;
    for (const api of [admin.api, key])
      expect(await api('PATCH', path, { email: mine() })).toMatchObject({
        status: 403,
        body: { code: 'request.forbidden' },
      });
    const other = await service.operator({ admin: true });
    expect((await other.api('PATCH', path, { email: mine() })).status).toBe(200);
  });

  it('and a link that went to the old address is good no more', async () => {
    const of = await service.newOrganisation();
    const { personId } = await service.session({ organisationId: of.id, admin: false });
    const email = await addressOf(of.id, personId);
    const links = service.app.get(Links, { strict: false });
    await links.request({ email, returnTo: null, browser: 'a browser', address: '192.0.2.7' });
    await links.expand();
    const open = () =>
      service.database.asOrganisation(of.id, (tx) =>
        tx.query<{ id: string }>('SELECT id FROM sign_in_token WHERE person_id = $1 AND ended_at IS NULL', [personId]),
      );
    expect(await open()).toHaveLength(1);
    expect((await of.api('PATCH', `/api/v1/people/${personId}`, { email: mine() })).status).toBe(200);
    expect(await open()).toEqual([]);
  });
});

describe('a directory is tied to an admin by the word of those who make admins', () => {
  /** A preview that is ready, with a link to an admin and one to a member that wait. */
  async function preview(of: TestOrganisation) {
    const connectionId = await insertConnection(service.database, of.id);
    const [admin, member] = [
      await service.session({ organisationId: of.id }),
      await service.session({ organisationId: of.id, admin: false }),
    ];
    const runId = newId();
    await service.database.asOrganisation(of.id, async (tx) => {
      await tx.execute(
        `INSERT INTO run (organisation_id, id, connection_id, kind, state, asked_by, trigger, settings_version)
         SELECT $1, $2, $3, 'preview', 'ready', '{"kind":"operator"}', 'manual', settings_version FROM connection WHERE id = $3`,
        [of.id, runId, connectionId],
      );
      for (const [seq, { personId }] of [admin, member].entries())
        await tx.execute(
          `INSERT INTO planned_change (organisation_id, run_id, seq, external_id, person_id, kind, disposition, situation, label, reason)
           VALUES ($1, $2, $3, $4, $5, 'link', 'approve', 'newcomer_known_here', 'x', '{"code":"link_needs_approval"}')`,
          [of.id, runId, seq + 1, ['admin', 'member'][seq], personId],
        );
    });
    const approved = async (): Promise<string[]> =>
      (
        await service.database.asOrganisation(of.id, (tx) =>
          tx.query<{ externalId: string }>(
            'SELECT external_id FROM planned_change WHERE run_id = $1 AND approved ORDER BY seq',
            [runId],
          ),
        )
      ).map(({ externalId }) => externalId);
    return { runId, approved };
  }

  it('never by whoever has a set-up link, who starts what needs no approval', async () => {
    const { runId, approved } = await preview(service.organisation);
    const it_ = await service.setUp(['directory']);
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute('UPDATE session SET set_up_objects = ARRAY[$2::uuid] WHERE id = $1', [it_.id, runId]),
    );
    for (const approveLinks of ['all', ['member'], ['admin']]) {
      const refused = await it_.api('POST', `/api/v1/runs/${runId}/confirm`, { approveLinks });
      expect(refused).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
    }
    expect(await approved()).toEqual([]);
    expect((await it_.api('POST', `/api/v1/runs/${runId}/confirm`, {})).status).toBe(202);
  });

  it.each(['confirm', 'approve-links'])(
    'nor by %s with a key, or in a support session, that makes no admins',
    async (how) => {
      const of = await service.newOrganisation();
      const { runId, approved } = await preview(of);
      const body = (which: unknown) => (how === 'confirm' ? { approveLinks: which } : { links: which });
      for (const api of [await keyWithout(of, 'people:admin'), await inSupportOf(of.id)])
        for (const which of ['all', ['admin'], ['admin', 'member']]) {
          const refused = await api('POST', `/api/v1/runs/${runId}/${how}`, body(which));
          expect(refused).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
          expect(await approved()).toEqual([]);
        }
      const key = await keyWithout(of, 'people:admin');
      expect((await key('POST', `/api/v1/runs/${runId}/${how}`, body(['member']))).status).toBe(202);
      expect(await approved()).toEqual(['member']);
      expect((await of.api('POST', `/api/v1/runs/${runId}/approve-links`, { links: 'all' })).status).toBe(202);
      expect(await approved()).toEqual(['admin', 'member']);
    },
  );
});

describe('T-13 an operator names the first admin of an organisation, and no other', () => {
  it('while no admin of it has a way in', async () => {
    const of = await service.newOrganisation();
    const operator = await service.operator();
    const name = (email: string) => operator.api('POST', `${ORGANISATIONS}/${of.id}/first-admin`, { email });
    expect((await name('mistyped@birch.example')).status).toBe(201);
    const named = await operator.api<{ personId: string }>('POST', `${ORGANISATIONS}/${of.id}/first-admin`, {
      email: 'first@birch.example',
    });
    expect(named.status).toBe(201);
    await service.database.asOrganisation(of.id, (tx) =>
      tx.execute(
        `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
         VALUES ($1, $2, $3, 'c', '\\x00', 0, '{}', 'key', false)`,
        [of.id, newId(), named.body.personId],
      ),
    );
    const refused = await name('operators.friend@birch.example');
    expect(refused).toMatchObject({ status: 409, body: { code: 'organisation.has_admin' } });
    const there = await service.database.asOrganisation(of.id, (tx) =>
      tx.query('SELECT 1 FROM person WHERE email_canonical = $1', ['operators.friend@birch.example']),
    );
    expect(there).toEqual([]);
    // Told once more, to who is it already.
    expect((await name('first@birch.example')).status).toBe(201);
  });
});

describe('A-04 a set-up link is worth no more than the key that made it', () => {
  it('when it is made', async () => {
    const api = await keyWithout(service.organisation, 'sign-in:write');
    const order = (kinds: string[]) => api('POST', '/api/v1/set-up-links', { kinds, note: 'IT' });
    expect(await order(['sso'])).toMatchObject({ status: 403, body: { code: 'api_key.exceeds_maker' } });
    expect((await order(['sso', 'directory'])).status).toBe(403);
    expect((await order(['directory'])).status).toBe(201);
  });

  it('and when it is opened', async () => {
    const of = await service.newOrganisation();
    const made = await of.api<{ url: string }>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'IT' });
    expect(made.status).toBe(201);
    await service.database.asOrganisation(of.id, (tx) =>
      tx.execute(`UPDATE api_key SET scopes = array_remove(scopes, 'sign-in:write')`),
    );
    const token = made.body.url.split('#')[1];
    const opened = await service.browser('')('POST', '/api/v1/set-up/open', { token });
    expect(opened).toMatchObject({ status: 403, body: { code: 'set_up_link.dead' } });
  });
});

describe('T-13 an operator reads no link by which somebody of an organisation could be signed in as', () => {
  it('from mail that goes out by a mail server', async () => {
    const of = await service.newOrganisation();
    const { personId } = await service.session({ organisationId: of.id });
    const email = await addressOf(of.id, personId);
    const links = service.app.get(Links, { strict: false });
    await links.request({ email, returnTo: null, browser: 'the operator’s own', address: '192.0.2.9' });
    await links.expand();
    const mail = await service.database.asOrganisation(of.id, (tx) =>
      tx.one<{ id: string }>(`SELECT id FROM mail WHERE template = 'sign_in_link' AND state = 'waiting'`),
    );
    const operator = await service.operator();
    const path = `/api/v1/operator/mails/${of.id}/${mail.id}/content`;
    expect(await operator.api('POST', path)).toMatchObject({ status: 404, body: { code: 'mail.not_found' } });
    const become = (state: string) =>
      service.database.asOrganisation(of.id, (tx) =>
        tx.execute(`UPDATE mail SET state = $1, next_try_at = NULL, sent_at = CASE WHEN $1 = 'sent' THEN now() END`, [
          state,
        ]),
      );
    await become('sent');
    expect((await operator.api('POST', path)).status).toBe(404);
    await become('kept');
    expect((await operator.api('POST', path)).status).toBe(200);
  });
});

describe('people are erased by the word of those who may erase', () => {
  it('also where a setting does it after some days', async () => {
    const of = await service.newOrganisation();
    for (const api of [await keyWithout(of, 'people:erase'), await inSupportOf(of.id)]) {
      const refused = await api('PATCH', '/api/v1/organisation', { eraseAfterDays: 7 });
      expect(refused).toMatchObject({ status: 403, body: { code: 'request.forbidden' } });
      expect((await api('PATCH', '/api/v1/organisation', { runsKeptDays: 30 })).status).toBe(200);
    }
    const admin = await service.session({ organisationId: of.id });
    clock.advance(11 * A_MINUTE);
    expect(await admin.api('PATCH', '/api/v1/organisation', { eraseAfterDays: 7 })).toMatchObject({
      status: 403,
      body: { code: 'session.reauthentication_needed' },
    });
    expect((await of.api('GET', '/api/v1/organisation')).body).toMatchObject({ eraseAfterDays: null });
    const fresh = await service.session({ organisationId: of.id });
    expect((await fresh.api('PATCH', '/api/v1/organisation', { eraseAfterDays: 30 })).status).toBe(200);
    // Longer, or never again, takes nothing away.
    const key = await keyWithout(of, 'people:erase');
    expect((await key('PATCH', '/api/v1/organisation', { eraseAfterDays: 31 })).status).toBe(200);
    expect((await key('PATCH', '/api/v1/organisation', { eraseAfterDays: null })).status).toBe(200);
  });
});

describe('O-42 whoever reads the mail of an admin', () => {
  it('takes no passkey away from them', async () => {
    const of = await service.newOrganisation();
    const byMail = await service.session({ organisationId: of.id, strength: 'link' });
    const strong = await service.session({ organisationId: of.id, personId: byMail.personId });
    const [first, second] = [newId(), newId()];
    for (const [at, id] of [first, second].entries())
      await service.database.asOrganisation(of.id, (tx) =>
        tx.execute(
          `INSERT INTO passkey (organisation_id, id, person_id, credential_id, public_key, counter, transports, name, backed_up)
           VALUES ($1, $2, $3, $4, '\\x00', 0, '{}', 'key', false)`,
          [of.id, id, byMail.personId, `o42-${at}`],
        ),
      );
    const refused = await byMail.api('DELETE', `/api/v1/me/passkeys/${first}`);
    expect(refused).toMatchObject({ status: 403, body: { code: 'session.passkey_needed' } });
    expect((await strong.api('DELETE', `/api/v1/me/passkeys/${first}`)).status).toBe(204);
  });
});

describe('what is over lets nobody in any more', () => {
  it('T-13 a support session in an organisation that is about to be deleted', async () => {
    const of = await service.newOrganisation();
    const inside = await inSupportOf(of.id);
    expect((await inside('GET', '/api/v1/people')).status).toBe(200);
    const operator = await service.operator();
    const asked = await operator.api('POST', `${ORGANISATIONS}/${of.id}/deletion`, { slug: of.slug });
    expect(asked.status).toBe(200);
    expect(await inside('GET', '/api/v1/people')).toMatchObject({ status: 403, body: { code: 'support.ended' } });
    expect(await inside('POST', '/api/v1/people', { email: mine() })).toMatchObject({
      body: { code: 'support.ended' },
    });
  });

  it('A-04 a set-up link, and what it began, whose key was revoked', async () => {
    const of = await service.newOrganisation();
    const key = apiOf(service.url, await service.newKey(of.id));
    const { body: keys } = await of.api<{ items: { id: string }[] }>('GET', '/api/v1/api-keys');
    const make = async () => {
      const { body } = await key<{ url: string }>('POST', '/api/v1/set-up-links', { kinds: ['sso'], note: 'IT' });
      return service.browser('')('POST', '/api/v1/set-up/open', { token: body.url.split('#')[1] });
    };
    const inside = service.browser(cookieOf(await make()));
    expect((await inside('GET', '/api/v1/identity-providers')).status).toBe(200);
    expect((await of.api('DELETE', `/api/v1/api-keys/${keys.items[0]?.id}`)).status).toBe(200);
    expect((await inside('GET', '/api/v1/identity-providers')).status).toBe(401);
  });
});

it('P10 nobody is an operator of whom the log does not say so', async () => {
  const operator = await service.operator();
  const { personId } = await service.session({ organisationId: operator.organisationId, admin: false });
  await service.database.asMigrate((tx) =>
    tx.execute(
      `CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.action = 'operator.made' THEN RAISE EXCEPTION 'the log is lost'; END IF;
         RETURN NEW;
       END $$;
       CREATE CONSTRAINT TRIGGER lost AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION lost()`,
    ),
  );
  const email = await addressOf(operator.organisationId, personId);
  const make = () => operator.api('POST', '/api/v1/operator/operators', { email });
  const isOne = () =>
    service.database.asOrganisation(operator.organisationId, (tx) =>
      tx.query('SELECT 1 FROM operator WHERE person_id = $1 AND ended_at IS NULL', [personId]),
    );
  expect((await make()).status).toBe(500);
  expect(await isOne()).toEqual([]);
  await service.database.asMigrate((tx) => tx.execute('DROP TRIGGER lost ON audit_entry'));
  expect((await make()).status).toBe(201);
  expect(await isOne()).toHaveLength(1);
});
