import { type Command, Option } from 'commander';
import { CLOCK, type Clock } from '../common/clock.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { RunsService } from '../runs/runs.service.js';
import { acting, examples, organisationOption, wholeNumber, type Surroundings } from './command.js';
import {
  connectionNameOf,
  exitOf,
  followed,
  showEnd,
  waitingOption,
  warnWhenAlone,
  type Of,
  type Waiting,
} from './following-commands.js';
import { isOver } from './run-following.js';
import { changeLines, sumOf, tookOf } from './run-view.js';
import { assertId, type Session } from './session.js';
import { approvedLinks, previewed, withLinks, type Links } from './sync-commands.js';
import { ago, second } from './text.js';
import type { RunView } from './views.js';

const MOST_SHOWN = 100_000;

interface OfOrganisation {
  organisation: string;
}

/** Runs: what they did, and what can be done about them. */
export function runCommands(program: Command, around: Surroundings): void {
  const run = program.command('run').description('runs of connections: what they did, confirm, cancel, undo');
  listing(run, around);
  looking(run, around);
  deciding(run, around);
} // prettier-ignore

function listing(run: Command, around: Surroundings): void {
  run
    .command('list')
    .description('lists runs, the newest first')
    .addOption(organisationOption())
    .option('-c, --connection <name>', 'of one connection')
    .option('--limit <number>', 'how many', wholeNumber(1, 1000), 20)
    .action(
      acting<OfOrganisation & { connection?: string; limit: number }>(around, async (session, options) => {
        const { id } = await session.organisation(options.organisation);
        const connectionId =
          options.connection === undefined ? undefined : (await session.connection(id, options.connection)).id;
        const names = new Map<string, string>();
        const reading = session.service(RunsReading);
        const items = await session.all(
          (cursor) => reading.list(id, { connectionId, cursor, limit: Math.min(200, options.limit) }),
          options.limit,
        );
        for (const one of items)
          if (!names.has(one.connectionId))
            names.set(one.connectionId, await connectionNameOf(session, id, one.connectionId));
        const now = session.service<Clock>(CLOCK as never).now();
        session.output.result({ items }, () =>
          session.output.table(
            ['RUN', 'ASKED', ''],
            items.map((one) => [
              one.id,
              ago(one.askedAt, now),
              `${names.get(one.connectionId) ?? one.connectionId}, ${one.kind}, ${one.state}: ${one.error?.message ?? outcomeOf(one)}`,
            ]),
            `There was no run yet: rollcall connection preview CONNECTION -o ${options.organisation}`,
          ),
        );
      }),
    );
}

function looking(run: Command, around: Surroundings): void {
  run
    .command('show')
    .description('shows a run: what came of it, and why')
    .argument('<run>')
    .addOption(organisationOption())
    .action(
      acting<OfOrganisation>(around, async (session, options, [id = '']) => {
        const { of, run: found } = await whichRun(session, options, id);
        if (session.output.json) session.output.result(found, () => undefined);
        else {
          const { output } = session;
          output.facts({
            run: found.id,
            connection: of.connection,
            kind: found.kind,
            asked: `${second(found.askedAt)} UTC, ${found.trigger}`,
            state: found.phase === null || isOver(found) ? found.state : `${found.state} (${found.phase})`,
          });
          output.line();
          if (isOver(found)) await showEnd(session, found, of);
        }
        return exitOf(found);
      }),
    );

  run
    .command('changes')
    .description('lists what a run changed, or would change, each with its reason')
    .argument('<run>')
    .addOption(organisationOption())
    .addOption(new Option('--kind <kind>', 'of one kind').choices(['add', 'link', 'relink', 'update', 'restore', 'archive', 'skip', 'conflict', 'team']))
    .addOption(new Option('--disposition <what>', 'what becomes of it').choices(['apply', 'hold', 'approve', 'skip', 'conflict']))
    .option('--search <words>', 'that the name or address begins with')
    .option('--applied', 'only what was committed')
    .option('--limit <number>', 'how many', wholeNumber(1, MOST_SHOWN), 1000)
    .addHelpText('after', '\nExamples:\n  rollcall run changes RUN -o acme --disposition hold\n  rollcall run changes RUN -o acme --json > plan.json')
    .action(
      acting<OfOrganisation & { kind?: string; disposition?: 'apply'; search?: string; applied?: boolean; limit: number }>(
        around,
        async (session, { kind, disposition, search, applied, limit, ...options }, [id = '']) => {
          const { of, run: found } = await whichRun(session, options, id);
          const reading = session.service(RunsReading);
          const items = await session.all(
            (cursor) => reading.changes(of.organisationId, found.id, { kind, disposition, search, cursor, limit: 200 }, applied === true),
            limit,
          );
          session.output.result({ items }, () => {
            changeLines(session.output, items);
            if (items.length === 0) session.output.line('There is no such line.');
            if (items.length === limit) session.output.note(`The first ${limit}; more with --limit.`);
          });
        },
      ),
    );

  run
    .command('download')
    .description('writes every line of a run’s plan as a file: CSV, or with --json as JSON')
    .argument('<run>')
    .addOption(organisationOption())
    .addHelpText('after', examples('run download RUN -o acme > plan.csv', 'run download RUN -o acme --json > plan.json'))
    .action(
      acting<OfOrganisation>(around, async (session, options, [id = '']) => {
        const { of, run: found } = await whichRun(session, options, id);
        const caller = session.caller(of.organisationId);
        const file = await session.service(RunsReading).download(caller, found.id, session.output.json ? 'json' : 'csv');
        await session.output.pour(file.getStream());
      }),
    );
} // prettier-ignore

function deciding(run: Command, around: Surroundings): void {
  withLinks(waitingOption(run.command('confirm').argument('<run>').addOption(organisationOption())))
    .description('carries out a preview that is ready: of a sync, of an undo, of a deletion')
    .action(
      acting<OfOrganisation & Waiting & Links>(around, async (session, options, [id = '']) => {
        const { of, run: shown } = await whichRun(session, options, id);
        const caller = session.caller(of.organisationId);
        const asked = await session.service(RunsService).confirm(caller, shown.id, approvedLinks(options));
        if (!options.wait) await warnWhenAlone(session);
        return followed(session, of, asked, options);
      }),
    );

  waitingOption(run.command('undo').argument('<run>').addOption(organisationOption()))
    .description('shows what taking a run back would do; --confirm does it')
    .option('--confirm', 'does it')
    .addHelpText('after', '\nExamples:\n  rollcall run undo RUN -o acme\n  rollcall run undo RUN -o acme --confirm')
    .action(
      acting<OfOrganisation & Waiting & { confirm?: boolean }>(around, async (session, options, [id = '']) => {
        const { of, run: done } = await whichRun(session, options, id);
        const asked = await session.service(RunsService).undo(session.caller(of.organisationId), done.id);
        return previewed(session, of, asked, options);
      }),
    );

  run
    .command('cancel')
    .description('ends a run at its next batch; what it committed stays')
    .argument('<run>')
    .addOption(organisationOption())
    .action(
      acting<OfOrganisation>(around, async (session, options, [id = '']) => {
        const { of, run: found } = await whichRun(session, options, id);
        await session.service(RunsService).cancel(session.caller(of.organisationId), found.id);
        const after = await session.service(RunsReading).show(of.organisationId, found.id);
        session.output.result(after, () =>
          session.output.line(after.state === 'cancelled' ? 'Cancelled.' : 'It ends at its next batch.'),
        );
      }),
    );
}

/** `2 added, in 3.1 s`; where it is, while it is not over. */
function outcomeOf(run: RunView): string {
  if (!isOver(run)) return run.phase ?? 'not begun';
  const took = tookOf(run);
  return `${sumOf(run, run.state === 'ready')}${took === null ? '' : `, in ${took}`}`;
}

async function whichRun(session: Session, { organisation }: OfOrganisation, id: string) {
  const { id: organisationId } = await session.organisation(organisation);
  const run = await session.service(RunsReading).show(organisationId, assertId(id, 'run'));
  const of: Of = {
    organisationId,
    organisation,
    connection: await connectionNameOf(session, organisationId, run.connectionId),
  };
  return { of, run };
}
