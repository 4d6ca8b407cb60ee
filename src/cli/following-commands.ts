import type { Command } from 'commander';
import { ConnectionsService } from '../connections/connections.service.js';
import { Database } from '../database/database.service.js';
import { RunsReading } from '../runs/runs-reading.service.js';
import type { RunRow } from '../runs/runs.types.js';
import type { ExitReason } from './exit-codes.js';
import { serviceLives } from './instances.repository.js';
import { isOver, RunFollower } from './run-following.js';
import { showPlan, sumOf, tookOf } from './run-view.js';
import type { Session } from './session.js';
import { many } from './text.js';
import type { RunView } from './views.js';

export interface Waiting {
  wait: boolean;
}

/** Where a run belongs, in the words of whoever typed them. */
export interface Of {
  organisationId: string;
  /** The slug. */
  organisation: string;
  /** The name of the connection. */
  connection: string;
}

export function waitingOption(command: Command): Command {
  return command.option('--no-wait', 'asks, and leaves the rest to a running service');
}

/** Follows what was asked for to its end, and shows what came of it. */
export async function followed(
  session: Session,
  of: Of,
  asked: Pick<RunRow, 'id' | 'connectionId'>,
  { wait }: Waiting,
): Promise<ExitReason> {
  const run = await reached(session, of, asked, wait);
  if (session.output.json) session.output.result(run, () => undefined);
  else if (!isOver(run)) leftAlone(session, run, of, wait);
  else await showEnd(session, run, of);
  return exitOf(run);
}

/** The run as it is once nobody has to wait for it any more. */
export async function reached(
  session: Session,
  { organisationId }: Of,
  { id: runId, connectionId }: Pick<RunRow, 'id' | 'connectionId'>,
  wait: boolean,
): Promise<RunView> {
  if (!wait) return session.service(RunsReading).show(organisationId, runId);
  return new RunFollower(session).follow({ organisationId, connectionId, runId });
}

export function exitOf(run: RunView): ExitReason {
  if (!isOver(run)) return 'done';
  if (run.state === 'failed' || run.state === 'cancelled') return 'attention';
  return run.state === 'succeeded' && run.counts.held > 0 ? 'attention' : 'done';
}

function leftAlone({ output }: Session, run: RunView, of: Of, wait: boolean): void {
  output.line(
    wait
      ? `Not over yet (${run.state}). It goes on at a running service, or with the next command on this connection.`
      : 'Asked for. A running service carries it out.',
  );
  output.line(`  rollcall run show ${run.id} -o ${of.organisation}`);
}

/** What a run came to: the plan of a preview, the sum of what was done, or why it ended. */
export async function showEnd(session: Session, run: RunView, of: Of): Promise<void> {
  const { output } = session;
  if (run.state === 'failed' || run.state === 'cancelled') {
    output.line(output.bad(`The run ${run.state === 'failed' ? 'failed' : 'was cancelled'}.`));
    if (run.error !== null) output.line(`  ${run.error.message}`);
    if (run.state === 'failed') {
      output.line();
      output.line('Next:');
      output.line(`  rollcall connection test ${named(of.connection)} -o ${of.organisation}`);
    }
    return;
  }
  if (run.state === 'ready') return showReady(session, run, of);
  output.line(`${output.good('Done')} in ${tookOf(run) ?? '–'}: ${sumOf(run)}.`);
  if (run.counts.read > 0) output.line(output.dim(`Read ${many(run.counts.read, 'record', 'records')}, ${coverageOf(run)}.`));
  if (run.counts.held > 0) {
    output.line();
    output.line(output.warn(`${many(run.counts.held, 'removal waits', 'removals wait')} for you; nobody lost access.`));
    output.line(`  rollcall hold show -c ${named(of.connection)} -o ${of.organisation}`);
  }
  if (run.counts.conflict > 0) output.line(`  rollcall conflict list -o ${of.organisation}`);
} // prettier-ignore

async function showReady(session: Session, run: RunView, of: Of): Promise<void> {
  const { output } = session;
  const { organisation, connection } = of;
  const took = tookOf(run);
  output.line(
    output.bold(TITLES[run.kind](connection)) +
      output.dim(
        run.counts.read > 0 ? `  read ${many(run.counts.read, 'record', 'records')}, ${coverageOf(run)}, ${took}` : '',
      ),
  );
  output.line();
  await showPlan(session, of.organisationId, run);
  output.line();
  if (run.kind === 'simulation') {
    output.line('Nothing was changed, and the settings were not saved. To save them:');
    output.line(`  rollcall connection set ${named(connection)} -o ${organisation} …`);
    return;
  }
  output.line('Nothing was changed. Next:');
  const confirm =
    run.kind === 'preview'
      ? `connection confirm ${named(connection)} -o ${organisation}`
      : `run confirm ${run.id} -o ${organisation}`;
  output.line(`  rollcall ${confirm}`);
  if (run.counts.approve > 0) output.line(`  rollcall ${confirm} --approve-links`);
  output.line(output.dim('Every line of it:'));
  output.line(output.dim(`  rollcall run changes ${run.id} -o ${organisation}`));
}

const TITLES: Record<RunView['kind'], (connection: string) => string> = {
  preview: (connection) => `Preview of ${connection}`,
  full: (connection) => `Preview of ${connection}`,
  delta: (connection) => `Preview of ${connection}`,
  simulation: (connection) => `Simulation of ${connection}`,
  undo: (connection) => `Preview of taking a run of ${connection} back`,
  removal: (connection) => `Preview of deleting ${connection}`,
  import: () => 'Preview of a file of people',
};

function coverageOf(run: RunView): string {
  return run.coverage === 'complete' ? 'the whole directory' : run.coverage === 'partial' ? 'a part' : 'unread';
}

/** As it is typed in a shell. */
export function named(name: string): string {
  return /^[\w.-]+$/u.test(name) ? name : `"${name}"`;
}

/** Says so when nobody is there to carry out what was asked for. */
export async function warnWhenAlone(session: Session): Promise<void> {
  if (!(await session.service(Database).asWorker(serviceLives)))
    session.output.note('No service is running: the run waits until one is, or until a command follows it.');
}

export async function connectionNameOf(session: Session, organisationId: string, id: string): Promise<string> {
  const { items } = await session.service(ConnectionsService).list(organisationId);
  return items.find((one) => one.id === id)?.name ?? id;
}
