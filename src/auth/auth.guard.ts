import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { publicSiteOf, type PublicSite } from '../config/public-site.js';
import { assertMay } from './access.js';
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

/** Stands before every route: who asks, whether they may, and whether they asked too often. Refuses what nobody declared. */
@Injectable()
export class AuthGuard implements CanActivate {
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
    assertMay(caller, {
      policy,
      setUp: this.reflector.get<RouteSetUp | undefined>(ROUTE_SET_UP, handler) ?? null,
      inSupport: this.reflector.get<boolean | undefined>(ROUTE_IN_SUPPORT, handler) === true,
      params: request.params,
    });
    const stream = this.reflector.get<string | undefined>(ROUTE_STREAM, handler) === 'text/event-stream';
    const leave = this.limits.enter(caller.organisationId, stream ? 'organisationStreams' : 'organisationInFlight');
    context.switchToHttp().getResponse<Response>().once('close', leave);
    setCaller(request, caller);
    return true;
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
  private async identify(request: Request, { address, requestId }: Visitor): Promise<Caller> {
    const { authorization } = request.headers;
    const cookie = authorization === undefined ? readCookie(request, 'session', this.site) : null;
    if (cookie !== null) return this.bySession(cookie, { address, requestId });
    try {
      return await this.authentication.authenticate(authorization, { address, requestId });
    } catch (error) {
      if (error instanceof RollcallError && error.kind === 'unauthenticated') await this.limits.countFailure(address);
      throw error;
    }
  }

  /** Whoever comes with a session that has ended does not guess: a whole office may share the address. */
  private async bySession(cookie: string, from: { address: string; requestId: string }): Promise<Caller> {
    const found = await this.sessions.find(cookie);
    if (found.state === 'live') return callerOfSession(found.session, from);
    if (found.state === 'unknown') await this.limits.countFailure(from.address);
    throw new RollcallError('request.unauthenticated', 'You are signed out; sign in again.');
  }
}
