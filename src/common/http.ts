import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { RollcallError } from './errors.js';
import { parseStrictJson, type JsonLimits } from './strict-json.js';

export interface HttpLimits extends JsonLimits {
  bodyBytes: number;
}

/** Whoever sends slower than this is cut off: head of a request, and all of it, milliseconds. */
const HEAD_WITHIN_MS = 10_000;
const WHOLE_WITHIN_MS = 15_000;
const MOST_HEADERS = 100;

/** Express on a server that does not wait for ever. */
export class PatientlessAdapter extends ExpressAdapter {
  override initHttpServer(): void {
    const server = createServer(
      {
        headersTimeout: HEAD_WITHIN_MS,
        requestTimeout: WHOLE_WITHIN_MS,
        connectionsCheckingInterval: 1_000,
        maxHeaderSize: 16_384,
      },
      this.getInstance<RequestHandler>() as unknown as Parameters<typeof createServer>[1],
    );
    server.maxHeadersCount = MOST_HEADERS;
    this.httpServer = server;
  }
}

const NO_FEATURES = [
  'accelerometer',
  'camera',
  'display-capture',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'usb',
];

/** What every answer carries, errors included. */
function headers(): RequestHandler[] {
  return [
    (request: Request & { id?: unknown }, response: Response, next: NextFunction) => {
      request.id = randomUUID();
      response.setHeader('X-Request-Id', String(request.id));
      next();
    },
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'self'"], frameAncestors: ["'none'"] },
      },
      strictTransportSecurity: { maxAge: 31_536_000, includeSubDomains: true },
      referrerPolicy: { policy: 'no-referrer' },
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      crossOriginResourcePolicy: { policy: 'same-origin' },
      xFrameOptions: { action: 'deny' },
    }),
    (_request: Request, response: Response, next: NextFunction) => {
      response.setHeader('Permissions-Policy', NO_FEATURES.map((feature) => `${feature}=()`).join(', '));
      response.setHeader('Cache-Control', 'no-store');
      next();
    },
  ];
}

/** A NUL in an address is in nobody's interest, and no database takes it. */
function refuseNul(request: Request, _response: Response, next: NextFunction): void {
  if (/%00/u.test(request.url) || request.url.includes('\0'))
    throw new RollcallError('request.malformed', 'The address holds a NUL.');
  next();
}

function strictJson(limits: JsonLimits): RequestHandler {
  return (request, _response, next) => {
    const raw: unknown = request.body;
    if (!Buffer.isBuffer(raw) || raw.length === 0) {
      request.body = undefined;
      return next();
    }
    if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/iu.test(request.headers['content-type'] ?? '')) {
      throw new RollcallError('request.unsupported_media_type', 'Send application/json in UTF-8.');
    }
    request.body = parseStrictJson(raw, limits);
    next();
  };
}

/** Sets up what stands before every route. The application is made without body parsers of Nest's own. */
export function configureHttp(app: NestExpressApplication, limits: HttpLimits): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(...headers());
  app.use(refuseNul);
  app.use(express.raw({ type: () => true, limit: limits.bodyBytes, inflate: false }));
  app.use(strictJson(limits));
}
