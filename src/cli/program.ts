import { Command } from 'commander';
import type { Surroundings } from './command.js';
import { EXIT_HELP } from './command.js';
import { accessCommands } from './access-commands.js';
import { aliasCommands } from './alias-commands.js';
import { auditCommands } from './audit-commands.js';
import { connectionCommands } from './connection-commands.js';
import { domainCommands } from './domain-commands.js';
import { frameworkCommands } from './framework-commands.js';
import { fileCommands } from './import-commands.js';
import { inboxCommands } from './inbox-commands.js';
import { installationCommands } from './installation-commands.js';
import { inviteCommands } from './invite-commands.js';
import { keyCommands } from './key-commands.js';
import { holdCommands } from './hold-commands.js';
import { logCommands } from './log-commands.js';
import { mappingCommands } from './mapping-commands.js';
import { operatorCommands } from './operator-commands.js';
import { organisationCommands } from './organisation-commands.js';
import { Output } from './output.js';
import { personCommands } from './person-commands.js';
import { positionCommands } from './position-commands.js';
import { providerCommands } from './provider-commands.js';
import { questionCommands } from './question-commands.js';
import { runCommands } from './run-commands.js';
import { setUpLinkCommands } from './set-up-link-commands.js';
import { syncCommands } from './sync-commands.js';
import { teamCommands } from './team-commands.js';

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
      getOutHelpWidth: () => new Output(around.streams, false).width,
      getErrHelpWidth: () => new Output(around.streams, false).width,
    })
    .addHelpText('after', EXIT_HELP)
    .exitOverride();
  program.addHelpCommand(
    new Command('help').argument('[command]').description('shows what a command takes').helpGroup('Look:'),
  );
  program.commandsGroup('Set up:');
  organisationCommands(program, around);
  keyCommands(program, around);
  domainCommands(program, around);
  providerCommands(program, around);
  setUpLinkCommands(program, around);
  program.commandsGroup('Sync:');
  const connection = program.command('connection').description('ties to directories, and what makes them run');
  connectionCommands(connection, around);
  mappingCommands(connection, around);
  syncCommands(connection, around);
  runCommands(program, around);
  program.commandsGroup('Decide:');
  holdCommands(program, around);
  questionCommands(program, around);
  program.commandsGroup('People:');
  inviteCommands(program, around);
  fileCommands(program, around);
  personCommands(program, around);
  accessCommands(program, around);
  program.commandsGroup('Teams and positions:');
  teamCommands(program, around);
  frameworkCommands(program, around);
  positionCommands(program, around);
  aliasCommands(program, around);
  inboxCommands(program, around);
  program.commandsGroup('Look:');
  logCommands(program, around);
  auditCommands(program, around);
  program.commandsGroup('Installation:');
  installationCommands(program, around);
  operatorCommands(program, around);
  // One `help` is enough, and each group of commands has --help.
  for (const group of program.commands) if (group.commands.length > 0) group.helpCommand(false);
  return program;
}
