import { transformSync } from '@swc/core';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { within } from './patience.js';

/** The sources as plain JavaScript in a folder of their own, so that a process starts at once. */
export interface CompiledService {
  main: string;
  [Symbol.dispose](): void;
}

export function compileService(): CompiledService {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-story-'));
  for (const name of ['config', 'prisma', 'node_modules', 'package.json'])
    symlinkSync(resolve(name), join(folder, name));
  for (const entry of readdirSync('src', { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !source.endsWith('.ts') || source.endsWith('.spec.ts')) continue;
    const target = join(folder, 'dist', source.slice('src/'.length).replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, compiled(source));
  }
  return {
    main: join(folder, 'dist', 'main.js'),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function compiled(filename: string): string {
  return transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    module: { type: 'es6' },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  }).code;
}

/** A whole service in a process of its own, that can be killed as nothing inside could. */
export class ServiceProcess {
  private readonly words: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer): void => {
      this.words.push(chunk.toString());
      if (this.words.length > 200) this.words.shift();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** Settles once it answers. Its schedule looks for runs from then on. */
  static async start(service: CompiledService, environment: Record<string, string>): Promise<ServiceProcess> {
    const child = spawn(process.execPath, [service.main], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new ServiceProcess(child);
    await within(() => `the service to answer; it said: ${started.output}`, started.says(/Rollcall answers at/));
    return started;
  }

  get output(): string {
    return this.words.join('');
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }

  /** How it ended: its code, or the signal that ended it. */
  async ended(): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await within(() => `the service to end; it said: ${this.output}`, once(this.child, 'exit'));
    return this.child.exitCode ?? this.child.signalCode ?? 'unknown';
  }

  private says(words: RegExp): Promise<void> {
    return new Promise((done, failed) => {
      const look = (): void => {
        if (words.test(this.output)) done();
      };
      this.child.stdout?.on('data', look);
      this.child.once('exit', () => failed(new Error(`the service ended before it began: ${this.output}`)));
    });
  }
}
