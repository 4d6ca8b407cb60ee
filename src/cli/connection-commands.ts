import type { Command } from 'commander';
import { CLOCK, type Clock } from '../common/clock.js';
import type { ConnectionView, SetUpView, TestView } from '../connections/connections.types.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { ConnectorsService } from '../connections/connectors.service.js';
import { acting, organisationOption, wholeNumber, type Surroundings } from './command.js';
import type { ExitReason } from './exit-codes.js';
import { keyValue } from './key-values.js';
import type { Output } from './output.js';
import { OPERATOR, type Session } from './session.js';
import { ago, folded, minute, padded } from './text.js';

export interface OfConnection {
  organisation: string;
}

export interface SettingsOptions {
  scope?: Record<string, unknown>;
  mapping?: Record<string, unknown>;
  policy?: Record<string, unknown>;
  schedule?: Record<string, unknown>;
  quotaShare?: number;
}

const VALUES_HELP = `
Values are given as name=value; name[]=value adds to a list, name=@file takes a file, name=@- standard input.
What a kind of directory takes: rollcall connection kinds --json, and docs/ step by step.`;

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
      .option('--credential <name=value>', 'repeatable', keyValue),
  )
    .addHelpText('after', VALUES_HELP)
    .action(
      acting<
        SettingsOptions & { organisation: string; provider: string; name: string; credential?: Record<string, unknown> }
      >(around, async (session, { organisation, provider, name, credential, ...settings }) => {
        const { id } = await session.organisation(organisation);
        const connections = session.service(ConnectionsService);
        const order = { provider, name, ...changeOf(settings), ...(credential ? { credentials: credential } : {}) };
        const made = await connections.create(id, order, OPERATOR);
        await showWithSteps(session, id, made);
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
            'There is no connection yet: rollcall connection add …',
          ),
        );
      }),
    );

  one(
    connection,
    around,
    'show',
    'shows a connection with settings and health',
    async (session, organisationId, id) => {
      const view = await session.service(ConnectionsService).show(organisationId, id);
      session.output.result(view, () => session.output.line(JSON.stringify(view, null, 2)));
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
    async (session, organisationId, id) => {
      const test = await session.service(ConnectorsService).test(organisationId, id, OPERATOR);
      session.output.result(test, () => showTest(session.output, test));
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
    .addHelpText('after', VALUES_HELP)
    .action(
      acting<SettingsOptions & OfConnection & { rename?: string }>(
        around,
        async (session, { organisation, rename, ...settings }, [name = '']) => {
          const { id: organisationId } = await session.organisation(organisation);
          const { id } = await session.connection(organisationId, name);
          const change = { ...changeOf(settings), ...(rename === undefined ? {} : { name: rename }) };
          const view = await session.service(ConnectionsService).update(organisationId, id, change, OPERATOR);
          session.output.result(view, () => session.output.line(`${view.name}: ${view.health.message}`));
        },
      ),
    );

  connection
    .command('credentials')
    .description('sets credentials; they are never shown again')
    .argument('<connection>')
    .addOption(organisationOption())
    .requiredOption('--credential <name=value>', 'repeatable', keyValue)
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
          await showWithSteps(session, organisationId, view);
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
  work: (session: Session, organisationId: string, connectionId: string) => Promise<ExitReason | void>,
): Command {
  return parent
    .command(name)
    .description(description)
    .argument('<connection>', 'name, id, or kind where there is just one')
    .addOption(organisationOption())
    .action(
      acting<OfConnection>(around, async (session, { organisation }, [which = '']) => {
        const { id: organisationId } = await session.organisation(organisation);
        const { id } = await session.connection(organisationId, which);
        return work(session, organisationId, id);
      }),
    );
}

export function withSettings(command: Command): Command {
  return command
    .option('--scope <name=value>', 'who of the directory is meant, given whole; repeatable', keyValue)
    .option('--mapping <name=value>', 'which attribute fills which field, given whole; repeatable', keyValue)
    .option('--policy <name=value>', 'one setting of the policy; repeatable', keyValue)
    .option('--schedule <name=value>', 'intervalMinutes, fullReadMinutes; repeatable', keyValue)
    .option('--quota-share <percent>', 'of the customer’s quota at the directory', wholeNumber(1, 90));
}

export function changeOf(settings: SettingsOptions): SettingsOptions {
  const { scope, mapping, policy, schedule, quotaShare } = settings;
  const given = { scope, mapping, policy, schedule, quotaShare };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

async function showWithSteps(session: Session, organisationId: string, view: ConnectionView): Promise<void> {
  const steps = await session.service(ConnectorsService).setUpSteps(organisationId, view.id);
  session.output.result({ ...view, steps: steps.items }, () => {
    session.output.line(`${view.name}: ${view.health.message}`);
    session.output.line();
    showSteps(session.output, steps);
  });
}

function showSteps(output: Output, { items }: SetUpView): void {
  items.forEach(({ title, text, values }, index) => {
    output.line(output.bold(`${index + 1}. ${title}`));
    for (const row of folded(text, Math.min(100, output.width) - 3)) output.line(`   ${row}`);
    for (const [label, value] of Object.entries(values)) output.line(`   ${output.dim(`${label}:`)} ${value}`);
    output.line();
  });
}

function showTest(output: Output, { checks, passed }: TestView): void {
  const marks = {
    passed: output.good('✓'),
    warning: output.warn('!'),
    failed: output.bad('✗'),
    skipped: output.dim('–'),
  };
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { outcome, name, message } of checks) {
    const [first = '', ...more] = folded(message, Math.max(30, output.width - width - 4));
    output.line(`${marks[outcome]} ${output.bold(padded(name, width))}  ${first}`);
    for (const row of more) output.line(`${' '.repeat(width + 4)}${row}`);
  }
  output.line(passed ? output.good('A sync can work.') : output.bad('A sync cannot work yet.'));
}
