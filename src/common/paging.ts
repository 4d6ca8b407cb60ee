import type { z } from 'zod';
import { RollcallError } from './errors.js';

/** Where a page ended, as opaque text. It holds sort keys alone: what may be seen is decided anew for each page. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');
}

/** @throws {RollcallError} `request.invalid` when it is none of ours. */
export function decodeCursor<Position>(cursor: string | undefined, schema: z.ZodType<Position>): Position | null {
  if (cursor === undefined) return null;
  const parsed = schema.safeParse(parse(cursor));
  if (!parsed.success)
    throw new RollcallError('request.invalid', 'The cursor is none that this list has given; start without one.');
  return parsed.data;
}

/**
 * The page out of one row more than was asked for, and where it ended when there are more.
 *
 * @param rows At most `limit + 1`, in the order of the list.
 */
export function toPage<Row, View>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => View,
  position: (row: Row) => unknown,
): { items: View[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(view),
    next: last !== undefined && rows.length > limit ? encodeCursor(position(last)) : null,
  };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
  } catch {
    // Not ours: the schema refuses null.
    return null;
  }
}
