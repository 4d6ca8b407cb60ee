import type { IncomingHttpHeaders } from 'node:http';

/** What a request asks for, the same words for both providers where they have the same thing. */
export type Route =
  | 'token'
  | 'organisation'
  | 'users.list'
  | 'users.filter'
  | 'users.search'
  | 'users.deprovisioned'
  | 'users.deleted'
  | 'users.get'
  | 'users.groups'
  | 'groups.list'
  | 'groups.get'
  | 'groups.members'
  | 'groups.member'
  | 'apps.get'
  | 'apps.users'
  | 'apps.user'
  | 'apps.groups'
  | 'schemas'
  | 'logs'
  | 'units.list'
  | 'units.get'
  | 'domains'
  | 'sign'
  | 'metadata'
  | 'unknown';

export interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Path and query as they came. */
  readonly url: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer | string;
}

export interface Item {
  /** The provider's id of what is listed. */
  readonly id: string;
  readonly json: Buffer;
}

/** One page of a list, not yet written down, so that faults can spoil it. */
export interface Listing {
  readonly items: readonly Item[];
  /** 1 for the first. */
  readonly page: number;
  readonly pages: number;
  /** The marker of the next page; null on the last. */
  readonly next: string | null;
  /** Markers of this page and of the first, whatever the page; `fresh` is this page's by another, new name. */
  readonly here: string;
  readonly start: string;
  fresh(): string;
  /** `otherHost` is put in front of the next link by a provider that links. */
  render(items: readonly Item[], next: string | null, otherHost?: string): Reply;
}

export interface Answer {
  readonly route: Route;
  /** The id that the request names, if any: of a user, group or unit. */
  readonly subject: string | null;
  readonly reply: Reply | null;
  readonly listing: Listing | null;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

export function json(status: number, body: unknown, headers: Reply['headers'] = {}): Reply {
  return { status, headers: { 'content-type': JSON_TYPE, ...headers }, body: JSON.stringify(body) };
}

/** `[a,b]` or anything like it, from items that are already text. */
export function join(before: string, items: readonly Item[], after: string): Buffer {
  const parts: Buffer[] = [Buffer.from(before)];
  items.forEach((item, i) => {
    if (i > 0) parts.push(COMMA);
    parts.push(item.json);
  });
  parts.push(Buffer.from(after));
  return Buffer.concat(parts);
}

const COMMA = Buffer.from(',');
