import { z } from 'zod';
import { Id, Instant, pageOf } from '../common/fields.js';

export const WaitingMail = z
  .strictObject({
    organisationId: Id,
    id: Id,
    template: z.string().describe('What kind of mail it is.'),
    state: z.enum(['waiting', 'failed', 'kept']).describe('Kept: there was no mail server to send it to.'),
    attempts: z.number().int(),
    nextTryAt: Instant.nullable(),
    problem: z.string().nullable().describe('Why it was not sent the last time.'),
    hasText: z.boolean().describe('False: its text is no longer kept, so it cannot be sent any more.'),
    createdAt: Instant,
  })
  .meta({ id: 'WaitingMail' });
export type WaitingMail = z.infer<typeof WaitingMail>;

export const WaitingMailsPage = pageOf(WaitingMail).meta({ id: 'WaitingMailsPage' });
export type WaitingMailsPage = z.infer<typeof WaitingMailsPage>;

export const MailContentView = z
  .strictObject({ recipient: z.string(), subject: z.string(), text: z.string() })
  .meta({ id: 'MailContent', description: 'May hold a link that lets its reader in.' });
export type MailContentView = z.infer<typeof MailContentView>;
