import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { Scope } from './auth.types.js';

/** What a route declares about who may use it. A route that declares nothing is refused for everybody. */
export type RoutePolicy = { scope: Scope } | { public: string };

export const ROUTE_POLICY = Symbol('rollcall:route-policy');

/** The scope that a credential needs for this route. Every route says so itself, or says `@Public`. */
export function Requires(scope: Scope): MethodDecorator {
  const policy: RoutePolicy = { scope };
  return applyDecorators(SetMetadata(ROUTE_POLICY, policy), ApiSecurity('key'), ApiExtension('x-scope', scope));
}

/** For anybody, without a credential. The reason is part of the reviewed route inventory. */
export function Public(reason: string): MethodDecorator {
  const policy: RoutePolicy = { public: reason };
  return applyDecorators(SetMetadata(ROUTE_POLICY, policy), ApiExtension('x-public', reason));
}
