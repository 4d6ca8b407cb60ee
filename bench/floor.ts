import { Client, type Dispatcher } from 'undici';

/** What the floor asks: where a listing starts and how to go on. Nothing else of the directory's ways is used. */
export interface Listing {
  firstUrl: string;
  headers: Record<string, string>;
  /** Where the next page is: in a Link header, or a token in the body. */
  next: 'link' | 'token';
}

export interface Floor {
  ms: number;
  pages: number;
  bytes: number;
}

/**
 * The floor that every time is held against: the same pages, by one keep-alive connection, one after the other,
 * and JSON.parse. No checks, no mapping, no storing.
 */
export async function measureFloor(listing: Listing): Promise<Floor> {
  const first = new URL(listing.firstUrl);
  const client = new Client(first.origin, { pipelining: 1 });
  const started = performance.now();
  let pages = 0;
  let bytes = 0;
  try {
    for (let url: URL | null = first; url !== null;) {
      const answer: Dispatcher.ResponseData = await client.request({
        method: 'GET',
        path: `${url.pathname}${url.search}`,
        headers: listing.headers,
      });
      const text = await answer.body.text();
      if (answer.statusCode !== 200)
        throw new Error(`the floor was answered ${answer.statusCode}: ${text.slice(0, 200)}`);
      const body = JSON.parse(text) as { nextPageToken?: string };
      pages += 1;
      bytes += text.length;
      url = listing.next === 'link' ? linkOf(answer.headers['link']) : tokenOf(first, body.nextPageToken);
    }
  } finally {
    await client.close();
  }
  return { ms: performance.now() - started, pages, bytes };
}

function linkOf(header: string | string[] | undefined): URL | null {
  for (const one of [header ?? []].flat().flatMap((text) => text.split(/,\s*(?=<)/u))) {
    const found = /^<([^>]+)>;\s*rel="next"/u.exec(one.trim());
    if (found?.[1] !== undefined) return new URL(found[1]);
  }
  return null;
}

function tokenOf(first: URL, token: string | undefined): URL | null {
  if (token === undefined) return null;
  const next = new URL(first);
  next.searchParams.set('pageToken', token);
  return next;
}
