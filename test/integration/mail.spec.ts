import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import tls from 'node:tls';
import { ManualClock } from '../../src/common/clock.js';
import { newId } from '../../src/common/ids.js';
import { Mails } from '../../src/mail/mails.service.js';
import type { MailOrder } from '../../src/mail/mail.types.js';
import { startService, type TestService } from '../support/service.js';
import { TestSmtp } from '../support/smtp.js';

const START = '2026-11-22T12:00:00.000Z';
const ORIGIN = 'https://rollcall.acme.example';
const MINUTE = 60_000;

interface Row {
  state: string;
  attempts: number;
  problem: string | null;
  nextTryAt: Date | null;
  sentAt: Date | null;
  body: Buffer | null;
}

const trustedBefore = tls.getCACertificates();
const clock = new ManualClock(START);
let smtp: TestSmtp;
let service: TestService;
let mails: Mails;

beforeAll(async () => {
  smtp = await TestSmtp.start({ login: { user: 'roll call', password: 'p@ss:word' } });
  smtp.trust();
  service = await startService({
    clock,
    config: { server: { publicUrl: ORIGIN }, mail: { smtpUrl: smtp.url, from: 'Rollcall@Mail.Acme.example' } },
  });
  mails = service.app.get(Mails, { strict: false });
});
afterAll(async () => {
  await service.close();
  await smtp.close();
  tls.setDefaultCACertificates(trustedBefore);
});
beforeEach(async () => {
  clock.advance(86_400_000);
  smtp.mails.length = 0;
  smtp.refuse = {};
  smtp.beforeTaken = () => Promise.resolve();
  await service.database.asOrganisation(service.organisation.id, async (tx) => {
    await tx.execute('DELETE FROM mail');
    await tx.execute('DELETE FROM notice');
  });
});

function order(more: Partial<Pick<MailOrder, 'to' | 'cause' | 'until'>> = {}): MailOrder {
  return {
    template: 'sign_in_link',
    cause: `sign_in_link:${newId()}`,
    to: 'ada@acme.example',
    personId: null,
    values: { link: `${ORIGIN}/sign-in/link#abc.def`, minutes: '10' },
    ...more,
  };
}

async function enqueue(wanted: MailOrder, organisationId = service.organisation.id): Promise<void> {
  await service.database.asOrganisation(organisationId, (tx) => mails.enqueue(tx, wanted));
}

async function rows(organisationId = service.organisation.id): Promise<Row[]> {
  return service.database.asOrganisation(organisationId, (tx) =>
    tx.query<Row>('SELECT state, attempts, problem, next_try_at, sent_at, body FROM mail ORDER BY id'),
  );
}

async function openNotices(): Promise<{ kind: string; detail: unknown }[]> {
  return service.database.asOrganisation(service.organisation.id, (tx) =>
    tx.query('SELECT kind, detail FROM notice WHERE mended_at IS NULL'),
  );
}

describe('a mail', () => {
  it('goes out over TLS, signed in, to its one recipient, in both parts', async () => {
    await enqueue(order());
    expect(await mails.deliverDue()).toBe(1);
    expect(smtp.mails).toHaveLength(1);
    const [mail] = smtp.mails;
    expect(mail).toMatchObject({ secure: true, from: 'rollcall@mail.acme.example', to: ['ada@acme.example'] });
    expect(mail?.parsed.subject).toBe(`Sign in to ${service.organisation.slug}`);
    expect(mail?.parsed.text).toContain(`${ORIGIN}/sign-in/link#abc.def`);
    expect(mail?.parsed.html).toContain(`href="${ORIGIN}/sign-in/link#abc.def"`);
    expect(mail?.parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(await rows()).toMatchObject([{ state: 'sent', attempts: 1, sentAt: clock.now(), nextTryAt: null }]);
  });

  it('of a transaction that fails never goes out', async () => {
    const failing = service.database.asOrganisation(service.organisation.id, async (tx) => {
      await mails.enqueue(tx, order());
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await mails.deliverDue()).toBe(0);
    expect(smtp.mails).toEqual([]);
  });

  it('of one cause goes out once', async () => {
    await enqueue(order({ cause: 'same' }));
    await enqueue(order({ cause: 'same', to: 'grace@acme.example' }));
    await mails.deliverDue();
    expect(smtp.mails.map(({ to }) => to)).toEqual([['ada@acme.example']]);
  });

  it('is kept sealed: what it says is nowhere in the database', async () => {
    await enqueue(order());
    const [row] = await rows();
    expect(row?.body?.length).toBeGreaterThan(50);
    expect(row?.body?.toString('latin1')).not.toContain('abc.def');
  });

  it('I-15 with a link to another host is our bug, whatever asked for it', async () => {
    for (const link of ['https://evil.example/sign-in/link#abc', `${ORIGIN}.evil.example/x`, '/sign-in'])
      await expect(enqueue({ ...order(), values: { link, minutes: '10' } } as MailOrder)).rejects.toThrow(TypeError);
    expect(await rows()).toEqual([]);
  });

  it('I-08 to anything but one address is refused before it is stored', async () => {
    for (const to of [
      'ada@acme.example, mallory@evil.example',
      'Ada@acme.example',
      'ada@acme.example\r\nBcc: m@evil.example',
    ])
      await expect(enqueue(order({ to }))).rejects.toMatchObject({ code: 'mail.address_invalid' });
    expect(await rows()).toEqual([]);
  });
});

describe('I-08 what a changed row would do', () => {
  it('a recipient that is a list goes nowhere', async () => {
    await enqueue(order());
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(`UPDATE mail SET recipient = 'ada@acme.example, mallory@evil.example'`),
    );
    await mails.deliverDue();
    expect(smtp.mails).toEqual([]);
    expect(await rows()).toMatchObject([{ state: 'failed', problem: 'recipient_refused' }]);
  });
});

describe('a mail that the server does not take', () => {
  it('is tried again after 1, 5, 15 and 60 minutes and four times six hours, then given up with a notice', async () => {
    smtp.refuse = { recipient: [450, 'busy'] };
    await enqueue(order());
    for (const minutes of [1, 5, 15, 60, 360, 360, 360, 360]) {
      expect(await mails.deliverDue()).toBe(1);
      const [row] = await rows();
      expect(row).toMatchObject({
        state: 'waiting',
        problem: 'busy',
        nextTryAt: new Date(clock.now().getTime() + minutes * MINUTE),
      });
      clock.advance(minutes * MINUTE - 1);
      expect(await mails.deliverDue()).toBe(0);
      clock.advance(1);
    }
    expect(await openNotices()).toEqual([]);
    expect(await mails.deliverDue()).toBe(1);
    expect(await rows()).toMatchObject([{ state: 'failed', attempts: 9, problem: 'busy', nextTryAt: null }]);
    expect(await openNotices()).toEqual([{ kind: 'mail', detail: { problem: 'busy' } }]);
    clock.advance(86_400_000);
    expect(await mails.deliverDue()).toBe(0);
  });

  it('for good is not tried again: the recipient does not exist', async () => {
    smtp.refuse = { recipient: [550, 'no such user'] };
    await enqueue(order());
    await mails.deliverDue();
    expect(await rows()).toMatchObject([{ state: 'failed', attempts: 1, problem: 'recipient_refused' }]);
    expect(await openNotices()).toHaveLength(1);
  });

  it('for good is not tried again: the message is refused', async () => {
    smtp.refuse = { message: [554, 'spam'] };
    await enqueue(order());
    await mails.deliverDue();
    expect(await rows()).toMatchObject([{ state: 'failed', problem: 'message_refused' }]);
  });

  it('goes out under the same Message-ID later, and mends the notice', async () => {
    await enqueue(order());
    await enqueue(order({ cause: 'refused' }));
    const ids: string[] = [];
    smtp.beforeTaken = (mail) => {
      ids.push(mail.parsed.messageId ?? '');
      return Promise.resolve();
    };
    smtp.refuse = { message: [451, 'later'] };
    await mails.deliverDue(1);
    smtp.refuse = { recipient: [550, 'no such user'] };
    await mails.deliverDue(1);
    expect(await openNotices()).toHaveLength(1);
    smtp.refuse = {};
    clock.advance(MINUTE);
    await mails.deliverDue();
    expect(ids).toEqual([ids[0], ids[0]]);
    expect(ids[0]).toMatch(/^<[0-9a-f-]{36}@rollcall\.acme\.example>$/u);
    expect(await openNotices()).toEqual([]);
  });

  it('because of a fault of ours is put off like any other, and the others go out', async () => {
    await enqueue(order());
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute(`UPDATE mail SET template = 'no_such_template'`),
    );
    await enqueue(order({ to: 'grace@acme.example' }));
    await expect(mails.deliverDue()).rejects.toThrow();
    await mails.deliverDue();
    expect(smtp.mails.map(({ to }) => to)).toEqual([['grace@acme.example']]);
    expect((await rows()).map(({ state, problem }) => [state, problem])).toEqual([
      ['waiting', 'unreadable'],
      ['sent', null],
    ]);
  });

  it('in time is given up at once: a dead link is no use', async () => {
    await enqueue(order({ until: new Date(clock.now().getTime() + 10 * MINUTE) }));
    clock.advance(10 * MINUTE);
    await mails.deliverDue();
    expect(smtp.mails).toEqual([]);
    expect(await rows()).toMatchObject([{ state: 'failed', problem: 'too_late' }]);
  });
});

describe('I-20 two workers, and one that died', () => {
  it('a mail that another one has taken is left alone for a minute, then taken over', async () => {
    await enqueue(order());
    await service.database.asOrganisation(service.organisation.id, (tx) =>
      tx.execute('UPDATE mail SET taken_until = $1, attempts = 1', [new Date(clock.now().getTime() + MINUTE)]),
    );
    expect(await mails.deliverDue()).toBe(0);
    clock.advance(MINUTE + 1);
    expect(await mails.deliverDue()).toBe(1);
    expect(smtp.mails).toHaveLength(1);
  });

  it('forty mails and four workers at once: each mail once, to its own recipient, with its own link', async () => {
    const other = await service.newOrganisation();
    for (let at = 0; at < 20; at++)
      for (const id of [service.organisation.id, other.id])
        await enqueue(
          {
            ...order({ to: `p${at}@${id}.example` }),
            values: { link: `${ORIGIN}/sign-in/link#${id}-${at}`, minutes: '10' },
          } as MailOrder,
          id,
        );
    await Promise.all([1, 2, 3, 4].map(() => mails.deliverDue()));
    expect(smtp.mails).toHaveLength(40);
    expect(new Set(smtp.mails.map(({ to }) => to.join())).size).toBe(40);
    for (const { to, parsed } of smtp.mails) {
      const [, at, id] = /^p(\d+)@(.+)\.example$/u.exec(to.join()) ?? [];
      expect(parsed.text).toContain(`${ORIGIN}/sign-in/link#${id}-${at}\n`);
    }
  });
});

describe('the text of old mail', () => {
  it('is gone after keepBodiesDays, and not before; what waits keeps it', async () => {
    await enqueue(order());
    await mails.deliverDue();
    await enqueue(order());
    const sentAt = clock.now().getTime();
    expect(await mails.forgetOld(service.organisation.id, new Date(sentAt + 7 * 86_400_000))).toBe(0);
    expect(await mails.forgetOld(service.organisation.id, new Date(sentAt + 7 * 86_400_000 + 1))).toBe(1);
    expect((await rows()).map(({ state, body }) => [state, body === null])).toEqual([
      ['sent', true],
      ['waiting', false],
    ]);
  });
});
