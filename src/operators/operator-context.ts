import { contextOf, type AuditContext } from '../audit/audit.types.js';
import type { Caller } from '../auth/auth.types.js';

/** What an operator does to an organisation is an operator's deed in its log, not some person's whom nobody knows there. */
export function operatorContext(caller: Caller): AuditContext {
  const { operator } = caller;
  if (operator === null) throw new TypeError('the guard let somebody through who is no operator');
  const { personId, organisationId } = operator;
  return { ...contextOf(caller), by: { kind: 'operator', personId, organisationId } };
}
