import { RollcallError } from '../common/errors.js';
import type { ChangeResult } from './people.types.js';

/** What an admin hears when a change was not applied; null when it was. */
export function refusal(result: ChangeResult): RollcallError | null {
  switch (result) {
    case 'applied':
    case 'already_applied':
      return null;
    case 'stale':
      return new RollcallError('person.changed', 'Somebody else changed the person meanwhile: read them again.');
    case 'address_taken':
      return new RollcallError('person.address_taken', 'Somebody else who is not archived has this address.');
    case 'protected':
      return new RollcallError(
        'person.last_admin',
        'This is the last active admin of the organisation: make somebody else one first.',
      );
  }
}
