import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import tls from 'node:tls';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Mails } from '../../src/mail/mails.service.js';
import type { MailOrder, MailValues } from '../../src/mail/mail.types.js';
import { startService, type TestService } from '../support/service.js';
import { TestSmtp } from '../support/smtp.js';

const ORIGIN = 'https://rollcall.acme.example';
/** One point of red. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);
const VALUES: MailValues['invitation'] = {
  language: 'de',
  inviter: 'Ana Ruiz',
  message: 'Willkommen!\n<b>Bis Montag</b>',
  position: 'Entwicklerin',
  team: 'Engineering',
  link: `${ORIGIN}/invitation#abc.def`,
  until: '2026-11-29T12:00:00.000Z',
};

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock('2026-11-22T12:00:00.000Z');
let smtp: TestSmtp;
let service: TestService;
let mails: Mails;

beforeAll(async () => {
  smtp = await TestSmtp.start();
  smtp.trust();
  service = await startService({
    clock,
    config: { server: { publicUrl: ORIGIN }, mail: { smtpUrl: smtp.url, from: 'rollcall@mail.acme.example' } },
  });
  mails = service.app.get(Mails, { strict: false });
});
afterAll(async () => {
  await service.close();
  await smtp.close();
  tls.setDefaultCACertificates(trustedBefore);
});
beforeEach(() => {
  smtp.mails.length = 0;
  smtp.refuse = {};
});

function order(values: Partial<MailValues['invitation']> = {}): MailOrder {
  return {
    template: 'invitation',
    id: newId(),
    cause: `invitation:${newId()}:1`,
    to: 'ada@acme.example',
    personId: null,
    values: { ...VALUES, ...values },
  };
}

async function inOrganisation<T>(work: Parameters<typeof service.database.asOrganisation<T>>[1]): Promise<T> {
  return service.database.asOrganisation(service.organisation.id, work);
}

describe('how invitations look', () => {
  it('is English, without a picture, and nobody reads answers, unless the organisation says otherwise', async () => {
    expect((await service.api('GET', '/api/v1/mail-settings')).body).toEqual({
      language: 'en',
      replyTo: null,
      logo: null,
    });
  });

  it('is changed field by field, and the log says which, once', async () => {
    const logo = PNG.toString('base64');
    const all = { language: 'pt', replyTo: 'people@acme.example', logo: { type: 'image/png', data: logo } };
    const change = { language: 'pt', replyTo: 'People@ACME.example', logo };
    expect((await service.api('PATCH', '/api/v1/mail-settings', change)).body).toEqual(all);
    expect((await service.api('PATCH', '/api/v1/mail-settings', change)).body).toEqual(all);
    expect((await service.api('PATCH', '/api/v1/mail-settings', { logo: null })).body).toEqual({ ...all, logo: null });
    const entries = await inOrganisation((tx) =>
      tx.query<{ detail: { fields?: string[] } }>(
        `SELECT detail FROM audit_entry WHERE action = 'mail_settings.updated'`,
      ),
    );
    expect(entries).toHaveLength(2);
    expect(JSON.stringify(entries)).not.toContain('people@acme.example');
    await service.api('PATCH', '/api/v1/mail-settings', { language: 'en', replyTo: null });
  });

  it.each([
    ['two addresses', { replyTo: 'a@acme.example, b@evil.example' }, 'mail.address_invalid'],
    ['a header', { replyTo: 'a@acme.example\r\nBcc: m@evil.example' }, 'mail.address_invalid'],
    ['a language that is none', { language: 'xx' }, 'request.invalid'],
    ['what is no picture', { logo: Buffer.from('<svg/>').toString('base64') }, 'request.invalid'],
    ['a large picture', { logo: Buffer.concat([PNG, Buffer.alloc(65_536)]).toString('base64') }, 'request.invalid'],
  ])('%s is refused, and nothing changes', async (_, body, code) => {
    const before = (await service.api('GET', '/api/v1/mail-settings')).body;
    const answer = await service.api('PATCH', '/api/v1/mail-settings', body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).toMatchObject({ code });
    expect((await service.api('GET', '/api/v1/mail-settings')).body).toEqual(before);
  });
});

describe('an invitation on its way', () => {
  it('comes with both parts, the picture in it, and answers to the organisation', async () => {
    await service.api('PATCH', '/api/v1/mail-settings', {
      replyTo: 'people@acme.example',
      logo: PNG.toString('base64'),
    });
    await inOrganisation((tx) => mails.enqueue(tx, order()));
    await mails.deliverDue();
    const [mail] = smtp.mails;
    if (mail === undefined) throw new Error('nothing came');
    expect(mail.to).toEqual(['ada@acme.example']);
    expect(mail.parsed.replyTo?.value).toEqual([{ address: 'people@acme.example', name: '' }]);
    expect(mail.parsed.subject).toMatch(/^Einladung zu /u);
    expect(mail.parsed.text).toContain(VALUES.link);
    expect(mail.parsed.text).toContain('> <b>Bis Montag<');
    const [picture] = mail.parsed.attachments;
    expect(picture).toMatchObject({ contentType: 'image/png', contentDisposition: 'inline', related: true });
    expect(picture?.content.equals(PNG)).toBe(true);
    expect(mail.raw).toContain(`src="cid:${picture?.cid ?? ''}"`.replace('=', '=3D'));
    expect(mail.parsed.headers.has('list-unsubscribe')).toBe(false);
    await service.api('PATCH', '/api/v1/mail-settings', { replyTo: null, logo: null });
  });

  it('I-10 takes no header from a name or a message', async () => {
    const evil = 'Ana\r\nBcc: mallory@evil.example\r\nX-Evil: 1';
    await inOrganisation((tx) => mails.enqueue(tx, order({ inviter: evil, message: evil, position: evil })));
    await mails.deliverDue();
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(['ada@acme.example']);
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.parsed.headers.has('x-evil')).toBe(false);
    expect(mail?.parsed.headers.has('reply-to')).toBe(false);
  });

  it('that was taken back while it waited does not go out, and nothing is kept of it', async () => {
    const wanted = order();
    await inOrganisation((tx) => mails.enqueue(tx, wanted));
    await inOrganisation((tx) => mails.withdraw(tx, [wanted.id ?? '']));
    await mails.deliverDue();
    expect(smtp.mails).toEqual([]);
    const rows = await inOrganisation((tx) =>
      tx.query(`SELECT state, problem, body FROM mail WHERE id = $1`, [wanted.id]),
    );
    expect(rows).toEqual([{ state: 'failed', problem: 'withdrawn', body: null }]);
  });

  it('waits out a day without a mail server, and comes once', async () => {
    smtp.refuse = { recipient: [450, 'later'] };
    await inOrganisation((tx) => mails.enqueue(tx, order()));
    for (let hour = 0; hour < 24; hour++) {
      await mails.deliverDue();
      clock.advance(3_600_000);
    }
    expect(smtp.mails).toEqual([]);
    smtp.refuse = {};
    for (let hour = 0; hour < 12; hour++) {
      await mails.deliverDue();
      clock.advance(3_600_000);
    }
    expect(smtp.mails).toHaveLength(1);
  });

  it('that a server refuses for its recipient says so, and is not tried again', async () => {
    smtp.refuse = { recipient: [550, 'no such user'] };
    const wanted = order();
    await inOrganisation((tx) => mails.enqueue(tx, wanted));
    await mails.deliverDue();
    smtp.refuse = {};
    clock.advance(86_400_000);
    await mails.deliverDue();
    expect(smtp.mails).toEqual([]);
    const [row] = await inOrganisation((tx) =>
      tx.query<{ state: string; problem: string }>(`SELECT state, problem FROM mail WHERE id = $1`, [wanted.id]),
    );
    expect(row).toEqual({ state: 'failed', problem: 'recipient_refused' });
  });
});
