import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';
import { runProgram } from '../../src/cli/run-program.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { within } from '../support/patience.js';

export interface Said {
  code: number;
  out: string;
  err: string;
}

/** The real command line on a database of its own, in this process or in one of its own. */
export class Console implements AsyncDisposable {
  private constructor(
    private readonly opened: TestDatabase | null,
    readonly env: NodeJS.ProcessEnv,
  ) {}

  static async open(env: Record<string, string> = {}): Promise<Console> {
    const opened = await openTestDatabase();
    return new Console(opened, { ...environment(opened.url, randomBytes(32).toString('base64')), ...env });
  }

  /** On the database of somebody else. */
  static beside(databaseUrl: string, secretKey: string): Console {
    return new Console(null, environment(databaseUrl, secretKey));
  }

  /** Another, empty database, and the same secret key. */
  async another(): Promise<Console> {
    const opened = await openTestDatabase();
    return new Console(opened, { ...this.env, DATABASE_URL: opened.url });
  }

  async rollcall(...args: string[]): Promise<Said> {
    const [out, err] = [captured(), captured()];
    const code = await runProgram(args, {
      streams: { out: out.stream, err: err.stream },
      env: this.env,
      signal: new AbortController().signal,
      open: (parts) =>
        NestFactory.createApplicationContext(AppModule.of(parts), { logger: false, abortOnError: false }),
      version: '0.0.0',
    });
    return { code, out: out.text(), err: err.text() };
  }

  /** The result of a command that has to go well, as a script reads it. */
  async json<Result = Record<string, unknown>>(...args: string[]): Promise<Result> {
    const { code, out, err } = await this.rollcall(...args, '--json');
    if (code !== 0 && code !== 6) throw new Error(`rollcall ${args.join(' ')} ended with ${code}: ${err}`);
    return JSON.parse(out) as Result;
  }

  /** A process of its own, as a shell starts it. */
  spawn(...args: string[]): ChildProcess {
    return spawn(process.execPath, ['--import', './test/support/register-typescript.mjs', 'src/cli.ts', ...args], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  async spawned(...args: string[]): Promise<Said> {
    return saidBy(this.spawn(...args));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened?.close();
  }
}

/** All that a process says until it ends. */
export async function saidBy(child: ChildProcess): Promise<Said> {
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  const closed = once(child, 'close');
  const [code] = (await within(() => `the command to end; it said: ${said.out}${said.err}`, closed)) as [number | null];
  return { code: code ?? -1, ...said };
}

function environment(databaseUrl: string, secretKey: string): NodeJS.ProcessEnv {
  const { PATH = '' } = process.env;
  return {
    PATH,
    DATABASE_URL: databaseUrl,
    ROLLCALL_SECRET_KEY: secretKey,
    ROLLCALL_CONNECTORS_OKTA_INSECURE_LOOPBACK: 'true',
  };
}

function captured(): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}
