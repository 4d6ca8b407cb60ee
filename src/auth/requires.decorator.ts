import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiSecurity } from '@nestjs/swagger';
import type { OperatorPermission, Scope, SetUpKind } from './auth.types.js';

/** What a route declares about who may use it. A route that declares nothing is refused for everybody. */
export type RoutePolicy = { scope: Scope } | { operator: OperatorPermission } | { signedIn: true } | { public: string };

export const ROUTE_POLICY = Symbol('rollcall:route-policy');
export const ROUTE_SET_UP = Symbol('rollcall:route-set-up');
export const ROUTE_FRESH = Symbol('rollcall:route-fresh');
export const ROUTE_IN_SUPPORT = Symbol('rollcall:route-in-support');
export const ROUTE_FROM_BROWSER = Symbol('rollcall:route-from-browser');

/** Who has a set-up link of this kind may use the route too. */
export interface RouteSetUp {
  kind: SetUpKind;
  /** The part of the path that must name something made with the link itself; null: any that the route shows. */
  owns: 'id' | null;
}

/** The scope that a credential needs for this route. Every route says so itself, or says `@Public`. */
export function Requires(scope: Scope): MethodDecorator {
  const policy: RoutePolicy = { scope };
  return applyDecorators(
    SetMetadata(ROUTE_POLICY, policy),
    ApiSecurity('key'),
    ApiSecurity('session'),
    ApiExtension('x-scope', scope),
  );
}

/** For operators, signed in and outside of a support session; never for an API key. */
export function RequiresOperator(permission: OperatorPermission): MethodDecorator {
  const policy: RoutePolicy = { operator: permission };
  return applyDecorators(
    SetMetadata(ROUTE_POLICY, policy),
    ApiSecurity('session'),
    ApiExtension('x-operator', permission),
  );
}

/** For any person who is signed in, about themselves; never for an API key. */
export function SignedIn(): MethodDecorator {
  const policy: RoutePolicy = { signedIn: true };
  return applyDecorators(SetMetadata(ROUTE_POLICY, policy), ApiSecurity('session'), ApiExtension('x-signed-in', true));
}

/** For anybody, without a credential. The reason is part of the reviewed route inventory. */
export function Public(reason: string): MethodDecorator {
  const policy: RoutePolicy = { public: reason };
  return applyDecorators(SetMetadata(ROUTE_POLICY, policy), ApiExtension('x-public', reason));
}

/**
 * Besides `@Requires`: whoever came by a set-up link of this kind may use the route.
 *
 * @param owns Names the part of the path that must be the id of something made with the link.
 */
export function ForSetUp(kind: SetUpKind, owns: 'id' | null = null): MethodDecorator {
  const setUp: RouteSetUp = { kind, owns };
  return applyDecorators(
    SetMetadata(ROUTE_SET_UP, setUp),
    ApiExtension('x-set-up', owns === null ? kind : `${kind}, own`),
  );
}

/** a session must have shown who it is within `session.freshMinutes`. Keys and the command line pass. */
export function Fresh(): MethodDecorator {
  return applyDecorators(SetMetadata(ROUTE_FRESH, true), ApiExtension('x-fresh', true));
}

/** On a public route that changes something: it is judged like one of a caller with a cookie, against other sites. */
export function FromBrowser(): MethodDecorator {
  return applyDecorators(SetMetadata(ROUTE_FROM_BROWSER, true), ApiExtension('x-from-browser', true));
}

/**
 * Besides `@SignedIn` or `@RequiresOperator`: open to an operator within a support session too. Other such routes are
 * not: they are about the operator, who is nobody in the organisation that they visit.
 */
export function InSupport(): MethodDecorator {
  return applyDecorators(SetMetadata(ROUTE_IN_SUPPORT, true), ApiExtension('x-in-support', true));
}
