import type { InvitationWords } from './invitation.en.js';

export const INVITATION_DE: InvitationWords = {
  subject: (organisation) => `Einladung zu ${organisation}`,
  preview: (inviter, organisation) => `${inviter} lädt Sie zu ${organisation} ein.`,
  heading: (organisation) => `Willkommen bei ${organisation}`,
  invites: (inviter, organisation) => `${inviter} lädt Sie zu ${organisation} ein.`,
  whatFor: 'Nehmen Sie an, dann können Sie sich künftig anmelden. Ein neues Passwort brauchen Sie nicht.',
  position: 'Ihre Position',
  team: 'Ihr Team',
  accept: 'Einladung annehmen',
  until: (when) => `Der Link gilt nur für Sie, einmal, bis ${when}.`,
  unknown: 'Sie wissen nicht, wer das ist? Tun Sie nichts, oder öffnen Sie den Link und lehnen Sie ab.',
};
