import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Caller as CallerType } from './auth.types.js';

/** Set by the guard alone; symbols, so that nothing in a request can ever be mistaken for them. */
const CALLER = Symbol('rollcall:caller');
const VISITOR = Symbol('rollcall:visitor');

/** Where a request came from, whoever sent it. */
interface VisitorType {
  address: string;
  requestId: string;
  /** As received. */
  userAgent: string;
}

type Called = Request & { [CALLER]?: CallerType; [VISITOR]?: VisitorType };

export function setCaller(request: Request, caller: CallerType): void {
  (request as Called)[CALLER] = caller;
}

export function callerOf(request: Request): CallerType | undefined {
  return (request as Called)[CALLER];
}

export function setVisitor(request: Request, visitor: VisitorType): void {
  (request as Called)[VISITOR] = visitor;
}

/** Who asks. Not on public routes, which have no caller. */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext): CallerType => {
  const caller = callerOf(context.switchToHttp().getRequest<Request>());
  if (!caller) throw new TypeError('a public route asked for its caller');
  return caller;
});
export type Caller = CallerType;

/** Where the request came from; on public routes too. */
export const Visitor = createParamDecorator((_: unknown, context: ExecutionContext): VisitorType => {
  const visitor = (context.switchToHttp().getRequest<Request>() as Called)[VISITOR];
  if (!visitor) throw new TypeError('a route that the guard never saw');
  return visitor;
});
export type Visitor = VisitorType;
