import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ManualClock } from '../common/clock.js';
import { loadConfig } from '../config/load-config.js';
import { KeySets } from './key-sets.service.js';
import { ProviderHttp } from './provider-http.js';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = (kid: string | undefined) => ({
  ...publicKey.export({ format: 'jwk' }),
  ...(kid === undefined ? {} : { kid }),
});

let server: Server;
let http: ProviderHttp;
let sets: KeySets;
let clock: ManualClock;
let provider: { issuer: string; jwksUri: string };
let hits: number;
let answer: { status: number; body: unknown };

beforeEach(async () => {
  hits = 0;
  answer = { status: 200, body: { keys: [key('one')] } };
  server = createServer((_request, response) => {
    hits += 1;
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  provider = { issuer: origin, jwksUri: `${origin}/jwks` };
  clock = new ManualClock('2026-11-22T12:00:00Z');
  const config = loadConfig({ ROLLCALL_ENV: 'test' });
  http = new ProviderHttp({ ...config, identityProviders: { ...config.identityProviders, insecureLoopback: true } });
  sets = new KeySets(http, clock);
});
afterEach(async () => {
  await http.onModuleDestroy();
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

const find = (kid: string | null) => sets.find(provider, kid, 'RS256');

/** Why a key is not found; null: it is. */
async function fault(kid: string | null): Promise<string | null> {
  return find(kid).then(
    () => null,
    (error: { because?: string }) => error.because ?? 'something else',
  );
}

describe('the keys of a provider', () => {
  it('are fetched once and kept for ten minutes', async () => {
    for (let round = 0; round < 20; round++) expect(await fault('one')).toBeNull();
    expect(hits).toBe(1);
    clock.advance(599_999);
    await find('one');
    expect(hits).toBe(1);
    clock.advance(1);
    await find('one');
    expect(hits).toBe(2);
  });

  it('are fetched once for many who ask at the same time', async () => {
    await Promise.all(Array.from({ length: 50 }, () => find('one')));
    expect(hits).toBe(1);
  });

  it('1.2 signing-key-rotation: a new one is found without waiting', async () => {
    await find('one');
    answer.body = { keys: [key('two')] };
    expect(await fault('two')).toBeNull();
    expect(hits).toBe(2);
  });

  it('O-63: a storm of invented names fetches at most 3 + elapsed/10 s times, and a rotated key gets through', async () => {
    await find('one');
    let elapsed = 0;
    for (let name = 0; name < 1_000; name++) {
      expect(await fault(`invented-${name}`)).toBe('key');
      clock.advance(50);
      elapsed += 50;
    }
    expect(hits).toBeLessThanOrEqual(3 + elapsed / 10_000);
    answer.body = { keys: [key('rotated')] };
    const tries: (string | null)[] = [];
    for (let wait = 0; wait <= 10_000; wait += 500) {
      await fault(`more-${wait}`);
      tries.push(await fault('rotated'));
      clock.advance(500);
      elapsed += 500;
    }
    expect(tries).toContain(null);
    expect(hits).toBeLessThanOrEqual(3 + elapsed / 10_000);
  });

  it('O-63: a name that was looked for in vain is not looked for again for a minute', async () => {
    await find('one');
    expect(await fault('nobody')).toBe('key');
    const before = hits;
    clock.advance(59_000);
    expect(await fault('nobody')).toBe('key');
    expect(hits).toBe(before);
    clock.advance(1_001);
    expect(await fault('nobody')).toBe('key');
    expect(hits).toBe(before + 1);
  });

  it('1.2 kid-absent: one key is enough, of several none is guessed', async () => {
    answer.body = { keys: [key(undefined)] };
    expect(await fault(null)).toBeNull();
    clock.advance(600_000);
    answer.body = { keys: [key('one'), key('two')] };
    expect(await fault(null)).toBe('key');
  });

  it('one that could never be used stands beside no other', async () => {
    answer.body = {
      keys: [
        { ...key('one'), use: 'enc' },
        { ...key('one'), key_ops: ['encrypt'] },
        { kty: 'oct', kid: 'one', k: 'AA' },
        key('one'),
      ],
    };
    expect(await fault('one')).toBeNull();
  });

  it('two keys of one name are none', async () => {
    answer.body = { keys: [key('one'), key('one')] };
    expect(await fault('one')).toBe('key');
  });

  it.each([
    ['65 keys', 200, { keys: Array.from({ length: 65 }, (_, at) => key(`k${at}`)) }, 'key'],
    ['no list', 200, { keys: {} }, 'key'],
    ['a list alone', 200, [key('one')], 'key'],
    ['nothing', 404, {}, 'key'],
    ['a redirect', 302, {}, 'key'],
    ['an error of its own', 500, {}, 'provider_unreachable'],
    ['that it is busy', 429, {}, 'provider_unreachable'],
    ['more than 512 KiB', 200, { keys: [key('one')], padding: 'x'.repeat(600_000) }, 'key'],
  ])('O-22, O-61: an answer of %s', async (_name, status, body, because) => {
    answer = { status, body };
    expect(await fault('k1')).toBe(because);
  });

  it('O-65: a silent provider is not asked for ever, and its kept keys serve on', async () => {
    await find('one');
    answer = { status: 503, body: {} };
    for (let round = 0; round < 10; round++) expect(await fault('one')).toBeNull();
    clock.advance(600_000);
    for (let round = 0; round < 10; round++) expect(await fault('one')).toBe('provider_unreachable');
    expect(hits).toBeLessThanOrEqual(1 + 3);
  });
});
