import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { newId } from '../common/ids.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import { Secrets } from '../database/secrets.service.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import { oneAddress } from './address.js';
import { bodyPlace, type MailBody } from './mail-body.js';
import { MAILS, type MailOrder, type MailTemplate } from './mail.types.js';
import { MailsRepository } from './mails.repository.js';
import { MailWorker } from './mail.worker.js';

const DAY_MS = 86_400_000;
/** A mail without its text tells an admin or operator for so long that somebody was written to. */
const KEPT_DAYS = 90;

/** Mail that goes out: an outbox, written in the transaction of what a mail tells about, and emptied behind it. */
@Injectable()
export class Mails {
  constructor(
    private readonly mails: MailsRepository,
    private readonly worker: MailWorker,
    private readonly secrets: Secrets,
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'mail' | 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Puts a mail into the outbox: it goes out once this transaction has committed, and not before.
   *
   * @returns False when there was a mail of this cause before: then this is none.
   * @throws {RollcallError} `mail.address_invalid` for anything but one canonical address.
   * @throws {TypeError} for a link that does not lead to this installation: our bug.
   */
  async enqueue(tx: Tx, order: MailOrder): Promise<boolean> {
    const recipient = oneAddress(order.to);
    const values = MAILS[order.template].parse(order.values);
    const { origin } = publicSiteOf(this.config.server);
    if ('link' in values && !values.link.startsWith(`${origin}/`))
      throw new TypeError('a mail links to this installation alone');
    const { id: organisationId, name } = await this.mails.organisation(tx);
    const id = newId();
    const now = this.clock.now();
    const body: MailBody = {
      values,
      organisation: name,
      at: now.toISOString(),
      until: order.until?.toISOString() ?? null,
    };
    return this.mails.insert(tx, {
      id,
      template: order.template,
      cause: order.cause,
      recipient,
      personId: order.personId,
      body: await this.secrets.seal(tx, bodyPlace(organisationId, id), JSON.stringify(body)),
      createdAt: now,
    });
  }

  /**
   * Sends what is due, or keeps it for the operator when no mail server is configured.
   *
   * @param limit Most mails of one organisation in this step.
   * @returns How many mails were looked at.
   */
  deliverDue(limit = 20): Promise<number> {
    return this.worker.deliverDue(limit);
  }

  /** How many mails of these kinds were made for a person since then. */
  countSince(tx: Tx, personId: string, templates: readonly MailTemplate[], since: Date): Promise<number> {
    return this.mails.countSince(tx, personId, templates, since);
  }

  /** Takes the text out of old mails, and later forgets them: they name who was written to, and when. @returns Of how many. */
  forgetOld(organisationId: string, now: Date): Promise<number> {
    const before = new Date(now.getTime() - this.config.mail.keepBodiesDays * DAY_MS);
    return this.database.asOrganisation(organisationId, async (tx) => {
      await this.mails.forget(tx, new Date(now.getTime() - KEPT_DAYS * DAY_MS));
      return this.mails.forgetBodies(tx, before);
    });
  }
}
