import type { Cursor } from '../connector.js';
import { ConnectorError } from '../errors.js';

/** Where a full read stands. */
export interface Position {
  /** When the listing began: Google lets its pages be read for an hour. */
  since: Date;
  pageToken: string;
}

const SHAPE = /^(\d{1,15})\.(.+)$/su;

export function writeCursor({ since, pageToken }: Position): Cursor {
  return `${since.getTime()}.${pageToken}`;
}

/** @throws {ConnectorError} `cursor_expired` for what is no cursor of ours: then there is nothing to go on from. */
export function readCursor(cursor: Cursor): Position {
  const [, time, pageToken] = SHAPE.exec(cursor) ?? [];
  if (time === undefined || pageToken === undefined) {
    throw new ConnectorError('cursor_expired', 'Where the read had stopped is not known; it begins anew.');
  }
  return { since: new Date(Number(time)), pageToken };
}
