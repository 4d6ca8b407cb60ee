import { Inject, Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { contextOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import { CLOCK, type Clock } from '../common/clock.js';
import { canonicalEmail } from '../common/email.js';
import { RollcallError } from '../common/errors.js';
import { Database } from '../database/database.service.js';
import type { Tx } from '../database/tx.js';
import type { Language } from './languages.js';
import { MAIL_LOGO_BYTES, type MailSettingsView, type UpdateMailSettings } from './mail-settings.dto.js';
import { MailSettingsRepository, type MailSettingsRow } from './mail-settings.repository.js';

const PLAIN: MailSettingsRow = { language: 'en', replyTo: null, logo: null, logoType: null };

/** How invitations of an organisation look: language, picture, and where answers go. */
@Injectable()
export class MailSettings {
  constructor(
    private readonly database: Database,
    private readonly settings: MailSettingsRepository,
    private readonly audit: AuditService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  show(organisationId: string): Promise<MailSettingsView> {
    return this.database.asOrganisation(organisationId, async (tx) => toView(await this.own(tx)), { readOnly: true });
  }

  /** In which language the organisation of this transaction invites. */
  async language(tx: Tx): Promise<Language> {
    return (await this.own(tx)).language;
  }

  /** @throws {RollcallError} `mail.address_invalid`; `request.invalid` for what is no picture, or a large one */
  update(caller: Caller, order: UpdateMailSettings): Promise<MailSettingsView> {
    const changed = {
      ...(order.language === undefined ? {} : { language: order.language }),
      ...(order.replyTo === undefined ? {} : { replyTo: order.replyTo === null ? null : addressOf(order.replyTo) }),
      ...(order.logo === undefined ? {} : pictureOf(order.logo)),
    };
    return this.database.asOrganisation(caller.organisationId, async (tx) => {
      const before = await this.settings.lock(tx);
      const after = { ...before, ...changed };
      const fields = fieldsThatDiffer(before, after);
      if (fields.length === 0) return toView(before);
      await this.settings.update(tx, after, this.clock.now());
      await this.audit.record(tx, {
        ...contextOf(caller),
        action: 'mail_settings.updated',
        subject: { kind: 'organisation', id: caller.organisationId },
        fields,
      });
      return toView(after);
    });
  }

  private async own(tx: Tx): Promise<MailSettingsRow> {
    return (await this.settings.find(tx)) ?? PLAIN;
  }
}

function addressOf(text: string): string {
  const address = canonicalEmail(text);
  if (address === null)
    throw new RollcallError('mail.address_invalid', 'Answers go to exactly one address, such as people@acme.example.');
  return address;
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);

function pictureOf(data: string | null): Pick<MailSettingsRow, 'logo' | 'logoType'> {
  if (data === null) return { logo: null, logoType: null };
  const logo = Buffer.from(data, 'base64');
  if (logo.length > MAIL_LOGO_BYTES)
    throw new RollcallError('request.invalid', `A logo has at most ${MAIL_LOGO_BYTES / 1024} KiB; make it smaller.`);
  if (logo.subarray(0, PNG.length).equals(PNG)) return { logo, logoType: 'image/png' };
  if (logo.subarray(0, JPEG.length).equals(JPEG)) return { logo, logoType: 'image/jpeg' };
  throw new RollcallError('request.invalid', 'A logo is a PNG or JPEG picture; save it as one of these.');
}

function fieldsThatDiffer(before: MailSettingsRow, after: MailSettingsRow): string[] {
  const same = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b));
  return [
    ...(before.language === after.language ? [] : ['language']),
    ...(before.replyTo === after.replyTo ? [] : ['replyTo']),
    ...(same(before.logo, after.logo) ? [] : ['logo']),
  ];
}

function toView({ language, replyTo, logo, logoType }: MailSettingsRow): MailSettingsView {
  return {
    language,
    replyTo,
    logo: logo === null || logoType === null ? null : { type: logoType, data: logo.toString('base64') },
  };
}
