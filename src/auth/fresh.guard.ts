import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { CONFIG, type Config } from '../config/config.types.js';
import type { Caller } from './auth.types.js';
import { callerOf } from './caller.decorator.js';
import { ROUTE_FRESH } from './requires.decorator.js';

const A_MINUTE = 60_000;

/** before what is dangerous, a person has to show again who they are when the last time is long ago. */
@Injectable()
export class FreshGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const fresh = this.reflector.get<boolean | undefined>(ROUTE_FRESH, context.getHandler()) === true;
    const caller = callerOf(context.switchToHttp().getRequest<Request>());
    if (!fresh || !caller) return true;
    assertFresh(caller, this.clock.now(), this.config.session.freshMinutes);
    return true;
  }
}

/** When a session stops being fresh, and by how it was shown. Null for callers that are none of a person. */
export function freshUntil(
  { kind, authenticatedAt }: Pick<Caller, 'kind' | 'authenticatedAt'>,
  minutes: number,
): Date | null {
  return kind === 'session' && authenticatedAt !== null
    ? new Date(authenticatedAt.getTime() + minutes * A_MINUTE)
    : null;
}

/**
 * For what is dangerous only in some cases, which a guard does not see.
 *
 * @throws {RollcallError} `session.reauthentication_needed`
 */
export function assertFresh(caller: Pick<Caller, 'kind' | 'authenticatedAt'>, now: Date, minutes: number): void {
  const until = freshUntil(caller, minutes);
  if (until === null || now < until) return;
  throw new RollcallError(
    'session.reauthentication_needed',
    'Sign in again to do this: the last time is too long ago.',
  );
}
