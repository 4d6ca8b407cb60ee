import type { Origin, Step } from './people.types.js';

/** Why invitations end with a change of somebody: their own, or those that they made. */
export interface InvitationEnd {
  person_id: string;
  because: 'archived' | 'directory' | 'address_changed' | 'replaced' | 'inviter';
  made: boolean;
}

/** Pure. One reason for one's own, the weightiest; nothing for changes that leave an invitation as true as it was. */
export function endsOfInvitations({ change, current, next }: Step, origin: Origin): InvitationEnd[] {
  if (current === null) return [];
  const archived = current.state !== 'archived' && next.state === 'archived';
  const ends: InvitationEnd[] = [];
  const because = archived
    ? 'archived'
    : (origin === 'directory' || origin === 'scim') && arrives(change.kind, current.state, next.state)
      ? 'directory'
      : current.emailCanonical !== next.emailCanonical
        ? 'address_changed'
        : !current.isAdmin && next.isAdmin
          ? 'replaced'
          : null;
  if (because !== null) ends.push({ person_id: next.id, because, made: false });
  const losesRole = current.isAdmin && (archived || !next.isAdmin);
  if (losesRole) ends.push({ person_id: next.id, because: 'inviter', made: true });
  return ends;
}

/** The directory has them now, whatever it made of them. */
function arrives(kind: Step['change']['kind'], before: string, after: string): boolean {
  return kind === 'link' || kind === 'relink' || (before !== 'active' && after === 'active');
}
