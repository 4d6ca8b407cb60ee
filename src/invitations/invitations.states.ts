/** Where an invitation is. `expired` shows in the hour of its use, by no clean-up. */
export const INVITATION_STATES = [
  'not_sent', 'waiting', 'sent', 'delivered', 'refused', 'opened', 'accepted', 'expired', 'closed',
] as const; // prettier-ignore
export type InvitationState = (typeof INVITATION_STATES)[number];

/** Why one ended that nobody accepted. */
export const CLOSED_BECAUSE = [
  'revoked', 'declined', 'replaced', 'archived', 'directory', 'address_changed', 'inviter', 'undone', 'erased', 'arrived',
] as const; // prettier-ignore
export type ClosedBecause = (typeof CLOSED_BECAUSE)[number];
