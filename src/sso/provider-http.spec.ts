import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { loadConfig } from '../config/load-config.js';
import { objectOf, ProviderHttp, ProviderRefused } from './provider-http.js';

let server: Server;
let http: ProviderHttp;
let url: string;
let behave: (response: ServerResponse) => void;
const timers = new Set<NodeJS.Timeout>();

function client(change: { insecureLoopback?: boolean; wholeTimeoutMs?: number } = {}): ProviderHttp {
  const config = loadConfig({ ROLLCALL_ENV: 'test' });
  const identityProviders = { ...config.identityProviders, insecureLoopback: true, ...change };
  return new ProviderHttp({ ...config, identityProviders });
}

beforeEach(async () => {
  server = createServer((_request, response) => behave(response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
  http = client({ wholeTimeoutMs: 300 });
});
afterEach(async () => {
  await http.onModuleDestroy();
  for (const timer of timers) clearInterval(timer);
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

describe('O-61: a provider that misbehaves', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['never answers', () => undefined],
    ['sends its headers and no more', (response) => response.writeHead(200).flushHeaders()],
    [
      'sends a byte now and then',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        timers.add(setInterval(() => response.write(' '), 50));
      },
    ],
  ])('and %s is slow', async (_name, misbehave) => {
    behave = misbehave;
    await expect(http.ask('document', url)).rejects.toMatchObject({ because: 'provider_slow' });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['hangs up', (response) => response.destroy()],
    [
      'hangs up in the middle',
      (response) => {
        response.writeHead(200, { 'content-length': '1000' });
        response.write('{"a":', () => response.destroy());
      },
    ],
    [
      'has endless headers',
      (response) => {
        for (let at = 0; at < 200; at++) response.setHeader(`x-${at}`, 'x'.repeat(1_000));
        response.end('{}');
      },
    ],
  ])('and %s is unreachable', async (_name, misbehave) => {
    behave = misbehave;
    await expect(http.ask('document', url)).rejects.toMatchObject({ because: 'provider_unreachable' });
  });

  it.each<[string, (response: ServerResponse) => void]>([
    ['says too much', (response) => response.end('x'.repeat(300_000))],
    [
      'unpacks to too much',
      (response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' });
        response.end(gzipSync(Buffer.alloc(100_000_000)));
      },
    ],
    ['sends us elsewhere', (response) => response.writeHead(302, { location: '/y' }).end()],
  ])('and %s is refused', async (_name, misbehave) => {
    behave = misbehave;
    http = client();
    await expect(http.ask('document', url)).rejects.toBeInstanceOf(ProviderRefused);
  });
});

describe('O-58: where a provider may be', () => {
  it.each([
    'http://idp.example/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://017700000001/',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:8.8.8.8]/',
    'https://[64:ff9b::808:808]/',
    'https://[2002:7f00:1::]/',
    'https://[2001::1]/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/',
    'https://224.0.0.1/',
    'https://240.0.0.1/',
    'https://0.0.0.0/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://idp.example:22/',
    'https://user@idp.example/',
    'file:///etc/passwd',
    'ftp://idp.example/',
  ])('is not %s', async (address) => {
    const strict = client({ insecureLoopback: false });
    await expect(strict.ask('document', address)).rejects.toBeInstanceOf(ProviderRefused);
    expect(() => strict.check(new URL(address))).toThrow();
    await strict.onModuleDestroy();
  });

  it('is any public host over https', () => {
    expect(() => http.check(new URL('https://idp.example/authorize?a=b'))).not.toThrow();
  });
});

describe('an answer as an object', () => {
  it.each([
    ['{"a":1}', true],
    ['[]', false],
    ['null', false],
    ['"a"', false],
    ['{"a":1}{"b":2}', false],
    ['', false],
    ['<html>', false],
  ])('%j: %s', (text, is) => {
    expect(objectOf(text) !== null).toBe(is);
  });
});
