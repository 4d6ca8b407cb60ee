import { type Command, Argument, Option } from 'commander';
import { PeopleService } from '../people/people.service.js';
import { ConflictsService } from '../runs/conflicts.service.js';
import { QuestionsService } from '../runs/questions.service.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { acting, organisationOption, type Surroundings } from './command.js';
import { connectionNameOf, followed, waitingOption, type Waiting } from './following-commands.js';
import { isOver } from './run-following.js';
import { assertId } from './session.js';
import { minute } from './text.js';

const MOST_SHOWN = 10_000;

interface Of {
  organisation: string;
}

/** What waits for an admin's answer, and what an admin ruled out. */
export function questionCommands(program: Command, around: Surroundings): void {
  overrides(program.command('override').description('changes that were ruled out for a person'), around);
  conflicts(program.command('conflict').description('questions that a sync cannot decide'), around);
  notices(program.command('notice').description('what the admins were told'), around);
}

function overrides(override: Command, around: Surroundings): void {
  override
    .command('list')
    .description('lists overrides that stand')
    .addOption(organisationOption())
    .option('--released', 'those that were released')
    .action(
      acting<Of & { released?: boolean }>(around, async (session, { organisation, released }) => {
        const { id } = await session.organisation(organisation);
        const questions = session.service(QuestionsService);
        const standing = released !== true;
        const items = await session.all((cursor) => questions.overrides(id, { standing, cursor, limit: 200 }), MOST_SHOWN);
        const addresses = new Map<string, string>();
        for (const { personId } of session.output.json ? [] : items) {
          if (personId !== null && !addresses.has(personId))
            addresses.set(personId, (await session.service(PeopleService).show(id, personId)).email);
        }
        session.output.result({ items }, () =>
          session.output.table(
            ['OVERRIDE', 'PERSON', 'RULES OUT', 'BECAUSE', 'SINCE (UTC)'],
            items.map((one) => [one.id, addresses.get(one.personId ?? '') ?? one.personId, one.kind, one.releasedWhy ?? one.cause, minute(one.madeAt)]),
            'There is no override.',
          ),
        );
      }),
    );

  override
    .command('release')
    .description('ends an override; the next run decides about the person anew')
    .argument('<override>')
    .addOption(organisationOption())
    .action(
      acting<Of>(around, async (session, { organisation }, [id = '']) => {
        const { id: organisationId } = await session.organisation(organisation);
        const caller = session.caller(organisationId);
        const view = await session.service(QuestionsService).release(caller, assertId(id, 'override'));
        session.output.result(view, () => session.output.line('Released; the next run decides anew.'));
      }),
    );
} // prettier-ignore

function conflicts(conflict: Command, around: Surroundings): void {
  conflict
    .command('list')
    .description('lists open conflicts')
    .addOption(organisationOption())
    .option('--resolved', 'those that were resolved, too')
    .action(
      acting<Of & { resolved?: boolean }>(around, async (session, { organisation, resolved }) => {
        const { id } = await session.organisation(organisation);
        const questions = session.service(QuestionsService);
        const open = resolved !== true;
        const items = await session.all((cursor) => questions.conflicts(id, { open, cursor, limit: 200 }), MOST_SHOWN);
        session.output.result({ items }, () => {
          const { output } = session;
          if (items.length === 0) output.line('There is no conflict.');
          for (const one of items) {
            output.line(`${output.bold(one.address ?? one.externalId)}  ${one.resolution ?? one.kind}`);
            output.line(`  ${one.text}`);
            output.line(output.dim(`  ${one.id}, since ${minute(one.openedAt)} UTC`));
          }
        });
      }),
    );

  waitingOption(conflict.command('resolve').argument('<conflict>'))
    .description('answers a conflict; the records concerned are read again at once')
    .addArgument(
      new Argument('<answer>', 'the record is that person; is somebody new; or nothing is to be done').choices([
        'same_person',
        'new_person',
        'keep_apart',
      ]),
    )
    .addOption(organisationOption())
    .action(
      acting<Of & Waiting>(around, async (session, options, [id = '', answer = '']) => {
        const { id: organisationId } = await session.organisation(options.organisation);
        const as = answer as 'same_person' | 'new_person' | 'keep_apart';
        const caller = session.caller(organisationId);
        const view = await session.service(ConflictsService).resolve(caller, assertId(id, 'conflict'), as);
        const { connectionId } = view;
        const { items } = await session.service(RunsReading).list(organisationId, { connectionId, limit: 5 });
        const run = items.find((one) => one.state === 'queued') ?? items.find((one) => !isOver(one)) ?? items[0];
        if (run === undefined) throw new TypeError('an answer asks for a run');
        const connection = await connectionNameOf(session, organisationId, connectionId);
        return followed(session, { organisationId, organisation: options.organisation, connection }, run, options);
      }),
    );
} // prettier-ignore

function notices(notice: Command, around: Surroundings): void {
  notice
    .command('list')
    .description('lists notices that are open, each cause once')
    .addOption(organisationOption())
    .addOption(new Option('--all', 'those that are mended, too'))
    .action(
      acting<Of & { all?: boolean }>(around, async (session, { organisation, all }) => {
        const { id } = await session.organisation(organisation);
        const questions = session.service(QuestionsService);
        const open = all !== true;
        const items = await session.all((cursor) => questions.notices(id, { open, cursor, limit: 200 }), MOST_SHOWN);
        session.output.result({ items }, () =>
          session.output.table(
            ['SINCE (UTC)', 'MENDED', 'KIND', ''],
            items.map((one) => [minute(one.openedAt), minute(one.mendedAt), one.kind, one.message]),
            'There is no notice.',
          ),
        );
      }),
    );
} // prettier-ignore
