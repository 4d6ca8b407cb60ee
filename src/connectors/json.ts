import { ConnectorError } from './errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Parses a body that must be JSON. What is cut off or is a login page is not: it may be whole at the next try, and
 * nothing in it is ever taken for an empty answer.
 *
 * @param what Who said what, for the sentence: "Okta's list of users".
 * @throws {ConnectorError} `bad_response`, passing.
 */
export function parseJson(body: Uint8Array | string, what: string): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : utf8.decode(body)) as unknown;
  } catch {
    // The parser's own message quotes the body, which may hold personal data: it goes no further.
    throw new ConnectorError('bad_response', `${what} was cut off or is not JSON.`, { passing: true });
  }
}

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws {ConnectorError} `bad_response` */
export function objectOf(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw new ConnectorError('bad_response', `${what} is not the object that it should be.`);
}

/** @throws {ConnectorError} `bad_response` */
export function arrayOf(value: unknown, what: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw new ConnectorError('bad_response', `${what} is not the list that it should be.`);
}

/** The value at a dotted path of own properties (`profile.costCenter`); undefined when a step is missing. */
export function valueAt(source: unknown, path: readonly string[]): unknown {
  let value = source;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}
