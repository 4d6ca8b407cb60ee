import { CommanderError } from 'commander';
import { messageOf, RollcallError } from '../common/errors.js';
import type { Surroundings } from './command.js';
import { EXIT_CODES, exitReasonOf, type ExitReason } from './exit-codes.js';
import { makeProgram } from './program.js';

/** Everything but the command itself. */
export type Environment = Omit<Surroundings, 'ended'> & { version: string };

/**
 * Carries out one command.
 *
 * @param args What was typed after the name of the program.
 * @returns The exit code.
 */
export async function runProgram(args: readonly string[], environment: Environment): Promise<number> {
  let reason: ExitReason = 'done';
  const around = { ...environment, ended: (how: ExitReason): void => void (reason = how) };
  try {
    await makeProgram(around, environment.version).parseAsync([...args], { from: 'user' });
    if (environment.signal.aborted) reason = 'interrupted';
  } catch (error) {
    reason = failed(error, args.includes('--json'), environment.streams.err);
  }
  return EXIT_CODES[reason].code;
}

function failed(error: unknown, json: boolean, err: NodeJS.WritableStream): ExitReason {
  // Commander has said what was wrong; help and version are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'usage';
  if (error instanceof RollcallError) {
    const { code, message, details } = error;
    err.write(json ? `${JSON.stringify({ code, message, ...details })}\n` : `${message}${listed(details)}\n`);
  } else {
    err.write(`A fault of ours: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`);
  }
  return exitReasonOf(error);
}

/** The single fields of an invalid input, a line each; one alone is in the sentence already. */
function listed(details: Record<string, unknown> | undefined): string {
  const fields = details?.['fields'];
  if (!Array.isArray(fields) || fields.length < 2) return '';
  return (fields as { field?: string; message?: string }[])
    .filter(({ message }) => message !== undefined)
    .map(({ field = '', message = '' }) => `\n  ${field}: ${message}`)
    .join('');
}
