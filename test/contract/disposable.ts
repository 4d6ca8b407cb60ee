import type { Connector } from '../../src/connectors/connector.js';

/** For `await using`: closed at the end of the block. */
export function disposable(connector: Connector): { use: Connector } & AsyncDisposable {
  return { use: connector, [Symbol.asyncDispose]: () => connector.close() };
}
