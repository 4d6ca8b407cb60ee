/** Every word of an invitation; names and facts come in as they were typed, cleaned and set apart by direction. */
export interface InvitationWords {
  subject: (organisation: string) => string;
  preview: (inviter: string, organisation: string) => string;
  heading: (organisation: string) => string;
  invites: (inviter: string, organisation: string) => string;
  whatFor: string;
  position: string;
  team: string;
  accept: string;
  until: (when: string) => string;
  unknown: string;
}

export const INVITATION_EN: InvitationWords = {
  subject: (organisation) => `You are invited to ${organisation}`,
  preview: (inviter, organisation) => `${inviter} invites you to join ${organisation}.`,
  heading: (organisation) => `Join ${organisation}`,
  invites: (inviter, organisation) => `${inviter} invites you to join ${organisation}.`,
  whatFor: 'Accept, and you can sign in from then on. You need no new password.',
  position: 'Your position',
  team: 'Your team',
  accept: 'Accept invitation',
  until: (when) => `The link is yours alone. It works once, until ${when}.`,
  unknown: 'You do not know who this is? Do nothing, or open the link and decline.',
};
