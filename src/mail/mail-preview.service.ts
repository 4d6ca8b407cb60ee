import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import type { Tx } from '../database/tx.js';
import { compose, type ComposedMail, type MailSaying } from './compose.js';
import { MailSettingsRepository } from './mail-settings.repository.js';
import { MailsRepository } from './mails.repository.js';
import { typedText } from './typed-text.js';

const CID = 'logo@preview';

/** A mail as it would be written at this moment, for whoever wants to see it before. Nothing is kept or sent. */
@Injectable()
export class MailPreview {
  constructor(
    private readonly mails: MailsRepository,
    private readonly settings: MailSettingsRepository,
    @Inject(CONFIG) private readonly config: Pick<Config, 'server'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async compose(tx: Tx, saying: MailSaying): Promise<ComposedMail> {
    const { name: organisation } = await this.mails.organisation(tx);
    const settings = await this.settings.find(tx);
    const host = new URL(publicSiteOf(this.config.server).origin).hostname;
    const picture = settings?.logo && settings.logoType ? { bytes: settings.logo, type: settings.logoType } : null;
    const composed = await compose(
      saying,
      { organisation, at: this.clock.now(), answered: Boolean(settings?.replyTo) },
      { host, logo: picture === null ? null : { cid: CID, name: typedText(organisation) } },
    );
    if (picture === null) return composed;
    // A mail brings its picture along; a page has it within.
    const data = `data:${picture.type};base64,${picture.bytes.toString('base64')}`;
    return { ...composed, html: composed.html.replaceAll(`cid:${CID}`, data) };
  }
}
