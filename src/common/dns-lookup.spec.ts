import { afterEach, describe, expect, it } from '@jest/globals';
import { createSocket, type Socket } from 'node:dgram';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { until } from '../../test/support/patience.js';
import { resolveByDns } from './dns-lookup.js';

const A = 1;
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.close();
    await once(socket, 'close');
  }
});

interface NameServer {
  address: string;
  /** Names that were asked for. */
  asked: () => number;
  /** Answers what has been asked, and everything from now on. */
  speak(): void;
}

/** Gives every name one address of IPv4 and none of IPv6, once it speaks. */
async function nameServer(): Promise<NameServer> {
  const socket = createSocket('udp4');
  sockets.push(socket);
  const waiting: (() => void)[] = [];
  let speaks = false;
  let asked = 0;
  socket.on('message', (query, from) => {
    asked += 1;
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const isA = question.readUInt16BE(question.length - 4) === A;
    const header = Buffer.from([query[0] ?? 0, query[1] ?? 0, 0x81, 0x80, 0, 1, 0, isA ? 1 : 0, 0, 0, 0, 0]);
    const address = Buffer.from([0xc0, 0x0c, 0, A, 0, 1, 0, 0, 0, 0, 0, 4, 192, 0, 2, 7]);
    const answer = Buffer.concat([header, question, ...(isA ? [address] : [])]);
    const send = (): void => socket.send(answer, from.port, from.address);
    if (speaks) send();
    else waiting.push(send);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const speak = (): void => {
    speaks = true;
    for (const send of waiting.splice(0)) send();
  };
  return { address: `127.0.0.1:${socket.address().port}`, asked: () => asked, speak };
}

const look = (resolve: ReturnType<typeof resolveByDns>, host: string): Promise<LookupAddress[]> =>
  new Promise((found, failed) => {
    resolve(host, (error, addresses) => (error === null ? found(addresses) : failed(error)));
  });

const ACME = [{ address: '192.0.2.7', family: 4 }];

describe('names that strangers give', () => {
  it('have the addresses that the DNS gives them', async () => {
    const server = await nameServer();
    server.speak();
    expect(await look(resolveByDns(60_000, [server.address]), 'id.acme.example')).toEqual(ACME);
  });

  it('O-61 hold nobody up whose name server is slow: fifty wait, and the threads of the process are free', async () => {
    const server = await nameServer();
    const resolve = resolveByDns(60_000, [server.address]);
    let ended = 0;
    const slow = Array.from({ length: 50 }, (_, n) =>
      look(resolve, `slow-${n}.example`).finally(() => {
        ended += 1;
      }),
    );
    const all = Promise.all(slow);
    await Promise.all(Array.from({ length: 8 }, () => readFile(new URL(import.meta.url))));
    expect(ended).toBe(0);
    await until('all of them to be asked for', () => server.asked() >= 100);
    server.speak();
    expect(await all).toEqual(slow.map(() => ACME));
  });

  it('O-61 are not found where nobody answers in time', async () => {
    const { address } = await nameServer();
    await expect(look(resolveByDns(100, [address]), 'id.acme.example')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });
});
