import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { BenchDirectory } from './directory.ts';

const ROOT = join(import.meta.dirname, '..');
const LOOK_EVERY_MS = 200;

/** A run as the API shows it. */
export interface Run {
  id: string;
  kind: string;
  state: string;
  startedAt: string | null;
  finishedAt: string | null;
  counts: Record<string, number>;
  error: { message: string } | null;
}

/** The built service in a process of its own, on a database of its own unless another one is given. */
export class BenchService {
  readonly folder: string;
  #child: ChildProcess | null = null;
  #url = '';
  #metricsUrl = '';
  readonly #env: Record<string, string>;

  /** @param directory None where nothing is asked. */
  constructor(directory: BenchDirectory | null, databaseUrl: string | null) {
    this.folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
    // PostgreSQL may run as a user of its own, who has to pass.
    chmodSync(this.folder, 0o755);
    this.#env = {
      ROLLCALL_DATA_FOLDER: join(this.folder, 'data'),
      ROLLCALL_KEY_FILE: join(this.folder, 'keys', 'secret.key'),
      ROLLCALL_SERVER_PORT: '0',
      ROLLCALL_SERVER_METRICS_PORT: '0',
      ROLLCALL_LOG_LEVEL: 'info',
      ROLLCALL_SCHEDULE_LOOK_EVERY_MS: '100',
      ROLLCALL_OUTBOUND_INSECURE_LOOPBACK: 'true',
      ...(directory === null ? {} : connectorOf(directory)),
      ...(databaseUrl === null ? {} : { DATABASE_URL: databaseUrl }),
    };
  }

  async start(): Promise<void> {
    const child = this.#spawn(['--enable-source-maps', '--max-semi-space-size=4', 'dist/main.js']);
    this.#child = child;
    child.stderr?.pipe(process.stderr);
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      said.push(line);
      const [, url, metricsUrl = ''] =
        /Rollcall answers at (http:[^\s,"]+), metrics at (http:[^\s,"]+)/.exec(line) ?? [];
      if (url === undefined) continue;
      this.#url = url;
      this.#metricsUrl = metricsUrl;
      // Somebody has to read what it says later.
      child.stdout?.resume();
      return;
    }
    throw new Error(`the service did not start:\n${said.join('\n')}`);
  }

  /** A new organisation with a connection to the directory, and its API. */
  async connect({ provider, served }: BenchDirectory): Promise<BenchConnection> {
    const { url, key } = await this.newOrganisation();
    const { apiToken, keyFile, subject } = served.credentials;
    const credentials =
      provider === 'okta'
        ? { method: 'token', orgUrl: served.url, token: apiToken }
        : { method: 'key', key: keyFile, subject };
    const connection = new BenchConnection(url, key);
    await connection.create({ provider, name: provider, credentials });
    return connection;
  }

  /** Where a new organisation's API is, and a key of it with every scope. */
  async newOrganisation(): Promise<{ url: string; key: string }> {
    const slug = `bench-${Math.random().toString(36).slice(2, 10)}`;
    await this.#asked('organisation', 'create', slug, '--slug', slug, '--directory-sync');
    const { key } = await this.#asked<{ key: string }>(
      'key',
      'create',
      '-o',
      slug,
      '--name',
      'bench',
      '--scopes',
      'all',
    );
    return { url: this.#url, key };
  }

  /** Where its database is, as one who may see everything in it. */
  databaseUrl(): string {
    const given = this.#env['DATABASE_URL'];
    if (given !== undefined) return given;
    const lines = readFileSync(join(this.folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n');
    return `postgresql://postgres@localhost/rollcall?host=${encodeURIComponent(lines[4] ?? '')}`;
  }

  /** Forgets the peak so far, where the system can. */
  resetPeak(): void {
    if (process.platform === 'linux') writeFileSync(`/proc/${this.#child?.pid}/clear_refs`, '5');
  }

  /** The most memory that the service's process had since then, bytes; null where the system does not tell. */
  peak(): number | null {
    if (process.platform !== 'linux') return null;
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  }

  /** The longest that its event loop kept others waiting since the last call, milliseconds. */
  async longestDelay(): Promise<number> {
    const text = await (await fetch(this.#metricsUrl)).text();
    const seconds = /^nodejs_eventloop_lag_max_seconds ([\d.e+-]+)$/m.exec(text)?.[1];
    if (seconds === undefined) throw new Error('the service does not tell how long its event loop takes');
    return Number(seconds) * 1_000;
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null) {
      const gone = once(child, 'close');
      child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The result of a command of the command line, which has to go well. */
  async #asked<Result>(...args: string[]): Promise<Result> {
    const child = this.#spawn(['dist/cli.js', ...args, '--json']);
    const said = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`rollcall ${args.slice(0, 2).join(' ')} ended with ${code}: ${said.err}`);
    return JSON.parse(said.out) as Result;
  }

  #spawn(args: readonly string[]): ChildProcess {
    const own = Object.entries(process.env).filter(([name]) => !/^(ROLLCALL_|DATABASE_|PORT$)/.test(name));
    return spawn(process.execPath, args, {
      cwd: ROOT,
      env: { ...Object.fromEntries(own), ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}

function connectorOf({ provider, served }: BenchDirectory): Record<string, string> {
  const connector = `ROLLCALL_CONNECTORS_${provider.toUpperCase()}`;
  return {
    [`${connector}_INSECURE_LOOPBACK`]: 'true',
    [`${connector}_BASE_URL`]: served.url,
    [`${connector}_TOKEN_URL`]: served.tokenUrl,
  };
}

/** A connection, used by the REST API as any program would. */
export class BenchConnection {
  readonly #url: string;
  readonly #key: string;
  #id = '';

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  get id(): string {
    return this.#id;
  }

  async create(body: object): Promise<void> {
    this.#id = (await this.#call<{ id: string }>('POST', '/api/v1/connections', body)).id;
  }

  async preview(): Promise<Run> {
    return this.#ended((await this.#call<Run>('POST', `/api/v1/connections/${this.#id}/previews`)).id, 'ready');
  }

  async confirm(preview: Run): Promise<Run> {
    return this.#ended((await this.#call<Run>('POST', `/api/v1/runs/${preview.id}/confirm`, {})).id, 'succeeded');
  }

  async resync(): Promise<Run> {
    return this.#ended((await this.#call<Run>('POST', `/api/v1/connections/${this.#id}/runs`, {})).id, 'succeeded');
  }

  /** The next run by schedule after `last`, to its end. */
  async scheduled(last: Run): Promise<Run> {
    for (;;) {
      const { items } = await this.#call<{ items: Run[] }>('GET', `/api/v1/runs?connectionId=${this.#id}&limit=1`);
      const newest = items[0];
      if (newest !== undefined && newest.id !== last.id) return this.#ended(newest.id, 'succeeded');
      await wait(LOOK_EVERY_MS);
    }
  }

  async #ended(id: string, wanted: string): Promise<Run> {
    for (;;) {
      const run = await this.#call<Run>('GET', `/api/v1/runs/${id}`);
      if (run.state === wanted) return run;
      if (run.finishedAt !== null) throw new Error(`a run ended ${run.state}: ${run.error?.message ?? ''}`);
      await wait(LOOK_EVERY_MS);
    }
  }

  async #call<Body>(method: string, path: string, body: object = {}): Promise<Body> {
    const response = await fetch(new URL(path, this.#url), {
      method,
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Body;
  }
}
