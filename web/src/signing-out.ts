import { api, unwrap } from './api.js';
import { leaveFor } from './going.js';

/** Ends the session here, then goes where it ends at the provider too, if there is such a place. */
export async function signOut(): Promise<void> {
  leaveFor(unwrap(await api.POST('/api/v1/session/sign-out')).url);
}
