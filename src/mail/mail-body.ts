import { z } from 'zod';
import type { SealedPlace } from '../common/envelope.js';
import type { MailSaying } from './compose.js';
import { MAILS, type MailTemplate } from './mail.types.js';

/** What is kept of a mail, sealed: it may hold a link that lets its reader in. */
export interface MailBody {
  values: MailSaying['values'];
  /** Name of the organisation when the mail was ordered. */
  organisation: string;
  at: string;
  until: string | null;
}

const StoredBody = z.strictObject({
  values: z.unknown(),
  organisation: z.string(),
  at: z.iso.datetime(),
  until: z.iso.datetime().nullable(),
});

export interface OpenedMail {
  saying: MailSaying;
  organisation: string;
  at: Date;
  until: Date | null;
}

export function bodyPlace(organisationId: string, rowId: string): SealedPlace {
  return { table: 'mail', column: 'body', rowId, organisationId };
}

export function readBody(template: MailTemplate, text: string): OpenedMail {
  const { values, organisation, at, until } = StoredBody.parse(JSON.parse(text));
  return {
    saying: { template, values: MAILS[template].parse(values) } as MailSaying,
    organisation,
    at: new Date(at),
    until: until === null ? null : new Date(until),
  };
}
