import type { Request, Response } from 'express';
import { clearCookie, cookieName, setCookie } from '../auth/cookies.js';
import { isId } from '../common/ids.js';
import type { Config } from '../config/config.types.js';
import { publicSiteOf } from '../config/public-site.js';
import type { BegunAttempt } from './sso.types.js';

const A_MINUTE_S = 60;

/**
 * Hands the browser the cookie of an attempt. It may have a few under way, in several tabs; the oldest beyond that lose
 * theirs, and without it nobody can end them (O-09, O-11).
 */
export function setAttemptCookie(
  request: Request,
  response: Response,
  { name, value }: BegunAttempt['cookie'],
  config: Pick<Config, 'server' | 'signIn'>,
): void {
  const site = publicSiteOf(config.server);
  const prefix = cookieName('attempt-', site);
  const open = (request.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length).split('=')[0] ?? '')
    .filter(isId)
    // Their ids are in the order of time.
    .sort();
  const tooMany = open.length + 1 - config.signIn.attemptsPerBrowser;
  for (const id of open.slice(0, Math.max(0, tooMany))) clearCookie(response, `attempt-${id}`, site);
  setCookie(response, name, value, { maxAgeSeconds: config.signIn.attemptMinutes * A_MINUTE_S, site });
}
