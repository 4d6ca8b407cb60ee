import { type CanActivate, type ExecutionContext, Inject, Injectable, Logger } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { messageOf, RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { assertMay, type GuardedRoute } from './access.js';
import { ROUTE_STREAM } from './answers.decorator.js';
import type { Caller } from './auth.types.js';
import { Authentication } from './authentication.service.js';
import { setCaller, setVisitor, type Visitor } from './caller.decorator.js';
import { clientAddress } from './client-address.js';
import { readCookie } from './cookies.js';
import { RateLimits } from './rate-limits.service.js';
import {
  ROUTE_IN_SUPPORT,
  ROUTE_POLICY,
  ROUTE_SET_UP,
  type RoutePolicy,
  type RouteSetUp,
} from './requires.decorator.js';
import { callerOfSession, SessionLookup } from './session-lookup.js';

/** So often it is looked whether somebody who watches may do so still. */
const LOOKED_AT_EVERY_MS = 2_000;

/** Stands before every route: who asks, whether they may, and whether they asked too often. Refuses what nobody declared. */
@Injectable()
export class AuthGuard implements CanActivate {
  private readonly log = new Logger('auth');
  private readonly site: PublicSite;

  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authentication,
    private readonly sessions: SessionLookup,
    private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    this.site = publicSiteOf(config.server);
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const handler = context.getHandler();
    const policy = this.reflector.get<RoutePolicy | undefined>(ROUTE_POLICY, handler);
    if (!policy) throw new RollcallError('request.forbidden', 'This address is open to nobody.');
    const visitor = this.visitorOf(request);
    setVisitor(request, visitor);
    await this.limits.spendAddress(visitor.address);
    if ('public' in policy) return true;
    const caller = await this.identify(request, visitor);
    await this.limits.spendCredential(caller.organisationId, caller.credentialId);
    const route: GuardedRoute = {
      policy,
      setUp: this.reflector.get<RouteSetUp | undefined>(ROUTE_SET_UP, handler) ?? null,
      inSupport: this.reflector.get<boolean | undefined>(ROUTE_IN_SUPPORT, handler) === true,
      params: request.params,
    };
    assertMay(caller, route);
    const stream = this.reflector.get<string | undefined>(ROUTE_STREAM, handler) === 'text/event-stream';
    const leave = this.limits.enter(caller.organisationId, stream ? 'organisationStreams' : 'organisationInFlight');
    const response = context.switchToHttp().getResponse<Response>();
    response.once('close', leave);
    if (stream) this.lookOn(request, response, visitor, route);
    setCaller(request, caller);
    return true;
  }

  /** what goes on for long ends when who asked could not ask for it any more. */
  private lookOn(request: Request, response: Response, visitor: Visitor, route: GuardedRoute): void {
    let looking = false;
    const look = async (): Promise<void> => {
      looking = true;
      try {
        assertMay(await this.identify(request, visitor, 'watched'), route);
      } catch (error) {
        this.log.debug({ error: messageOf(error) }, 'what was watched has ended for whoever watched it');
        response.destroy();
      } finally {
        looking = false;
      }
    };
    const timer = setInterval(() => (looking ? undefined : void look()), LOOKED_AT_EVERY_MS);
    timer.unref();
    response.once('close', () => clearInterval(timer));
  }

  private visitorOf(request: Request & { id?: unknown }): Visitor {
    const { socket, headers } = request;
    return {
      address: clientAddress(socket.remoteAddress, headers['x-forwarded-for'], this.config.server.trustedProxies),
      // Given to each request by the log.
      requestId: typeof request.id === 'string' ? request.id : '',
      userAgent: headers['user-agent'] ?? '',
    };
  }

  /** The header comes first: it is sent on purpose, a cookie is sent by itself. */
  private async identify(
    request: Request,
    { address, requestId }: Visitor,
    use: 'used' | 'watched' = 'used',
  ): Promise<Caller> {
    const { authorization } = request.headers;
    const cookie = authorization === undefined ? readCookie(request, 'session', this.site) : null;
    if (cookie !== null) return this.bySession(cookie, { address, requestId }, use);
    try {
      return await this.authentication.authenticate(authorization, { address, requestId });
    } catch (error) {
      if (error instanceof RollcallError && error.kind === 'unauthenticated') await this.limits.countFailure(address);
      throw error;
    }
  }

  /** Whoever comes with a session that has ended does not guess: a whole office may share the address. */
  private async bySession(
    cookie: string,
    from: { address: string; requestId: string },
    use: 'used' | 'watched',
  ): Promise<Caller> {
    const found = await this.sessions.find(cookie, use);
    if (found.state === 'live') return callerOfSession(found.session, from);
    if (found.state === 'unknown') await this.limits.countFailure(from.address);
    throw new RollcallError('request.unauthenticated', 'You are signed out; sign in again.');
  }
}
