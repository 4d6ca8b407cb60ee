import { RollcallError } from '../common/errors.js';
import type { ConnectorKind } from '../connectors/kind.js';
import { connectorKind, connectorKinds } from '../connectors/registry.js';

/** The kind of directory of a stored connection. @throws {RollcallError} when this release has it no more. */
export function kindOf(provider: string): ConnectorKind {
  const kind = connectorKind(provider);
  if (kind) return kind;
  const known = connectorKinds().map((each) => each.provider);
  throw new RollcallError(
    'connection.provider_unknown',
    `There is no such kind of directory; there are ${known.join(', ')}.`,
  );
}
