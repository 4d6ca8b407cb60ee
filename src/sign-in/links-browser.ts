import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import { readCookie, setCookie, type PublicSite } from '../auth/cookies.js';

/** 32 bytes in base64url. */
const SHAPE = /^[A-Za-z0-9_-]{43}$/u;

/**
 * The secret that tells this browser from others, in a cookie of its own: the one that it has, or a new one.
 *
 * @param seconds For how long the browser keeps it from now on.
 */
export function browserSecret(
  { request, response }: { request: Request; response: Response },
  cookie: 'link' | 'passkey',
  { site, seconds }: { site: PublicSite; seconds: number },
): string {
  const secret = knownBrowser(request, cookie, site) ?? randomBytes(32).toString('base64url');
  setCookie(response, cookie, secret, { maxAgeSeconds: seconds, site });
  return secret;
}

/** Null for a browser that has none, or something else in its place. */
export function knownBrowser(request: Request, cookie: 'link' | 'passkey', site: PublicSite): string | null {
  const value = readCookie(request, cookie, site);
  return value !== null && SHAPE.test(value) ? value : null;
}
