import type { InvitationWords } from './invitation.en.js';

export const INVITATION_ES: InvitationWords = {
  subject: (organisation) => `Invitación a ${organisation}`,
  preview: (inviter, organisation) => `${inviter} le invita a unirse a ${organisation}.`,
  heading: (organisation) => `Únase a ${organisation}`,
  invites: (inviter, organisation) => `${inviter} le invita a unirse a ${organisation}.`,
  whatFor: 'Acepte y podrá iniciar sesión. No necesita ninguna contraseña nueva.',
  position: 'Su puesto',
  team: 'Su equipo',
  accept: 'Aceptar la invitación',
  until: (when) => `El enlace es solo para usted. Funciona una vez, hasta el ${when}.`,
  unknown: '¿No sabe quién le escribe? No haga nada, o abra el enlace y rechácelo.',
};
