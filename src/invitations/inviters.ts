import { actorOf } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';
import type { Inviter } from './invitations.types.js';

/** Who stands behind a request; the name is looked up by the id. */
export function inviterOf(caller: Caller): Omit<Inviter, 'name'> {
  return {
    actor: actorOf(caller),
    personId: caller.personId,
    keyId: caller.kind === 'key' ? caller.credentialId : null,
  };
}
