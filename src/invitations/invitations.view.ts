import { instant, instantOrNull } from '../common/fields.js';
import type { InvitationView } from './invitations.dto.js';
import type { ListedInvitation } from './invitations.repository.js';

export function toInvitationView(row: ListedInvitation): InvitationView {
  const { id, personId, emailCanonical: email, firstName, lastName, state, problem, message, language, importId } = row;
  return {
    ...{ id, personId, email, firstName, lastName, state, problem, message, language, importId },
    admin: row.isAdmin,
    because: row.closedBecause,
    stopped: row.state === 'waiting' && row.stoppedAt !== null,
    inviter: row.inviterName,
    createdAt: instant(row.createdAt),
    queuedAt: instantOrNull(row.queuedAt),
    notBefore: instantOrNull(row.notBefore),
    sentAt: instantOrNull(row.sentAt),
    expiresAt: instantOrNull(row.expiresAt),
    openedAt: instantOrNull(row.openedAt),
    acceptedAt: instantOrNull(row.acceptedAt),
    acceptedBy: row.acceptedBy,
    closedAt: instantOrNull(row.closedAt),
  };
}
