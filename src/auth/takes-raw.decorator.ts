import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiExtension } from '@nestjs/swagger';
import type { Request } from 'express';
import { RollcallError } from '../common/errors.js';

export const ROUTE_RAW = Symbol('rollcall:route-raw');

/**
 * The route reads the body itself, as it comes, and nothing of it is in memory before that; its address stands in
 * `RAW_BODIES` of `common/http.ts` as well. None of the types may be one that a form of another site can send.
 */
export function TakesRaw(...types: readonly string[]): MethodDecorator {
  return applyDecorators(
    SetMetadata(ROUTE_RAW, types),
    ApiConsumes(...types),
    ApiBody({ required: true, schema: { type: 'string', format: 'binary' } }),
    ApiExtension('x-raw', true),
  );
}

/**
 * The body, piece by piece. Whoever breaks off is no fault of ours; and whoever is refused half way is told so, on a
 * connection that is still there.
 *
 * @throws {RollcallError} `request.malformed` when it breaks off before its end.
 */
export async function* rawBody(request: Request): AsyncGenerator<Uint8Array> {
  const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  try {
    yield* pieces;
  } catch (error) {
    throw new RollcallError('request.malformed', 'The request broke off before its end.', undefined, { cause: error });
  }
}

/** @throws {RollcallError} for a body of another type, a packed one, and a key by which the answer would be kept */
export function assertRaw(headers: Request['headers'], types: readonly string[]): void {
  if (!isOfType(headers['content-type'], types))
    throw new RollcallError('request.unsupported_media_type', `Send ${types.join(' or ')}.`);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity')
    throw new RollcallError('request.unsupported_media_type', 'Send it as it is, not packed.');
  if (headers['idempotency-key'] !== undefined)
    throw new RollcallError('request.invalid', 'This address takes no Idempotency-Key: a file is not kept for that.');
}

export function isOfType(header: string | undefined, types: readonly string[]): boolean {
  const [type = ''] = (header ?? '').split(';');
  return types.includes(type.trim().toLowerCase());
}
