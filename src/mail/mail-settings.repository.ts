import { Injectable } from '@nestjs/common';
import type { Tx } from '../database/tx.js';
import type { Language } from './languages.js';

const ORGANISATION = `current_setting('rollcall.organisation_id')::uuid`;

export interface MailSettingsRow {
  language: Language;
  replyTo: string | null;
  logo: Buffer | null;
  logoType: 'image/png' | 'image/jpeg' | null;
}

@Injectable()
export class MailSettingsRepository {
  find(tx: Tx): Promise<MailSettingsRow | null> {
    return tx.maybeOne<MailSettingsRow>(
      `SELECT language, reply_to, logo, logo_type FROM mail_settings WHERE organisation_id = ${ORGANISATION}`,
    );
  }

  /** As `find`; nobody else changes them before this transaction is over. */
  async lock(tx: Tx): Promise<MailSettingsRow> {
    await tx.execute(
      `INSERT INTO mail_settings (organisation_id) VALUES (${ORGANISATION}) ON CONFLICT (organisation_id) DO NOTHING`,
    );
    return tx.one<MailSettingsRow>(
      `SELECT language, reply_to, logo, logo_type FROM mail_settings WHERE organisation_id = ${ORGANISATION} FOR UPDATE`,
    );
  }

  async update(tx: Tx, row: MailSettingsRow, now: Date): Promise<void> {
    await tx.execute(
      `UPDATE mail_settings SET language = $1, reply_to = $2, logo = $3, logo_type = $4, updated_at = $5
        WHERE organisation_id = ${ORGANISATION}`,
      [row.language, row.replyTo, row.logo, row.logoType, now],
    );
  }
}
