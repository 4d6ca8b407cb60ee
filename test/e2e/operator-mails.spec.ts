import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Mails } from '../../src/mail/mails.service.js';
import { startService, type TestOrganisation, type TestService } from '../support/service.js';
import type { TestSession } from '../support/signed-in.js';

const ORIGIN = 'https://rollcall.acme.example';
const LINK = `${ORIGIN}/sign-in/link#abc.def`;

const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let service: TestService;
let mails: Mails;
let other: TestOrganisation;
let operator: TestSession;

interface Listed {
  organisationId: string;
  id: string;
  state: string;
  hasText: boolean;
}

beforeAll(async () => {
  service = await startService({ clock, config: { server: { publicUrl: ORIGIN } } });
  mails = service.app.get(Mails, { strict: false });
  other = await service.newOrganisation();
  operator = await service.operator();
});
afterAll(() => service.close());
beforeEach(async () => {
  for (const { id } of [service.organisation, other])
    await service.database.asOrganisation(id, (tx) => tx.execute('DELETE FROM mail'));
});

async function kept(organisationId = service.organisation.id): Promise<string> {
  const cause = newId();
  await service.database.asOrganisation(organisationId, (tx) =>
    mails.enqueue(tx, {
      template: 'sign_in_link',
      cause,
      to: 'ada@acme.example',
      personId: null,
      values: { link: LINK, minutes: '10' },
    }),
  );
  await mails.deliverDue();
  const { id } = await service.database.asOrganisation(organisationId, (tx) =>
    tx.one<{ id: string }>('SELECT id FROM mail WHERE cause = $1', [cause]),
  );
  return id;
}

const list = async (query = '') =>
  (await operator.api<{ items: Listed[]; next: string | null }>('GET', `/api/v1/operator/mails${query}`)).body;

describe('without a mail server', () => {
  it('mail is kept, and operators see that it waits, of all organisations, but no address and no text', async () => {
    const ids = [await kept(), await kept(other.id), await kept()];
    const page = await list();
    expect(page.items.map(({ id, state, hasText }) => [id, state, hasText])).toEqual(
      ids.reverse().map((id) => [id, 'kept', true]),
    );
    expect(JSON.stringify(page)).not.toMatch(/ada@|abc\.def|sign-in\/link/u);
    const first = await list('?limit=2');
    const second = await list(`?limit=2&cursor=${first.next}`);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeNull();
  });

  it('an operator looks into one, and the organisation’s own log says so', async () => {
    const id = await kept(other.id);
    const answer = await operator.api('POST', `/api/v1/operator/mails/${other.id}/${id}/content`);
    expect(answer).toMatchObject({
      status: 200,
      body: { recipient: 'ada@acme.example', subject: `Sign in to ${other.slug}` },
    });
    expect(answer.body['text']).toContain(LINK);
    const { body } = await other.api<{ items: { action: string; by: unknown; subject: unknown }[] }>(
      'GET',
      '/api/v1/audit',
    );
    expect(body.items[0]).toMatchObject({
      action: 'mail.kept_shown',
      subject: { kind: 'mail', id },
      by: { kind: 'operator', personId: operator.personId },
    });
    expect(JSON.stringify(body)).not.toContain('abc.def');
  });

  it('X-07 not when they signed in long ago', async () => {
    const id = await kept();
    clock.advance(11 * 60_000);
    const answer = await operator.api('POST', `/api/v1/operator/mails/${service.organisation.id}/${id}/content`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'session.reauthentication_needed' } });
    operator = await service.operator();
  });

  it('one is tried again, and waits again', async () => {
    const id = await kept();
    const answer = await operator.api('POST', `/api/v1/operator/mails/${service.organisation.id}/${id}/send-again`);
    expect(answer).toMatchObject({ status: 200, body: { id, state: 'waiting', attempts: 0 } });
    expect(await mails.deliverDue()).toBe(1);
    expect((await list()).items).toMatchObject([{ id, state: 'kept', attempts: 1 }]);
  });

  it('what is not there, is of another organisation, or has no text any more is not found', async () => {
    const id = await kept();
    const paths = [`${service.organisation.id}/${newId()}`, `${other.id}/${id}`, `${newId()}/${id}`];
    for (const what of ['content', 'send-again'])
      for (const path of paths)
        expect(await operator.api('POST', `/api/v1/operator/mails/${path}/${what}`)).toMatchObject({
          status: 404,
          body: { code: 'mail.not_found' },
        });
    await mails.forgetOld(service.organisation.id, new Date(clock.now().getTime() + 8 * 86_400_000));
    for (const what of ['content', 'send-again'])
      expect(
        (await operator.api('POST', `/api/v1/operator/mails/${service.organisation.id}/${id}/${what}`)).status,
      ).toBe(404);
    expect((await list()).items).toMatchObject([{ id, hasText: false }]);
  });

  it('admins and keys of organisations see none of it', async () => {
    const id = await kept();
    const admin = await service.session();
    for (const api of [admin.api, service.api]) {
      expect((await api('GET', '/api/v1/operator/mails')).status).toBe(403);
      expect((await api('POST', `/api/v1/operator/mails/${service.organisation.id}/${id}/content`)).status).toBe(403);
    }
  });
});
