import { Inject, Injectable, Logger } from '@nestjs/common';
import pLimit from 'p-limit';
import { CLOCK, type Clock } from '../common/clock.js';
import { messageOf, RollcallError } from '../common/errors.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Database } from '../database/database.service.js';
import { Secrets } from '../database/secrets.service.js';
import type { Tx } from '../database/tx.js';
import { compose } from './compose.js';
import { bodyPlace, readBody, type OpenedMail } from './mail-body.js';
import type { MailProblem } from './mail.types.js';
import { MailSettingsRepository } from './mail-settings.repository.js';
import { MailsRepository, type ClaimedMail } from './mails.repository.js';
import { nextTry } from './retries.js';
import { SHOWN_LINKS, type ShownLinks } from './shown-links.js';
import { MAIL_TRANSPORT, MailNotTaken, type MailTransport, type OutgoingMail } from './transport.js';
import { typedText } from './typed-text.js';

/** For so long nobody else sends a mail that was taken; longer than an attempt takes. */
const TAKEN_MS = 60_000;
/** Organisations that are served at once, each one mail after the other. */
const AT_ONCE = 4;
const MOST_ORGANISATIONS = 100;

/**
 * Empties the outbox. A mail is taken, handed to the server, and marked as sent: a process that dies in between leaves
 * it for the next one, so none is lost, and one may come twice, under the same Message-ID.
 */
@Injectable()
export class MailWorker {
  private readonly log = new Logger('mail');

  constructor(
    private readonly database: Database,
    private readonly mails: MailsRepository,
    private readonly settings: MailSettingsRepository,
    private readonly secrets: Secrets,
    @Inject(MAIL_TRANSPORT) private readonly transport: MailTransport | null,
    @Inject(SHOWN_LINKS) private readonly shown: ShownLinks,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mail' | 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async deliverDue(limit: number): Promise<number> {
    const now = this.clock.now();
    const due = await this.database.asWorker((tx) => this.mails.due(tx, now, MOST_ORGANISATIONS), { readOnly: true });
    const atOnce = pLimit(AT_ONCE);
    // What goes wrong in one organisation is told when the others have been served.
    const done = await Promise.allSettled(due.map((id) => atOnce(() => this.deliverOf(id, limit))));
    return done.reduce((sum, one) => {
      if (one.status === 'rejected') throw one.reason;
      return sum + one.value;
    }, 0);
  }

  private async deliverOf(organisationId: string, limit: number): Promise<number> {
    let count = 0;
    while (count < limit) {
      const now = this.clock.now();
      const claimed = await this.database.asOrganisation(organisationId, (tx) =>
        this.mails.claim(tx, now, new Date(now.getTime() + TAKEN_MS)),
      );
      if (claimed === null) break;
      count += 1;
      if (!(await this.deliver(organisationId, claimed))) break;
    }
    return count;
  }

  /** @returns False when the server is away: what else waits would fare no better. */
  private async deliver(organisationId: string, mail: ClaimedMail): Promise<boolean> {
    try {
      return await this.attempt(organisationId, mail);
    } catch (error) {
      if (error instanceof MailNotTaken) {
        this.log.warn({ mail: mail.id, problem: error.problem, error: messageOf(error.cause) }, 'a mail was not taken');
        return this.failed(organisationId, mail, error.problem, error.forGood);
      }
      if (error instanceof RollcallError && error.code === 'mail.address_invalid')
        return this.failed(organisationId, mail, 'recipient_refused', true);
      // A fault of ours: told, and tried again as seldom as what the server does not take.
      await this.failed(organisationId, mail, 'unreadable', false);
      throw error;
    }
  }

  private async attempt(organisationId: string, mail: ClaimedMail): Promise<boolean> {
    const opened = await this.opened(organisationId, mail);
    if (opened === null) return this.failed(organisationId, mail, 'unreadable', true);
    if (opened.until !== null && opened.until <= this.clock.now())
      return this.failed(organisationId, mail, 'too_late', true);
    this.showLink(opened);
    if (this.transport === null) {
      await this.database.asOrganisation(organisationId, (tx) => this.mails.kept(tx, mail.id));
      return true;
    }
    const host = new URL(publicSiteOf(this.config.server).origin).hostname;
    await this.transport.send({
      ...(await this.composed(organisationId, opened, host)),
      to: mail.recipient,
      messageId: `<${mail.id}@${host}>`,
    });
    await this.database.asOrganisation(organisationId, async (tx) => {
      const now = this.clock.now();
      await this.mails.sent(tx, mail.id, now);
      await this.mails.mendNotice(tx, now);
    });
    return true;
  }

  /** Invitations look as the organisation wants them to at the moment at which they go out. */
  private async composed(
    organisationId: string,
    opened: OpenedMail,
    host: string,
  ): Promise<Omit<OutgoingMail, 'to' | 'messageId'>> {
    if (opened.saying.template !== 'invitation')
      return { ...(await compose(opened.saying, opened, { host })), replyTo: null, pictures: [] };
    const settings = await this.database.asOrganisation(organisationId, (tx) => this.settings.find(tx), {
      readOnly: true,
    });
    const replyTo = settings?.replyTo ?? null;
    const picture = settings?.logo &&
      settings.logoType && { cid: `logo@${host}`, type: settings.logoType, bytes: settings.logo };
    const frame = { ...opened, answered: replyTo !== null };
    const sender = { host, logo: picture ? { cid: picture.cid, name: typedText(opened.organisation) } : null };
    return { ...(await compose(opened.saying, frame, sender)), replyTo, pictures: picture ? [picture] : [] };
  }

  private async opened(organisationId: string, mail: ClaimedMail): Promise<OpenedMail | null> {
    const { body } = mail;
    if (body === null) return null;
    try {
      const text = await this.database.asOrganisation(
        organisationId,
        (tx) => this.secrets.open(tx, bodyPlace(organisationId, mail.id), body),
        { readOnly: true },
      );
      return readBody(mail.template, text);
    } catch (error) {
      if (error instanceof RollcallError && (error.code === 'secret.unreadable' || error.code === 'secret_key.unknown'))
        return null;
      throw error;
    }
  }

  private async failed(
    organisationId: string,
    mail: ClaimedMail,
    problem: MailProblem,
    forGood: boolean,
  ): Promise<boolean> {
    const now = this.clock.now();
    const again = forGood ? null : nextTry(mail.attempts, now);
    await this.database.asOrganisation(organisationId, async (tx) => {
      if ((await this.mails.putOff(tx, mail, problem, again)) && again === null) await this.notice(tx, problem, now);
    });
    return forGood;
  }

  private notice(tx: Tx, problem: MailProblem, now: Date): Promise<void> {
    return this.mails.notice(tx, { id: newId(), message: MEANINGS[problem], problem, now });
  }

  private showLink(opened: OpenedMail): void {
    if (!this.config.mail.insecureShowLinks || !('link' in opened.saying.values)) return;
    this.shown.show(`Link in a mail of ${opened.organisation}: ${opened.saying.values.link}`);
  }
}

const MEANINGS: Record<MailProblem, string> = {
  unreachable:
    'Mail could not be sent: the mail server cannot be reached; the operator of this installation can mend it.',
  no_tls: 'Mail could not be sent: the mail server offers no TLS that can be trusted; the operator can mend it.',
  not_signed_in: 'Mail could not be sent: the mail server does not accept our password; the operator can mend it.',
  too_slow: 'Mail could not be sent: the mail server answers too slowly; the operator of this installation can look.',
  busy: 'Mail could not be sent: the mail server puts us off again and again; the operator can look.',
  recipient_refused: 'Mail to a person could not be delivered: their mail server refuses the address; check it.',
  message_refused: 'Mail could not be sent: the mail server refuses what we write; the operator can look.',
  too_late: 'A mail could not be sent before it was of no use any more; the operator of this installation can look.',
  withdrawn: 'A mail was taken back before it went out; there is nothing to do.',
  unreadable: 'A mail could not be written out; the log of the service says why, and the operator can mend it.',
};
