import type { Language } from '../languages.js';
import type { MailValues } from '../mail.types.js';
import type { MailContent, MailFrame } from './content.js';
import { DAY_AND_TIME } from './day-and-time.js';
import { INVITATION_DE } from './invitation.de.js';
import { INVITATION_EN, type InvitationWords } from './invitation.en.js';
import { INVITATION_ES } from './invitation.es.js';
import { INVITATION_FR } from './invitation.fr.js';
import { INVITATION_PT } from './invitation.pt.js';

export const INVITATION_WORDS: Record<Language, InvitationWords> = {
  en: INVITATION_EN,
  de: INVITATION_DE,
  fr: INVITATION_FR,
  es: INVITATION_ES,
  pt: INVITATION_PT,
};

const LOCALES: Record<Language, string> = { en: 'en-GB', de: 'de-DE', fr: 'fr-FR', es: 'es-ES', pt: 'pt-PT' };

/** Asks somebody in. There is no way to be struck off a list: it is one mail, to one person, for one link. */
export function invitation(
  { inviter, message, position, team, link, until, language }: MailValues['invitation'],
  { organisation, answered }: MailFrame,
): MailContent {
  const words = INVITATION_WORDS[language];
  return {
    language,
    subject: words.subject(organisation),
    preview: words.preview(inviter, organisation),
    heading: words.heading(organisation),
    paragraphs: [words.invites(inviter, organisation), words.whatFor],
    quote: message === null ? [] : message.split('\n'),
    facts: [
      ...(position === null ? [] : [[words.position, position] as const]),
      ...(team === null ? [] : [[words.team, team] as const]),
    ],
    button: { label: words.accept, url: link },
    notes: [words.until(dayAndTime(new Date(until), language)), words.unknown],
    answered,
  };
}

function dayAndTime(at: Date, language: Language): string {
  const format = new Intl.DateTimeFormat(LOCALES[language], DAY_AND_TIME);
  return `${format.format(at)}\u00a0UTC`;
}
