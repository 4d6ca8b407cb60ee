import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ModulesContainer } from '@nestjs/core';
import { ROUTE_ANSWER } from '../../src/auth/answers.decorator.js';
import {
  ROUTE_FRESH,
  ROUTE_FROM_BROWSER,
  ROUTE_IN_SUPPORT,
  ROUTE_POLICY,
  ROUTE_SET_UP,
  type RoutePolicy,
  type RouteSetUp,
} from '../../src/auth/requires.decorator.js';
import type { TestService } from './service.js';

type Handler = (...args: unknown[]) => unknown;

export interface Route {
  /** `POST /api/v1/domains` */
  name: string;
  policy: RoutePolicy | undefined;
  /** As a line of the reviewed table. */
  who: string;
  answers: boolean;
  /** Parts of the request that are read without a schema. */
  unchecked: number[];
}

/** Every handler that Nest knows, whether documented or not. */
export function routesOf(service: TestService): Route[] {
  const controllers = [...service.app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  return controllers.flatMap(({ metatype }) => {
    if (typeof metatype !== 'function') return [];
    const prototype = metatype.prototype as Record<string, Handler>;
    const handlers = Object.getOwnPropertyNames(prototype).filter(
      (name) => name !== 'constructor' && Reflect.hasMetadata(METHOD_METADATA, prototype[name] as Handler),
    );
    return handlers.flatMap((name) => toRoutes(metatype, name, prototype[name] as Handler));
  });
}

function toRoutes(controller: object, handler: string, of: Handler): Route[] {
  const method = RequestMethod[Reflect.getMetadata(METHOD_METADATA, of) as number] ?? '';
  const judged = new Set<number>([RouteParamtypes.BODY, RouteParamtypes.QUERY, RouteParamtypes.PARAM]);
  const args = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, handler) ?? {}) as Record<
    string,
    { schema?: unknown }
  >;
  const unchecked = Object.entries(args)
    .map(([key, arg]) => ({ kind: Number(key.split(':')[0]), schema: arg.schema }))
    .filter(({ kind, schema }) => judged.has(kind) && schema === undefined)
    .map(({ kind }) => kind);
  const policy = Reflect.getMetadata(ROUTE_POLICY, of) as RoutePolicy | undefined;
  return pathsOf(controller, of).map((path) => ({
    name: `${method} ${path}`,
    policy,
    who: whoOf(of, policy),
    answers: Reflect.hasMetadata(ROUTE_ANSWER, of),
    unchecked,
  }));
}

function pathsOf(controller: object, handler: Handler): string[] {
  const all = (of: object): string[] => [Reflect.getMetadata(PATH_METADATA, of) as string | string[]].flat();
  return all(controller).flatMap((base) =>
    all(handler).map(
      (path) =>
        `/${[base, path]
          .flatMap((part) => part.split('/'))
          .filter(Boolean)
          .join('/')}`,
    ),
  );
}

function whoOf(handler: Handler, policy: RoutePolicy | undefined): string {
  if (policy === undefined) return 'nobody said';
  const has = (key: symbol): boolean => Reflect.getMetadata(key, handler) === true;
  const setUp = Reflect.getMetadata(ROUTE_SET_UP, handler) as RouteSetUp | undefined;
  return [
    'scope' in policy
      ? policy.scope
      : 'operator' in policy
        ? policy.operator
        : 'public' in policy
          ? 'public'
          : 'signed in',
    ...(has(ROUTE_FROM_BROWSER) ? ['from our pages'] : []),
    ...(has(ROUTE_IN_SUPPORT) ? ['in support'] : []),
    ...(has(ROUTE_FRESH) ? ['fresh'] : []),
    ...(setUp === undefined ? [] : [`set-up ${setUp.kind}${setUp.owns === null ? '' : ' own'}`]),
  ].join(', ');
}
