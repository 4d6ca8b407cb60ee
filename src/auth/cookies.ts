import type { CookieOptions, Request, Response } from 'express';
import type { PublicSite } from '../config/public-site.js';

export type { PublicSite } from '../config/public-site.js';

export type CookieName = 'session' | 'link' | 'passkey' | `attempt-${string}`;

/** Only this installation's own pages may set a cookie of this prefix: of one host, over TLS, for all of its paths. */
const OVER_TLS_ALONE = '__Host-';

/** What browsers take at most, and far more than any of ours. */
const LONGEST = 4_096;

export function cookieName(name: CookieName, site: PublicSite): string {
  return `${site.secure ? OVER_TLS_ALONE : ''}rollcall-${name}`;
}

/** @param life Without `maxAgeSeconds` the cookie ends with the browser. */
export function setCookie(
  response: Response,
  name: CookieName,
  value: string,
  { maxAgeSeconds, site }: { maxAgeSeconds?: number; site: PublicSite },
): void {
  response.cookie(cookieName(name, site), value, {
    ...attributes(site),
    ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds * 1000 }),
  });
}

/** Null also when the name comes twice: then somebody else has set one of them. */
export function readCookie(request: Request, name: CookieName, site: PublicSite): string | null {
  const wanted = `${cookieName(name, site)}=`;
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted));
  const value = found[0]?.slice(wanted.length);
  return found.length === 1 && value !== undefined && value !== '' && value.length <= LONGEST ? value : null;
}

export function clearCookie(response: Response, name: CookieName, site: PublicSite): void {
  response.clearCookie(cookieName(name, site), attributes(site));
}

function attributes(site: PublicSite): CookieOptions {
  return { httpOnly: true, secure: site.secure, sameSite: 'lax', path: '/' };
}
