import { canonicalEmail } from '../common/email.js';
import type { ScopeVerdict } from '../sync/model.js';

/** People whom the scope leaves out by name. */
export type Exclusions = (externalId: string, email: string | null) => boolean;

export const EXCLUDED: ScopeVerdict = { in: false, because: 'Excluded by name in the settings of the connection.' };

/**
 * @param names External ids or addresses. An address is compared in canonical form, an id as it is.
 */
export function exclusions(names: readonly string[]): Exclusions {
  const ids = new Set<string>();
  const addresses = new Set<string>();
  for (const name of names) {
    const address = name.includes('@') ? canonicalEmail(name) : null;
    if (address === null) ids.add(name.trim());
    else addresses.add(address);
  }
  if (ids.size === 0 && addresses.size === 0) return () => false;
  return (externalId, email) => {
    if (ids.has(externalId)) return true;
    if (addresses.size === 0 || email === null) return false;
    const address = canonicalEmail(email);
    return address !== null && addresses.has(address);
  };
}
