import { ALL_SCOPES, NO_SESSION, type Caller } from '../../src/auth/auth.types.js';
import { newId } from '../../src/common/ids.js';

/** A key of an organisation that may do everything, as services see it. */
export function keyOf(organisationId: string): Caller {
  return {
    ...NO_SESSION,
    kind: 'key',
    organisationId,
    credentialId: newId(),
    personId: null,
    scopes: new Set(ALL_SCOPES),
    networks: [],
    address: '127.0.0.1',
    requestId: 'test',
  };
}
