import type { InvitationWords } from './invitation.en.js';

export const INVITATION_FR: InvitationWords = {
  subject: (organisation) => `Invitation à rejoindre ${organisation}`,
  preview: (inviter, organisation) => `${inviter} vous invite à rejoindre ${organisation}.`,
  heading: (organisation) => `Rejoignez ${organisation}`,
  invites: (inviter, organisation) => `${inviter} vous invite à rejoindre ${organisation}.`,
  whatFor: 'Acceptez, et vous pourrez vous connecter. Aucun nouveau mot de passe n’est nécessaire.',
  position: 'Votre poste',
  team: 'Votre équipe',
  accept: 'Accepter l’invitation',
  until: (when) => `Ce lien n’est valable que pour vous, une seule fois, jusqu’au ${when}.`,
  unknown: 'Vous ne savez pas qui vous écrit ? Ne faites rien, ou ouvrez le lien et refusez.',
};
