import type { Command } from 'commander';
import { CLOCK, type Clock } from '../common/clock.js';
import { RollcallError } from '../common/errors.js';
import { ConnectionKindsService } from '../connections/connection-kinds.service.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { ConnectorsService } from '../connections/connectors.service.js';
import {
  acting,
  examples,
  inOrganisation,
  organisationOption,
  wholeNumber,
  type OfOrganisation,
  type Surroundings,
} from './command.js';
import { showConnection, showSteps, showTest } from './connection-view.js';
import type { ExitReason } from './exit-codes.js';
import { credentialValue } from './key-values.js';
import { OPERATOR, type Session } from './session.js';
import { changeOf, VALUES_HELP, withSettings, type SettingsOptions } from './settings-options.js';
import { ago, minute } from './text.js';
import type { ConnectionView } from './views.js';

export type OfConnection = OfOrganisation;

/** Connections: their settings, credentials and health. What makes them run is in run-commands.ts. */
export function connectionCommands(connection: Command, around: Surroundings): void {
  adding(connection, around);
  looking(connection, around);
  changing(connection, around);
}

function adding(connection: Command, around: Surroundings): void {
  withSettings(
    connection
      .command('add')
      .description('makes a connection; nothing is read before you ask for it')
      .addOption(organisationOption())
      .requiredOption('--provider <kind>', 'kind of directory')
      .requiredOption('--name <name>', 'what people call it')
      .option('--credential <name=value>', 'repeatable', credentialValue),
  )
    .addHelpText(
      'after',
      `${VALUES_HELP}\n${examples('connection add -o acme --provider KIND --name Main --credential method=key', 'connection add -o acme --provider KIND --name Main --map title=profile.jobTitle --map site=profile.site')}`,
    )
    .action(
      acting<
        SettingsOptions & { organisation: string; provider: string; name: string; credential?: Record<string, unknown> }
      >(around, async (session, { organisation, provider, name, credential, ...settings }) => {
        const { id } = await session.organisation(organisation);
        const connections = session.service(ConnectionsService);
        const { items } = session.service(ConnectionKindsService).list();
        const mapping = items.find((kind) => kind.provider === provider)?.defaultSettings.mapping ?? {};
        const order = {
          provider,
          name,
          ...changeOf(settings, mapping),
          ...(credential ? { credentials: credential } : {}),
        };
        const made = await connections.create(id, order, OPERATOR);
        await showWithSteps(session, id, organisation, made);
      }),
    );
}

function looking(connection: Command, around: Surroundings): void {
  connection
    .command('list')
    .description('lists connections with their health, the one that decides first')
    .addOption(organisationOption())
    .action(
      acting<OfConnection>(around, async (session, { organisation }) => {
        const { items } = await session.service(ConnectionsService).list((await session.organisation(organisation)).id);
        const now = session.service<Clock>(CLOCK as never).now();
        session.output.result({ items }, () =>
          session.output.table(
            ['RANK', 'NAME', 'KIND', 'HEALTH', 'READ', 'NEXT (UTC)', ''],
            items.map((one) => [
              one.rank,
              one.name,
              one.provider,
              one.health.status,
              ago(one.health.lastCompleteReadAt, now),
              minute(one.health.nextTryAt),
              one.health.message,
            ]),
            `There is no connection yet: rollcall connection add --provider KIND --name Main -o ${organisation} (kinds: rollcall connection kinds)`,
          ),
        );
      }),
    );

  one(
    connection,
    around,
    'show',
    'shows a connection with settings and health',
    async (session, organisationId, id, { organisation }) => {
      const view = await session.service(ConnectionsService).show(organisationId, id);
      const now = session.service<Clock>(CLOCK as never).now();
      const { items } = session.service(ConnectionKindsService).list();
      const kind = items.find(({ provider }) => provider === view.provider);
      session.output.result(view, () => {
        showConnection(session.output, view, kind, now);
        session.output.note(`Runs: rollcall run list -c "${view.name}" -o ${organisation}`);
      });
    },
  );

  one(connection, around, 'steps', 'what to do in the directory’s own console', async (session, organisationId, id) => {
    const steps = await session.service(ConnectorsService).setUpSteps(organisationId, id);
    session.output.result(steps, () => showSteps(session.output, steps));
  });

  one(
    connection,
    around,
    'test',
    'tries everything that a sync will need, and says what to mend',
    async (session, organisationId, id, { organisation }) => {
      const test = await session.service(ConnectorsService).test(organisationId, id, OPERATOR);
      const { name, previewNeeded } = await session.service(ConnectionsService).show(organisationId, id);
      session.output.result(test, () => {
        showTest(session.output, test);
        if (test.passed && previewNeeded) session.output.note(nextPreview(name, organisation));
      });
      return test.passed ? 'done' : 'attention';
    },
  );

  one(connection, around, 'pause', 'no runs until it is resumed', async (session, organisationId, id) => {
    const view = await session.service(ConnectionsService).pause(organisationId, id, OPERATOR);
    session.output.result(view, () => session.output.line(`${view.name} is paused.`));
  });

  one(connection, around, 'resume', 'ends a pause', async (session, organisationId, id) => {
    const view = await session.service(ConnectionsService).resume(organisationId, id, OPERATOR);
    session.output.result(view, () => session.output.line(`${view.name}: ${view.health.message}`));
  });
}

function changing(connection: Command, around: Surroundings): void {
  withSettings(connection.command('set').argument('<connection>').addOption(organisationOption()))
    .description('changes settings; a change of scope, mapping or policy makes the next run a preview')
    .option('--rename <name>', 'another name')
    .addHelpText(
      'after',
      `${VALUES_HELP}\n${examples('connection set Main -o acme --policy removalLimitRun=10 --schedule intervalMinutes=30', 'connection set Main -o acme --map site=profile.workSite --map title=null', 'connection set Main -o acme --rename "Head office"')}`,
    )
    .action(
      acting<SettingsOptions & OfConnection & { rename?: string }>(
        around,
        async (session, { organisation, rename, ...settings }, [name = '']) => {
          const { id: organisationId } = await session.organisation(organisation);
          const { id } = await session.connection(organisationId, name);
          const { mapping } = (await session.service(ConnectionsService).show(organisationId, id)).settings;
          if (rename === undefined && Object.keys(changeOf(settings, mapping)).length === 0)
            throw new RollcallError('request.invalid', 'Say what to change, for example --policy removalLimitRun=10.');
          const change = { ...changeOf(settings, mapping), ...(rename === undefined ? {} : { name: rename }) };
          const view = await session.service(ConnectionsService).update(organisationId, id, change, OPERATOR);
          session.output.result(view, () => {
            session.output.line(`${view.name}: ${view.health.message}`);
            if (view.previewNeeded) session.output.note(nextPreview(view.name, organisation));
          });
        },
      ),
    );

  connection
    .command('credentials')
    .description('sets credentials; they are never shown again')
    .argument('<connection>')
    .addOption(organisationOption())
    .requiredOption('--credential <name=value>', 'repeatable', credentialValue)
    .addHelpText('after', VALUES_HELP)
    .action(
      acting<OfConnection & { credential: Record<string, unknown> }>(
        around,
        async (session, { organisation, credential }, [name = '']) => {
          const { id: organisationId } = await session.organisation(organisation);
          const { id } = await session.connection(organisationId, name);
          const view = await session
            .service(ConnectionsService)
            .setCredentials(organisationId, id, credential, OPERATOR);
          await showWithSteps(session, organisationId, organisation, view);
        },
      ),
    );

  connection
    .command('rank')
    .description('moves a connection; of several, the highest that knows a person decides')
    .argument('<connection>')
    .argument('<rank>', '1 is the highest', wholeNumber(1, 1000))
    .addOption(organisationOption())
    .action(async (name: string, rank: number, options: OfConnection, command: Command) => {
      await acting<OfConnection>(around, async (session, { organisation }) => {
        const { id: organisationId } = await session.organisation(organisation);
        const { id } = await session.connection(organisationId, name);
        const { items } = await session.service(ConnectionsService).move(organisationId, id, rank, OPERATOR);
        session.output.result({ items }, () =>
          items.forEach((each) => session.output.line(`${each.rank}  ${each.name}`)),
        );
      })(options, command);
    });
}

/** A command on one connection, named by its argument. */
export function one(
  parent: Command,
  around: Surroundings,
  name: string,
  description: string,
  work: (
    session: Session,
    organisationId: string,
    connectionId: string,
    options: OfConnection,
  ) => Promise<ExitReason | void>,
): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<connection>', 'name, id, or kind where there is just one')
    .addOption(organisationOption())
    .action(
      inOrganisation(around, async (session, organisationId, options, [which = '']) => {
        const { id } = await session.connection(organisationId, which);
        return work(session, organisationId, id, options);
      }),
    );
}

function nextPreview(name: string, organisation: string): string {
  return `Next: rollcall connection preview "${name}" -o ${organisation}`;
}

async function showWithSteps(
  session: Session,
  organisationId: string,
  organisation: string,
  view: ConnectionView,
): Promise<void> {
  const steps = await session.service(ConnectorsService).setUpSteps(organisationId, view.id);
  session.output.result({ ...view, steps: steps.items }, () => {
    showSteps(session.output, steps);
    session.output.line(`${view.name} is set up here; what to do in the directory’s console stands above.`);
    session.output.note(
      `Next, with what the steps end with: rollcall connection credentials "${view.name}" -o ${organisation} --credential …\n` +
        `Then: rollcall connection test "${view.name}" -o ${organisation}`,
    );
  });
}
