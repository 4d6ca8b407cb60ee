import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Transport } from '../faults/apply.ts';
import type { Reply } from './answer.ts';

const MEGABYTE = 1_000_000;

/** Writes a reply, well or as badly as told. */
export function send(response: ServerResponse, reply: Reply, transport: Transport, gzip: boolean): void {
  switch (transport.kind) {
    case 'plain':
      return sendWhole(response, reply, gzip);
    case 'truncate':
      return truncate(response, reply, transport.how);
    case 'reset':
      return reset(response, reply, transport.when);
    case 'hang':
      return;
    case 'drip':
      return drip(response, reply, transport.everyMs);
    case 'huge body':
      return pour(response, { 'content-type': 'application/json' }, Buffer.alloc(64 * 1024, ' '), transport.bytes);
    case 'gzip bomb': {
      // Gzip members may follow one another, so one small member stands for any size.
      const member = gzipSync(Buffer.alloc(16 * MEGABYTE, ' '));
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      return pour(response, headers, member, Math.ceil(transport.bytes / (16 * MEGABYTE)) * member.length);
    }
  }
}

function bytes(reply: Reply): Buffer {
  return typeof reply.body === 'string' ? Buffer.from(reply.body) : reply.body;
}

function sendWhole(response: ServerResponse, reply: Reply, gzip: boolean): void {
  const plain = bytes(reply);
  const body = gzip ? gzipSync(plain) : plain;
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    'content-length': body.length,
  });
  response.end(body);
}

function truncate(response: ServerResponse, reply: Reply, how: 'content-length' | 'chunked' | 'json'): void {
  const body = bytes(reply);
  const half = body.subarray(0, Math.floor(body.length / 2));
  if (how === 'json') return sendWhole(response, { ...reply, body: half }, false);
  response.writeHead(reply.status, {
    ...reply.headers,
    ...(how === 'content-length' ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
  });
  response.write(half, () => response.socket?.end());
}

function reset(response: ServerResponse, reply: Reply, when: 'before headers' | 'in headers' | 'in body'): void {
  const { socket } = response;
  if (!socket) return;
  if (when === 'before headers') {
    socket.resetAndDestroy();
  } else if (when === 'in headers') {
    socket.write(`HTTP/1.1 ${reply.status} OK\r\nContent-Type: applica`, () => socket.resetAndDestroy());
  } else {
    const body = bytes(reply);
    response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length + 1 });
    response.write(body, () => socket.resetAndDestroy());
  }
}

function drip(response: ServerResponse, reply: Reply, everyMs: number): void {
  const body = bytes(reply);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  let sent = 0;
  const timer = setInterval(() => {
    response.write(body.subarray(sent, sent + 1));
    if (++sent >= body.length) response.end();
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}

/** Writes the same piece again and again, no faster than the other side reads. */
function pour(response: ServerResponse, headers: Record<string, string>, piece: Buffer, total: number): void {
  response.writeHead(200, headers);
  let sent = 0;
  const more = (): void => {
    while (sent < total && !response.destroyed) {
      sent += piece.length;
      if (!response.write(piece)) {
        response.once('drain', more);
        return;
      }
    }
    if (!response.destroyed) response.end();
  };
  more();
}
