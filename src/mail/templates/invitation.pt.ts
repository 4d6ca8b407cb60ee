import type { InvitationWords } from './invitation.en.js';

export const INVITATION_PT: InvitationWords = {
  subject: (organisation) => `Convite para ${organisation}`,
  preview: (inviter, organisation) => `${inviter} convida-o(a) para ${organisation}.`,
  heading: (organisation) => `Junte-se a ${organisation}`,
  invites: (inviter, organisation) => `${inviter} convida-o(a) para ${organisation}.`,
  whatFor: 'Aceite e poderá iniciar sessão. Não precisa de uma nova palavra-passe.',
  position: 'A sua função',
  team: 'A sua equipa',
  accept: 'Aceitar o convite',
  until: (when) => `A ligação é só para si. Funciona uma vez, até ${when}.`,
  unknown: 'Não sabe quem lhe escreve? Não faça nada, ou abra a ligação e recuse.',
};
