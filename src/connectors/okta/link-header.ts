import { ConnectorError } from '../errors.js';

const LINK = /\s*<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:"[^"]*"|[^\s";,]*))*)\s*(?:,|$)/y;
const REL = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s";,]*))/i;

/**
 * The target of `rel="next"`; null when there is none, which means the last page. A header that cannot be read is an
 * error, never an end: a read that ends early looks like a company that lost people. Of any length, since a long search
 * is echoed in it.
 *
 * @param header All `Link` headers, joined by commas; null when there is none.
 * @throws {ConnectorError} `bad_response`
 * @see RFC 8288 §3
 */
export function nextLink(header: string | null): string | null {
  if (header === null || header.trim() === '') return null;
  let next: string | null = null;
  LINK.lastIndex = 0;
  while (LINK.lastIndex < header.length) {
    const match = LINK.exec(header);
    if (match === null) throw unreadable();
    const relations = REL.exec(match[2] ?? '');
    if (!(relations?.[1] ?? relations?.[2] ?? '').toLowerCase().split(/\s+/).includes('next')) continue;
    if (next !== null) throw unreadable();
    next = match[1] ?? '';
  }
  return next;
}

function unreadable(): ConnectorError {
  return new ConnectorError('bad_response', "Okta's link to the next page cannot be read.");
}

/**
 * Path and query of a next link, once it was seen to lead to the same list of the same host: followed elsewhere, it
 * would hand our credential to a stranger.
 *
 * @param origins The organisation's own, and that of a gateway in front of it.
 * @param current Path and query of the page that the link came with.
 * @throws {ConnectorError} `bad_response`
 */
export function nextPath(link: string, origins: readonly [string, ...string[]], current: string): string {
  const url = URL.parse(link, origins[0]);
  if (url === null) throw unreadable();
  if (!origins.includes(url.origin) || url.username !== '' || url.password !== '') {
    throw new ConnectorError('bad_response', 'Okta linked to another host for the next page, which is never followed.');
  }
  if (url.pathname !== new URL(current, origins[0]).pathname) {
    throw new ConnectorError('bad_response', 'Okta linked to another list for the next page, which is never followed.');
  }
  return url.pathname + url.search;
}
