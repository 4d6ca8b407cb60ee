import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ExpressAdapter } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import helmet from 'helmet';
import { RollcallError } from './errors.js';
import { parseStrictForm } from './strict-form.js';
import { parseStrictJson, type JsonLimits } from './strict-json.js';

export interface HttpLimits extends JsonLimits {
  bodyBytes: number;
  /** Time for all of a body, milliseconds. */
  wholeMs: number;
}

/** Whoever sends slower than this is cut off. */
export interface Patience {
  /** For the head of a request, milliseconds. */
  headMs: number;
  /** For all of it, milliseconds. */
  wholeMs: number;
  /** For all of a body that is read as it comes, milliseconds. */
  rawMs: number;
}

const LONGEST_HEAD_BYTES = 16_384;
const MOST_HEADERS = 100;
const LOOK_EVERY_MS = 1_000;

/** Express on a server that does not wait for ever. */
export class PatientlessAdapter extends ExpressAdapter {
  constructor(private readonly patience: Patience) {
    super();
  }

  override initHttpServer(): void {
    const server = createServer(
      {
        headersTimeout: this.patience.headMs,
        // The others are cut off by `bodyWithin`: Node knows one time for all.
        requestTimeout: Math.max(this.patience.wholeMs, this.patience.rawMs),
        connectionsCheckingInterval: Math.min(LOOK_EVERY_MS, this.patience.headMs),
        maxHeaderSize: LONGEST_HEAD_BYTES,
      },
      this.getInstance<RequestHandler>() as unknown as Parameters<typeof createServer>[1],
    );
    // What is above this is dropped without a word; one more than allowed is enough to see that there are too many.
    server.maxHeadersCount = MOST_HEADERS + 1;
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

/** Node would go on without the rest, and whoever stands in front of us may have read those. */
function refuseManyHeaders(request: Request, _response: Response, next: NextFunction): void {
  if (request.rawHeaders.length > 2 * MOST_HEADERS)
    throw new RollcallError('request.malformed', `The request has more than ${MOST_HEADERS} headers.`);
  next();
}

/** What others send in their own form, each at the one place where it is due. */
const OTHER_FORMS: readonly { path: RegExp; type: RegExp; parse: (raw: Buffer, limits: JsonLimits) => unknown }[] = [
  {
    path: /^\/sign-in\/back-channel-logout\//u,
    type: /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/iu,
    parse: parseStrictForm,
  },
  { path: /^\/csp-reports$/u, type: /^application\/(csp-report|reports\+json)$/iu, parse: parseStrictJson },
];

/** Bodies that their routes read themselves, as they come: `@TakesRaw`. */
const RAW_BODIES: readonly { method: string; path: RegExp }[] = [{ method: 'POST', path: /^\/api\/v1\/imports\/?$/u }];

function isRaw({ method, path }: Request): boolean {
  return RAW_BODIES.some((raw) => raw.method === method && raw.path.test(path));
}

/** Whoever sends a body slower than this is cut off, as Node does it. */
function bodyWithin(wholeMs: number): RequestHandler {
  return (request, response, next) => {
    if (request.complete || isRaw(request)) return next();
    const timer = setTimeout(() => {
      if (request.complete || response.headersSent) return;
      const { socket } = request;
      socket.end('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n', () => socket.destroy());
    }, wholeMs);
    const arrived = (): void => clearTimeout(timer);
    request.once('end', arrived).once('close', arrived);
    next();
  };
}

function strictBody(limits: JsonLimits): RequestHandler {
  return (request, _response, next) => {
    const raw: unknown = request.body;
    if (!Buffer.isBuffer(raw) || raw.length === 0) {
      request.body = undefined;
      return next();
    }
    const type = request.headers['content-type'] ?? '';
    const other = OTHER_FORMS.find(
      (form) => request.method === 'POST' && form.path.test(request.path) && form.type.test(type),
    );
    if (other !== undefined) {
      request.body = other.parse(raw, limits);
      return next();
    }
    if (!/^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/iu.test(type)) {
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
  app.use(refuseManyHeaders);
  app.use(bodyWithin(limits.wholeMs));
  const whole = express.raw({ type: () => true, limit: limits.bodyBytes, inflate: false });
  app.use((request: Request, response: Response, next: NextFunction) =>
    isRaw(request) ? next() : whole(request, response, next),
  );
  app.use(strictBody(limits));
}
