import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config/load-config.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService({ config: { server: { headWithinMs: 2_000, requestWithinMs: 3_000 } } });
});
afterAll(() => service.close());

/** Everything that comes back until the connection is closed by the other side. */
function closed(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return new Promise((told) => {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => told(text));
  });
}

function dial(head: string): Socket {
  const { hostname, port } = new URL(service.url);
  const socket = connect(Number(port), hostname);
  socket.write(head);
  return socket;
}

describe('A-20 a client that is slow on purpose', () => {
  it('has 15 seconds for a request unless told, 10 of them for its head', () => {
    expect(loadConfig({ ROLLCALL_ENV: 'test' }).server).toMatchObject({
      headWithinMs: 10_000,
      requestWithinMs: 15_000,
    });
  });

  it.each([
    ['a head that never ends', 'GET /healthz HTTP/1.1\r\nHost: x\r\n', 'X-Slow: a\r\n'],
    [
      'a body that never ends',
      'POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n',
      ' ',
    ],
    [
      'a chunked body that never ends',
      'POST /api/v1/domains HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ],
  ])('%s is cut off, drop by drop', async (_what, head, drop) => {
    const socket = dial(head);
    const drip = setInterval(() => socket.writable && socket.write(drop), 50);
    const answer = await closed(socket);
    clearInterval(drip);
    expect(answer === '' || / 408 /.test(answer.split('\r\n')[0] ?? '')).toBe(true);
  });

  it('five hundred of them keep nobody else out', async () => {
    const slow = Array.from({ length: 500 }, () => dial('GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: '));
    const ends = slow.map((socket) => closed(socket));
    expect((await service.api('GET', '/healthz', undefined, { key: null })).status).toBe(200);
    expect(await Promise.all(ends)).toHaveLength(500);
  });
});

describe('A-20 the head of a request', () => {
  const ask = (headers: string): Promise<string> =>
    closed(dial(`GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`));
  const statusOf = (answer: string): number => Number(answer.split(' ')[1]);

  it.each([
    ['100 lines', 98, 200],
    ['101 lines', 99, 400],
    ['2 000 lines', 1_998, 431],
  ])('%s: %i more gives %i', async (_what, more, status) => {
    const answer = await ask(Array.from({ length: more }, (_, at) => `X-${at}: a\r\n`).join(''));
    expect(statusOf(answer)).toBe(status);
  });

  it.each([
    ['two lengths that differ', 'Content-Length: 1\r\nContent-Length: 2\r\n'],
    ['a length and chunks', 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n'],
    ['chunks that are not the last coding', 'Transfer-Encoding: chunked, identity\r\n'],
    ['an unknown coding', 'Transfer-Encoding: xchunked\r\n'],
    ['a space before the colon', 'Content-Length : 1\r\n'],
    ['a folded line', 'X-Folded: a\r\n b\r\n'],
    ['a bare line feed', 'X-A: b\nTransfer-Encoding: chunked\r\n'],
    ['a NUL', 'X-A: b\0c\r\n'],
    ['a length with a sign', 'Content-Length: +1\r\n'],
    ['a length in hexadecimal', 'Content-Length: 0x1\r\n'],
    ['an empty name', ': a\r\n'],
  ])('%s is refused, and the connection ends', async (_what, headers) => {
    const answer = await ask(headers);
    expect(statusOf(answer)).toBe(400);
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});
