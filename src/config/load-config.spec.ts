import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RollcallError } from '../common/errors.js';
import { loadConfig } from './load-config.js';

function faultsOf(env: NodeJS.ProcessEnv, folder?: string): string[] {
  try {
    loadConfig(env, folder);
  } catch (error) {
    if (error instanceof RollcallError && error.code === 'config.invalid') return error.details?.['faults'] as string[];
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-config-'));
    cpSync('config', folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('stands by itself, without any environment', () => {
    const config = loadConfig({});
    expect(config.server.port).toBe(3000);
    expect(config.outbound).toMatchObject({
      connectTimeoutMs: 5_000,
      firstByteTimeoutMs: 30_000,
      pageTimeoutMs: 60_000,
      bodyLimitBytes: 16 * 1024 * 1024,
    });
  });

  it.each(['development', 'test', 'production'])('is sound in the environment %s', (name) => {
    const env = { ROLLCALL_ENV: name, ROLLCALL_SERVER_PUBLIC_URL: 'https://rollcall.acme.example' };
    expect(faultsOf(env)).toEqual([]);
  });

  it.each([undefined, 'null', 'http://localhost:3000'])(
    'X-01 does not start in production with publicUrl %s',
    (url) => {
      for (const how of [{ ROLLCALL_ENV: 'production' }, { NODE_ENV: 'production' }])
        expect(faultsOf({ ...how, ROLLCALL_SERVER_PUBLIC_URL: url })).toEqual([
          expect.stringContaining('server.publicUrl'),
        ]);
      expect(faultsOf({ ROLLCALL_SERVER_PUBLIC_URL: url })).toEqual([]);
    },
  );

  it.each([
    'http://rollcall.acme.example',
    'http://localhost.acme.example',
    'https://rollcall.acme.example/path',
    'https://rollcall.acme.example?a=b',
    'https://user:password@rollcall.acme.example',
    'rollcall.acme.example',
  ])('X-01 takes no public address like %s', (url) => {
    expect(faultsOf({ ROLLCALL_SERVER_PUBLIC_URL: url }).join()).toContain('server.publicUrl');
  });

  it('cannot be changed once it is read', () => {
    const { server } = loadConfig({});
    expect(() => Object.assign(server, { port: 1 })).toThrow(TypeError);
    expect(() => (server.trustedProxies as string[]).push('::1')).toThrow(TypeError);
  });

  it('lets the later source win: default, environment file, own file, variables', () => {
    writeFileSync(join(folder, 'staging.yaml'), 'server: { port: 4000, jsonDepth: 20 }\nlog: { level: debug }\n');
    const own = join(folder, 'own.yaml');
    writeFileSync(own, 'server: { jsonDepth: 21, host: 0.0.0.0 }\n');
    const config = loadConfig({ ROLLCALL_ENV: 'staging', ROLLCALL_CONFIG: own, ROLLCALL_SERVER_HOST: '::' }, folder);
    expect(config).toMatchObject({
      server: { port: 4000, jsonDepth: 21, host: '::', bodyLimitBytes: 1_048_576 },
      log: { level: 'debug' },
    });
  });

  it('reads variables as what they stand for', () => {
    const config = loadConfig({
      ROLLCALL_SERVER_BODY_LIMIT_BYTES: '2048',
      ROLLCALL_SERVER_METRICS_PORT: 'null',
      ROLLCALL_LOG_PRETTY: 'true',
      ROLLCALL_OUTBOUND_ALLOWED_HOSTS: 'gateway.example, other.example',
      DATABASE_URL: 'postgresql://rollcall@db/rollcall',
      PORT: '8080',
      ROLLCALL_CONNECTORS_OKTA_BASE_URL: 'http://127.0.0.1:9000',
      ROLLCALL_CONNECTORS_OKTA_INSECURE_LOOPBACK: 'true',
      ROLLCALL_DATA_FOLDER: '',
    });
    expect(config).toMatchObject({
      server: { bodyLimitBytes: 2048, metricsPort: null, port: 8080 },
      log: { pretty: true },
      outbound: { allowedHosts: ['gateway.example', 'other.example'] },
      database: { url: 'postgresql://rollcall@db/rollcall' },
      connectors: { okta: { baseUrl: 'http://127.0.0.1:9000', insecureLoopback: true } },
      data: { folder: './.rollcall/data' },
    });
  });

  it('reports all faults at once, by key and variable', () => {
    writeFileSync(join(folder, 'staging.yaml'), 'server: { prot: 1 }\nlog: { level: loud }\nnew: 1\n');
    const faults = faultsOf(
      {
        ROLLCALL_ENV: 'staging',
        ROLLCALL_SERVER_PORT: '70000',
        ROLLCALL_SREVER_PORT: '1',
        ROLLCALL_SCHEDULE_LEASE_MS: 'long',
      },
      folder,
    );
    for (const part of [
      'server.prot: is no setting',
      'log.level',
      'new: is no setting',
      'server.port (ROLLCALL_SERVER_PORT)',
      'ROLLCALL_SREVER_PORT is no setting',
      'schedule.leaseMs (ROLLCALL_SCHEDULE_LEASE_MS)',
    ]) {
      expect(faults.join('\n')).toContain(part);
    }
    expect(faults).toHaveLength(6);
  });

  it('never repeats a value, which may be a secret', () => {
    writeFileSync(join(folder, 'staging.yaml'), 'secretKey: { value: [canary-one] }\n"canary: two\n');
    const words = faultsOf(
      { ROLLCALL_ENV: 'staging', DATABASE_URL: 'mysql://u:canary-three@db', ROLLCALL_LOG_LEVEL: 'canary-four' },
      folder,
    ).join('\n');
    expect(words).toContain('DATABASE_URL');
    expect(words).not.toContain('canary');
  });

  it.each([
    [{ ROLLCALL_ENV: 'nowhere' }, 'ROLLCALL_ENV'],
    [{ ROLLCALL_ENV: '../secrets' }, 'ROLLCALL_ENV'],
    [{ ROLLCALL_CONFIG: '/nowhere/rollcall.yaml' }, 'cannot be read'],
    [{ ROLLCALL_SCHEDULE_LEASE_MS: '2000' }, 'at most half'],
    [{ DATABASE_WORKER_URL: 'postgresql://db/x' }, 'database.url'],
    [{ ROLLCALL_MAIL_SMTP_URL: 'smtps://mail.acme.example' }, 'mail.from'],
    [{ ROLLCALL_MAIL_SMTP_URL: 'https://mail.acme.example', ROLLCALL_MAIL_FROM: 'a@b.example' }, 'mail.smtpUrl'],
  ])('refuses %o', (env, part) => {
    expect(faultsOf(env).join('\n')).toContain(part);
  });

  it('explains every key in default.yaml: a comment stands above each', () => {
    const lines = readFileSync('config/default.yaml', 'utf8').split('\n');
    const keys = Object.entries(parse(lines.join('\n')) as Record<string, Record<string, unknown>>).filter(
      ([name]) => name !== 'connectors',
    );
    for (const [section, settings] of keys) {
      const start = lines.indexOf(`${section}:`);
      for (const key of Object.keys(settings)) {
        const at = lines.findIndex((line, index) => index > start && line.startsWith(`  ${key}:`));
        const above = lines[at - 1] ?? '';
        expect([key, above.trim().startsWith('#') || key === 'metricsPort']).toEqual([key, true]);
      }
    }
  });
});
