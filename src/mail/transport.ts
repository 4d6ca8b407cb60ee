import { createTransport } from 'nodemailer';
import { canonicalEmail } from '../common/email.js';
import { codeOf, messageOf } from '../common/errors.js';
import type { Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { oneAddress } from './address.js';
import type { MailProblem } from './mail.types.js';

/** Nest's token for the transport; null when no mail server is configured. */
export const MAIL_TRANSPORT = Symbol('rollcall:mail-transport');

export interface OutgoingMail {
  /** The same at every attempt: who gets it twice can tell. */
  messageId: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Where answers go; null: to the sender, which nobody reads. */
  replyTo: string | null;
  /** Pictures that the HTML shows, by content id. */
  pictures: readonly { cid: string; type: string; bytes: Buffer }[];
}

export interface MailTransport {
  /** Resolves once the server has taken the mail. @throws {MailNotTaken} */
  send(mail: OutgoingMail): Promise<void>;
}

/** The server did not take a mail, or cannot have. */
export class MailNotTaken extends Error {
  override readonly name = 'MailNotTaken';

  constructor(
    readonly problem: MailProblem,
    /** Trying again will not help. */
    readonly forGood: boolean,
    options?: ErrorOptions,
  ) {
    super(`the mail server did not take a mail: ${problem}`, options);
  }
}

/** Whole time of one attempt, milliseconds; shorter than a mail is claimed for. */
const WITHIN_MS = 40_000;

/** Speaks SMTP, over TLS with a verified certificate, or not at all. */
export function smtpTransport(config: Pick<Config, 'mail' | 'server'>): MailTransport | null {
  const { smtpUrl, from, insecurePlaintext } = config.mail;
  if (smtpUrl === null || from === null) return null;
  const url = new URL(smtpUrl);
  const sender = oneAddress(canonicalEmail(from) ?? from);
  const secure = url.protocol === 'smtps:';
  const transport = createTransport({
    host: url.hostname.replace(/^\[(.*)\]$/u, '$1'),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !insecurePlaintext,
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: true },
    name: new URL(publicSiteOf(config.server).origin).hostname,
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
    dnsTimeout: 5_000,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 15_000,
  });
  return {
    async send({ messageId, to, subject, text, html, replyTo, pictures }) {
      const recipient = oneAddress(to);
      try {
        await within(
          WITHIN_MS,
          transport.sendMail({
            messageId,
            from: { name: 'Rollcall', address: sender },
            to: { name: '', address: recipient },
            envelope: { from: sender, to: [recipient] },
            subject,
            text,
            html,
            ...(replyTo === null ? {} : { replyTo: { name: '', address: oneAddress(replyTo) } }),
            attachments: pictures.map(({ cid, type, bytes }) => ({
              cid,
              content: bytes,
              contentType: type,
              contentDisposition: 'inline',
              filename: type === 'image/png' ? 'logo.png' : 'logo.jpg',
            })),
            headers: { 'Auto-Submitted': 'auto-generated' },
            disableFileAccess: true,
            disableUrlAccess: true,
          }),
        );
      } catch (error) {
        throw notTaken(error);
      }
    },
  };
}

async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new MailNotTaken('too_slow', false)), milliseconds);
    timer.unref();
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const PROBLEMS: Readonly<Record<string, MailProblem>> = {
  EAUTH: 'not_signed_in',
  ENOAUTH: 'not_signed_in',
  ETLS: 'no_tls',
  EREQUIRETLS: 'no_tls',
  ETIMEDOUT: 'too_slow',
};

function notTaken(error: unknown): MailNotTaken {
  if (error instanceof MailNotTaken) return error;
  const code = codeOf(error);
  const known = PROBLEMS[code];
  if (known !== undefined) return new MailNotTaken(known, false, { cause: error });
  const { status, command } = replyOf(error);
  if (status === null) return new MailNotTaken(isUntrusted(error) ? 'no_tls' : 'unreachable', false, { cause: error });
  if (status < 500) return new MailNotTaken('busy', false, { cause: error });
  if (command === 'RCPT TO') return new MailNotTaken('recipient_refused', true, { cause: error });
  // What is wrong with the sender or the greeting is the operator's to mend, and mail waits for it.
  const ofMessage = command === 'DATA' || code === 'EMESSAGE';
  return new MailNotTaken(ofMessage ? 'message_refused' : 'busy', ofMessage, { cause: error });
}

function replyOf(error: unknown): { status: number | null; command: string } {
  if (typeof error !== 'object' || error === null) return { status: null, command: '' };
  const status = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;
  return { status, command: 'command' in error && typeof error.command === 'string' ? error.command : '' };
}

/** Nodemailer has one code for all that goes wrong with a socket; what was wrong with a certificate stands in the words. */
function isUntrusted(error: unknown): boolean {
  return /certificate|self-signed|altnames|wrong version number|SSL routines/iu.test(messageOf(error));
}
