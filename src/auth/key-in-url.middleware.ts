import { Injectable, Logger, type NestMiddleware } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { RollcallError } from '../common/errors.js';
import { holdsAKey, maskKeys } from './key-format.js';

const NAMES_OF_KEYS = new Set(['api_key', 'api-key', 'apikey', 'access_token', 'authorization', 'bearer', 'token']);

/** Refuses a key in the address: addresses end up in logs, histories and referrers of others. */
@Injectable()
export class KeyInUrlMiddleware implements NestMiddleware {
  private readonly logger = new Logger(KeyInUrlMiddleware.name);

  use(request: Request, _response: Response, next: NextFunction): void {
    const url = decoded(request.originalUrl);
    const named = Object.keys(request.query).some((name) => NAMES_OF_KEYS.has(name.toLowerCase()));
    if (!named && !holdsAKey(url)) return next();
    this.logger.warn(`a key came in an address and was refused: ${maskKeys(url.split('?')[0] ?? '')}`);
    throw new RollcallError(
      'request.key_in_url',
      'Send the key in the Authorization header, and revoke this one: addresses are logged by others.',
    );
  }
}

function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    // Not well encoded: what it says as it stands is what there is to look at.
    return url;
  }
}
