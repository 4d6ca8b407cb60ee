import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { loadConfig } from '../../src/config/load-config.js';
import { smtpTransport, type OutgoingMail } from '../../src/mail/transport.js';
import { TestSmtp, type SmtpOptions } from '../support/smtp.js';

const trustedBefore = tls.getCACertificates();
const opened: AsyncDisposable[] = [];

afterEach(async () => {
  tls.setDefaultCACertificates(trustedBefore);
  for (const one of opened.splice(0)) await one[Symbol.asyncDispose]();
});

async function server(options: SmtpOptions = {}): Promise<TestSmtp> {
  const smtp = await TestSmtp.start(options);
  opened.push(smtp);
  return smtp;
}

const MAIL: OutgoingMail = {
  messageId: '<1@rollcall.acme.example>',
  to: 'ada@acme.example',
  subject: 'A subject',
  text: 'A text',
  html: '<p>A text</p>',
  replyTo: null,
  pictures: [],
};

function send(smtpUrl: string, mail: Partial<OutgoingMail> = {}, insecurePlaintext = false): Promise<void> {
  const config = loadConfig({ ROLLCALL_ENV: 'test' });
  const transport = smtpTransport({
    server: { ...config.server, publicUrl: 'https://rollcall.acme.example' },
    mail: { ...config.mail, smtpUrl, from: 'rollcall@acme.example', insecurePlaintext },
  });
  if (transport === null) throw new Error('there is no transport');
  return transport.send({ ...MAIL, ...mail });
}

describe('I-14 mail goes over TLS that can be trusted, or not at all', () => {
  it('a server without STARTTLS gets nothing', async () => {
    const smtp = await server({ tls: false });
    await expect(send(smtp.url)).rejects.toMatchObject({ problem: 'no_tls', forGood: false });
    expect(smtp.mails).toEqual([]);
  });

  it('a server whose certificate nobody vouches for gets nothing, and no password', async () => {
    const smtp = await server({ login: { user: 'rollcall', password: 'secret' } });
    await expect(send(smtp.url)).rejects.toMatchObject({ problem: 'no_tls', forGood: false });
    expect(smtp.mails).toEqual([]);
  });

  it('a certificate for another name is none', async () => {
    const smtp = await server();
    smtp.trust();
    await expect(send(smtp.url.replace('localhost', '127.0.0.1'))).rejects.toMatchObject({ problem: 'no_tls' });
    expect(smtp.mails).toEqual([]);
  });

  it('with all of it the mail is taken', async () => {
    const smtp = await server();
    smtp.trust();
    await send(smtp.url);
    expect(smtp.mails).toMatchObject([{ secure: true, to: ['ada@acme.example'] }]);
  });

  it('insecurePlaintext alone sends without', async () => {
    const smtp = await server({ tls: false });
    await send(smtp.url, {}, true);
    expect(smtp.mails).toMatchObject([{ secure: false }]);
  });

  it('insecurePlaintext takes TLS where it is offered, and then looks at it', async () => {
    const smtp = await server();
    await expect(send(smtp.url, {}, true)).rejects.toMatchObject({ problem: 'no_tls' });
  });
});

describe('what the server says', () => {
  it('a wrong password is the operator’s to mend: tried again', async () => {
    const smtp = await server({ login: { user: 'rollcall', password: 'secret' } });
    smtp.trust();
    await expect(send(smtp.url.replace(':secret@', ':other@'))).rejects.toMatchObject({
      problem: 'not_signed_in',
      forGood: false,
    });
  });

  it('nobody there', async () => {
    const smtp = await server();
    const { url } = smtp;
    await smtp.close();
    opened.length = 0;
    await expect(send(url)).rejects.toMatchObject({ problem: 'unreachable', forGood: false });
  });

  it('something that speaks no SMTP', async () => {
    const other: Server = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    await expect(send(`smtp://localhost:${(other.address() as AddressInfo).port}`)).rejects.toMatchObject({
      problem: 'unreachable',
    });
    other.close();
  });
});

describe('I-08 and I-10 what would be more than one address or line', () => {
  it.each([
    'ada@acme.example, mallory@evil.example',
    'ada@acme.example>\r\nRCPT TO:<mallory@evil.example',
    'Ada <mallory@evil.example>',
    '',
  ])('%j goes nowhere', async (to) => {
    const smtp = await server();
    smtp.trust();
    await expect(send(smtp.url, { to })).rejects.toMatchObject({ code: 'mail.address_invalid' });
    expect(smtp.mails).toEqual([]);
  });

  it('a subject that breaks the line adds no header, and nobody to the envelope', async () => {
    const smtp = await server();
    smtp.trust();
    await send(smtp.url, { subject: 'Hello\r\nBcc: mallory@evil.example\r\n\r\nBody' });
    const [mail] = smtp.mails;
    expect(mail?.to).toEqual(['ada@acme.example']);
    expect(mail?.parsed.bcc).toBeUndefined();
    expect(mail?.raw).not.toMatch(/^Bcc:/imu);
  });

  it('no text of a mail names a file or an address to be fetched', async () => {
    const smtp = await server();
    smtp.trust();
    await expect(send(smtp.url, { html: { path: '/etc/hostname' } as unknown as string })).rejects.toThrow();
    await expect(send(smtp.url, { text: { href: 'http://127.0.0.1:1/' } as unknown as string })).rejects.toThrow();
    expect(smtp.mails).toEqual([]);
  });
});
