import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import { ROUTE_STREAM } from './answers.decorator.js';
import type { Caller } from './auth.types.js';
import { Authentication } from './authentication.service.js';
import { setCaller } from './caller.decorator.js';
import { clientAddress } from './client-address.js';
import { RateLimits } from './rate-limits.service.js';
import { ROUTE_POLICY, type RoutePolicy } from './requires.decorator.js';

/** Stands before every route: who asks, whether they may, and whether they asked too often. Refuses what nobody declared. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authentication: Authentication,
    private readonly limits: RateLimits,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    const policy = this.reflector.get<RoutePolicy | undefined>(ROUTE_POLICY, context.getHandler());
    if (!policy) throw new RollcallError('request.forbidden', 'This address is open to nobody.');
    const address = clientAddress(
      request.socket.remoteAddress,
      request.headers['x-forwarded-for'],
      this.config.server.trustedProxies,
    );
    await this.limits.spendAddress(address);
    if ('public' in policy) return true;
    const caller = await this.identify(request, address);
    await this.limits.spendCredential(caller.organisationId, caller.credentialId);
    allow(caller, policy);
    const stream = this.reflector.get<string | undefined>(ROUTE_STREAM, context.getHandler()) === 'text/event-stream';
    const leave = this.limits.enter(caller.organisationId, stream ? 'organisationStreams' : 'organisationInFlight');
    context.switchToHttp().getResponse<Response>().once('close', leave);
    setCaller(request, caller);
    return true;
  }

  private async identify(request: Request, address: string): Promise<Caller> {
    try {
      return await this.authentication.authenticate(request.headers.authorization, {
        address,
        requestId: requestIdOf(request),
      });
    } catch (error) {
      if (error instanceof RollcallError && error.kind === 'unauthenticated') await this.limits.countFailure(address);
      throw error;
    }
  }
}

function allow(caller: Caller, policy: Exclude<RoutePolicy, { public: string }>): void {
  if (!('scope' in policy))
    throw new RollcallError('request.forbidden', 'This address is for people who are signed in, not for API keys.');
  const { scope } = policy;
  if (caller.scopes.has(scope)) return;
  throw new RollcallError('request.forbidden', `This API key does not have the scope ${scope}.`, { scope });
}

/** Given to each request by the log. */
function requestIdOf(request: Request & { id?: unknown }): string {
  return typeof request.id === 'string' ? request.id : '';
}
