import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Caller as CallerType } from './auth.types.js';

/** Set by the guard alone; a symbol, so that nothing in a request can ever be mistaken for it. */
const CALLER = Symbol('rollcall:caller');

type Called = Request & { [CALLER]?: CallerType };

export function setCaller(request: Request, caller: CallerType): void {
  (request as Called)[CALLER] = caller;
}

export function callerOf(request: Request): CallerType | undefined {
  return (request as Called)[CALLER];
}

/** Who asks. Only on routes with `@Requires`: a public one has no caller. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): CallerType => {
  const caller = callerOf(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new TypeError('a route without @Requires asked for its caller');
  return caller;
});
export type Caller = CallerType;
