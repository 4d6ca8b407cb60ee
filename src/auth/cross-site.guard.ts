import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { readCookie } from './cookies.js';
import { isOfType, ROUTE_RAW } from './takes-raw.decorator.js';
import { ROUTE_FROM_BROWSER, ROUTE_POLICY, type RoutePolicy } from './requires.decorator.js';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * what a browser does by itself with its cookies must come from our own pages. Before anybody is identified, so that
 * another site cannot even keep a session awake. What carries a key in its header was not sent by a page of others.
 */
@Injectable()
export class CrossSiteGuard implements CanActivate {
  private readonly site: PublicSite;

  constructor(
    private readonly reflector: Reflector,
    @Inject(CONFIG) config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (SAFE.has(request.method)) return true;
    const fromBrowser = this.reflector.get<boolean | undefined>(ROUTE_FROM_BROWSER, context.getHandler()) === true;
    const byCookie =
      !this.isForAnybody(context) &&
      request.headers.authorization === undefined &&
      readCookie(request, 'session', this.site) !== null;
    const raw = this.reflector.get<readonly string[] | undefined>(ROUTE_RAW, context.getHandler()) ?? [];
    if (fromBrowser || byCookie) assertSameSite(request.headers, this.site.origin, raw);
    return true;
  }

  /** Nobody is looked for by the cookie there, so it gives no power: programs and browsers send to it in forms of their own. */
  private isForAnybody(context: ExecutionContext): boolean {
    const policy = this.reflector.get<RoutePolicy | undefined>(ROUTE_POLICY, context.getHandler());
    return policy !== undefined && 'public' in policy;
  }
}

/**
 * @param origin Of the installation, as its configuration has it.
 * @param raw Types besides JSON that the route takes.
 * @throws {RollcallError} `request.cross_site`, or `request.unsupported_media_type` for a body that forms of other sites can send.
 */
export function assertSameSite(headers: Request['headers'], origin: string, raw: readonly string[] = []): void {
  const site = headers['sec-fetch-site'];
  if (headers.origin !== origin || (site !== undefined && site !== 'same-origin'))
    throw new RollcallError('request.cross_site', 'This request did not come from a page of this installation.');
  const type = headers['content-type'];
  if (type !== undefined && !isOfType(type, ['application/json', ...raw]))
    throw new RollcallError('request.unsupported_media_type', 'Send application/json in UTF-8.');
}
