import { z } from 'zod';
import { LANGUAGES } from './languages.js';

/**
 * What each mail tells besides the name of the organisation and the time, which are added. Links are built from
 * `publicSiteOf`; everything else may be text that people typed.
 */
export const MAILS = {
  /** To somebody who asked for a link. `minutes`: for how long the link is good. */
  sign_in_link: z.strictObject({ link: z.string(), minutes: z.string() }),
  /** To somebody who asked for a link and has to use the company's own sign-in. `link`: the page for signing in. */
  sign_in_with_provider: z.strictObject({ link: z.string() }),
  /** To a person whose account at the company's sign-in was used here for the first time. */
  new_sign_in: z.strictObject({ provider: z.string(), device: z.string() }),
  /** To a person whose ways to sign in changed. `name`: of the passkey, or of the company's sign-in. */
  factor_changed: z.strictObject({
    change: z.enum(['passkey_added', 'passkey_removed', 'identity_linked', 'identity_unlinked']),
    name: z.string(),
    device: z.string(),
  }),
  /** To the address that a person had before. `address`: the new one. */
  address_changed: z.strictObject({ address: z.string() }),
  /** To somebody who was made the first admin of an organisation. `link`: the page for signing in. */
  first_admin: z.strictObject({ link: z.string() }),
  /** To somebody who is asked in. `link`: works until `until`, an instant; `message`: lines that the inviter wrote. */
  invitation: z.strictObject({
    language: z.enum(LANGUAGES),
    inviter: z.string(),
    message: z.string().nullable(),
    position: z.string().nullable(),
    team: z.string().nullable(),
    link: z.string(),
    until: z.iso.datetime(),
  }),
} as const;

export type MailTemplate = keyof typeof MAILS;
export type MailValues = { [Template in MailTemplate]: z.infer<(typeof MAILS)[Template]> };

/** A mail to be sent once. */
export type MailOrder = {
  [Template in MailTemplate]: {
    template: Template;
    /** Its id, where whoever orders it keeps it; null: any. */
    id?: string | null;
    /** Names what the mail is for, within the organisation: a second order of the same cause is no second mail. */
    cause: string;
    /** Canonical address. */
    to: string;
    personId: string | null;
    values: MailValues[Template];
    /** After this it is not worth sending; null: always. */
    until?: Date | null;
  };
}[MailTemplate];

/** Why a mail is not sent yet, or never will be. */
export type MailProblem =
  /** The server cannot be reached, or does not speak as one. */
  | 'unreachable'
  /** The server offers no TLS, or none that can be trusted. */
  | 'no_tls'
  /** The server does not accept the user and the password of `mail.smtpUrl`. */
  | 'not_signed_in'
  | 'too_slow'
  /** The server asks to come again later. */
  | 'busy'
  | 'recipient_refused'
  | 'message_refused'
  /** Its use was over before it could be sent. */
  | 'too_late'
  /** What it was about was taken back before it went out. */
  | 'withdrawn'
  /** Its text cannot be opened, or not be written out: the secret key is another one, or the release. */
  | 'unreadable';

export type MailState = 'waiting' | 'sent' | 'failed' | 'kept';
