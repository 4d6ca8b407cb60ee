import { applyDecorators, HttpCode, SerializeOptions, SetMetadata } from '@nestjs/common';
import { ApiOperation, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

export interface RouteAnswer {
  status: number;
  schema: z.ZodType | null;
}

export const ROUTE_ANSWER = Symbol('rollcall:route-answer');
/** The media type of a route that streams. */
export const ROUTE_STREAM = Symbol('rollcall:route-stream');
export const SHOWN_ONCE = Symbol('rollcall:shown-once');

/**
 * What a route answers with when all is well: its status and the strict schema of the body. Goes into OpenAPI, and
 * every answer is checked against it before it leaves: a field that the schema does not name is a fault of ours, not a leak.
 *
 * @param summary One line for the documentation: what the route does.
 */
export function Answers(status: number, schema: z.ZodType, summary: string): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ANSWER, { status, schema } satisfies RouteAnswer),
    HttpCode(status),
    SerializeOptions({ schema }),
    ApiOperation({ summary }),
    ApiResponse({ status, standardSchema: schema, description: summary }),
  );
}

/** For a route that answers 204. */
export function AnswersNothing(summary: string): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ANSWER, { status: 204, schema: null } satisfies RouteAnswer),
    HttpCode(204),
    ApiOperation({ summary }),
    ApiResponse({ status: 204, description: summary }),
  );
}

/** For a file, or for events (see `common/event-stream.ts`), which no schema describes. */
export function AnswersStream(status: number, mediaType: string, summary: string): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_ANSWER, { status, schema: null } satisfies RouteAnswer),
    SetMetadata(ROUTE_STREAM, mediaType),
    HttpCode(status),
    ApiOperation({ summary }),
    ApiProduces(mediaType),
    ApiResponse({ status, description: summary, content: { [mediaType]: { schema: { type: 'string' } } } }),
  );
}

/** The answer holds a secret that is shown once: it is not kept for a repeated `Idempotency-Key`. */
export function ShownOnce(): MethodDecorator {
  return SetMetadata(SHOWN_ONCE, true);
}
