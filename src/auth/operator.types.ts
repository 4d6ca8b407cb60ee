import { NO_CREDENTIAL } from '../audit/audit.types.js';
import { newId } from '../common/ids.js';
import { ALL_SCOPES, NO_SESSION, type Caller } from './auth.types.js';

/** The operator at the command line of this machine, acting in one organisation; the audit log names them so. */
export function operatorIn(organisationId: string): Caller {
  return {
    ...NO_SESSION,
    kind: 'command_line',
    organisationId,
    credentialId: NO_CREDENTIAL,
    personId: null,
    scopes: new Set(ALL_SCOPES),
    networks: [],
    address: 'local',
    requestId: newId(),
  };
}
