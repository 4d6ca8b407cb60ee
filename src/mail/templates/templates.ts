import type { MailTemplate, MailValues } from '../mail.types.js';
import type { MailContent, MailFrame } from './content.js';
import { invitation } from './invitation.js';

type Templates = { [Template in MailTemplate]: (values: MailValues[Template], frame: MailFrame) => MailContent };

const NOT_YOU = 'If this was not you, tell your admin today, and end your other sessions under “Ways to sign in”.';

const OTHERS_ENDED = 'Your other sessions were ended.';

const CHANGES: Record<MailValues['factor_changed']['change'], { done: string; label: string; ended: string }> = {
  passkey_added: { done: 'A passkey was added', label: 'Passkey', ended: OTHERS_ENDED },
  passkey_removed: { done: 'A passkey was removed', label: 'Passkey', ended: OTHERS_ENDED },
  identity_linked: { done: 'An account was connected', label: 'Account', ended: OTHERS_ENDED },
  identity_unlinked: {
    done: 'An account was disconnected',
    label: 'Account',
    ended: 'Sessions that were begun with it were ended.',
  },
};

/** What mails to people who are here already have in common. */
const TO_PEOPLE = { language: 'en', quote: [], answered: false } as const;

export const TEMPLATES: Templates = {
  sign_in_link: ({ link, minutes }, { organisation }) => ({
    ...TO_PEOPLE,
    subject: `Sign in to ${organisation}`,
    preview: `Your link is good for ${minutes} minutes, once.`,
    heading: `Sign in to ${organisation}`,
    paragraphs: [
      'Somebody, we hope you, asked to sign in with this address.',
      'Open the link in the browser in which you asked for it.',
    ],
    facts: [],
    button: { label: 'Sign in', url: link },
    notes: [
      `The link is good for ${minutes} minutes and works once. Nobody from us will ever ask you for it.`,
      'You did not ask for it? Then there is nothing to do: without this mail nobody gets in.',
    ],
  }),
  sign_in_with_provider: ({ link }, { organisation }) => ({
    ...TO_PEOPLE,
    subject: `How to sign in to ${organisation}`,
    preview: 'Sign in with your work account.',
    heading: 'Sign in with your work account',
    paragraphs: [
      `Somebody, we hope you, asked for a link to sign in to ${organisation}.`,
      'Your organisation does not use links: sign in with your work account instead, as for your other tools.',
    ],
    facts: [],
    button: { label: 'Go to sign-in', url: link },
    notes: ['You did not ask for it? Then there is nothing to do.'],
  }),
  new_sign_in: ({ provider, device }, { organisation, at }) => ({
    ...TO_PEOPLE,
    subject: `New way to sign in to ${organisation}`,
    preview: `Your account at ${provider} was connected.`,
    heading: 'You signed in with a new account',
    paragraphs: [
      `Your account at ${provider} has the address of this mail, so it is connected with you at ${organisation} now.`,
    ],
    facts: [
      ['When', at],
      ['Device', device],
    ],
    button: null,
    notes: [NOT_YOU],
  }),
  factor_changed: ({ change, name, device }, { organisation, at }) => ({
    ...TO_PEOPLE,
    subject: `${CHANGES[change].done} at ${organisation}`,
    preview: 'Your ways to sign in have changed.',
    heading: CHANGES[change].done,
    paragraphs: [`Your ways to sign in to ${organisation} have changed. ${CHANGES[change].ended}`],
    facts: [
      [CHANGES[change].label, name],
      ['When', at],
      ['Device', device],
    ],
    button: null,
    notes: [NOT_YOU],
  }),
  address_changed: ({ address }, { organisation, at }) => ({
    ...TO_PEOPLE,
    subject: `Your address at ${organisation} was changed`,
    preview: 'Mail goes to your new address from now on.',
    heading: 'Your address was changed',
    paragraphs: [`From now on you are known at ${organisation} by a new address, and mail goes there.`],
    facts: [
      ['New address', address],
      ['When', at],
    ],
    button: null,
    notes: ['If this is wrong, tell your admin today.'],
  }),
  first_admin: ({ link }, { organisation }) => ({
    ...TO_PEOPLE,
    subject: `You are an admin of ${organisation}`,
    preview: 'Sign in with this address to begin.',
    heading: `You are an admin of ${organisation}`,
    paragraphs: [
      'Rollcall keeps the people of your organisation equal to its directory: joiners, movers and leavers happen by themselves.',
      'Sign in with this address to begin. You will be asked for a passkey, which keeps your account safe.',
    ],
    facts: [],
    button: { label: 'Sign in', url: link },
    notes: ['You did not expect this? Then there is nothing to do.'],
  }),
  invitation,
};
