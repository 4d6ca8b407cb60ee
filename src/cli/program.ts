import { Command } from 'commander';
import type { Surroundings } from './command.js';
import { EXIT_HELP } from './command.js';
import { connectionCommands } from './connection-commands.js';
import { domainCommands } from './domain-commands.js';
import { installationCommands } from './installation-commands.js';
import { keyCommands } from './key-commands.js';
import { holdCommands } from './hold-commands.js';
import { logCommands } from './log-commands.js';
import { organisationCommands } from './organisation-commands.js';
import { personCommands } from './person-commands.js';
import { questionCommands } from './question-commands.js';
import { runCommands } from './run-commands.js';
import { syncCommands } from './sync-commands.js';

/** The whole command line. */
export function makeProgram(around: Surroundings, version: string): Command {
  const program = new Command('rollcall')
    .description('Keeps an application’s people equal to the company’s directory.')
    .version(version)
    .option('--json', 'prints results as JSON')
    .showHelpAfterError('(add --help for what it takes)')
    .configureOutput({
      writeOut: (text) => around.streams.out.write(text),
      writeErr: (text) => around.streams.err.write(text),
    })
    .addHelpText('after', EXIT_HELP)
    .exitOverride();
  organisationCommands(program, around);
  keyCommands(program, around);
  domainCommands(program, around);
  const connection = program.command('connection').description('ties to directories, and what makes them run');
  connectionCommands(connection, around);
  syncCommands(connection, around);
  runCommands(program, around);
  holdCommands(program, around);
  questionCommands(program, around);
  personCommands(program, around);
  logCommands(program, around);
  installationCommands(program, around);
  return program;
}
