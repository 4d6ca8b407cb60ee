#!/usr/bin/env node
import './common/hardening.js';
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { runProgram } from './cli/run-program.js';
import { assertRuntime } from './common/runtime.js';

assertRuntime(process.version);
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());
// Whoever reads along may have seen enough (`| head`): what is under way goes on, unread.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
process.exitCode = await runProgram(process.argv.slice(2), {
  streams: { out: process.stdout, err: process.stderr },
  env: process.env,
  signal: interrupted.signal,
  open: (parts) => NestFactory.createApplicationContext(AppModule.of(parts), { logger: false, abortOnError: false }),
  version,
});
