import type { ConnectorKind } from './kind.js';
import { googleKind } from './google/kind.js';
import { oktaKind } from './okta/kind.js';

/**
 * Every kind of directory. A kind is data and cheap; the vendor's own library, which costs seconds and many megabytes,
 * is loaded by its `create` when a connector is first made.
 */
const KINDS: ReadonlyMap<string, ConnectorKind> = new Map<string, ConnectorKind>([
  [oktaKind.provider, oktaKind],
  [googleKind.provider, googleKind],
]);

export function connectorKinds(): ConnectorKind[] {
  return [...KINDS.values()];
}

/** Null for a provider that there is none of. */
export function connectorKind(provider: string): ConnectorKind | null {
  return KINDS.get(provider) ?? null;
}
