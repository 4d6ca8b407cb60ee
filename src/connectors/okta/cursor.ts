import type { Cursor } from '../connector.js';
import { ConnectorError } from '../errors.js';
import { isObject } from '../json.js';
import type { Part } from './scope.js';

export interface Place {
  /** Of the part that is being read. */
  index: number;
  /** Path and query of the page. */
  path: string;
  /** A marker that Okta gave stands in the path. */
  resumed: boolean;
}

export function encodeCursor(index: number, path: string): Cursor {
  return JSON.stringify({ v: 1, part: index, path });
}

/**
 * Where a cursor leads. It may come from another scope or version, so it is checked against the lists of this one.
 *
 * @throws {ConnectorError} `cursor_expired` for one that leads elsewhere.
 */
export function decodeCursor(cursor: Cursor | null, parts: readonly Part[]): Place {
  const first = parts[0];
  if (cursor === null) {
    if (first === undefined) throw new RangeError('a scope has at least one part');
    return { index: 0, path: first.question.path, resumed: false };
  }
  const place = parsed(cursor);
  const part = place === null ? undefined : parts[place.index];
  if (place === null || part === undefined || pathname(place.path) !== pathname(part.question.path)) {
    throw new ConnectorError('cursor_expired', 'The read was begun with other settings; it begins anew.');
  }
  return { ...place, resumed: place.path !== part.question.path };
}

function parsed(cursor: Cursor): { index: number; path: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(cursor);
  } catch {
    // Not one of ours; the caller says so.
    return null;
  }
  if (!isObject(value) || value['v'] !== 1) return null;
  const { part, path } = value;
  return typeof part === 'number' && Number.isInteger(part) && typeof path === 'string' && path.startsWith('/')
    ? { index: part, path }
    : null;
}

function pathname(path: string): string {
  return path.split('?', 1)[0] ?? path;
}
