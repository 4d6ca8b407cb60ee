#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import { CommanderError } from 'commander';
import { AppModule, type Parts } from './app.module.js';
import { EXIT_CODES, exitReasonOf, type ExitReason } from './cli/exit-codes.js';
import { makeProgram } from './cli/program.js';
import { messageOf, RollcallError } from './common/errors.js';
import { assertRuntime } from './common/runtime.js';

async function main(): Promise<ExitReason> {
  assertRuntime(process.version);
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const interrupted = new AbortController();
  process.once('SIGINT', () => interrupted.abort());
  process.once('SIGTERM', () => interrupted.abort());
  let reason: ExitReason = 'done';
  const around = {
    streams: { out: process.stdout, err: process.stderr },
    env: process.env,
    signal: interrupted.signal,
    open: (parts: Parts) =>
      NestFactory.createApplicationContext(AppModule.of(parts), { logger: false, abortOnError: false }),
    ended: (how: ExitReason) => (reason = how),
  };
  try {
    await makeProgram(around, version).parseAsync(process.argv);
    return interrupted.signal.aborted ? 'interrupted' : reason;
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): ExitReason {
  // Commander has said what was wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'usage';
  const json = process.argv.includes('--json');
  if (error instanceof RollcallError) {
    const { code, message, details } = error;
    process.stderr.write(
      json ? `${JSON.stringify({ code, message, ...details })}\n` : `${message}${listed(details)}\n`,
    );
  } else {
    process.stderr.write(
      `A fault of ours: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`,
    );
  }
  return exitReasonOf(error);
}

/** The single fields of an invalid input, a line each. */
function listed(details: Record<string, unknown> | undefined): string {
  const fields = details?.['fields'];
  if (!Array.isArray(fields)) return '';
  return (fields as { path?: string; field?: string; message?: string }[])
    .map((one) => `\n  ${one.field ?? one.path ?? ''}: ${one.message ?? ''}`)
    .join('');
}

process.exitCode = EXIT_CODES[await main()].code;
