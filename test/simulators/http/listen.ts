import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../company/clock.ts';
import { spoilAnswer, type ErrorShapes } from '../faults/apply.ts';
import { FaultScript } from '../faults/script.ts';
import type { Answer, Incoming } from './answer.ts';
import { RequestLog } from './request-log.ts';
import { send } from './send.ts';

export interface Provider {
  answer(request: Incoming): Answer | Promise<Answer>;
  readonly shapes: ErrorShapes;
  /** Headers of every response, rate limits for example. */
  headers?(answer: Answer): Record<string, string>;
  /** Before anything else: too many at once, say. */
  refuse?(request: Incoming, inFlight: number): Answer | null;
}

export interface ListenOptions {
  /** 0, the default, takes any free one. */
  port?: number;
  clock: Clock;
  /** Milliseconds that every answer waits. */
  latency?: number;
  /** Compress for clients that accept it; off by default. */
  gzip?: boolean;
}

/** Another host, to which nobody should ever carry a credential: it answers everything and notes what came. */
export interface Stranger {
  readonly url: string;
  readonly seen: { readonly url: string; readonly authorization: string | null }[];
}

export interface Listening {
  readonly url: string;
  readonly faults: FaultScript;
  readonly requests: RequestLog;
  readonly stranger: Stranger;
  setLatency(milliseconds: number): void;
  close(): Promise<void>;
}

/** Serves a provider on 127.0.0.1; `make` is told the address first, for a provider that links to itself. */
export async function listen(make: (url: string) => Provider, options: ListenOptions): Promise<Listening> {
  const faults = new FaultScript();
  const requests = new RequestLog();
  const stranger = await startStranger();
  let latency = options.latency ?? 0;
  let provider: Provider | null = null;
  const server = createServer({ keepAliveTimeout: 60_000, noDelay: true }, (message, response) => {
    void serve(message, response).catch((error: unknown) => {
      console.error('simulator failed', error);
      response.destroy();
    });
  });

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!provider) throw new TypeError('not ready');
    requests.inFlight++;
    requests.maxInFlight = Math.max(requests.maxInFlight, requests.inFlight);
    response.once('close', () => requests.inFlight--);
    const request = await read(message);
    const answer = provider.refuse?.(request, requests.inFlight) ?? (await provider.answer(request));
    const taken = faults.take(answer);
    const context = { script: faults, shapes: provider.shapes, strangerUrl: stranger.url, requestUrl: request.url };
    const outcome = spoilAnswer(answer, taken, context);
    const headers = { date: new Date(options.clock.now()).toUTCString(), ...provider.headers?.(answer) };
    const reply = { ...outcome.reply, headers: withoutEmpty({ ...headers, ...outcome.reply.headers }) };
    requests.add({
      route: answer.route,
      method: request.method,
      url: request.url,
      status: reply.status,
      page: answer.listing?.page ?? null,
      scheme: request.headers.authorization?.split(' ')[0] ?? null,
      faults: taken.map((fault) => fault.name ?? fault.do.kind),
      at: options.clock.now(),
    });
    const wait = latency + outcome.delayMs;
    if (wait > 0) await pause(wait, response);
    const gzip = options.gzip === true && String(request.headers['accept-encoding']).includes('gzip');
    if (!response.destroyed) send(response, reply, outcome.transport, gzip);
  }

  const url = await start(server, options.port ?? 0);
  provider = make(url);
  return {
    url,
    faults,
    requests,
    stranger,
    setLatency: (milliseconds) => {
      latency = milliseconds;
    },
    close: async () => {
      await Promise.all([stop(server), stranger.close()]);
    },
  };
}

/** A header set to the empty text by a fault is left out altogether. */
function withoutEmpty(headers: Readonly<Record<string, string | string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value.length > 0));
}

function pause(milliseconds: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function read(message: IncomingMessage): Promise<Incoming> {
  const url = message.url ?? '/';
  const at = url.indexOf('?');
  const chunks: Buffer[] = [];
  if (message.method !== 'GET') for await (const chunk of message) chunks.push(chunk as Buffer);
  return {
    method: message.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: new URLSearchParams(at < 0 ? '' : url.slice(at + 1)),
    headers: message.headers,
    body: Buffer.concat(chunks).toString(),
    url,
  };
}

export function start(server: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}

export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function startStranger(): Promise<Stranger & { close(): Promise<void> }> {
  const seen: { url: string; authorization: string | null }[] = [];
  const server = createServer((message, response) => {
    seen.push({ url: message.url ?? '/', authorization: message.headers.authorization ?? null });
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('[]');
  });
  return { url: await start(server, 0), seen, close: () => stop(server) };
}
