import { z } from 'zod';
import { LANGUAGES } from './languages.js';

export const MAIL_LOGO_BYTES = 65_536;
const LONGEST_DATA = Math.ceil(MAIL_LOGO_BYTES / 3) * 4;

export const MailLogo = z
  .strictObject({
    type: z.enum(['image/png', 'image/jpeg']),
    data: z.string().describe('The picture, in base64.'),
  })
  .meta({ id: 'MailLogo' });
export type MailLogo = z.infer<typeof MailLogo>;

export const MailSettingsView = z
  .strictObject({
    language: z.enum(LANGUAGES).describe('In which invitations are written unless one says otherwise.'),
    replyTo: z.string().nullable().describe('Where answers to invitations go; null: they are not read.'),
    logo: MailLogo.nullable().describe('Stands above invitations, and comes along with the mail; null: none.'),
  })
  .meta({ id: 'MailSettings' });
export type MailSettingsView = z.infer<typeof MailSettingsView>;

export const UpdateMailSettings = z
  .strictObject({
    language: z.enum(LANGUAGES).optional(),
    replyTo: z.string().min(3).max(254).nullable().optional().describe('One address; null: answers are not read.'),
    logo: z
      .base64()
      .max(LONGEST_DATA)
      .nullable()
      .optional()
      .describe(`A PNG or JPEG of at most ${MAIL_LOGO_BYTES} bytes, in base64; null removes it.`),
  })
  .meta({ id: 'UpdateMailSettings', description: 'What is left out stays as it is.' });
export type UpdateMailSettings = z.infer<typeof UpdateMailSettings>;
