import { afterEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { openPool } from './pools.js';

/** One message of PostgreSQL's protocol. */
function message(kind: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), length, body]);
}

const WELCOME = message('R', Buffer.from([0, 0, 0, 0]));
const READY = message('Z', Buffer.from('I'));
const DEATH = message(
  'E',
  Buffer.from('SFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0'),
);

describe('a connection that dies', () => {
  let server: Server;
  afterEach(async () => {
    server.close();
    await once(server, 'close');
  });

  it('in the very moment in which it is handed out ends no process', async () => {
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      // All in one piece: the death is read before anybody who waits for the connection has it.
      socket.once('data', () => socket.end(Buffer.concat([WELCOME, READY, DEATH])));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const address = { url: `postgres://somebody@127.0.0.1:${port}/anything`, actsAsRole: false };
    const limits = { size: 1, connectTimeoutMs: 10_000, idleInTransactionMs: 10_000 };
    const pool = openPool('app', address, limits, () => undefined);
    const client = await pool.connect();
    await expect(client.query('SELECT 1')).rejects.toThrow();
    client.release(true);
    await pool.end();
  });
});
