import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';
import { RollcallError } from '../common/errors.js';
import { assertRaw, ROUTE_RAW } from './takes-raw.decorator.js';

/**
 * Refuses a query or a body where a route takes none: unread, a misspelt filter would look like one that matched
 * everything. What a route does take, its schema judges.
 */
@Injectable()
export class KnownInputGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const taken = inputsOf(context.getClass(), context.getHandler().name);
    if (!taken.has(RouteParamtypes.QUERY) && Object.keys(request.query).length > 0) {
      throw new RollcallError('request.invalid', 'This address takes no query.');
    }
    const raw = this.reflector.get<readonly string[] | undefined>(ROUTE_RAW, context.getHandler());
    if (raw !== undefined) assertRaw(request.headers, raw);
    else if (!taken.has(RouteParamtypes.BODY) && !isEmpty(request.body)) {
      throw new RollcallError('request.invalid', 'This address takes no body.');
    }
    return true;
  }
}

/** Which parts of a request a handler reads, as its parameters are decorated. */
export function inputsOf(controller: object, handler: string): Set<number> {
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<string, unknown>;
  return new Set(Object.keys(args).map((key) => Number(key.split(':')[0])));
}

/** Clients that always send JSON send `{}` where there is nothing to say. */
function isEmpty(body: unknown): boolean {
  return (
    body === undefined ||
    (typeof body === 'object' && body !== null && !Array.isArray(body) && Object.keys(body).length === 0)
  );
}
