import { type Command, Option } from 'commander';
import { RollcallError } from '../common/errors.js';
import { ConnectionsService } from '../connections/connections.service.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import { RunsService } from '../runs/runs.service.js';
import type { RunRow } from '../runs/runs.types.js';
import { acting, collect, organisationOption, type Surroundings } from './command.js';
import type { OfConnection } from './connection-commands.js';
import type { ExitReason } from './exit-codes.js';
import {
  exitOf,
  followed,
  reached,
  showEnd,
  waitingOption,
  warnWhenAlone,
  type Of,
  type Waiting,
} from './following-commands.js';
import type { Session } from './session.js';
import { changeOf, withSettings, type SettingsOptions } from './settings-options.js';
import type { RunView } from './views.js';

export interface Links {
  approveLinks?: boolean;
  approveLink?: string[];
}

/** What makes a connection run: preview, confirm, resync, simulate, undo, delete. Each is followed to its end. */
export function syncCommands(connection: Command, around: Surroundings): void {
  asking(connection, around);
  confirming(connection, around);
  takingBack(connection, around);
}

function asking(connection: Command, around: Surroundings): void {
  onConnection(connection, 'preview', 'shows exactly what a sync would do; changes nothing')
    .addHelpText('after', EXAMPLES('preview Main -o acme'))
    .action(
      acting<OfConnection & Waiting>(around, (session, options, [name = '']) =>
        start(session, options, name, (of) => session.service(RunsService).preview(session.caller(of.organisationId), of.connectionId)),
      ),
    );

  onConnection(connection, 'resync', 'syncs now')
    .option('--person <external-id>', 'of these people alone, by the directory’s own id; repeatable', collect)
    .addHelpText('after', EXAMPLES('resync Main -o acme', 'resync Main -o acme --person 00u1a2b3c4', 'resync Main -o acme --no-wait'))
    .action(
      acting<OfConnection & Waiting & { person?: string[] }>(around, (session, options, [name = '']) =>
        start(session, options, name, (of) => session.service(RunsService).resync(session.caller(of.organisationId), of.connectionId, options.person)),
      ),
    );

  withSettings(onConnection(connection, 'simulate', 'the plan that other settings would give; saves and changes nothing'))
    .addHelpText('after', EXAMPLES('simulate Main -o acme --policy suspendedMeansLeaver=false', 'simulate Main -o acme --scope kind=groups --scope "groupIds[]=00g1a2b3c4"'))
    .action(
      acting<OfConnection & Waiting & SettingsOptions>(around, (session, options, [name = '']) =>
        start(session, options, name, async (of) => {
          const { settings } = await session.service(ConnectionsService).show(of.organisationId, of.connectionId);
          return session.service(RunsService).simulate(session.caller(of.organisationId), of.connectionId, changeOf(options, settings.mapping));
        }),
      ),
    );
} // prettier-ignore

function confirming(connection: Command, around: Surroundings): void {
  withLinks(onConnection(connection, 'confirm', 'carries out the newest preview; from then on it runs by itself'))
    .addHelpText('after', EXAMPLES('confirm Main -o acme', 'confirm Main -o acme --approve-links'))
    .action(
      acting<OfConnection & Waiting & Links>(around, (session, options, [name = '']) =>
        start(session, options, name, async (of) => {
          const run = await newest(
            session,
            of,
            (one, all) => one.state === 'ready' && one.kind === 'preview' && !isDone(one, all),
          );
          if (run === null)
            throw new RollcallError(
              'run.not_ready',
              `There is no preview to confirm; ask for one: rollcall connection preview "${of.connection}" …`,
            );
          return session
            .service(RunsService)
            .confirm(session.caller(of.organisationId), run.id, approvedLinks(options));
        }),
      ),
    );
}

function takingBack(connection: Command, around: Surroundings): void {
  onConnection(connection, 'undo', 'shows what taking the last run back would do; --confirm does it')
    .option('--confirm', 'does it')
    .addHelpText('after', EXAMPLES('undo Main -o acme', 'undo Main -o acme --confirm'))
    .action(
      acting<OfConnection & Waiting & { confirm?: boolean }>(around, async (session, options, [name = '']) => {
        const of = await whichConnection(session, options, name);
        const last = await newest(session, of, (one) => one.state === 'succeeded' && changed(one));
        if (last === null)
          throw new RollcallError('run.nothing_to_undo', 'No run of this connection that is kept changed anybody.');
        const asked = await session.service(RunsService).undo(session.caller(of.organisationId), last.id);
        return previewed(session, of, asked, options);
      }),
    );

  onConnection(connection, 'delete', 'shows what deleting the connection would do; --confirm does it')
    .addOption(new Option('--people <keep|archive>', 'what becomes of its people').choices(['keep', 'archive']).makeOptionMandatory())
    .option('--confirm', 'does it')
    .addHelpText('after', EXAMPLES('delete Main -o acme --people keep', 'delete Main -o acme --people archive --confirm'))
    .action(
      acting<OfConnection & Waiting & { people: 'keep' | 'archive'; confirm?: boolean }>(
        around,
        async (session, options, [name = '']) => {
          const of = await whichConnection(session, options, name);
          const { people } = options;
          const asked = await session.service(RunsService).remove(session.caller(of.organisationId), of.connectionId, people);
          return previewed(session, of, asked, options);
        },
      ),
    );
} // prettier-ignore

interface OfOne extends Of {
  connectionId: string;
}

async function whichConnection(session: Session, { organisation }: OfConnection, name: string): Promise<OfOne> {
  const { id: organisationId } = await session.organisation(organisation);
  const { id: connectionId, name: connection } = await session.connection(organisationId, name);
  return { organisationId, organisation, connectionId, connection };
}

async function start(
  session: Session,
  options: OfConnection & Waiting,
  name: string,
  ask: (of: OfOne) => Promise<RunRow>,
): Promise<ExitReason> {
  const of = await whichConnection(session, options, name);
  const run = await ask(of);
  if (!options.wait) await warnWhenAlone(session);
  return followed(session, of, run, options);
}

/** A preview that is looked at, and with `--confirm` carried out behind it. */
export async function previewed(
  session: Session,
  of: Of,
  asked: Pick<RunRow, 'id' | 'connectionId'>,
  { confirm, wait }: Waiting & { confirm?: boolean },
): Promise<ExitReason> {
  if (confirm !== true) return followed(session, of, asked, { wait });
  const shown = await reached(session, of, asked, true);
  if (shown.state !== 'ready') {
    session.output.result(shown, () => undefined);
    if (!session.output.json) await showEnd(session, shown, of);
    return exitOf(shown);
  }
  const run = await session.service(RunsService).confirm(session.caller(of.organisationId), shown.id, []);
  return followed(session, of, run, { wait });
}

const RECENT = 200;

async function newest(
  session: Session,
  { organisationId, connectionId }: OfOne,
  wanted: (run: RunView, all: readonly RunView[]) => boolean,
): Promise<RunView | null> {
  const { items } = await session.service(RunsReading).list(organisationId, { connectionId, limit: RECENT });
  return items.find((one) => wanted(one, items)) ?? null;
}

/** Whether what a preview showed was carried out. */
function isDone(preview: RunView, all: readonly RunView[]): boolean {
  return all.some((run) => run.confirms === preview.id && run.state === 'succeeded');
}

function changed({ counts }: RunView): boolean {
  const { add, link, relink, restore, update, archive } = counts;
  return add + link + relink + restore + update + archive > 0;
}

function onConnection(parent: Command, name: string, description: string): Command {
  return waitingOption(
    parent
      .command(name)
      .description(description)
      .argument('<connection>', 'name, id, or kind where there is just one')
      .addOption(organisationOption()),
  );
}

export function withLinks(command: Command): Command {
  return command
    .option('--approve-links', 'approves all links of the preview that wait for it')
    .option('--approve-link <external-id>', 'approves one; repeatable', collect);
}

export function approvedLinks({ approveLinks, approveLink }: Links): 'all' | string[] {
  return approveLinks === true ? 'all' : (approveLink ?? []);
}

function EXAMPLES(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  rollcall connection ${line}`).join('\n')}`;
}
