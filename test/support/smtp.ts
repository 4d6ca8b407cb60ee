import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { makeCertificate } from './certificates.ts';

/** A mail as the server got it. */
export interface ReceivedMail {
  /** Addresses of the envelope, as they came over the wire. */
  from: string;
  to: string[];
  /** Whether it came over TLS. */
  secure: boolean;
  /** The whole message. */
  raw: string;
  parsed: ParsedMail;
}

export interface SmtpOptions {
  /** False: offers no STARTTLS at all. */
  tls?: boolean;
  /** Wants this user and password. */
  login?: { user: string; password: string };
}

/** A mail server on this machine, with STARTTLS under an authority of its own. */
export class TestSmtp implements AsyncDisposable {
  readonly mails: ReceivedMail[] = [];
  /** What it says to recipients, or to whole messages, instead of taking them. */
  refuse: { recipient?: [status: number, text: string]; message?: [status: number, text: string] } = {};
  /** Runs when a message has come whole, before the server says so. */
  beforeTaken: (mail: ReceivedMail) => Promise<void> = () => Promise.resolve();
  readonly authority: string;
  private readonly server: SMTPServer;
  private readonly options: SmtpOptions;

  private constructor(authority: string, own: SMTPServerOptions, options: SmtpOptions) {
    this.authority = authority;
    this.options = options;
    this.server = new SMTPServer({
      ...own,
      disabledCommands: [...(options.tls === false ? ['STARTTLS'] : []), ...(options.login ? [] : ['AUTH'])],
      authOptional: options.login === undefined,
      closeTimeout: 100,
      onAuth: (auth, _session, done) => {
        const right = auth.username === options.login?.user && auth.password === options.login?.password;
        if (right) done(null, { user: auth.username });
        else done(Object.assign(new Error('no'), { responseCode: 535 }));
      },
      onRcptTo: (_address, _session, done) => done(refusal(this.refuse.recipient)),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const { mailFrom, rcptTo } = session.envelope;
          void this.take(Buffer.concat(chunks), {
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            secure: session.secure,
          }).then(() => done(refusal(this.refuse.message)), done);
        });
      },
    });
    // Whoever breaks off a connection breaks it off; what counts is what was taken.
    this.server.on('error', () => undefined);
  }

  static async start(options: SmtpOptions = {}): Promise<TestSmtp> {
    const { key, cert, authority } = await makeCertificate('localhost');
    const smtp = new TestSmtp(authority, { key, cert }, options);
    smtp.server.listen(0, '127.0.0.1');
    await once(smtp.server.server, 'listening');
    return smtp;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** As `mail.smtpUrl`. */
  get url(): string {
    const { login } = this.options;
    const user = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : '';
    return `smtp://${user}localhost:${this.port}`;
  }

  /** From now on this process trusts the server, as an operator does by NODE_EXTRA_CA_CERTS. */
  trust(): void {
    tls.setDefaultCACertificates([...tls.getCACertificates(), this.authority]);
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async take(raw: Buffer, envelope: Pick<ReceivedMail, 'from' | 'to' | 'secure'>): Promise<void> {
    const mail = { ...envelope, raw: raw.toString('utf8'), parsed: await simpleParser(raw) };
    await this.beforeTaken(mail);
    if (this.refuse.message === undefined) this.mails.push(mail);
  }
}

function refusal(answer: [number, string] | undefined): Error | null {
  return answer === undefined ? null : Object.assign(new Error(answer[1]), { responseCode: answer[0] });
}
