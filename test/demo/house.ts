import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '../..');

export interface Typed {
  code: number;
  out: string;
  err: string;
}

/** Rollcall as it runs in earnest: the built service and its command line, on an empty database in a folder of their own. */
export class House {
  readonly folder: string;
  /** For `ROLLCALL_CONFIG`: with it the command line finds this installation. */
  readonly config: string;
  /** As browsers and the identity provider know it. */
  readonly publicUrl: string;
  readonly #children = new Set<ChildProcess>();
  #url = '';
  #pid: number | undefined;

  readonly #signal: AbortSignal;

  /** @param port Known before it listens: addresses that people come back to are made from it. */
  constructor(port: number, settingsOfOthers: object, signal: AbortSignal) {
    this.#signal = signal;
    this.folder = mkdtempSync(join(tmpdir(), 'rollcall-demo-'));
    // PostgreSQL may run as a user of its own, who has to pass.
    chmodSync(this.folder, 0o755);
    this.config = join(this.folder, 'demo.yaml');
    this.publicUrl = `http://localhost:${port}`;
    const settings = {
      server: { port, publicUrl: this.publicUrl, metricsPort: null },
      data: { folder: join(this.folder, 'data') },
      secretKey: { file: join(this.folder, 'keys', 'secret.key') },
      schedule: { lookEveryMs: 100 },
      ...settingsOfOthers,
    };
    // JSON is YAML.
    writeFileSync(this.config, JSON.stringify(settings, null, 2));
  }

  get url(): string {
    return this.#url;
  }

  /** Of the service, for who measures it. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error('the service was not started');
    return this.#pid;
  }

  /** Until the service answers. */
  async start(): Promise<void> {
    const child = this.#spawn(['dist/main.js'], { NO_COLOR: '1' });
    this.#pid = child.pid;
    child.stderr?.pipe(process.stderr);
    const said: string[] = [];
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      said.push(line);
      const url = /Rollcall answers at (http:\/\/[^\s,"]+)/.exec(line)?.[1];
      if (url === undefined) continue;
      this.#url = url;
      // What it says later is for its log, not for the demo; but somebody has to read it.
      child.stdout?.resume();
      return;
    }
    throw new Error(`The service did not start:\n${said.join('\n')}`);
  }

  /** One command of the command line, to its end. */
  async rollcall(args: readonly string[]): Promise<Typed> {
    const child = this.#spawn(['dist/cli.js', ...args], looks());
    const said = { out: '', err: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
    const stop = (): void => void child.kill('SIGINT');
    this.#signal.addEventListener('abort', stop);
    const [code] = (await once(child, 'close')) as [number | null];
    this.#signal.removeEventListener('abort', stop);
    return { code: code ?? 1, ...said };
  }

  /** The result of a command that has to go well, as data. */
  async asked<Result>(...args: string[]): Promise<Result> {
    const { code, out, err } = await this.rollcall([...args, '--json']);
    if (code !== 0) throw new Error(`rollcall ${args.slice(0, 2).join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out) as Result;
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.#children].map(async (child) => {
        const gone = once(child, 'close');
        child.kill('SIGTERM');
        await gone;
      }),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** In a process group of its own: ctrl-C is for the demo, which then stops what it started, once. */
  #spawn(args: readonly string[], looks: Record<string, string>): ChildProcess {
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], {
      cwd: ROOT,
      env: { ...clean(process.env), ...looks, ROLLCALL_CONFIG: this.config },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Without settings of another installation. */
function clean(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(ROLLCALL_|DATABASE_|PORT$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** What a command prints is shown indented, in the colours of the terminal that the demo runs in. */
function looks(): Record<string, string> {
  const colours = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
  return { COLUMNS: '75', ...(colours ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) };
}
