import { type Command, Option } from 'commander';
import { CLOCK, type Clock } from '../common/clock.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { backup, restore, type BackupSummary } from '../database/backup.js';
import { Database } from '../database/database.service.js';
import { OrganisationsService } from '../organisations/organisations.service.js';
import { acting, type Surroundings } from './command.js';
import { OPERATOR, type Session } from './session.js';
import { statusOf } from './status.js';
import { ago } from './text.js';

interface Where {
  organisation?: string;
  connection?: string;
}

/** What concerns the whole installation: its state, its stop switches, its backups. */
export function installationCommands(program: Command, around: Surroundings): void {
  program
    .command('status')
    .description('says whether all is well; exit code 6 when somebody must act')
    .option('-o, --organisation <slug>', 'of one organisation only')
    .action(
      acting<Where>(around, async (session, { organisation }) => {
        const status = await statusOf(session, organisation);
        const now = session.service<Clock>(CLOCK as never).now();
        session.output.result(status, () => {
          session.output.table(
            ['ORGANISATION', 'CONNECTION', 'HEALTH', 'READ', ''],
            status.connections.map((one) => [
              one.organisation,
              one.connection,
              one.status,
              ago(one.lastCompleteReadAt, now),
              one.message,
            ]),
            'There is no connection yet: rollcall organisation create "Acme" --slug acme, then rollcall connection add …',
          );
          if (status.stopped !== null)
            session.output.line(session.output.warn(`All syncs are stopped: ${status.stopped}`));
          session.output.line(
            status.well ? session.output.good('All is well.') : session.output.bad('Somebody must act.'),
          );
        });
        return status.well ? 'done' : 'attention';
      }),
    );

  switches(program, around);

  program
    .command('backup')
    .description(
      'writes everything that is kept to one file, while the service runs on; keep the secret key too, elsewhere',
    )
    .argument('<file>')
    .action(
      acting(around, async (session, _options, [file = '']) => {
        const clock = session.service<Clock>(CLOCK as never);
        const summary = await backup(session.service(Database), clock, file);
        session.output.result({ file, ...summary }, () => session.output.line(`${file}: ${sumOf(summary)}.`));
      }),
    );

  program
    .command('restore')
    .description('fills an empty database from a backup; the first sync of each connection is then a preview')
    .argument('<file>')
    .action(
      acting(around, async (session, _options, [file = '']) => {
        const summary = await restore(session.service(Database), file);
        session.output.result({ file, ...summary }, () => {
          session.output.line(`Restored ${sumOf(summary)}, as of ${summary.madeAt}.`);
          session.output.note('Each connection now waits for a preview to be confirmed: rollcall connection preview …');
        });
      }),
    );
}

function sumOf({ tables }: BackupSummary): string {
  return `${tables.reduce((sum, table) => sum + table.rows, 0)} rows of ${tables.length} tables`;
}

function switches(program: Command, around: Surroundings): void {
  program
    .command('stop')
    .description('stops all syncs at the next batch: of the installation, an organisation or a connection')
    .addOption(new Option('-o, --organisation <slug>', 'of one organisation'))
    .addOption(new Option('-c, --connection <name>', 'of one connection'))
    .requiredOption('--reason <reason>', 'why; shown to whoever wonders')
    .action(
      acting<Where & { reason: string }>(around, async (session, { reason, ...where }) => {
        const what = await switching(session, where, {
          installation: () => session.service(OrganisationsService).stopInstallation(reason),
          organisation: (id) => session.service(OrganisationsService).stop(id, reason, OPERATOR),
          connection: (id, connection) => session.service(ConnectionsService).stop(id, connection, reason, OPERATOR),
        });
        session.output.result({ stopped: what, reason }, () => session.output.line(`Stopped: ${what}.`));
      }),
    );

  program
    .command('resume')
    .description('lets them go on')
    .addOption(new Option('-o, --organisation <slug>', 'of one organisation'))
    .addOption(new Option('-c, --connection <name>', 'of one connection'))
    .action(
      acting<Where>(around, async (session, where) => {
        const what = await switching(session, where, {
          installation: () => session.service(OrganisationsService).resumeInstallation(),
          organisation: (id) => session.service(OrganisationsService).resume(id, OPERATOR),
          connection: (id, connection) => session.service(ConnectionsService).unstop(id, connection, OPERATOR),
        });
        session.output.result({ resumed: what }, () => session.output.line(`Going on: ${what}.`));
      }),
    );
}

interface Switch {
  installation(): Promise<unknown>;
  organisation(id: string): Promise<unknown>;
  connection(organisationId: string, id: string): Promise<unknown>;
}

async function switching(session: Session, { organisation, connection }: Where, act: Switch): Promise<string> {
  if (organisation === undefined) {
    await act.installation();
    return 'the installation';
  }
  const { id, name } = await session.organisation(organisation);
  if (connection === undefined) {
    await act.organisation(id);
    return name;
  }
  const found = await session.connection(id, connection);
  await act.connection(id, found.id);
  return `${found.name} of ${name}`;
}
