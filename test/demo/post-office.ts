import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { TestSmtp, type ReceivedMail } from '../support/smtp.ts';
import { expect } from './world.ts';

/** Longer than any mail waits for its turn. */
const PATIENCE_MS = 20_000;

/** Takes every mail of the demo and lets nothing out; what came is read on a page. */
export class PostOffice {
  readonly #smtp: TestSmtp;
  readonly #pages: Server;

  private constructor(smtp: TestSmtp) {
    this.#smtp = smtp;
    this.#pages = createServer((request, response) => this.#show(request.url ?? '/', response));
  }

  static async open(): Promise<PostOffice> {
    const office = new PostOffice(await TestSmtp.start({ tls: false }));
    office.#pages.listen(0, '127.0.0.1');
    await once(office.#pages, 'listening');
    return office;
  }

  /** As `mail.smtpUrl`. */
  get smtpUrl(): string {
    return this.#smtp.url;
  }

  /** Where the mails are read. */
  get url(): string {
    return `http://localhost:${(this.#pages.address() as AddressInfo).port}`;
  }

  get mails(): readonly ReceivedMail[] {
    return this.#smtp.mails;
  }

  /** The newest mail to an address, once there is one. */
  async mailTo(address: string, signal: AbortSignal): Promise<ReceivedMail> {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      const mail = this.mails.findLast(({ to }) => to.includes(address));
      if (mail !== undefined) return mail;
      await wait(50, undefined, { signal });
    }
    expect(false, `No mail came to ${address}.`);
  }

  async close(): Promise<void> {
    this.#pages.closeAllConnections();
    await Promise.all([this.#smtp.close(), new Promise((resolve) => this.#pages.close(resolve))]);
  }

  #show(path: string, response: ServerResponse): void {
    const mail = this.mails[Number(path.slice(1)) - 1];
    if (path !== '/' && mail === undefined) {
      response.writeHead(404).end();
      return;
    }
    const html =
      mail === undefined ? this.#list() : mail.parsed.html || `<pre>${escaped(mail.parsed.text ?? '')}</pre>`;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  }

  #list(): string {
    const rows = this.mails.map(
      ({ to, parsed }, at) =>
        `<li><a href="/${at + 1}">${escaped(parsed.subject ?? '')}</a> to ${escaped(to.join(', '))}</li>`,
    );
    return `<!doctype html><meta charset="utf-8"><title>Mails of the demo</title><h1>Mails of the demo</h1><ol>${rows.join('')}</ol>`;
  }
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
