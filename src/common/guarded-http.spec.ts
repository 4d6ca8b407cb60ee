import { afterEach, describe, expect, it } from '@jest/globals';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import { isMetadata, isPlain, isPublic } from './addresses.js';
import { GuardedHttp, OUTBOUND_DEFAULTS, OutboundRefused, type OutboundLimits } from './guarded-http.js';

describe('isPublic', () => {
  it.each(['8.8.8.8', '93.184.216.34', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])('%s is', (address) => {
    expect(isPublic(address)).toBe(true);
  });

  it.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '192.168.1.1',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '168.63.129.16',
    '::',
    '::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '2002:7f00:1::',
    '2001::1',
    '2001:db8::1',
    '::7f00:1',
    '::2',
    '4000::1',
    'a9fe:a9fe::',
    '0x7f.0.0.1',
    '017700000001',
    '2130706433',
    '127.1',
    '',
    'localhost',
    '8.8.8.8.',
    '8.8.8.8/8',
  ])('%s is not', (address) => {
    expect(isPublic(address)).toBe(false);
  });
});

describe('O-58 isPlain', () => {
  it.each(['8.8.8.8', '10.0.0.1', '2606:4700::1111'])('%s is', (address) => expect(isPlain(address)).toBe(true));

  it.each(['::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::808:808', '64:ff9b:1::808:808', 'localhost', ''])(
    '%s is not',
    (address) => expect(isPlain(address)).toBe(false),
  );
});

/** O-59: never, whatever the operator allows. */
const METADATA = [
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fe80::1',
  '::ffff:169.254.169.254',
  '64:ff9b::a9fe:a9fe',
];

describe('O-59 isMetadata', () => {
  it.each(METADATA)('%s is', (address) => expect(isMetadata(address)).toBe(true));

  it.each(['10.0.0.1', '127.0.0.1', '::1', '8.8.8.8', 'fd00::1', ''])('%s is not', (address) =>
    expect(isMetadata(address)).toBe(false),
  );
});

describe('the guarded client', () => {
  const open: { server: Server; http: GuardedHttp }[] = [];
  afterEach(async () => {
    for (const { server, http } of open.splice(0)) {
      await http.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });

  async function serve(
    answer: RequestListener,
    limits: Partial<OutboundLimits> = {},
    resolver?: ConstructorParameters<typeof GuardedHttp>[1],
  ) {
    let asked = 0;
    const server = createServer((req, res) => {
      asked++;
      answer(req, res);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const http = new GuardedHttp({ ...OUTBOUND_DEFAULTS, insecureLoopback: true, ...limits }, resolver);
    open.push({ server, http });
    const { port } = server.address() as AddressInfo;
    return { http, port, url: `http://127.0.0.1:${port}/`, asked: () => asked };
  }

  it('gives the whole answer, decompressed', async () => {
    const { http, url } = await serve((_req, res) => {
      res.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'application/json' }).end(gzipSync('{"a":1}'));
    });
    const answer = await http.fetch(url);
    expect([answer.status, answer.headers.get('content-type'), await answer.json()]).toEqual([
      200,
      'application/json',
      { a: 1 },
    ]);
  });

  it('hands over method, headers and body', async () => {
    const { http, url } = await serve(
      (req, res) => void req.pipe(res.writeHead(201, { 'x-was': `${req.method} ${String(req.headers['x-mine'])}` })),
    );
    const answer = await http.fetch(url, { method: 'PUT', headers: { 'x-mine': 'yes' }, body: 'hello' });
    expect([answer.status, answer.headers.get('x-was'), await answer.text()]).toEqual([201, 'PUT yes', 'hello']);
  });

  it('counts the size after decompression', async () => {
    const { http, url } = await serve(
      (_req, res) => res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(5_000_000))),
      { bodyLimitBytes: 1_000_000 },
    );
    await expect(http.fetch(url)).rejects.toThrow(OutboundRefused);
  });

  it('takes an answer of exactly the limit, and no byte more', async () => {
    const { http, url } = await serve((req, res) => res.end(Buffer.alloc(req.url === '/more' ? 1001 : 1000)), {
      bodyLimitBytes: 1000,
    });
    expect((await (await http.fetch(url)).arrayBuffer()).byteLength).toBe(1000);
    await expect(http.fetch(`${url}more`)).rejects.toThrow(OutboundRefused);
  });

  it.each([301, 302, 303, 307, 308])('never follows a redirect with %i', async (status) => {
    const { http, url, asked } = await serve((_req, res) => res.writeHead(status, { location: '/elsewhere' }).end());
    await expect(http.fetch(url)).rejects.toThrow('redirected');
    expect(asked()).toBe(1);
  });

  it('gives up on an answer that never begins, and on one that never ends', async () => {
    const { http, url } = await serve(
      (req, res) => {
        if (req.url === '/slow') res.writeHead(200).write('a');
      },
      { firstByteTimeoutMs: 200, pageTimeoutMs: 300 },
    );
    await expect(http.fetch(url)).rejects.toThrow();
    await expect(http.fetch(`${url}slow`)).rejects.toThrow();
  });

  it('obeys the signal', async () => {
    const { http, url } = await serve(() => undefined);
    const stop = new AbortController();
    const asking = http.fetch(url, { signal: stop.signal });
    stop.abort(new RangeError('enough'));
    await expect(asking).rejects.toThrow('enough');
  });

  it('calls neither plain http nor loopback unless the installation says so', async () => {
    const { http, url, port, asked } = await serve((_req, res) => res.end(), { insecureLoopback: false });
    await expect(http.fetch(url)).rejects.toThrow('Only https');
    await expect(http.fetch(`https://127.0.0.1:${port}/`)).rejects.toThrow('inside a network');
    await expect(http.fetch(`https://[::1]:${port}/`)).rejects.toThrow('inside a network');
    await expect(http.fetch(`https://localhost:${port}/`)).rejects.toThrow('inside a network');
    await expect(request(url, { dispatcher: http.dispatcher })).rejects.toThrow('Only https');
    expect(asked()).toBe(0);
  });

  it.each([
    'http://example.com/',
    'http://10.0.0.1/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'https://10.0.0.1/',
    'https://[fe80::1]/',
    'https://0x7f000001:1/',
    'https://u:p@example.com/',
  ])('refuses %s, even with loopback allowed', async (url) => {
    const http = new GuardedHttp({ ...OUTBOUND_DEFAULTS, insecureLoopback: url.includes('0x7f') ? false : true });
    await expect(http.fetch(url)).rejects.toThrow(OutboundRefused);
    await http.close();
  });

  it('refuses a name that resolves to a private address, also among public ones', async () => {
    for (const addresses of [['10.0.0.5'], ['8.8.8.8', '169.254.169.254']]) {
      const http = new GuardedHttp(OUTBOUND_DEFAULTS, (_host, done) =>
        done(
          null,
          addresses.map((address) => ({ address, family: 4 })),
        ),
      );
      await expect(http.fetch('https://directory.example/')).rejects.toThrow(
        'directory.example is an address inside a network',
      );
      await http.close();
    }
  });

  it('connects to the address that it checked, asking for it once', async () => {
    let lookups = 0;
    const { http, port } = await serve(
      (_req, res) => res.end('here'),
      {},
      (_host, done) => {
        lookups++;
        done(null, [{ address: lookups === 1 ? '127.0.0.1' : '10.0.0.1', family: 4 }]);
      },
    );
    const answer = await http.fetch(`http://localhost:${port}/`);
    expect([await answer.text(), lookups]).toEqual(['here', 1]);
  });

  it('calls a private host that the operator allowed by name', async () => {
    const refusals: string[] = [];
    const http = new GuardedHttp(
      { ...OUTBOUND_DEFAULTS, connectTimeoutMs: 200, allowedHosts: ['Gateway.example'] },
      (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    );
    await http.fetch('https://gateway.example:1/').catch((error: Error) => refusals.push(error.name));
    expect(refusals).toEqual(['TypeError']);
    await http.close();
  });

  it.each(METADATA)('O-59 calls %s for no name that the operator allowed', async (address) => {
    const family = address.includes(':') ? 6 : 4;
    const literal = family === 6 ? `[${address}]` : address;
    const http = new GuardedHttp({ ...OUTBOUND_DEFAULTS, allowedHosts: ['gateway.example', address] }, (_host, done) =>
      done(null, [{ address, family }]),
    );
    await expect(http.fetch('https://gateway.example/')).rejects.toThrow(OutboundRefused);
    await expect(http.fetch(`https://${literal}/`)).rejects.toThrow(OutboundRefused);
    await http.close();
  });

  it.each(['::ffff:8.8.8.8', '64:ff9b::808:808', '64:ff9b:1::808:808'])(
    'O-58 takes no name for %s where only plain addresses are allowed',
    async (address) => {
      const http = new GuardedHttp({ ...OUTBOUND_DEFAULTS, plainAddressesOnly: true }, (_host, done) =>
        done(null, [{ address, family: 6 }]),
      );
      await expect(http.fetch('https://login.example/')).rejects.toThrow(OutboundRefused);
      await expect(http.fetch(`https://[${address}]/`)).rejects.toThrow(OutboundRefused);
      await http.close();
    },
  );

  it('O-58 keeps to the default port, but for what is listed with its own', () => {
    const http = new GuardedHttp({
      ...OUTBOUND_DEFAULTS,
      defaultPortOnly: true,
      allowedHosts: ['Gateway.example:8443', 'plain.example', '[fd00::1]:8443', 'fd00::2'],
    });
    const judge = (url: string): boolean => {
      try {
        http.check(new URL(url));
        return true;
      } catch (error) {
        if (error instanceof OutboundRefused) return false;
        throw error;
      }
    };
    const urls = {
      'https://login.example/': true,
      'https://login.example:443/': true,
      'https://login.example:8443/': false,
      'https://login.example:22/': false,
      'https://gateway.example:8443/': true,
      'https://gateway.example:8444/': false,
      'https://plain.example/': true,
      'https://plain.example:8443/': false,
      'https://[fd00::1]:8443/': true,
      'https://[fd00::1]:22/': false,
      'https://[fd00::2]/': true,
      'https://[fd00::3]/': false,
      'https://127.0.0.1:8443/': false,
    };
    expect(Object.fromEntries(Object.keys(urls).map((url) => [url, judge(url)]))).toEqual(urls);
  });

  it('gives up on a name that nobody looks up', async () => {
    const http = new GuardedHttp({ ...OUTBOUND_DEFAULTS, connectTimeoutMs: 100 }, () => undefined);
    await expect(http.fetch('https://login.example/')).rejects.toMatchObject({
      cause: { code: 'UND_ERR_CONNECT_TIMEOUT' },
    });
    await http.close();
  });
});
